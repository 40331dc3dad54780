//! What stands before servers of HTTP/1.1 and speaks HTTP/2 over TLS, as the servers of companies do: each request goes to the
//! upstream that it names, or to the one of all, and what breaks there resets the stream.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use http::{
    Request, Response,
    header::{HOST, TRANSFER_ENCODING},
};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::{Bytes, Incoming},
    client, server,
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{ServerConfig, crypto::ring, pki_types::PrivatePkcs8KeyDer};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::{Builder, Runtime},
};
use tokio_rustls::TlsAcceptor;

/// The header that names the upstream of a request.
pub(crate) const UPSTREAM: &str = "x-upstream";

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A gateway that runs until it is dropped.
pub(crate) struct Gateway {
    address: SocketAddr,
    authority: String,
    connections: Arc<AtomicUsize>,
    streams: Arc<AtomicUsize>,
    _runtime: Runtime,
}

impl Gateway {
    /// Before this server, where a request names no other.
    pub(crate) fn before(upstream: &str) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0))).unwrap();
        let address = listener.local_addr().unwrap();
        let (authority, acceptor) = certificate();
        let [connections, streams] = [(); 2].map(|()| Arc::new(AtomicUsize::new(0)));
        let counts = (connections.clone(), streams.clone());
        let upstream: Arc<str> = upstream.into();
        runtime.spawn(async move {
            let (connections, streams) = counts;
            while let Ok((socket, _)) = listener.accept().await {
                let (acceptor, upstream, streams) = (acceptor.clone(), upstream.clone(), streams.clone());
                connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    // Who does not trust the certificate hangs up, which shows where it is tried.
                    let Ok(wire) = acceptor.accept(socket).await else { return };
                    let service = service_fn(move |request| {
                        streams.fetch_add(1, Ordering::SeqCst);
                        forward(request, upstream.clone())
                    });
                    let mut http2 = server::conn::http2::Builder::new(TokioExecutor::new());
                    let _ended =
                        http2.auto_date_header(false).serve_connection(TokioIo::new(wire), service).await;
                });
            }
        });
        Self { address, authority, connections, streams, _runtime: runtime }
    }

    /// `https://` URL with this path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.address)
    }

    /// PEM certificate that a transport must trust.
    pub(crate) fn authority(&self) -> String {
        self.authority.clone()
    }

    /// Connections that were accepted, and requests on them.
    pub(crate) fn seen(&self) -> (usize, usize) {
        (self.connections.load(Ordering::SeqCst), self.streams.load(Ordering::SeqCst))
    }
}

async fn forward(request: Request<Incoming>, upstream: Arc<str>) -> Result<Response<Incoming>, BoxError> {
    let (mut head, body) = request.into_parts();
    let named = head.headers.remove(UPSTREAM).and_then(|name| name.to_str().map(str::to_owned).ok());
    let upstream = named.as_deref().unwrap_or(&upstream);
    let body = body.collect().await?.to_bytes();
    let socket = TcpStream::connect(upstream).await?;
    let (mut sender, connection) = client::conn::http1::handshake(TokioIo::new(socket)).await?;
    tokio::spawn(connection);
    head.headers.insert(HOST, upstream.parse()?);
    head.uri = head.uri.path().parse()?;
    head.version = http::Version::HTTP_11;
    let mut response = sender.send_request(Request::from_parts(head, Full::<Bytes>::new(body))).await?;
    // Frames of HTTP/2 have lengths of their own.
    response.headers_mut().remove(TRANSFER_ENCODING);
    *response.version_mut() = http::Version::HTTP_2;
    Ok(response)
}

fn certificate() -> (String, TlsAcceptor) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    (made.cert.pem(), TlsAcceptor::from(Arc::new(config)))
}
