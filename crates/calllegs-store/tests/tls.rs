//! TLS to a PostgreSQL with certificates of the test's own: encrypted, and the server proven where that is asked for.

#![cfg(unix)]
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that panics has failed")]

#[path = "support/server.rs"]
mod server;

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
};

use calllegs_store::{Error, ErrorKind, Postgres, warehouse::Warehouse};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::server::Server;

/// Who signs certificates, and the file with its own.
struct Authority(CertifiedIssuer<'static, KeyPair>, PathBuf);

impl Authority {
    fn new(file: PathBuf) -> Self {
        let mut about = CertificateParams::default();
        about.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(about, KeyPair::generate().unwrap()).unwrap();
        fs::write(&file, issuer.pem()).unwrap();
        Self(issuer, file)
    }

    fn file(&self) -> String {
        self.1.display().to_string()
    }
}

/// A server that speaks TLS, and its port.
fn start(certificate: &str, key: &KeyPair) -> Option<(Server, u16)> {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let settings = [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        "ssl=on".to_owned(),
        "ssl_cert_file=../server.crt".to_owned(),
        "ssl_key_file=../server.key".to_owned(),
    ];
    let options: Vec<_> = settings.iter().flat_map(|setting| ["-c", setting]).collect();
    let files = [("server.crt", certificate), ("server.key", &*key.serialize_pem())];
    Some((Server::start(&files, &options)?, port))
}

/// A place that is connected, or why it cannot be.
fn connect(address: &str) -> Result<Postgres, Error> {
    let mut place = Postgres::open(address)?;
    place.accounts()?;
    Ok(place)
}

/// The server does not prove who it is, in these words.
fn refused(address: &str, why: &str, next: &str) {
    let error = connect(address).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Place, "{error:?}");
    assert!(error.to_string().ends_with("the server does not prove who it is"), "{error:?}");
    assert!(error.cause().unwrap().contains(why), "{error:?}");
    assert!(error.next_step().unwrap().contains(next), "{error:?}");
}

#[test]
fn a_server_is_proven_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let [ours, other] = ["ours.pem", "other.pem"].map(|name| Authority::new(folder.path().join(name)));
    let key = KeyPair::generate().unwrap();
    let about = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = about.signed_by(&key, &ours.0).unwrap();
    let Some((server, port)) = start(&certificate.pem(), &key) else { return };
    let address = |host: &str, options: &str| match host {
        "" => format!("postgres://postgres@/postgres?port={port}&{options}"),
        host => format!("postgres://postgres@{host}:{port}/postgres?{options}"),
    };
    let [ours, other] = [ours, other].map(|authority| authority.file());

    for (host, options, is_encrypted) in [
        ("127.0.0.1", "sslmode=disable".to_owned(), false),
        ("127.0.0.1", "sslmode=prefer".to_owned(), true),
        ("127.0.0.1", "sslmode=require".to_owned(), true),
        ("", "hostaddr=127.0.0.1&sslmode=require".to_owned(), true),
        ("localhost", format!("sslmode=require&sslrootcert={ours}"), true),
        ("localhost", format!("sslmode=verify-full&sslrootcert={ours}"), true),
        ("localhost", format!("hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert={ours}"), true),
    ] {
        let _connected = connect(&address(host, &format!("{options}&application_name=proven"))).unwrap();
        let mut client = server::client_at(server.folder(), port);
        let seen =
            "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'proven'";
        let seen: Vec<bool> = client.query(seen, &[]).unwrap().iter().map(|row| row.get(0)).collect();
        assert_eq!(seen, [is_encrypted], "{host} {options}");
    }

    let signer = "sslrootcert=FILE";
    refused(&address("localhost", "sslmode=verify-full"), "", signer);
    for mode in ["require", "verify-full"] {
        refused(&address("localhost", &format!("sslmode={mode}&sslrootcert={other}")), "", signer);
        let named = format!("sslmode={mode}&sslrootcert={ours}");
        refused(&address("127.0.0.1", &named), "localhost", "as its certificate does");
        refused(&address("", &format!("hostaddr=127.0.0.1&{named}")), "localhost", "as its certificate does");
    }
    let error = connect(&address("localhost", "sslmode=verify-full&sslrootcert=/nowhere")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreadable, "{error:?}");
}

#[test]
fn a_certificate_that_signed_itself_is_trusted_by_name() {
    let folder = tempfile::tempdir().unwrap();
    for is_authority in [false, true] {
        let key = KeyPair::generate().unwrap();
        let mut about = CertificateParams::new(["localhost".to_owned()]).unwrap();
        if is_authority {
            about.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        let certificate = about.self_signed(&key).unwrap().pem();
        let Some((_server, port)) = start(&certificate, &key) else { return };
        let own = folder.path().join("own.pem");
        fs::write(&own, certificate).unwrap();
        let address = |options: &str| format!("postgres://postgres@localhost:{port}/postgres?{options}");
        let trusting = address(&format!("sslmode=verify-full&sslrootcert={}", Path::new(&own).display()));
        if is_authority {
            refused(&trusting, "", "CA:FALSE");
        } else {
            refused(&address("sslmode=verify-full"), "", "sslrootcert=FILE");
            connect(&trusting).unwrap();
        }
        connect(&address("sslmode=require")).unwrap();
    }
}
