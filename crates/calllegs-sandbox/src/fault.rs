//! What deliberately goes wrong, how often, and on which requests: the words of `--fault`, and the dice.
//!
//! Whether a fault comes up is decided by the seed, the number of the request and the fault's place in the list, so a
//! run can be repeated. Not here: what a fault does, which is the matter of the step that it hits (`emulator`,
//! `report`, `answer`).

use std::{fmt, str::FromStr, sync::Arc};

use calllegs_core::{CallLegs, schema::Listing};
use serde_json::{Map, Value};

use crate::{accounts, methods, random::Random};

/// The chance of 1.
const ALWAYS: u32 = 1_000_000;

macro_rules! faults {
    ($($group:ident $word:literal { $($kind:ident $name:literal $meaning:literal)+ })+) => {
        /// Something that goes wrong: `NAME[:p=0.1][:n=3][:after=5][:match=offset>0][:ms=30000]`.
        ///
        /// | part | meaning |
        /// |---|---|
        /// | `p` | chance for each request that it may hit, 1 unless given |
        /// | `n` | at most so many times |
        /// | `after` | so many requests that it may hit go by first |
        /// | `match` | only requests with this `method`, `offset`, `limit` or `date_from`, compared by `=`, `!=`, `<`, `>`, `<=` or `>=`, or with a `key` that is `session` or `permanent`; repeatable |
        /// | `ms` | milliseconds, where the fault has to do with time |
        ///
        /// Faults of the groups transport and access hit any method (access: any that carries a key), all others hit
        /// `get.call_legs_report` unless `match=method=…` names another one. One fault hits a reply at most, the
        /// earliest in the handling of a request. `hour-limits`, `overlap` and `huge-ids` are standing: they hold for
        /// every request and take no parts but those that their line names.
        ///
        /// A call that is refused, or fails before it runs, costs nothing. A reply that is damaged was charged.
        ///
        /// | group | fault | what happens |
        /// |---|---|---|
        $($(#[doc = concat!("| ", $word, " | `", $name, "` | ", $meaning, " |")])+)+
        ///
        /// ```
        /// use calllegs_sandbox::Fault;
        ///
        /// let fault: Fault = "http-500:p=0.1:n=3".parse().unwrap();
        /// assert_eq!((fault.name(), fault.to_string()), ("http-500", "http-500:p=0.1:n=3".to_owned()));
        /// assert!("http-501".parse::<Fault>().unwrap_err().to_string().contains("http-502-html"));
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Fault {
            pub(crate) kind: Kind,
            /// In millionths.
            pub(crate) chance: Option<u32>,
            /// At most so many times.
            pub(crate) times: Option<u32>,
            pub(crate) after: u32,
            conditions: Vec<Condition>,
            pub(crate) milliseconds: Option<u64>,
            /// The text of `contact-name`.
            pub(crate) text: Option<Arc<str>>,
            /// As it was written.
            written: Arc<str>,
        }

        /// What goes wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Kind { $($($kind,)+)+ }

        impl Kind {
            fn info(self) -> &'static FaultInfo {
                match self {
                    $($(Self::$kind => &FaultInfo {
                        name: $name, group: FaultGroup::$group, meaning: $meaning, kind: Self::$kind,
                    },)+)+
                }
            }
        }

        /// Every fault, by group.
        pub const FAULTS: &[FaultInfo] = &[$($(
            FaultInfo { name: $name, group: FaultGroup::$group, meaning: $meaning, kind: Kind::$kind },
        )+)+];

        /// Where a fault strikes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        #[expect(missing_docs, reason = "each variant is its word")]
        pub enum FaultGroup { $($group,)+ }

        impl FaultGroup {
            /// Its word.
            pub fn name(self) -> &'static str {
                match self { $(Self::$group => $word,)+ }
            }
        }
    };
}

faults! {
    Limits "limits" {
        MinuteLimit "minute-limit" "`limit_exceeded` for the minute although points are left"
        DayLimit "day-limit" "`limit_exceeded` for the day although points are left"
        LimitsMissing "limits-missing" "`metadata.limits` is absent"
        LimitsLying "limits-lying" "a third of the stated points of a minute are not there: says 60, refuses from the 41st"
        HourLimits "hour-limits" "standing: points of an hour in place of those of a day and a minute, 4,000 unless a limit is set"
    }
    Access "access" {
        TokenExpired "token-expired" "`access_token_expired`; a session is over until the next `login.user`, a key for this call"
        TokenBlocked "token-blocked" "`access_token_blocked`"
        IpNotWhitelisted "ip-not-whitelisted" "`ip_not_whitelisted` for 192.0.2.1"
        AccountInactive "account-inactive" "`account_inactive`"
        ComponentDisabled "component-disabled" "`method_component_disabled`"
        ForbiddenFields "forbidden-fields" "`parameter_component_disabled` where optional fields are asked for"
    }
    Transport "transport" {
        Http429 "http-429" "status 429 with `Retry-After: 1`; the call did not run"
        Http500 "http-500" "status 500 with a line of text; the call did not run"
        Http502Html "http-502-html" "status 502 with a page of HTML; the call did not run"
        Http503 "http-503" "status 503 without a body; the call did not run"
        Redirect "redirect" "status 307 to another host; the call did not run"
        Reset "reset" "the connection breaks, at even chances before the first byte or in the middle of the reply"
        SlowFirstByte "slow-first-byte" "the reply comes `ms` late, 3000 unless given"
        Dribble "dribble" "the reply comes in ten pieces, `ms` apart, 200 unless given"
        Hang "hang" "the reply never comes; the connection stays open"
        Truncate "truncate" "the reply is cut, at even chances with the `Content-Length` of the whole or of the part"
        GzipBroken "gzip-broken" "the reply is called gzip and cannot be unpacked"
    }
    Body "body" {
        BadJson "bad-json" "the last brace is a comma"
        EmptyBody "empty-body" "status 200 and not one byte"
        ErrorAs200 "error-as-200" "status 200 with the text `Internal Server Error`; the call did not run"
        InternalError "internal-error" "`internal_error`; the call did not run"
        ResultNull "result-null" "`result` is null"
        WrongId "wrong-id" "the reply is to another request"
        Bom "bom" "a byte order mark before the JSON"
    }
    Data "data" {
        DupPage "dup-page" "the rows of the page before once more; never at offset 0"
        Overlap "overlap" "standing: a share `p` (0.1) of the rows comes late, spread over `n` (20) answered calls, from call `after` on"
        LostPage "lost-page" "no rows where there are some; `total_items` is right"
        TotalDrift "total-drift" "`total_items` is off by one to three"
        TotalWrong "total-wrong" "`total_items` is seven too many"
        Unsorted "unsorted" "the rows of the page in any order"
        ShuffledTies "shuffled-ties" "rows that are equal in all sort keys come in an order of this request's own"
        NewField "new-field" "every row has the member `hold_duration`, which nobody asked for"
        MissingField "missing-field" "one of the members is absent, never `id` or `start_time`"
        TypeChange "type-change" "one of the numbers is written as text"
        UnknownReason "unknown-reason" "`finish_reason` is a word that no page knows"
        ContactName "contact-name" "`contact-name=TEXT`: every `contact_full_name` is this text"
        NullEverywhere "null-everywhere" "every member is null but `id` and `start_time`"
        HugeIds "huge-ids" "standing: 2^53 is added to every id"
        NegativeDuration "negative-duration" "`duration` is below zero"
    }
}

/// One line of the table of faults.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct FaultInfo {
    /// The word of `--fault`.
    pub name: &'static str,
    /// Where it strikes.
    pub group: FaultGroup,
    /// What happens, in Markdown.
    pub meaning: &'static str,
    kind: Kind,
}

impl Fault {
    /// The name alone.
    pub fn name(&self) -> &'static str {
        self.kind.info().name
    }

    /// Whether it holds for every request rather than coming up.
    pub(crate) fn is_standing(&self) -> bool {
        matches!(self.kind, Kind::HourLimits | Kind::Overlap | Kind::HugeIds)
    }

    /// Whether the request is one that it may hit.
    fn concerns(&self, method: &str, params: &Map<String, Value>) -> bool {
        let group = self.kind.info().group;
        if group == FaultGroup::Access && !params.contains_key("access_token") {
            return false;
        }
        let named = self.conditions.iter().any(|condition| condition.subject == Subject::Method);
        let anywhere = named || matches!(group, FaultGroup::Access | FaultGroup::Transport);
        // There is no page before the first.
        let offset = || params.get("offset").and_then(Value::as_u64).unwrap_or_default();
        (self.kind != Kind::DupPage || offset() > 0)
            && (anywhere || method == CallLegs::METHOD.name)
            && self.conditions.iter().all(|condition| condition.holds(method, params))
    }
}

/// As it was written.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// Why a text is not a [`Fault`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultError(String);

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FaultError {}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(written: &str) -> Result<Self, FaultError> {
        let mut parts = parts(written).into_iter();
        let head = parts.next().unwrap_or_default();
        let (name, text) = head.split_once('=').map_or((&*head, None), |(name, text)| (name, Some(text)));
        let Some(info) = FAULTS.iter().find(|info| info.name == name) else {
            let names: Vec<_> = FAULTS.iter().map(|info| info.name).collect();
            return Err(FaultError(format!("there is no fault `{name}`; there are {}", names.join(", "))));
        };
        let mut fault = Self {
            kind: info.kind,
            chance: None,
            times: None,
            after: 0,
            conditions: Vec::new(),
            milliseconds: None,
            text: text.map(Into::into),
            written: written.into(),
        };
        let bad = |what: String| FaultError(format!("{what} in `{written}`"));
        if (fault.kind == Kind::ContactName) != text.is_some() {
            return Err(bad(if text.is_some() {
                format!("`{name}` takes no text")
            } else {
                "`contact-name` needs a text: contact-name=TEXT".to_owned()
            }));
        }
        for part in parts {
            let (option, value) = part.split_once('=').unwrap_or((&part, ""));
            let number = |most: u64| {
                let number = value.parse::<u64>().ok().filter(|number| *number <= most);
                number.ok_or_else(|| bad(format!("`{option}` is no number up to {most}")))
            };
            let small = || number(u32::MAX.into()).map(|number| u32::try_from(number).unwrap_or(u32::MAX));
            match option {
                "p" => {
                    let chance = chance(value);
                    fault.chance =
                        Some(chance.ok_or_else(|| bad("`p` is no chance from 0 to 1".to_owned()))?);
                }
                "n" => fault.times = Some(small()?),
                "after" => fault.after = small()?,
                "ms" => fault.milliseconds = Some(number(86_400_000)?),
                "match" => {
                    let condition = Condition::read(value).ok_or_else(|| {
                        bad(format!(
                            "`match={value}` is no comparison of method, offset, limit, date_from or key, such as offset>0"
                        ))
                    })?;
                    fault.conditions.push(condition);
                }
                _ => return Err(bad(format!("`{part}` is none of p=, n=, after=, match=, ms="))),
            }
        }
        fault.check().map_err(bad)?;
        Ok(fault)
    }
}

impl Fault {
    /// Parts that the fault does not know would be ignored without a word.
    fn check(&self) -> Result<(), String> {
        let name = self.name();
        let timed = matches!(self.kind, Kind::SlowFirstByte | Kind::Dribble);
        if self.milliseconds.is_some() && !timed {
            return Err(format!("`{name}` takes no `ms`"));
        }
        let overlap = self.kind == Kind::Overlap;
        let dice = self.chance.is_some() || self.times.is_some() || self.after > 0;
        if self.is_standing() && (!self.conditions.is_empty() || dice && !overlap) {
            return Err(format!("`{name}` is standing and does not take this part"));
        }
        let elsewhere = self
            .conditions
            .iter()
            .any(|condition| condition.subject == Subject::Method && !methods::is_listing(&condition.value));
        if elsewhere && self.kind.info().group == FaultGroup::Data {
            return Err(format!("`{name}` hits listings only: `get.` and what there is to get"));
        }
        Ok(())
    }
}

/// Cuts at colons, but not those within a time or a text: what follows a cut begins as an option does.
fn parts(written: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for piece in written.split(':') {
        let begins = ["p=", "n=", "after=", "match=", "ms="].iter().any(|option| piece.starts_with(option));
        match parts.last_mut() {
            Some(last) if !begins && (last.starts_with("match=") || last.starts_with("contact-name=")) => {
                last.push(':');
                last.push_str(piece);
            }
            Some(_) | None => parts.push(piece.to_owned()),
        }
    }
    parts
}

/// A decimal from 0 to 1, in millionths.
fn chance(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if text.is_empty() || fraction.len() > 6 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let whole: u32 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let millionths: u32 = format!("{fraction:0<6}").parse().ok()?;
    whole.checked_mul(ALWAYS)?.checked_add(millionths).filter(|chance| *chance <= ALWAYS)
}

/// What a request must be like.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Condition {
    subject: Subject,
    relation: &'static str,
    value: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    DateFrom,
    /// Whether it is a session's or a permanent one.
    Key,
    Limit,
    Method,
    Offset,
}

impl Condition {
    /// Longer ones first: `>=` begins with `>`.
    const RELATIONS: [&str; 6] = ["!=", "<=", ">=", "=", "<", ">"];

    fn read(text: &str) -> Option<Self> {
        let (at, relation) = Self::RELATIONS
            .into_iter()
            .filter_map(|relation| Some((text.find(relation)?, relation)))
            .min_by_key(|(at, relation)| (*at, std::cmp::Reverse(relation.len())))?;
        let (name, value) = (text.get(..at)?, text.get(at + relation.len()..)?);
        let equal = matches!(relation, "=" | "!=");
        let (subject, legal) = match name {
            "date_from" => (Subject::DateFrom, value.len() >= 10),
            "key" => (Subject::Key, equal && matches!(value, "permanent" | "session")),
            "limit" => (Subject::Limit, value.parse::<u64>().is_ok()),
            "method" => (Subject::Method, equal && !value.is_empty()),
            "offset" => (Subject::Offset, value.parse::<u64>().is_ok()),
            _ => return None,
        };
        legal.then(|| Self { subject, relation, value: value.to_owned() })
    }

    fn holds(&self, method: &str, params: &Map<String, Value>) -> bool {
        let number = |name: &str, default: u64| {
            let said = params.get(name).map_or(Some(default), Value::as_u64)?;
            Some(said.cmp(&self.value.parse().ok()?))
        };
        let order = match self.subject {
            Subject::DateFrom => {
                params.get("date_from").and_then(Value::as_str).map(|date| date.cmp(&self.value))
            }
            Subject::Key => params.get("access_token").and_then(Value::as_str).map(|token| {
                let kind = if accounts::is_permanent(token) { "permanent" } else { "session" };
                kind.cmp(&self.value)
            }),
            Subject::Limit => number("limit", 1000),
            Subject::Method => Some(method.cmp(&self.value)),
            Subject::Offset => number("offset", 0),
        };
        order.is_some_and(|order| match self.relation {
            "=" => order.is_eq(),
            "!=" => order.is_ne(),
            "<" => order.is_lt(),
            ">" => order.is_gt(),
            "<=" => order.is_le(),
            _ => order.is_ge(),
        })
    }
}

/// A fixed mix of faults. Permanent keys do not expire in it: no program could go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Chaos {
    /// What a good day brings: refused minutes, limits that lie, sessions that end, 429 and 500.
    Mild,
    /// All of that, and a gateway and a server that are both ill.
    Rude,
}

impl Chaos {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Mild, Self::Rude];

    /// The word of `--chaos`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mild => "mild",
            Self::Rude => "rude",
        }
    }

    /// Its faults, as they are written.
    pub const fn faults(self) -> &'static [&'static str] {
        match self {
            Self::Mild => &[
                "minute-limit:p=0.04",
                "limits-lying:p=0.05",
                "token-expired:p=0.03:match=key=session",
                "http-429:p=0.04",
                "http-500:p=0.05",
            ],
            Self::Rude => &[
                "minute-limit:p=0.03",
                "limits-lying:p=0.04",
                "token-expired:p=0.03:match=key=session",
                "http-429:p=0.03",
                "http-500:p=0.03",
                "http-502-html:p=0.03",
                "reset:p=0.03",
                "truncate:p=0.02",
                "slow-first-byte:p=0.02",
                "bad-json:p=0.02",
                "internal-error:p=0.03",
                "dup-page:p=0.04",
                "lost-page:p=0.03",
                "total-drift:p=0.03",
            ],
        }
    }
}

calllegs_core::words!(Chaos, "mix of faults");

/// The faults of an emulator with what became of each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    seed: u64,
    armed: Vec<Armed>,
}

#[derive(Clone, Debug)]
struct Armed {
    fault: Fault,
    /// Requests that it might have hit.
    met: u64,
    /// Replies that it did hit.
    hits: u32,
}

impl Faults {
    pub(crate) fn new(seed: u64, faults: Vec<Fault>) -> Self {
        let armed = faults.into_iter().map(|fault| Armed { fault, met: 0, hits: 0 }).collect();
        Self { seed, armed }
    }

    pub(crate) fn list(&self) -> impl Iterator<Item = &Fault> {
        self.armed.iter().map(|armed| &armed.fault)
    }

    pub(crate) fn standing(&self, kind: Kind) -> Option<&Fault> {
        self.list().find(|fault| fault.kind == kind)
    }

    /// Forgets what became of each.
    pub(crate) fn reset(&mut self) {
        for armed in &mut self.armed {
            (armed.met, armed.hits) = (0, 0);
        }
    }

    /// Throws the dice for one request.
    pub(crate) fn turn(&mut self, number: u64, method: &str, params: &Map<String, Value>) -> Turn {
        let mut up = Vec::new();
        for (index, armed) in self.armed.iter_mut().enumerate() {
            let Armed { fault, met, hits } = armed;
            if fault.is_standing() || !fault.concerns(method, params) {
                continue;
            }
            *met += 1;
            let spent = fault.times.is_some_and(|times| *hits >= times);
            if *met <= u64::from(fault.after) || spent {
                continue;
            }
            let mut random = Random::new(self.seed ^ number, index as u64 + 1);
            if random.below(ALWAYS) < fault.chance.unwrap_or(ALWAYS) {
                up.push((index, fault.clone()));
            }
        }
        Turn { up, hit: None, random: Random::new(self.seed ^ number, 0xfa17) }
    }

    /// Counts what a turn came to.
    pub(crate) fn settle(&mut self, turn: &Turn) {
        if let Some(armed) = turn.hit.and_then(|index| self.armed.get_mut(index)) {
            armed.hits += 1;
        }
    }
}

/// The faults that came up for one request. The first step that takes one is the one that is hit.
#[derive(Debug)]
pub(crate) struct Turn {
    up: Vec<(usize, Fault)>,
    hit: Option<usize>,
    pub(crate) random: Random,
}

impl Turn {
    /// A turn without faults: what came was no request.
    pub(crate) fn none() -> Self {
        Self { up: Vec::new(), hit: None, random: Random::new(0, 0) }
    }

    /// The fault of this kind, if it came up and the request is not hit already: now it is.
    pub(crate) fn take(&mut self, kind: Kind) -> Option<Fault> {
        if self.hit.is_some() {
            return None;
        }
        let (index, fault) = self.up.iter().find(|(_, fault)| fault.kind == kind)?;
        self.hit = Some(*index);
        Some(fault.clone())
    }

    /// Whether the fault of this kind came up and now hits.
    pub(crate) fn hits(&mut self, kind: Kind) -> bool {
        self.take(kind).is_some()
    }

    /// The name of the fault that hit.
    pub(crate) fn name(&self) -> Option<&'static str> {
        let hit = self.hit?;
        self.up.iter().find(|(index, _)| *index == hit).map(|(_, fault)| fault.name())
    }
}
