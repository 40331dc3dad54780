//! Opens connections: DNS, TCP, the tunnel through a proxy, TLS, all within one deadline.
//!
//! Whatever fails here fails before a byte of the request is written.

use std::{
    error,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::{
    client::{
        legacy::connect::{HttpConnector, proxy::Tunnel},
        proxy::matcher::Matcher,
    },
    rt::TokioIo,
};
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tower_service::Service;

/// [`HttpsConnector`] over [`Dial`], with a deadline.
#[derive(Clone)]
pub(crate) struct Connector {
    https: HttpsConnector<Dial>,
    timeout: Duration,
}

impl Connector {
    pub(crate) fn new(tls: ClientConfig, proxy: Option<Matcher>, timeout: Duration) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false); // TLS is added above it
        tcp.set_nodelay(true);
        Self { https: HttpsConnector::from((Dial { tcp, proxy: proxy.map(Arc::new) }, tls)), timeout }
    }
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = BoxError;
    type Future = BoxFuture<Self::Response>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.https.poll_ready(cx)
    }

    fn call(&mut self, destination: Uri) -> Self::Future {
        let connecting = self.https.call(destination);
        let timeout = self.timeout;
        Box::pin(async move { tokio::time::timeout(timeout, connecting).await? })
    }
}

/// The bytes below TLS: straight to the host, or through the proxy meant for it.
#[derive(Clone)]
struct Dial {
    tcp: HttpConnector,
    proxy: Option<Arc<Matcher>>,
}

impl Service<Uri> for Dial {
    type Response = TokioIo<TcpStream>;
    type Error = BoxError;
    type Future = BoxFuture<Self::Response>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, destination: Uri) -> Self::Future {
        let Some(proxy) = self.proxy.as_ref().and_then(|proxy| proxy.intercept(&destination)) else {
            let connecting = self.tcp.call(destination);
            return Box::pin(async move { Ok(connecting.await?) });
        };
        let mut tunnel = Tunnel::new(proxy.uri().clone(), self.tcp.clone());
        if let Some(credentials) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(credentials.clone());
        }
        let connecting = tunnel.call(destination);
        Box::pin(async move { Ok(connecting.await?) })
    }
}

type BoxError = Box<dyn error::Error + Send + Sync>;
type BoxFuture<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;
