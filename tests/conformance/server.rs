//! A scripted HTTP/1.1 server on a loopback port: counts connections and requests, answers with raw bytes.
//!
//! Written on `std` sockets on purpose: a server made of the same crates as a transport would share its mistakes
//! and could not send broken replies.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
};

use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair};
use rustls::{ServerConfig, ServerConnection, StreamOwned, crypto::ring, pki_types::PrivatePkcs8KeyDer};

/// A request as it was on the wire.
#[derive(Clone)]
pub(crate) struct Seen {
    /// Request line and headers, names in small letters.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    /// The values of this header (small letters), in order.
    pub(crate) fn header(&self, name: &str) -> Vec<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value)
            .collect()
    }
}

/// What the connection does after an answer.
pub(crate) enum Then {
    Close,
    KeepAlive,
}

/// A connection as the script sees it.
pub(crate) trait Wire: Read + Write + Send {
    /// The socket below TLS.
    fn socket(&self) -> &TcpStream;

    /// Blocks until the other side closes: a server that says nothing more.
    fn hang(&mut self) {
        // An error is a hang-up too.
        let _ = io::copy(self, &mut io::sink());
    }
}

impl Wire for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl Wire for StreamOwned<ServerConnection, TcpStream> {
    fn socket(&self) -> &TcpStream {
        &self.sock
    }
}

/// A running server. Stops accepting when dropped.
pub(crate) struct Server {
    address: SocketAddr,
    log: Arc<Log>,
    accepting: Option<JoinHandle<()>>,
    authority: Option<String>,
}

#[derive(Default)]
struct Log {
    stopped: AtomicBool,
    connections: AtomicUsize,
    requests: Mutex<Vec<Seen>>,
}

impl Server {
    /// Answers every request with these bytes and keeps the connection.
    pub(crate) fn replying(reply: impl Into<Vec<u8>>) -> Self {
        let reply = reply.into();
        Self::scripted(move |_, wire| answer(wire, &reply, Then::KeepAlive))
    }

    /// Answers every request with these bytes and closes the connection.
    pub(crate) fn cutting(reply: impl Into<Vec<u8>>) -> Self {
        let reply = reply.into();
        Self::scripted(move |_, wire| answer(wire, &reply, Then::Close))
    }

    /// Runs the script for each request of each connection.
    pub(crate) fn scripted(script: impl Fn(&Seen, &mut dyn Wire) -> Then + Send + Sync + 'static) -> Self {
        let script = Arc::new(script);
        Self::accepting(move |socket, log| {
            // Whatever breaks a connection here is the client's doing and shows in its outcome.
            let _ = serve(socket, log, &*script);
        })
    }

    /// As [`scripted`](Self::scripted), over TLS with a certificate for this name.
    pub(crate) fn scripted_tls(
        name: &str,
        script: impl Fn(&Seen, &mut dyn Wire) -> Then + Send + Sync + 'static,
    ) -> Self {
        let (authority, config) = certificate(name);
        let script = Arc::new(script);
        let mut server = Self::accepting(move |socket, log| {
            let session = ServerConnection::new(config.clone()).unwrap();
            let _ = serve(StreamOwned::new(session, socket), log, &*script);
        });
        server.authority = Some(authority);
        server
    }

    /// A proxy that tunnels to wherever it is asked to.
    pub(crate) fn proxy() -> Self {
        Self::scripted(|seen, wire| {
            let target = seen.head.strip_prefix("CONNECT ").unwrap().split(' ').next().unwrap();
            let mut up = TcpStream::connect(target).unwrap();
            answer(wire, b"HTTP/1.1 200 Connection established\r\n\r\n", Then::KeepAlive);
            let (mut from_target, mut to_client) =
                (up.try_clone().unwrap(), wire.socket().try_clone().unwrap());
            let down = thread::spawn(move || io::copy(&mut from_target, &mut to_client));
            // Both copies end when either side hangs up.
            let _ = io::copy(wire, &mut up);
            let _ = up.shutdown(Shutdown::Both);
            let _ = down.join();
            Then::Close
        })
    }

    /// Accepts connections and never says a word.
    pub(crate) fn silent() -> Self {
        Self::accepting(|mut socket, _| socket.hang())
    }

    /// Answers the first bytes of a connection, whatever they are, with these.
    pub(crate) fn babbling(reply: &'static [u8]) -> Self {
        Self::accepting(move |mut socket, _| {
            if socket.read(&mut [0; 1024]).is_ok() {
                answer(&mut socket, reply, Then::Close);
            }
        })
    }

    fn accepting(connection: impl Fn(TcpStream, &Log) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Log::default());
        let connection = Arc::new(connection);
        let accepting = {
            let log = log.clone();
            thread::spawn(move || {
                for socket in listener.incoming().map_while(Result::ok) {
                    if log.stopped.load(Ordering::SeqCst) {
                        break;
                    }
                    log.connections.fetch_add(1, Ordering::SeqCst);
                    let (connection, log) = (connection.clone(), log.clone());
                    // Ends with its client, at the latest when the test drops the transport.
                    thread::spawn(move || connection(socket, &log));
                }
            })
        };
        Self { address, log, accepting: Some(accepting), authority: None }
    }

    /// `http://` or `https://` URL of the endpoint.
    pub(crate) fn url(&self) -> String {
        let scheme = if self.authority.is_some() { "https" } else { "http" };
        format!("{scheme}://{}/v2.0", self.address)
    }

    /// The same, with TLS whether the server speaks it or not.
    pub(crate) fn tls_url(&self) -> String {
        format!("https://{}/v2.0", self.address)
    }

    /// Address and port.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// PEM certificate of the authority that a transport must trust.
    pub(crate) fn authority(&self) -> String {
        self.authority.clone().unwrap()
    }

    /// Connections accepted so far.
    pub(crate) fn connections(&self) -> usize {
        self.log.connections.load(Ordering::SeqCst)
    }

    /// Whole requests received so far.
    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.log.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.log.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let woken = TcpStream::connect(self.address).is_ok();
        if let Some(accepting) = self.accepting.take().filter(|_| woken) {
            let _ = accepting.join();
        }
    }
}

/// Writes a reply. A client that has gone away does not matter to the script.
pub(crate) fn answer(wire: &mut dyn Wire, reply: &[u8], then: Then) -> Then {
    let written = wire.write_all(reply).and_then(|()| wire.flush());
    if written.is_err() { Then::Close } else { then }
}

/// A port that nobody listens on.
pub(crate) fn refused_url() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    format!("http://{}/v2.0", listener.local_addr().unwrap())
}

fn serve(mut wire: impl Wire, log: &Log, script: &dyn Fn(&Seen, &mut dyn Wire) -> Then) -> io::Result<()> {
    while let Some(seen) = receive(&mut wire)? {
        log.requests.lock().unwrap().push(seen.clone());
        if matches!(script(&seen, &mut wire), Then::Close) {
            break;
        }
    }
    Ok(())
}

/// Reads one request; none when the connection ends first.
fn receive(wire: &mut impl Wire) -> io::Result<Option<Seen>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if wire.read(&mut byte)? == 0 {
            return Ok(None);
        }
        head.extend(byte);
    }
    let head = String::from_utf8(head).unwrap();
    let head = head
        .lines()
        .map(|line| match line.split_once(": ") {
            Some((name, value)) => format!("{}: {value}\n", name.to_lowercase()),
            None => format!("{line}\n"),
        })
        .collect();
    let mut seen = Seen { head, body: Vec::new() };
    let length = seen.header("content-length").first().map_or(0, |length| length.parse().unwrap());
    seen.body.resize(length, 0);
    wire.read_exact(&mut seen.body)?;
    Ok(Some(seen))
}

/// An authority (PEM) and the server side of a certificate it signed for this name.
fn certificate(name: &str) -> (String, Arc<ServerConfig>) {
    // Each with a name of its own: a root that only looks like the issuer is told as a bad signature.
    static AUTHORITIES: AtomicUsize = AtomicUsize::new(1);
    let mut authority = CertificateParams::default();
    authority.distinguished_name =
        named(&format!("authority {}", AUTHORITIES.fetch_add(1, Ordering::Relaxed)));
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().unwrap();
    let pem = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = Issuer::new(authority, authority_key);

    let key = KeyPair::generate().unwrap();
    let mut leaf = CertificateParams::new([name.to_owned()]).unwrap();
    leaf.distinguished_name = named("server");
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
        .unwrap();
    (pem, Arc::new(config))
}

fn named(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}
