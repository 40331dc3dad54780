//! Opens connections: DNS, TCP, the tunnel through a proxy, TLS, all within one deadline.
//!
//! Of a name with several addresses each gets its share of the deadline, so that one that is silent does not use up the
//! time of the others; IPv4 does not wait for IPv6 longer than 300 ms.
//!
//! Whatever fails here fails before a byte of the request is written.

use std::{
    error,
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use calllegs_core::transport::NoProxy;
use http::{Uri, uri::Scheme};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::{
    client::{
        legacy::connect::{Connected, Connection, HttpConnector, dns::GaiResolver, proxy::Tunnel},
        proxy::matcher::Matcher,
    },
    rt::TokioIo,
};
use tokio::net::TcpStream;
use tower_service::Service;

use crate::{error::NoTls, tls::Setup};

/// TLS over [`Dial`], with a deadline.
#[derive(Clone)]
pub(crate) struct Connector {
    https: Https,
    timeout: Duration,
}

/// [`Dial`] below whoever speaks TLS.
#[derive(Clone)]
enum Https {
    Off(Dial),
    #[cfg(feature = "rustls")]
    Rustls(hyper_rustls::HttpsConnector<Dial>),
    #[cfg(feature = "native-tls")]
    NativeTls(hyper_tls::HttpsConnector<Dial>),
}

/// The proxy, and the hosts that are reached without it.
pub(crate) type Proxied = (Matcher, NoProxy);

impl Connector {
    pub(crate) fn new(tls: Setup, proxy: Option<Proxied>, timeout: Duration) -> Self {
        let dial = Dial { tcp: tcp(GaiResolver::new(), timeout), proxy: proxy.map(Arc::new) };
        Self { https: tls.over(dial), timeout }
    }
}

impl Setup {
    fn over(self, dial: Dial) -> Https {
        match self {
            Self::Off => Https::Off(dial),
            #[cfg(feature = "rustls")]
            Self::Rustls(tls) => Https::Rustls((dial, *tls).into()),
            #[cfg(feature = "native-tls")]
            Self::NativeTls(tls) => Https::NativeTls((dial, tls.into()).into()),
        }
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
    type Response = Stream;
    type Error = BoxError;
    type Future = BoxFuture<Self::Response>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match &mut self.https {
            Https::Off(dial) => dial.poll_ready(cx),
            #[cfg(feature = "rustls")]
            Https::Rustls(https) => https.poll_ready(cx),
            #[cfg(feature = "native-tls")]
            Https::NativeTls(https) => https.poll_ready(cx),
        }
    }

    fn call(&mut self, destination: Uri) -> Self::Future {
        let connecting: Self::Future = match &mut self.https {
            Https::Off(_) if destination.scheme() == Some(&Scheme::HTTPS) => {
                return Box::pin(async { Err(NoTls.into()) });
            }
            Https::Off(dial) => Box::pin(streaming(dial.call(destination))),
            #[cfg(feature = "rustls")]
            Https::Rustls(https) => Box::pin(streaming(https.call(destination))),
            #[cfg(feature = "native-tls")]
            Https::NativeTls(https) => Box::pin(streaming(https.call(destination))),
        };
        let timeout = self.timeout;
        Box::pin(async move { tokio::time::timeout(timeout, connecting).await? })
    }
}

async fn streaming(
    connecting: impl Future<Output = Result<impl Wire + 'static, BoxError>>,
) -> Result<Stream, BoxError> {
    Ok(Stream(Box::new(connecting.await?)))
}

/// A connection, whoever speaks TLS on it.
pub(crate) struct Stream(Box<dyn Wire>);

trait Wire: Read + Write + Connection + Send + Unpin {}

impl<T: Read + Write + Connection + Send + Unpin> Wire for T {}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        self.0.connected()
    }
}

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl Write for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
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
