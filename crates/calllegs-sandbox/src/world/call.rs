//! What the simulation makes: attempts to call, the legs of a call, and what became of it as it was decided. Not here:
//! who decides (`shift`), the rows that legs become (`world`).

use super::ending::Ending;

/// What an attempt is. In the order in which attempts of the same second and caller are played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// An employee calls another one.
    Internal,
    /// A list has the number called, then an employee is rung.
    Listed,
    /// An employee calls a subscriber.
    Outbound,
    /// A subscriber calls.
    Inbound,
}

/// An attempt to call. Ordered by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Call {
    /// Unix seconds.
    pub(super) at: i64,
    pub(super) caller: u32,
    pub(super) kind: Kind,
    pub(super) attempt: u32,
}

/// What a leg is in its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// To or from the subscriber.
    Subscriber,
    /// To or from an employee, or to a group with nobody in it.
    Operator,
    /// To whoever is to take the call over.
    Transfer,
    /// To whoever listens in.
    Coach,
}

/// One leg. Times are Unix seconds.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "the rows have these flags")]
pub(crate) struct Leg {
    pub(crate) session: i64,
    /// Place in the session.
    pub(super) order: u32,
    pub(crate) start: i64,
    pub(crate) connect: Option<i64>,
    pub(crate) duration: i64,
    pub(crate) total: i64,
    pub(crate) ending: Ending,
    /// The line whose number and scenario the call came through.
    pub(super) via: u32,
    /// The line whose group is rung.
    pub(crate) line: u32,
    /// None within the house.
    pub(super) caller: Option<u32>,
    pub(crate) employee: Option<u32>,
    /// The employee on the other side, within the house.
    pub(super) peer: Option<u32>,
    pub(crate) role: Role,
    /// Towards the platform.
    pub(crate) inward: bool,
    pub(crate) is_talked: bool,
    /// A scenario made it.
    pub(super) routed: bool,
    /// It belongs to the queue of the line's group.
    pub(crate) queued: bool,
    /// The subscriber's number is not withheld.
    pub(super) disclosed: bool,
    pub(crate) rating: Option<i64>,
    pub(crate) records: Option<u128>,
    pub(super) tracks: Option<[u128; 2]>,
}

impl Leg {
    /// A ring of an employee through the queue that nobody answered, of a subscriber who shows the number.
    pub(super) const fn ring(session: i64, order: u32, start: i64) -> Self {
        Self {
            session,
            order,
            start,
            connect: None,
            duration: 0,
            total: 0,
            ending: Ending::RangOut,
            via: 0,
            line: 0,
            caller: None,
            employee: None,
            peer: None,
            role: Role::Operator,
            inward: false,
            is_talked: false,
            routed: true,
            queued: true,
            disclosed: true,
            rating: None,
            records: None,
            tracks: None,
        }
    }
}

/// Whose call it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    In,
    Out,
    Internal,
}

impl Way {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
            Self::Internal => "internal",
        }
    }
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Subscriber and employee talked.
    Answered,
    /// The caller hung up after employees were rung, before anybody talked.
    Abandoned,
    /// The exchange gave up after employees were rung.
    NoAnswer,
    /// No employee was rung.
    IvrOnly,
    /// Nobody talked at the number that was called.
    NotReached,
    /// Within the house.
    Internal,
}

impl Outcome {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Abandoned => "abandoned",
            Self::NoAnswer => "no_answer",
            Self::IvrOnly => "ivr_only",
            Self::NotReached => "not_reached",
            Self::Internal => "internal",
        }
    }
}

/// What happened in a call, noted when it happened. Times are Unix seconds.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) id: i64,
    pub(crate) start: i64,
    /// When the last one was gone.
    pub(crate) end: i64,
    pub(crate) way: Way,
    pub(crate) outcome: Outcome,
    /// The subscriber, unless the number was withheld.
    pub(crate) contact: Option<u32>,
    /// The line that it came through; none within the house.
    pub(crate) via: Option<u32>,
    /// A scenario led it.
    pub(crate) routed: bool,
    /// When the first employee, or the group, was tried.
    pub(crate) offered: Option<i64>,
    /// When the first employee began to talk, and who that was.
    pub(crate) answered: Option<(i64, u32)>,
    /// When a subscriber who was called began to talk.
    pub(crate) reached: Option<i64>,
    /// Seconds of employees in conversation, together.
    pub(crate) talk: Option<i64>,
    /// Employees and groups that were tried, transfers included.
    pub(crate) rings: i64,
    /// Transfers that were picked up: from whom, to whom.
    pub(crate) handed: Vec<(u32, u32)>,
    pub(crate) coaches: i64,
}

impl Session {
    pub(super) const fn new(id: i64, start: i64, way: Way) -> Self {
        Self {
            id,
            start,
            end: start,
            way,
            outcome: match way {
                Way::In => Outcome::IvrOnly,
                Way::Out => Outcome::NotReached,
                Way::Internal => Outcome::Internal,
            },
            contact: None,
            via: None,
            routed: false,
            offered: None,
            answered: None,
            reached: None,
            talk: None,
            rings: 0,
            handed: Vec::new(),
            coaches: 0,
        }
    }

    /// An employee or a group is tried.
    pub(super) fn offer(&mut self, at: i64) {
        self.offered.get_or_insert(at);
        self.rings += 1;
    }

    /// An employee is in conversation for so long.
    pub(super) fn talk(&mut self, employee: u32, at: i64, seconds: i64) {
        self.answered.get_or_insert((at, employee));
        *self.talk.get_or_insert(0) += seconds;
    }

    /// The call of a subscriber ended without a conversation: by the caller, or by the exchange.
    pub(super) fn fail(&mut self, caller_left: bool) {
        self.outcome = match (self.offered, caller_left) {
            (None, _) => Outcome::IvrOnly,
            (Some(_), true) => Outcome::Abandoned,
            (Some(_), false) => Outcome::NoAnswer,
        };
    }
}
