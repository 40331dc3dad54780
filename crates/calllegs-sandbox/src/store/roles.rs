//! Which fields of a listing stand for the time, the session, the id and the length of a row, and what a field waits for
//! before it has its value.

use calllegs_core::schema::FieldInfo;

/// Names of the fields that rows are found, ordered and told apart by; a listing may lack them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Roles {
    pub(super) start: &'static str,
    pub(super) session: &'static str,
    pub(super) id: &'static str,
    /// The seconds that a row lasts.
    pub(super) total: &'static str,
    /// Numbers with a fraction are sums of money; elsewhere they are marks, which are whole.
    pub(super) has_cents: bool,
    pub(super) ripe: fn(&FieldInfo) -> Ripe,
}

impl Roles {
    /// Legs.
    pub(crate) const LEGS: Self = Self {
        start: "start_time",
        session: "call_session_id",
        id: "id",
        total: "total_duration",
        has_cents: false,
        ripe: Ripe::of_leg,
    };

    /// Charged legs: each is there together with its leg, whose length no field of it says.
    pub(crate) const CHARGES: Self =
        Self { id: "leg_id", total: "", has_cents: true, ripe: Ripe::at_once, ..Self::LEGS };

    /// Sessions.
    pub(crate) const SESSIONS: Self = Self { session: "id", ripe: Ripe::of_session, ..Self::LEGS };

    /// What is there at any time.
    pub(crate) const TIMELESS: Self =
        Self { start: "", session: "", id: "id", total: "", has_cents: false, ripe: Ripe::at_once };
}

/// What has to have happened before a field has its value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Ripe {
    /// Nothing beyond the row.
    #[default]
    AtOnce,
    /// The row is over.
    AtEnd,
    /// The row is over, and the reason may be corrected later.
    Reason,
    /// As the reason.
    ReasonDescription,
    /// Somebody rated the call.
    Rating,
    /// The sound was processed.
    Records,
}

impl Ripe {
    fn at_once(_: &FieldInfo) -> Self {
        Self::AtOnce
    }

    /// What is known of a session when it begins.
    fn of_session(field: &FieldInfo) -> Self {
        match field.name() {
            "id"
            | "start_time"
            | "direction"
            | "source"
            | "contact_phone_number"
            | "communication_id"
            | "communication_type"
            | "virtual_phone_number"
            | "contact_id"
            | "contact_full_name"
            | "scenario_id"
            | "scenario_name" => Self::AtOnce,
            "call_records" | "wav_call_records" => Self::Records,
            _ => Self::AtEnd,
        }
    }

    fn of_leg(field: &FieldInfo) -> Self {
        match field.name() {
            "duration" | "total_duration" => Self::AtEnd,
            "finish_reason" => Self::Reason,
            "finish_reason_description" => Self::ReasonDescription,
            "employee_rating" => Self::Rating,
            "call_records" | "wav_call_records" => Self::Records,
            _ => Self::AtOnce,
        }
    }
}
