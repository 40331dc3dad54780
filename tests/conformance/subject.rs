//! The transports under test, behind one blocking face.

use std::{sync::OnceLock, time::Duration};

use calllegs_core::transport::{BlockingTransport, HttpRequest, HttpResponse, Transport, TransportError};
use calllegs_hyper::HyperTransport;
use calllegs_ureq::UreqTransport;
use tokio::runtime::{Builder, Runtime};

use crate::gateway::{Gateway, UPSTREAM};

/// What a case may set; the rest stays at the defaults of the transport.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) timeout: Option<Duration>,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) body_cap: Option<usize>,
    pub(crate) root_certificates: Vec<String>,
    pub(crate) only_root_certificates: Option<String>,
    pub(crate) proxy_from_env: bool,
}

/// A transport under test.
pub(crate) trait Subject: Sync {
    /// The module of its tests.
    const NAME: &'static str;

    fn new(options: Options) -> Self;
    fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError>;
}

/// The builders have the same methods and no common trait: nobody but this suite needs one.
macro_rules! build {
    ($builder:expr, $options:ident) => {{
        let mut builder = $builder;
        if let Some(timeout) = $options.timeout {
            builder = builder.timeout(timeout);
        }
        if let Some(timeout) = $options.connect_timeout {
            builder = builder.connect_timeout(timeout);
        }
        if let Some(bytes) = $options.body_cap {
            builder = builder.body_cap(bytes);
        }
        for pem in $options.root_certificates {
            builder = builder.root_certificates(pem);
        }
        if let Some(pem) = $options.only_root_certificates {
            builder = builder.only_root_certificates(pem);
        }
        if $options.proxy_from_env {
            builder = builder.proxy_from_env();
        }
        builder.build().unwrap()
    }};
}

/// `calllegs-hyper` on a runtime of one thread, which stands still between calls.
pub(crate) struct Hyper {
    transport: HyperTransport,
    runtime: Runtime,
}

impl Subject for Hyper {
    const NAME: &'static str = "hyper";

    fn new(options: Options) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        Self { transport: build!(HyperTransport::builder(), options), runtime }
    }

    fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        self.runtime.block_on(self.transport.send(request))
    }
}

/// `calllegs-hyper` over HTTP/2, to a gateway before the server of the case.
pub(crate) struct HyperHttp2(Hyper);

impl HyperHttp2 {
    fn gateway() -> &'static Gateway {
        static GATEWAY: OnceLock<Gateway> = OnceLock::new();
        GATEWAY.get_or_init(|| Gateway::before(""))
    }
}

impl Subject for HyperHttp2 {
    const NAME: &'static str = "hyper_http2";

    fn new(mut options: Options) -> Self {
        options.root_certificates.push(Self::gateway().authority());
        Self(Hyper::new(options))
    }

    fn send(&self, mut request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let upstream = request.uri().authority().map_or("", |authority| authority.as_str());
        let upstream = upstream.parse().unwrap();
        request.headers_mut().insert(UPSTREAM, upstream);
        *request.uri_mut() = Self::gateway().url(request.uri().path()).parse().unwrap();
        self.0.send(request)
    }
}

/// `calllegs-ureq`.
pub(crate) struct Ureq(UreqTransport);

impl Subject for Ureq {
    const NAME: &'static str = "ureq";

    fn new(options: Options) -> Self {
        Self(build!(UreqTransport::builder(), options))
    }

    fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        self.0.send(request)
    }
}

/// `calllegs-hyper` with the TLS of the platform.
#[cfg(feature = "native-tls")]
pub(crate) struct HyperNative(Hyper);

#[cfg(feature = "native-tls")]
impl Subject for HyperNative {
    const NAME: &'static str = "hyper_native";

    fn new(options: Options) -> Self {
        let builder = HyperTransport::builder().tls(calllegs_hyper::Tls::NativeTls);
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        Self(Hyper { transport: build!(builder, options), runtime })
    }

    fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        self.0.send(request)
    }
}

/// `calllegs-ureq` with the TLS of the platform.
#[cfg(feature = "native-tls")]
pub(crate) struct UreqNative(UreqTransport);

#[cfg(feature = "native-tls")]
impl Subject for UreqNative {
    const NAME: &'static str = "ureq_native";

    fn new(options: Options) -> Self {
        Self(build!(UreqTransport::builder().tls(calllegs_ureq::Tls::NativeTls), options))
    }

    fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        self.0.send(request)
    }
}
