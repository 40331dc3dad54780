//! Options of a [`HyperTransport`], and what can be wrong with them. Nothing is opened or resolved here.

use std::{env, fmt, time::Duration};

use calllegs_core::transport::{DEFAULT_BODY_CAP, DEFAULT_TIMEOUT, NoProxy};
use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;

use crate::{
    connect::Connector,
    error::BuildError,
    tls::{Roots, Setup, Tls},
    transport::HyperTransport,
};

/// Options of a [`HyperTransport`]; made by [`HyperTransport::builder`].
#[must_use]
pub struct Builder {
    timeout: Duration,
    connect_timeout: Duration,
    body_cap: usize,
    gzip: bool,
    tls: Option<Tls>,
    roots: Roots,
    proxy: Option<Proxy>,
}

impl Builder {
    /// The defaults of the [crate page](crate#limits).
    pub(crate) fn new() -> Self {
        Self {
            timeout: DEFAULT_TIMEOUT,
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
            body_cap: DEFAULT_BODY_CAP,
            gzip: true,
            tls: Tls::preferred(),
            roots: Roots::default(),
            proxy: None,
        }
    }

    /// Deadline of the whole exchange, from DNS to the last byte of the body.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Deadline of DNS, TCP, proxy and TLS handshake together. Past it the request was certainly not sent.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Longest decoded reply body that is accepted, bytes.
    pub fn body_cap(mut self, bytes: usize) -> Self {
        self.body_cap = bytes;
        self
    }

    /// Whether replies are asked for packed with gzip, which they are unless told otherwise. From a server on this machine
    /// packing costs more time than it saves.
    pub fn gzip(mut self, asked: bool) -> Self {
        self.gzip = asked;
        self
    }

    /// Who speaks TLS, where several features are on; the first variant of [`Tls`] unless told otherwise.
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Trusts these authorities too, one or more PEM certificates, beside those of the [features](crate#tls). Called
    /// again, it adds more.
    ///
    /// For an emulator with a certificate of its own, or a company proxy that opens TLS.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots.add(pem.into());
        self
    }

    /// Trusts these authorities, one or more PEM certificates, and no others: neither those of the features nor those
    /// that were given before.
    pub fn only_root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots.only(pem.into());
        self
    }

    /// Tunnels HTTPS through the proxy that the environment names; reads the environment now.
    ///
    /// The proxy is `HTTPS_PROXY`, else `ALL_PROXY`, in capitals or small letters: an `http://` URL, with
    /// `user:password@` when the proxy asks for it. `NO_PROXY` lists hosts that are reached directly, in the forms of
    /// [`NoProxy`]. A plain `http://` request is always sent directly: only an emulator on this machine or network is
    /// addressed that way.
    pub fn proxy_from_env(mut self) -> Self {
        let direct = || first_variable(["NO_PROXY", "no_proxy"]).unwrap_or_default();
        self.proxy = first_variable(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
            .map(|url| Proxy { url, direct: NoProxy::parse(&direct()) });
        self
    }

    /// The hosts that are reached without the proxy of the environment, if it names one. What is
    /// [not understood](NoProxy::not_understood) there does nothing, which a user should be told.
    pub fn no_proxy(&self) -> Option<&NoProxy> {
        self.proxy.as_ref().map(|proxy| &proxy.direct)
    }

    /// Checks the options.
    ///
    /// # Errors
    /// When the certificates cannot be read, or the proxy is not an `http://` URL.
    pub fn build(self) -> Result<HyperTransport, BuildError> {
        let tls = Setup::new(self.tls, &self.roots)?;
        let proxy = self.proxy.map(|proxy| Ok((proxy.matcher()?, proxy.direct))).transpose()?;
        // The shares of several addresses fit into the whole.
        let connector = Connector::new(tls, proxy, self.connect_timeout.min(self.timeout));
        Ok(HyperTransport::with(connector, self.timeout, self.body_cap, self.gzip))
    }
}

impl fmt::Debug for Builder {
    /// Leaves the proxy out: its URL may carry a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("timeout", &self.timeout)
            .field("connect_timeout", &self.connect_timeout)
            .field("body_cap", &self.body_cap)
            .field("gzip", &self.gzip)
            .finish_non_exhaustive()
    }
}

/// What the environment says about proxies.
struct Proxy {
    url: String,
    direct: NoProxy,
}

impl Proxy {
    fn matcher(&self) -> Result<Matcher, BuildError> {
        // A URL that hyper-util cannot read means "no proxy" to it; to the user it means a leak around the proxy.
        let any = Uri::from_static("https://host.invalid");
        let matcher = Matcher::builder().https(self.url.as_str()).build();
        if matcher.intercept(&any).is_none_or(|proxy| proxy.uri().scheme_str() != Some("http")) {
            return Err(BuildError::new("the proxy of the environment is not an http:// URL"));
        }
        Ok(matcher)
    }
}

/// The first of these variables that is set to something.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment, on request")]
fn first_variable<const N: usize>(names: [&str; N]) -> Option<String> {
    names.into_iter().filter_map(|name| env::var(name).ok()).find(|value| !value.is_empty())
}

const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use calllegs_core::transport::{Body, Transport, TransportErrorKind};

    use super::*;

    #[test]
    fn a_pem_text_without_certificates_is_refused() {
        for pem in ["", "not a certificate", "-----BEGIN CERTIFICATE-----\n%%\n-----END CERTIFICATE-----\n"] {
            assert!(HyperTransport::builder().root_certificates(pem).build().is_err(), "{pem:?}");
            assert!(HyperTransport::builder().only_root_certificates(pem).build().is_err(), "{pem:?}");
        }
    }

    #[test]
    fn a_proxy_is_an_http_url_or_an_error() {
        let matcher = |url: &str| Proxy { url: url.into(), direct: NoProxy::default() }.matcher();
        for url in ["socks5://proxy:1080", "https://proxy:3128", "::", "http://"] {
            assert!(matcher(url).is_err(), "{url}");
        }
        for url in ["http://proxy:3128", "http://user:secret@proxy:3128", "proxy:3128"] {
            let matcher = matcher(url).unwrap();
            let proxy = matcher.intercept(&Uri::from_static("https://far.example")).unwrap();
            assert_eq!(proxy.uri().authority().unwrap(), "proxy:3128");
            assert!(matcher.intercept(&Uri::from_static("http://far.example")).is_none());
        }
    }

    #[test]
    fn debug_hides_the_password_of_the_proxy() {
        let mut builder = HyperTransport::builder();
        builder.proxy = Some(Proxy { url: "http://user:secret@proxy".into(), direct: NoProxy::default() });
        assert!(!format!("{builder:?}").contains("secret"));
    }

    /// As in a build without a feature.
    #[tokio::test]
    async fn without_tls_an_https_address_is_an_error_that_names_the_next_step() {
        let mut builder = HyperTransport::builder();
        builder.tls = None;
        let transport = builder.build().unwrap();
        let request = http::Request::post("https://127.0.0.1:1/v2.0").body(Body::new("{}")).unwrap();
        let error = transport.send(request).await.unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Other);
        let cause = error.source().unwrap().to_string();
        assert!(cause.contains("turn on a feature of calllegs-hyper"), "{cause}");
        // Plain HTTP goes on: there nobody listens.
        let request = http::Request::post("http://127.0.0.1:1/v2.0").body(Body::new("{}")).unwrap();
        assert_eq!(transport.send(request).await.unwrap_err().kind(), TransportErrorKind::Connect);
    }
}
