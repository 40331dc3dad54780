//! Who speaks TLS, and whom it trusts. Nothing is opened here.

use rustls_pki_types::{CertificateDer, pem::PemObject};
use ureq::{config::ConfigBuilder, typestate::AgentScope};

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

/// TLS, set up; or that there is none.
pub(crate) struct Setup {
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    config: Option<ureq::tls::TlsConfig>,
}

impl Setup {
    pub(crate) const OFF: Self = Self {
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        config: None,
    };

    /// # Errors
    /// When roots cannot be read or used.
    pub(crate) fn new(tls: Option<Tls>, roots: &Roots) -> Result<Self, BuildError> {
        // Checked also where nobody speaks TLS.
        let own = roots.certificates()?;
        let Some(tls) = tls else { return Ok(Self::OFF) };
        match (tls, own, !roots.only) {
            #[cfg(feature = "rustls")]
            (Tls::Rustls, own, built_in) => Ok(Self { config: Some(with_ureq::rustls(own, built_in)?) }),
            #[cfg(feature = "native-tls")]
            (Tls::NativeTls, own, built_in) => {
                Ok(Self { config: Some(with_ureq::native_tls(own, built_in)?) })
            }
        }
    }

    pub(crate) fn is_off(&self) -> bool {
        match self {
            #[cfg(any(feature = "rustls", feature = "native-tls"))]
            Self { config: Some(_) } => false,
            Self { .. } => true,
        }
    }

    pub(crate) fn of(&self, config: ConfigBuilder<AgentScope>) -> ConfigBuilder<AgentScope> {
        match self {
            #[cfg(any(feature = "rustls", feature = "native-tls"))]
            Self { config: Some(tls) } => config.tls_config(tls.clone()),
            Self { .. } => config,
        }
    }
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod with_ureq {
    use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

    use super::{BuildError, CertificateDer};

    #[cfg(feature = "rustls")]
    pub(super) fn rustls(own: Vec<CertificateDer<'static>>, built_in: bool) -> Result<TlsConfig, BuildError> {
        // ureq passes over what it cannot use.
        let (mut roots, mut usable) = (Vec::new(), rustls::RootCertStore::empty());
        for root in own {
            usable
                .add(root.clone())
                .map_err(|source| BuildError::caused("a root certificate cannot be used", source))?;
            roots.push(root);
        }
        if built_in {
            #[cfg(feature = "rustls-webpki-roots")]
            roots.extend(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned());
            #[cfg(feature = "rustls-native-roots")]
            add_native(&mut roots)?;
        }
        Ok(config(TlsProvider::Rustls, specific(&roots)))
    }

    #[cfg(feature = "native-tls")]
    pub(super) fn native_tls(
        own: Vec<CertificateDer<'static>>,
        built_in: bool,
    ) -> Result<TlsConfig, BuildError> {
        for root in &own {
            native_tls::Certificate::from_der(root)
                .map_err(|source| BuildError::caused("a root certificate cannot be used", source))?;
        }
        let mut roots = own;
        if built_in && roots.is_empty() {
            return Ok(config(TlsProvider::NativeTls, RootCerts::PlatformVerifier));
        }
        if built_in {
            // ureq trusts the platform or a list.
            add_native(&mut roots)?;
        }
        Ok(config(TlsProvider::NativeTls, specific(&roots)))
    }

    fn config(provider: TlsProvider, roots: RootCerts) -> TlsConfig {
        TlsConfig::builder().provider(provider).root_certs(roots).build()
    }

    fn specific(roots: &[CertificateDer<'static>]) -> RootCerts {
        let roots: Vec<_> = roots.iter().map(|root| Certificate::from_der(root).to_owned()).collect();
        RootCerts::new_with_certs(&roots)
    }

    /// # Errors
    /// When the roots of the machine are all there would be, and cannot be read.
    #[cfg(any(feature = "rustls-native-roots", feature = "native-tls"))]
    fn add_native(roots: &mut Vec<CertificateDer<'static>>) -> Result<(), BuildError> {
        let native = rustls_native_certs::load_native_certs();
        roots.extend(native.certs);
        match native.errors.into_iter().next() {
            Some(source) if roots.is_empty() => {
                Err(BuildError::caused("the root certificates of this machine cannot be read", source))
            }
            _ => Ok(()),
        }
    }
}
