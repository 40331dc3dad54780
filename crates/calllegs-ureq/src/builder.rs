//! Options of a [`UreqTransport`], and what can be wrong with them. Nothing is opened or resolved here.

use std::{env, fmt, time::Duration};

use calllegs_core::transport::{DEFAULT_BODY_CAP, DEFAULT_TIMEOUT, NoProxy};
use ureq::{
    Agent, ProxyProtocol,
    config::{AutoHeaderValue, Config},
};

use crate::{
    error::BuildError,
    tls::{Roots, Setup, Tls},
    transport::UreqTransport,
};

/// Options of a [`UreqTransport`]; made by [`UreqTransport::builder`].
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

    /// Deadline of TCP, proxy and TLS handshake together. Past it the request was certainly not sent.
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
    pub fn build(self) -> Result<UreqTransport, BuildError> {
        let tls = Setup::new(self.tls, &self.roots)?;
        let agent = |proxy| Agent::new_with_config(self.config(&tls, proxy));
        let tunnel = self.proxy.as_ref().map(|proxy| Ok((agent(Some(proxy.parse()?)), proxy.direct.clone())));
        let tunnel = tunnel.transpose()?;
        let body_cap = u64::try_from(self.body_cap).unwrap_or(u64::MAX);
        Ok(UreqTransport::with(agent(None), tunnel, body_cap, !tls.is_off()))
    }

    fn config(&self, tls: &Setup, proxy: Option<ureq::Proxy>) -> Config {
        tls.of(Config::builder())
            .proxy(proxy)
            .timeout_global(Some(self.timeout))
            // ureq divides it among the addresses of a name.
            .timeout_connect(Some(self.connect_timeout))
            // Any status is a reply, a redirect too: the body carries the access key.
            .http_status_as_error(false)
            .max_redirects(0)
            .max_idle_age(IDLE_TIMEOUT)
            .max_idle_connections_per_host(IDLE_PER_HOST)
            .user_agent(AGENT)
            .accept(AutoHeaderValue::None)
            .accept_encoding(if self.gzip { "gzip" } else { "" })
            .build()
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
    fn parse(&self) -> Result<ureq::Proxy, BuildError> {
        // The cause is dropped: it may quote the URL, which may carry a password.
        let refused = |_| BuildError::new("the proxy of the environment is not an http:// URL");
        let proxy = ureq::Proxy::new(&self.url).map_err(refused)?;
        if proxy.protocol() != ProxyProtocol::Http {
            return Err(refused(ureq::Error::InvalidProxyUrl));
        }
        let mut builder = ureq::Proxy::builder(ProxyProtocol::Http).host(proxy.host()).port(proxy.port());
        if let Some(name) = proxy.username() {
            builder = builder.username(name);
        }
        if let Some(password) = proxy.password() {
            builder = builder.password(password);
        }
        builder.build().map_err(refused)
    }
}

/// The first of these variables that is set to something.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment, on request")]
fn first_variable<const N: usize>(names: [&str; N]) -> Option<String> {
    names.into_iter().filter_map(|name| env::var(name).ok()).find(|value| !value.is_empty())
}

const AGENT: &str = concat!("calllegs/", env!("CARGO_PKG_VERSION"));
const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Servers and balancers often drop a silent connection after 30 or 60 s; leave well before they do.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);
const IDLE_PER_HOST: usize = 10;

#[cfg(test)]
mod tests {
    use std::{
        error::Error as _,
        io::Write,
        net::{SocketAddr, TcpListener, TcpStream},
        thread,
    };

    use calllegs_core::transport::{BlockingTransport, Body, TransportErrorKind};
    use socket2::{Domain, Socket, Type};
    use ureq::unversioned::{
        resolver::{ResolvedSocketAddrs, Resolver},
        transport::{DefaultConnector, NextTimeout},
    };

    use super::*;

    #[test]
    fn a_pem_text_without_certificates_is_refused() {
        for pem in ["", "not a certificate", "-----BEGIN CERTIFICATE-----\n%%\n-----END CERTIFICATE-----\n"] {
            assert!(UreqTransport::builder().root_certificates(pem).build().is_err(), "{pem:?}");
            assert!(UreqTransport::builder().only_root_certificates(pem).build().is_err(), "{pem:?}");
        }
    }

    #[test]
    fn a_proxy_is_an_http_url_or_an_error() {
        let parse = |url: &str| Proxy { url: url.into(), direct: NoProxy::default() }.parse();
        for url in ["socks5://proxy:1080", "https://proxy:3128", "::", "http://"] {
            assert!(parse(url).is_err(), "{url}");
        }
        for url in ["http://proxy:3128", "http://user:secret@proxy:3128", "proxy:3128"] {
            let proxy = parse(url).unwrap();
            assert_eq!((proxy.host(), proxy.port()), ("proxy", 3128));
        }
        assert_eq!(parse("http://user:sec%40ret@proxy").unwrap().password(), Some("sec@ret"));
    }

    /// Every name has these addresses.
    #[derive(Debug)]
    struct Addresses([SocketAddr; 2]);

    impl Resolver for Addresses {
        fn resolve(
            &self,
            _: &http::Uri,
            _: &Config,
            _: NextTimeout,
        ) -> Result<ResolvedSocketAddrs, ureq::Error> {
            let mut addresses = self.empty();
            self.0.into_iter().for_each(|address| addresses.push(address));
            Ok(addresses)
        }
    }

    #[test]
    fn a_silent_address_does_not_use_up_the_time_of_the_others() {
        const SHARE: Duration = Duration::from_millis(100);
        // Its queue is full, so the system lets further connections wait for ever.
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let silent = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        silent.bind(&any.into()).unwrap();
        silent.listen(1).unwrap();
        let at = silent.local_addr().unwrap().as_socket().unwrap();
        let mut waiting = Vec::new();
        while let Ok(accepted) = TcpStream::connect_timeout(&at, SHARE) {
            waiting.push(accepted);
            assert!(waiting.len() < 100, "the queue has no end");
        }

        let answering = TcpListener::bind(any).unwrap();
        let addresses = Addresses([at, answering.local_addr().unwrap()]);
        let served = thread::spawn(move || {
            let (mut stream, _) = answering.accept().unwrap();
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
        });
        let config = UreqTransport::builder().connect_timeout(SHARE * 3).config(&Setup::OFF, None);
        let agent = Agent::with_parts(config, DefaultConnector::default(), addresses);
        assert_eq!(agent.get("http://two.example").call().unwrap().status(), 204);
        served.join().unwrap();
    }

    #[test]
    fn debug_hides_the_password_of_the_proxy() {
        let mut builder = UreqTransport::builder();
        builder.proxy = Some(Proxy { url: "http://user:secret@proxy".into(), direct: NoProxy::default() });
        assert!(!format!("{builder:?}").contains("secret"));
        assert!(!format!("{:?}", builder.build().unwrap()).contains("secret"));
    }

    /// As in a build without a feature.
    #[test]
    fn without_tls_an_https_address_is_an_error_that_names_the_next_step() {
        let mut builder = UreqTransport::builder();
        builder.tls = None;
        let transport = builder.build().unwrap();
        let request = http::Request::post("https://127.0.0.1:1/v2.0").body(Body::new("{}")).unwrap();
        let error = transport.send(request).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Other);
        let cause = error.source().unwrap().to_string();
        assert!(cause.contains("turn on a feature of calllegs-ureq"), "{cause}");
        // Plain HTTP goes on: there nobody listens.
        let request = http::Request::post("http://127.0.0.1:1/v2.0").body(Body::new("{}")).unwrap();
        assert_eq!(transport.send(request).unwrap_err().kind(), TransportErrorKind::Connect);
    }
}
