//! From flags and variables to a client: address, tables, credentials, transport.

use std::{fs, path::Path, sync::Arc, time::Duration, time::Instant};

use async_trait::async_trait;
use calllegs_core::{
    Account, Brand, Client, Endpoint,
    limits::Gate,
    retry::{Exponential, RetryPolicy},
    session::Credentials,
    transport::Timer,
};
use calllegs_hyper::{HyperTransport, TokioTimer};

use crate::{
    args::{BrandName, Common},
    environment,
    exit::{Exit, Failure, chain},
    screen::Screen,
    secrets,
};

/// Where the emulator of `sandbox serve` listens.
const SANDBOX_URL: &str = "http://127.0.0.1:8321/v2.0";

/// Where calls go.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) endpoint: Endpoint,
    /// As the user named it, or as the only brand with variables of its own.
    pub(crate) name: Option<BrandName>,
}

impl Place {
    /// Finds the address. No secret is read.
    pub(crate) fn find(common: &Common, screen: &Screen) -> Result<Self, Failure> {
        let name = match (common.brand, &common.endpoint) {
            (None, None) => Some(Self::only_brand(screen)?),
            (name, _) => name,
        };
        let brand = name.and_then(BrandName::brand);
        let endpoint = match (&common.endpoint, brand) {
            (Some(url), brand) => {
                let endpoint = Endpoint::custom(url)?;
                brand.into_iter().fold(endpoint, Endpoint::with_brand)
            }
            (None, Some(brand)) => Endpoint::of(brand),
            (None, None) => Endpoint::custom(SANDBOX_URL)?,
        };
        Ok(Self { endpoint, name })
    }

    /// Whose tables hold, where that is known.
    pub(crate) fn brand(&self) -> Option<Brand> {
        self.endpoint.brand()
    }

    fn only_brand(screen: &Screen) -> Result<BrandName, Failure> {
        match secrets::brands_in_environment()?.as_slice() {
            [only] => {
                let name = only.brand().map_or("", Brand::name);
                screen.note(&format!("brand {name}, because its own variables are set"));
                Ok(*only)
            }
            _ => Err(Failure::usage("whose API is asked?")
                .next(format!("add --brand {}, or set CALLLEGS_BRAND", BrandName::LEGAL))),
        }
    }
}

/// A client for the place. Nothing is sent yet.
pub(crate) fn client(common: &Common, place: &Place, screen: &Arc<Screen>) -> Result<Client, Failure> {
    let (credentials, source) = secrets::find(common, place.name, screen)?;
    screen.detail(&format!("{}, key from {source}", place.endpoint.uri()));
    client_with(common, place.endpoint.clone(), credentials, screen)
}

/// A client with credentials at hand.
pub(crate) fn client_with(
    common: &Common,
    endpoint: Endpoint,
    credentials: Credentials,
    screen: &Arc<Screen>,
) -> Result<Client, Failure> {
    let mut transport = HyperTransport::builder().proxy_from_env();
    if let Some(seconds) = common.timeout {
        transport = transport.timeout(Duration::from_secs(seconds));
    }
    if let Some(path) = environment::text("SSL_CERT_FILE")? {
        let pem = fs::read(Path::new(&*path)).map_err(|error| {
            Failure::new(Exit::Config, format!("cannot read the file of SSL_CERT_FILE: {error}"))
                .next("correct or unset SSL_CERT_FILE")
        })?;
        transport = transport.root_certificates(pem);
    }
    let transport = transport.build().map_err(|error| {
        Failure::new(Exit::Config, chain(&error)).next("correct HTTPS_PROXY or SSL_CERT_FILE, or unset them")
    })?;
    let mut account = Account::new(endpoint, credentials);
    if let Some(points) = common.max_points {
        account = account.with_gate(Gate::default().with_budget(points));
    }
    if let Some(user) = common.user_id {
        account = account.acting_for(user);
    }
    let attempts = common.retries.unwrap_or(RETRIES).saturating_add(1);
    let timer = Announcing { timer: TokioTimer, screen: Arc::clone(screen) };
    Ok(Client::new(transport, timer, account).with_policy(Exponential::default().at_most(attempts)))
}

/// How often a call is made again unless told otherwise.
const RETRIES: u32 = 4;

/// A wait from which on it is announced.
const LONG_WAIT: Duration = Duration::from_secs(3);

/// The timer of the runtime, which says so when it makes the user wait.
#[derive(Debug)]
struct Announcing {
    timer: TokioTimer,
    screen: Arc<Screen>,
}

#[async_trait]
impl Timer for Announcing {
    fn now(&self) -> Instant {
        self.timer.now()
    }

    async fn sleep_until(&self, deadline: Instant) {
        let wait = deadline.saturating_duration_since(self.timer.now());
        if wait >= LONG_WAIT {
            let seconds = wait.as_secs() + 1;
            self.screen.note(&format!("waiting {seconds} s for the next points, or before the next attempt"));
        }
        self.timer.sleep_until(deadline).await;
    }

    fn entropy(&self) -> u64 {
        self.timer.entropy()
    }
}
