//! What can be wrong with TLS and with options, in words that name the next step. The other transport has the same text;
//! `cargo xtask tidy` holds them together.

// tidy: begin same text
use std::{error, fmt};

/// The options cannot be used.
#[derive(Debug)]
pub struct BuildError {
    message: &'static str,
    source: Option<Box<dyn error::Error + Send + Sync>>,
}

impl BuildError {
    pub(crate) fn new(message: &'static str) -> Self {
        Self { message, source: None }
    }

    pub(crate) fn caused(
        message: &'static str,
        source: impl Into<Box<dyn error::Error + Send + Sync>>,
    ) -> Self {
        Self { message, source: Some(source.into()) }
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)
    }
}

impl error::Error for BuildError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// An `https` address, and nothing that speaks TLS.
#[derive(Debug)]
pub(crate) struct NoTls;

impl fmt::Display for NoTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(concat!(
            "the address is https and this build speaks no TLS: turn on a feature of ",
            env!("CARGO_PKG_NAME"),
            ", such as `rustls-webpki-roots`"
        ))
    }
}

impl error::Error for NoTls {}

/// An `https` address where plain http is spoken.
#[derive(Debug)]
pub(crate) struct PlainHttp(pub(crate) Box<dyn error::Error + Send + Sync>);

impl fmt::Display for PlainHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the address is https, and the server there speaks plain http")
    }
}

impl error::Error for PlainHttp {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        Some(&*self.0)
    }
}

/// The certificate of the server is signed by nobody who is trusted.
#[derive(Debug)]
pub(crate) struct UnknownIssuer(pub(crate) Box<dyn error::Error + Send + Sync>);

impl fmt::Display for UnknownIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no trusted root has signed the certificate of the server: ")?;
        f.write_str(if cfg!(any(feature = "rustls-native-roots", feature = "native-tls")) {
            "add the right one to those of this machine, or give it to `Builder::root_certificates`"
        } else {
            "give the right one to `Builder::root_certificates`, or, if this machine has it, turn on the feature \
             `rustls-native-roots`"
        })
    }
}

impl error::Error for UnknownIssuer {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        Some(&*self.0)
    }
}
// tidy: end same text
