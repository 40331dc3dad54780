//! Where a message goes: the host of a brand, or an address of one's own.

use http::{Method, Uri, header, uri::Scheme};

use crate::{
    filter::Refusal,
    generated::{hosts::HOSTS, mnemonics::Mnemonic},
    schema::Brand,
    transport::{Body, HttpRequest},
};

/// The one URL that takes every method of an account, version segment included (docs/api.md 1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    uri: Uri,
    brand: Option<Brand>,
}

impl Endpoint {
    /// The documented host of a brand. CoMagic and UIS share tables but not credentials.
    pub fn of(brand: Brand) -> Self {
        let url = HOSTS.iter().find(|(known, _)| *known == brand).map_or("", |(_, url)| url);
        Self { uri: Uri::from_static(url), brand: Some(brand) }
    }

    /// An address of one's own: an emulator, a proxy, a host that is newer than the tables.
    ///
    /// # Errors
    /// For what is not an absolute URL, and for plain `http` to anything but this machine: the body carries the key.
    pub fn custom(url: &str) -> Result<Self, Refusal> {
        let refuse = |reason: &str, hint: &str| {
            Err(Refusal::new(Mnemonic::InvalidParameterValue, "endpoint", reason).hint(hint))
        };
        let Some((written, _)) = url.split_once("://") else {
            let reason = "the endpoint has no scheme";
            let authority = url.split('/').next().unwrap_or(url);
            let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
            if is_loopback(host) {
                let hint =
                    format!("write http://{url} for an emulator on this machine, https://{url} otherwise");
                return refuse(reason, &hint);
            }
            return refuse(reason, FORM);
        };
        if !["http", "https"].iter().any(|scheme| written.eq_ignore_ascii_case(scheme)) {
            return refuse("the endpoint is no address of http, which is what the API speaks", FORM);
        }
        let Ok(uri) = url.parse::<Uri>() else {
            return refuse("the endpoint is not a URL", FORM);
        };
        let (Some(scheme), Some(host)) = (uri.scheme(), uri.host()) else {
            return refuse("the endpoint has no host", FORM);
        };
        let loopback = is_loopback(host);
        if uri.query().is_some() || url.contains('#') {
            return refuse(
                "the endpoint has more than a path",
                "write it without the `?` or `#` and what follows; the key is not part of the address",
            );
        }
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return refuse("the endpoint carries a user name", "the key is not part of the address");
        }
        let has_port = uri.authority().is_some_and(|authority| authority.as_str() != host);
        if has_port && uri.port_u16().is_none_or(|port| port == 0) {
            return refuse(
                "the endpoint has a port that is no port",
                "write a number from 1 to 65535 behind the host",
            );
        }
        if *scheme == Scheme::HTTPS || (*scheme == Scheme::HTTP && loopback) {
            return Ok(Self { uri, brand: None });
        }
        refuse("a key travels over https only", "write https://; plain http is for addresses of this machine")
    }

    /// Whose tables hold there, when it is a documented host.
    pub fn brand(&self) -> Option<Brand> {
        self.brand
    }

    /// The same address with the tables of a brand.
    #[must_use]
    pub fn with_brand(mut self, brand: Brand) -> Self {
        self.brand = Some(brand);
        self
    }

    /// The address.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// The HTTP request that carries a body, with the headers that docs/api.md 1.2 asks for.
    pub fn http(&self, body: Body) -> HttpRequest {
        let length = body.as_bytes().len();
        let mut request = HttpRequest::new(body);
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri.clone();
        let json = header::HeaderValue::from_static("application/json; charset=UTF-8");
        request.headers_mut().insert(header::CONTENT_TYPE, json);
        request.headers_mut().insert(header::CONTENT_LENGTH, length.into());
        request
    }
}

/// How an address is written.
const FORM: &str = "write it as https://host/v2.0";

/// Whether it is this machine.
fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

impl From<Brand> for Endpoint {
    fn from(brand: Brand) -> Self {
        Self::of(brand)
    }
}
