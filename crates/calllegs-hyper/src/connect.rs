//! Opens connections: DNS, TCP, the tunnel through a proxy, TLS, all within one deadline.
//!
//! Of a name with several addresses each gets its share of the deadline, so that one that is silent does not use up the
//! time of the others; IPv4 does not wait for IPv6 longer than 300 ms.
//!
//! Whatever fails here fails before a byte of the request is written.

use std::{
    error,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use calllegs_core::transport::NoProxy;
use http::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::{
    client::{
        legacy::connect::{HttpConnector, dns::GaiResolver, proxy::Tunnel},
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

/// The proxy, and the hosts that are reached without it.
pub(crate) type Proxied = (Matcher, NoProxy);

impl Connector {
    pub(crate) fn new(tls: ClientConfig, proxy: Option<Proxied>, timeout: Duration) -> Self {
        let dial = Dial { tcp: tcp(GaiResolver::new(), timeout), proxy: proxy.map(Arc::new) };
        Self { https: HttpsConnector::from((dial, tls)), timeout }
    }
}

/// Connections to the addresses that the resolver gives, within this time for all of them.
fn tcp<R>(resolver: R, timeout: Duration) -> HttpConnector<R> {
    let mut tcp = HttpConnector::new_with_resolver(resolver);
    tcp.enforce_http(false); // TLS is added above it
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(timeout)); // divided among the addresses
    tcp
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
    proxy: Option<Arc<Proxied>>,
}

impl Service<Uri> for Dial {
    type Response = TokioIo<TcpStream>;
    type Error = BoxError;
    type Future = BoxFuture<Self::Response>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, destination: Uri) -> Self::Future {
        let proxy = self.proxy.as_deref().filter(|(_, direct)| !direct.excepts(&destination));
        let Some(proxy) = proxy.and_then(|(proxy, _)| proxy.intercept(&destination)) else {
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

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, future, net::SocketAddr, vec};

    use hyper_util::client::legacy::connect::dns::Name;
    use tokio::net::{TcpListener, TcpSocket};

    use super::*;

    /// Every name has these addresses.
    #[derive(Clone)]
    struct Addresses(Vec<SocketAddr>);

    impl Service<Name> for Addresses {
        type Response = vec::IntoIter<SocketAddr>;
        type Error = Infallible;
        type Future = future::Ready<Result<Self::Response, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Name) -> Self::Future {
            future::ready(Ok(self.0.clone().into_iter()))
        }
    }

    #[tokio::test]
    async fn a_silent_address_does_not_use_up_the_time_of_the_others() {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        // Its queue is full, so the system lets further connections wait for ever.
        let silent = TcpSocket::new_v4().unwrap();
        silent.bind(any).unwrap();
        let silent = silent.listen(1).unwrap();
        let at = silent.local_addr().unwrap();
        let mut waiting = Vec::new();
        let share = Duration::from_millis(100);
        while let Ok(accepted) = tokio::time::timeout(share, TcpSocket::new_v4().unwrap().connect(at)).await {
            waiting.push(accepted.unwrap());
            assert!(waiting.len() < 100, "the queue has no end");
        }

        let answering = TcpListener::bind(any).await.unwrap();
        let addresses = Addresses(vec![at, answering.local_addr().unwrap()]);
        let stream = tcp(addresses, share * 2).call(Uri::from_static("http://two.example")).await.unwrap();
        assert_eq!(stream.inner().peer_addr().unwrap(), answering.local_addr().unwrap());
        tcp(Addresses(vec![at]), share).call(Uri::from_static("http://one.example")).await.unwrap_err();
    }
}
