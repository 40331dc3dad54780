//! Secrets: access keys, session tokens, passwords. They are wiped when dropped and cannot be printed or compared.

use std::fmt;

use zeroize::Zeroizing;

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Zeroizing<String>);

        impl $name {
            /// Takes the secret over; surrounding white space, as files and terminals add it, is dropped.
            pub fn new(secret: impl Into<String>) -> Self {
                let secret = Zeroizing::new(secret.into());
                Self(Zeroizing::new(secret.trim().to_owned()))
            }

            /// The secret itself. Named so that a review sees every place where it leaves.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    };
}

secret! {
    /// A permanent or temporary key made in the cabinet (docs/api.md 1.3).
    AccessKey
}
secret! {
    /// The key of one session, as `login.user` returns it. It lives for an hour.
    SessionToken
}
secret! {
    /// The password of `login.user`.
    Password
}
