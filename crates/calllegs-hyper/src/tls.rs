//! Who speaks TLS, and whom it trusts. Nothing is opened here.

use rustls_pki_types::{CertificateDer, pem::PemObject};

use crate::error::BuildError;

// tidy: begin same text
/// Who speaks TLS: a variant for each feature that is on, the one that is taken unless told otherwise first. See the
/// [crate page](crate#tls).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tls {
    /// rustls, with the roots of its features.
    #[cfg(feature = "rustls")]
    Rustls,
    /// The library of the platform, with its roots.
    #[cfg(feature = "native-tls")]
    NativeTls,
}

impl Tls {
    /// In the order in which they are taken.
    const ALL: &[Self] = &[
        #[cfg(feature = "rustls")]
        Self::Rustls,
        #[cfg(feature = "native-tls")]
        Self::NativeTls,
    ];

    pub(crate) fn preferred() -> Option<Self> {
        Self::ALL.first().copied()
    }
}

/// The roots that a program gives.
#[derive(Default)]
pub(crate) struct Roots {
    pem: Vec<Vec<u8>>,
    only: bool,
}

impl Roots {
    pub(crate) fn add(&mut self, pem: Vec<u8>) {
        self.pem.push(pem);
    }

    /// From now on those of the features are not trusted.
    pub(crate) fn only(&mut self, pem: Vec<u8>) {
        *self = Self { pem: vec![pem], only: true };
    }

    /// # Errors
    /// When a text is not PEM, or holds no certificate.
    fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, BuildError> {
        let mut roots = Vec::new();
        for pem in &self.pem {
            let known = roots.len();
            for certificate in CertificateDer::pem_slice_iter(pem) {
                // An error of this crate's own: the other one implements no `Error` everywhere.
                roots.push(certificate.map_err(|error| {
                    BuildError::caused("the root certificates are not PEM", error.to_string())
                })?);
            }
            if roots.len() == known {
                return Err(BuildError::new("the PEM text holds no certificate"));
            }
        }
        Ok(roots)
    }
}

// tidy: end same text

/// TLS, set up.
pub(crate) enum Setup {
    /// There is none.
    Off,
    #[cfg(feature = "rustls")]
    Rustls(Box<rustls::ClientConfig>),
    #[cfg(feature = "native-tls")]
    NativeTls(native_tls::TlsConnector),
}

impl Setup {
    /// # Errors
    /// When roots cannot be read or used.
    pub(crate) fn new(tls: Option<Tls>, roots: &Roots) -> Result<Self, BuildError> {
        // Checked also where nobody speaks TLS.
        let own = roots.certificates()?;
        let Some(tls) = tls else { return Ok(Self::Off) };
        match (tls, own, !roots.only) {
            #[cfg(feature = "rustls")]
            (Tls::Rustls, own, built_in) => Ok(Self::Rustls(Box::new(with_rustls::setup(own, built_in)?))),
            #[cfg(feature = "native-tls")]
            (Tls::NativeTls, own, built_in) => Ok(Self::NativeTls(with_native_tls::setup(own, built_in)?)),
        }
    }
}

#[cfg(feature = "rustls")]
mod with_rustls {
    use std::sync::Arc;

    use rustls::{ClientConfig, RootCertStore, crypto::ring};

    use super::{BuildError, CertificateDer};

    pub(super) fn setup(
        own: Vec<CertificateDer<'static>>,
        built_in: bool,
    ) -> Result<ClientConfig, BuildError> {
        let mut roots = RootCertStore::empty();
        for root in own {
            roots
                .add(root)
                .map_err(|source| BuildError::caused("a root certificate cannot be used", source))?;
        }
        if built_in {
            #[cfg(feature = "rustls-webpki-roots")]
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
            #[cfg(feature = "rustls-native-roots")]
            add_native(&mut roots)?;
        }
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|source| BuildError::caused("no usable TLS version", source))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols();
        Ok(config)
    }

    /// What is offered in the handshake, in the order of preference. HTTP/1.1 alone needs no word.
    fn protocols() -> Vec<Vec<u8>> {
        let offered: &[&str] = if cfg!(feature = "http2") { &["h2", "http/1.1"] } else { &[] };
        offered.iter().map(|name| name.as_bytes().to_vec()).collect()
    }

    /// # Errors
    /// When the roots of the machine are all there would be, and cannot be read.
    #[cfg(feature = "rustls-native-roots")]
    fn add_native(roots: &mut RootCertStore) -> Result<(), BuildError> {
        let native = rustls_native_certs::load_native_certs();
        // A machine may have roots that rustls cannot read; it goes without those.
        roots.add_parsable_certificates(native.certs);
        match native.errors.into_iter().next() {
            Some(source) if roots.is_empty() => {
                Err(BuildError::caused("the root certificates of this machine cannot be read", source))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(feature = "native-tls")]
mod with_native_tls {
    use native_tls::{Certificate, Protocol, TlsConnector};

    use super::{BuildError, CertificateDer};

    pub(super) fn setup(
        own: Vec<CertificateDer<'static>>,
        built_in: bool,
    ) -> Result<TlsConnector, BuildError> {
        let mut tls = TlsConnector::builder();
        tls.min_protocol_version(Some(Protocol::Tlsv12)).disable_built_in_roots(!built_in);
        for root in own {
            let root = Certificate::from_der(&root)
                .map_err(|source| BuildError::caused("a root certificate cannot be used", source))?;
            tls.add_root_certificate(root);
        }
        tls.build().map_err(|source| BuildError::caused("the TLS of this platform cannot be used", source))
    }
}
