//! How legs end here: the reason that the API tells, and the Q.850 cause that goes with it.

use calllegs_core::FinishReason;

/// How a leg ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    AfterCall,
    AnotherAnswered,
    AtBreak,
    Away,
    Busy,
    ByEmployee,
    BySubscriber,
    Closed,
    DoNotDisturb,
    InAnotherCall,
    NobodyToRing,
    Offline,
    QueueTimeout,
    RangOut,
    SubscriberBusy,
    SubscriberSilent,
    Transferred,
    WrongInput,
    WrongNumber,
}

impl Ending {
    /// In the order of the variants: a variant is its place here.
    pub(super) const ALL: [Self; 19] = [
        Self::AfterCall,
        Self::AnotherAnswered,
        Self::AtBreak,
        Self::Away,
        Self::Busy,
        Self::ByEmployee,
        Self::BySubscriber,
        Self::Closed,
        Self::DoNotDisturb,
        Self::InAnotherCall,
        Self::NobodyToRing,
        Self::Offline,
        Self::QueueTimeout,
        Self::RangOut,
        Self::SubscriberBusy,
        Self::SubscriberSilent,
        Self::Transferred,
        Self::WrongInput,
        Self::WrongNumber,
    ];

    /// The reason, and the cause as code and text.
    pub(super) const fn facts(self) -> (FinishReason, i64, &'static str) {
        match self {
            Self::AfterCall => (FinishReason::EmployeeBusyAfterCall, 17, "User busy"),
            Self::AnotherAnswered => (FinishReason::AnotherOperatorAnswer, 26, "Non-selected user clearing"),
            Self::AtBreak => (FinishReason::EmployeeStatusBreak, 21, "Call rejected"),
            Self::Away => (FinishReason::EmployeeStatusNotAtWorkplace, 21, "Call rejected"),
            Self::Busy => (FinishReason::OperatorBusy, 17, "User busy"),
            Self::ByEmployee => (FinishReason::OperatorDisconnects, 16, "Normal call clearing"),
            Self::BySubscriber => (FinishReason::SubscriberDisconnects, 16, "Normal call clearing"),
            Self::Closed => (FinishReason::GroupInactiveBySchedule, 31, "Normal, unspecified"),
            Self::DoNotDisturb => (FinishReason::EmployeeStatusDoNotDisturb, 21, "Call rejected"),
            Self::InAnotherCall => (FinishReason::EmployeeBusy, 17, "User busy"),
            Self::NobodyToRing => (FinishReason::NoOperation, 31, "Normal, unspecified"),
            Self::Offline => (FinishReason::SipOffline, 20, "Subscriber absent"),
            Self::QueueTimeout => (FinishReason::Timeout, 102, "Recovery on timer expiry"),
            Self::RangOut => (FinishReason::OperatorNotResponsible, 19, "No answer from user (user alerted)"),
            Self::SubscriberBusy => (FinishReason::SubscriberBusy, 17, "User busy"),
            Self::SubscriberSilent => {
                (FinishReason::SubscriberNotResponsible, 19, "No answer from user (user alerted)")
            }
            Self::Transferred => (FinishReason::TransferDisconnects, 16, "Normal call clearing"),
            Self::WrongInput => (FinishReason::IncorrectInput, 16, "Normal call clearing"),
            Self::WrongNumber => {
                (FinishReason::SubscriberNumberProblems, 1, "Unallocated (unassigned) number")
            }
        }
    }
}
