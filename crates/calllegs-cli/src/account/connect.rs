//! From flags and variables to a client: address, tables, credentials, transport.

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use calllegs_core::{
    Account, Brand, Client, Endpoint,
    limits::{Gate, Reserve},
    retry::{Exponential, RetryPolicy},
    session::Credentials,
    transport::{HttpRequest, HttpResponse, NoProxy, Timer, Transport, TransportError},
};
use calllegs_hyper::{HyperTransport, TokioTimer};

use tokio::runtime::Runtime;

use crate::{
    account::{credentials, zone_cache},
    cli::{BrandName, Common},
    env,
    failure::{Exit, Failure, chain},
    lang::say,
    ui::{
        diagnostics::Context,
        log::{Event, Facts},
        terminal::Terminal,
        text::{clean, human_duration},
    },
};

/// Where the emulator of `sandbox serve` listens.
pub(crate) const SANDBOX_URL: &str = "http://127.0.0.1:8321/v2.0";

/// Where calls go.
#[derive(Clone, Debug)]
pub(crate) struct ApiTarget {
    pub(crate) endpoint: Endpoint,
    /// As the user named it, or as the only brand with variables of its own.
    pub(crate) name: Option<BrandName>,
}

impl ApiTarget {
    /// Finds the address. No secret is read.
    pub(crate) fn find(common: &Common, terminal: &Terminal) -> Result<Self, Failure> {
        let name = match (common.brand, &common.endpoint) {
            (None, None) => Some(Self::only_brand(terminal)?),
            (name, _) => name,
        };
        let brand = name.and_then(BrandName::brand);
        let endpoint = match (&common.endpoint, brand) {
            (Some(url), brand) => {
                let endpoint = endpoint(url)?;
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

    fn only_brand(terminal: &Terminal) -> Result<BrandName, Failure> {
        match credentials::brands_in_environment()?.as_slice() {
            [only] => {
                let name = only.brand().map_or("", Brand::as_str);
                terminal.note(&say!("brand {name}, because its own variables are set", name));
                Ok(*only)
            }
            _ => Err(Failure::usage(say!("whose API is asked?"))
                .because(say!("each brand has an address of its own, and none is named"))
                .next(say!("add --brand {legal}, or set CALLLEGS_BRAND", legal = BrandName::LEGAL))),
        }
    }
}

/// The address that somebody wrote.
pub(crate) fn endpoint(url: &str) -> Result<Endpoint, Failure> {
    Endpoint::custom(url).map_err(|refusal| {
        let failure = Failure::from(refusal);
        let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        match scheme.as_deref() {
            Some("file") => failure
                .because(say!("a file answers no calls"))
                .next(say!("to look at a file of legs, serve it with calllegs sandbox serve --data FILE")),
            Some("http") => failure.because(say!(
                "the key would be sent to that address, and whoever is on the way could read it"
            )),
            Some("https") | None => failure.because(say!("the key would be sent to that address")),
            Some(_) => failure.because(say!("calls are sent over https")),
        }
    })
}

/// A client, and what is remembered of its account.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) client: Arc<Client>,
    pub(crate) zones: Option<zone_cache::ZoneCache>,
    /// What tells its account from others, without naming it.
    pub(crate) print: String,
    /// What is left of a day to others, where that was said.
    reserve: Option<Reserve>,
    /// Somebody has said how many points may be spent.
    pub(crate) is_bounded: bool,
    /// The account of the user that is acted for, where a list of users has said it.
    pub(crate) listed: Option<u64>,
}

impl Connection {
    /// The same for the user of a partner's client: one session, one bound on points.
    pub(crate) fn acting_for(&self, user: u64, listed: Option<u64>) -> Result<Self, Failure> {
        let endpoint = self.client.usage().endpoint;
        let print = zone_cache::of_user(&self.print, user);
        let zones = zone_cache::ZoneCache::of(&endpoint, &print)?;
        Ok(Self { client: Arc::new(self.client.acting_for(user)), zones, print, listed, ..self.clone() })
    }

    /// The same without what was learnt before, which tells nothing of today.
    pub(crate) fn forgetful(&self) -> Self {
        Self { zones: None, ..self.clone() }
    }

    /// What is known around its calls before the first of them.
    pub(crate) fn context(&self) -> Context {
        let usage = self.client.usage();
        let endpoint = &usage.endpoint;
        // Plain http is for this machine alone.
        let local = endpoint.uri().scheme_str() == Some("http");
        Context {
            brand: endpoint.brand(),
            local,
            is_for_user: usage.user_id.is_some(),
            reserve: self.reserve,
            ..Context::default()
        }
    }
}

/// A connection to the API. Nothing is sent yet.
pub(crate) fn to(
    common: &Common,
    target: &ApiTarget,
    terminal: &Arc<Terminal>,
) -> Result<Connection, Failure> {
    let (credentials, source) = credentials::find(common, target.name, terminal)?;
    terminal.detail(&say!("{uri}, key from {source}", uri = target.endpoint.uri(), source));
    with_credentials(common, target.endpoint.clone(), credentials, terminal)
}

/// A connection to the API that the flags name.
pub(crate) fn find(common: &Common, terminal: &Arc<Terminal>) -> Result<Connection, Failure> {
    to(common, &ApiTarget::find(common, terminal)?, terminal)
}

/// The same, with credentials at hand.
pub(crate) fn with_credentials(
    common: &Common,
    endpoint: Endpoint,
    credentials: Credentials,
    terminal: &Arc<Terminal>,
) -> Result<Connection, Failure> {
    let user = common.one_user()?;
    let print = zone_cache::fingerprint(&endpoint, &credentials);
    let print = user.map_or_else(|| print.clone(), |user| zone_cache::of_user(&print, user));
    let zones = zone_cache::ZoneCache::of(&endpoint, &print)?;
    let carries = transport(common, &endpoint, terminal)?;
    let transport = Showing { carries, terminal: Arc::clone(terminal) };
    let mut gate = Gate::default().with_reserve(common.reserve.map_or(RESERVE, |reserve| reserve.0));
    if let Some(points) = common.max_points {
        gate = gate.with_budget(points);
    }
    let mut account = Account::new(endpoint, credentials).with_gate(gate);
    if let Some(user) = user {
        account = account.acting_for(user);
    }
    let attempts = common.retries.unwrap_or(RETRIES).saturating_add(1);
    let policy = Exponential::default().waiting_at_most(PATIENCE).at_most(attempts);
    let client = Arc::new_cyclic(|client| {
        let timer = Announcing {
            timer: TokioTimer,
            terminal: Arc::clone(terminal),
            client: Weak::clone(client),
            announced: Mutex::default(),
        };
        Client::builder(transport, account).timer(timer).retry_policy(policy).build()
    });
    let reserve = common.reserve.map(|reserve| reserve.0);
    let is_bounded = common.max_points.is_some();
    Ok(Connection { client, zones, print, reserve, is_bounded, listed: None })
}

/// What carries calls: through the proxy, with the certificates and within the time that this machine says.
pub(crate) fn transport(
    common: &Common,
    endpoint: &Endpoint,
    terminal: &Terminal,
) -> Result<HyperTransport, Failure> {
    let mut transport = HyperTransport::builder().proxy_from_env().gzip(!zone_cache::is_local(endpoint));
    if let Some(seconds) = common.timeout {
        transport = transport.timeout(Duration::from_secs(seconds));
    }
    if let Some(path) = env::text("SSL_CERT_FILE")? {
        let pem = fs::read(Path::new(&*path)).map_err(|error| {
            Failure::new(Exit::Config, say!("cannot read the file of SSL_CERT_FILE: {error}", error))
                .because(say!(
                    "it names the certificates that are trusted, in place of those of this machine"
                ))
                .next(say!("correct or unset SSL_CERT_FILE"))
        })?;
        transport = transport.only_root_certificates(pem);
    }
    for entry in transport.no_proxy().into_iter().flat_map(NoProxy::not_understood) {
        terminal.warn(&say!("NO_PROXY: `{entry}` is not understood and does nothing; write example.com, .example.com, 10.0.0.7, 10.0.0.0/8, \
             [::1] or *, each but a network also with a port, as in example.com:443", entry = clean(entry)));
    }
    transport.build().map_err(|error| {
        Failure::new(Exit::Config, chain(&error))
            .because(say!("calls go through the proxy and trust the certificates that these name"))
            .next(say!("correct HTTPS_PROXY or SSL_CERT_FILE, or unset them"))
    })
}

/// A transport that shows what it carries, where that is asked for.
#[derive(Debug)]
struct Showing {
    carries: HyperTransport,
    terminal: Arc<Terminal>,
}

#[async_trait]
impl Transport for Showing {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        self.terminal.body(None, request.body().as_bytes());
        let reply = self.carries.send(request).await?;
        self.terminal.body(Some(reply.status().as_u16()), reply.body().as_bytes());
        Ok(reply)
    }
}

/// Runs a task to its end. A question that nobody answers any more is not waited for.
pub(crate) fn block_on<T>(task: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = runtime()?;
    let done = runtime.block_on(task);
    runtime.shutdown_background();
    done
}

/// What calls are made on, for runs that wait for other things between them.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::new(Exit::Bug, say!("no runtime: {error}", error)))
}

/// How often a call is made again unless told otherwise.
const RETRIES: u32 = 4;

/// How long one call waits in all for times that the server names; the help says so.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// What is left of a day for others unless told otherwise.
const RESERVE: Reserve = Reserve::Percent(10);

/// A wait from which on it is announced.
const LONG_WAIT: Duration = Duration::from_secs(3);

/// The timer of the runtime, which says so when it makes the user wait, and for what.
#[derive(Debug)]
struct Announcing {
    timer: TokioTimer,
    terminal: Arc<Terminal>,
    /// Whose gate names the moment that points are waited for.
    client: Weak<Client>,
    /// The latest moment that was announced.
    announced: Mutex<Option<Instant>>,
}

impl Announcing {
    /// What to say about a wait, once for all calls that wait for about the same moment.
    fn announcement(&self, now: Instant, deadline: Instant) -> Option<(String, Event)> {
        let wait = deadline.saturating_duration_since(now);
        let mut announced = self.announced.lock().unwrap_or_else(PoisonError::into_inner);
        if wait < LONG_WAIT || announced.is_some_and(|last| deadline < last + LONG_WAIT) {
            return None;
        }
        *announced = Some(deadline);
        let minute = self.client.upgrade().and_then(|client| client.usage().minute);
        let for_points = minute.is_some_and(|minute| minute.resets == deadline);
        let (what, event) = if for_points {
            (say!("for the next minute of points"), Event::LimitWait)
        } else {
            (say!("before the next attempt"), Event::PageRetry)
        };
        Some((say!("waiting {wait} {what}", wait = human_duration(wait), what), event))
    }
}

#[async_trait]
impl Timer for Announcing {
    fn now(&self) -> Instant {
        self.timer.now()
    }

    async fn sleep_until(&self, deadline: Instant) {
        let now = self.timer.now();
        if let Some((text, event)) = self.announcement(now, deadline) {
            self.terminal.note(&text);
            let ms = u64::try_from(deadline.saturating_duration_since(now).as_millis()).ok();
            self.terminal.event(event, &Facts { ms, ..Facts::default() });
        }
        self.timer.sleep_until(deadline).await;
    }

    fn entropy(&self) -> u64 {
        self.timer.entropy()
    }
}

#[cfg(test)]
mod tests {
    use calllegs_core::{limits::Limits, value::secret::AccessKey};

    use super::*;

    #[test]
    fn a_wait_is_announced_once_and_says_what_for() {
        let now = Instant::now();
        let after = |milliseconds| now + Duration::from_millis(milliseconds);
        let limits: Limits = serde_json::from_str(r#"{"minute_remaining": 0, "minute_reset": 22}"#).unwrap();
        let mut gate = Gate::default();
        gate.observe(now, now, 1, &limits);
        let account = Account::new(Endpoint::of(Brand::Uis), Credentials::Key(AccessKey::new("hush")));
        let transport = HyperTransport::builder().build().unwrap();
        let client = Arc::new(Client::new(transport, account.with_gate(gate)));
        let announcing = Announcing {
            timer: TokioTimer,
            terminal: Arc::new(Terminal::new(Common::default().manners()).unwrap()),
            client: Arc::downgrade(&client),
            announced: Mutex::default(),
        };
        let said = |now, deadline| announcing.announcement(now, deadline);
        assert_eq!(said(now, after(2999)), None);
        assert_eq!(said(now, after(4000)).unwrap().0, "waiting 4 s before the next attempt");
        // The reset of the minute, with the margin of the gate; four calls wait for it.
        assert_eq!(said(now, after(23_000)).unwrap().0, "waiting 23 s for the next minute of points");
        for deadline in [23_000, 23_400, 9000] {
            assert_eq!(said(now, after(deadline)), None);
        }
        assert_eq!(
            said(after(23_000), after(83_500)).unwrap().0,
            "waiting 1 min 1 s before the next attempt"
        );
    }
}
