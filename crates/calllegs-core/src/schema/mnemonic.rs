//! What the API documents of its errors. Not here: the mnemonics themselves, which are generated, and an error that a
//! server sent ([`ServerError`](crate::error::ServerError)).

/// What the specification says about one mnemonic.
#[derive(Debug)]
#[non_exhaustive]
pub struct MnemonicInfo {
    /// The documented code. The server was seen sending others, so errors are told apart by mnemonic.
    pub code: i32,
    /// The documented message; `{name}` stands for a member of `params`.
    pub message: &'static str,
    /// On what condition the call can succeed later.
    pub retryability: Retryability,
}

impl MnemonicInfo {
    pub(crate) const fn new(code: i32, message: &'static str, retryability: Retryability) -> Self {
        Self { code, message, retryability }
    }
}

/// On what condition the same call can succeed later. Part of the table of mnemonics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Retryability {
    /// With a new session, when the credentials are a login.
    AfterLogin,
    /// At any time: the request was not sent.
    Always,
    /// When the limit that was hit resets, the server's or what this side knows of it: a minute is waited for, a day is
    /// the caller's decision.
    AtReset,
    /// At any time, when making the call twice does no harm.
    IfIdempotent,
    /// Not without a change of the request, the account or the key.
    Never,
}
