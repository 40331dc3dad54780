//! How legs end here: the reason that the API tells, and the Q.850 cause that goes with it. Not here: where a world
//! has which of them (`rules`).

use calllegs_core::FinishReason;

/// Declares the endings: `Variant = Reason, cause, "its text"`.
macro_rules! endings {
    ($($name:ident = $reason:ident, $cause:literal, $text:literal;)*) => {
        /// How a leg ends.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Ending {
            $($name,)*
        }

        impl Ending {
            /// In the order of the variants: a variant is its place here.
            pub(super) const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The reason, and the cause as code and text.
            pub(crate) const fn facts(self) -> (FinishReason, i64, &'static str) {
                match self {
                    $(Self::$name => (FinishReason::$reason, $cause, $text),)*
                }
            }
        }
    };
}

endings! {
    AfterCall = EmployeeBusyAfterCall, 17, "User busy";
    AnotherAnswered = AnotherOperatorAnswer, 26, "Non-selected user clearing";
    AtBreak = EmployeeStatusBreak, 21, "Call rejected";
    Away = EmployeeStatusNotAtWorkplace, 21, "Call rejected";
    Busy = OperatorBusy, 17, "User busy";
    ByEmployee = OperatorDisconnects, 16, "Normal call clearing";
    BySubscriber = SubscriberDisconnects, 16, "Normal call clearing";
    Closed = GroupInactiveBySchedule, 31, "Normal, unspecified";
    DoNotDisturb = EmployeeStatusDoNotDisturb, 21, "Call rejected";
    InAnotherCall = EmployeeBusy, 17, "User busy";
    NobodyToRing = NoOperation, 31, "Normal, unspecified";
    Offline = SipOffline, 20, "Subscriber absent";
    QueueTimeout = Timeout, 102, "Recovery on timer expiry";
    RangOut = OperatorNotResponsible, 19, "No answer from user (user alerted)";
    SubscriberBusy = SubscriberBusy, 17, "User busy";
    SubscriberSilent = SubscriberNotResponsible, 19, "No answer from user (user alerted)";
    Transferred = TransferDisconnects, 16, "Normal call clearing";
    WrongInput = IncorrectInput, 16, "Normal call clearing";
    WrongNumber = SubscriberNumberProblems, 1, "Unallocated (unassigned) number";
    OperatorNumberProblems = OperatorNumberProblems, 1, "Unallocated (unassigned) number";
    ScenarioNotFound = ScenarioNotFound, 31, "Normal, unspecified";
    InternalError = InternalError, 41, "Temporary failure";
    ScenarioDisconnects = ScenarioDisconnects, 16, "Normal call clearing";
    FaxSessionDone = FaxSessionDone, 16, "Normal call clearing";
    NoResources = NoResources, 34, "No circuit/channel available";
    OperatorAnswer = OperatorAnswer, 26, "Non-selected user clearing";
    OperatorChannelsBusy = OperatorChannelsBusy, 34, "No circuit/channel available";
    AppIsInactive = AppIsInactive, 21, "Call rejected";
    ComponentIsInactive = ComponentIsInactive, 69, "Requested facility not implemented";
    LockedNumb = LockedNumb, 21, "Call rejected";
    CallNotAllowedOnTp = CallNotAllowedOnTp, 50, "Requested facility not subscribed";
    AccountNotFound = AccountNotFound, 21, "Call rejected";
    ContractNotFound = ContractNotFound, 21, "Call rejected";
    LockedPhone = LockedPhone, 27, "Destination out of order";
    MaxInCallReached = MaxInCallReached, 42, "Switching equipment congestion";
    MaxOutCallReached = MaxOutCallReached, 42, "Switching equipment congestion";
    PhoneGroupInactiveBySchedule = PhoneGroupInactiveBySchedule, 31, "Normal, unspecified";
    EmployeeInactive = EmployeeInactive, 20, "Subscriber absent";
    MaxTransitionCountExceeded = MaxTransitionCountExceeded, 31, "Normal, unspecified";
    PhoneProtocolNotAllowedByStatus = PhoneProtocolNotAllowedByStatus, 21, "Call rejected";
    EmployeePhoneNotFound = EmployeePhoneNotFound, 1, "Unallocated (unassigned) number";
    ActionIntervalExceeded = ActionIntervalExceeded, 102, "Recovery on timer expiry";
    InCallNotAllowed = InCallNotAllowed, 55, "Incoming calls barred within CUG";
    CallEnqueued = CallEnqueued, 31, "Normal, unspecified";
    EmployeeStatusAvailable = EmployeeStatusAvailable, 21, "Call rejected";
    EmployeeAutoStatusDoNotDisturb = EmployeeAutoStatusDoNotDisturb, 21, "Call rejected";
    EmployeeStatusNotAtWork = EmployeeStatusNotAtWork, 21, "Call rejected";
    EmployeeInactiveBySchedule = EmployeeInactiveBySchedule, 20, "Subscriber absent";
    GroupPhoneInactive = GroupPhoneInactive, 20, "Subscriber absent";
    EmployeePhoneInactive = EmployeePhoneInactive, 20, "Subscriber absent";
    EmployeePhoneInactiveBySchedule = EmployeePhoneInactiveBySchedule, 20, "Subscriber absent";
    FmcIsLocked = FmcIsLocked, 21, "Call rejected";
    SipTrunkIsLocked = SipTrunkIsLocked, 21, "Call rejected";
    FmcIsDisabled = FmcIsDisabled, 69, "Requested facility not implemented";
    EmployeeStatusAutoOutCall = EmployeeStatusAutoOutCall, 17, "User busy";
    LimitExceeded = LimitExceeded, 21, "Call rejected";
    NoMoney = NoMoney, 21, "Call rejected";
    OutCallNotAllowedByStatus = OutCallNotAllowedByStatus, 53, "Outgoing calls barred within CUG";
    OutCallNotAllowed = OutCallNotAllowed, 53, "Outgoing calls barred within CUG";
    InternalCallNotAllowed = InternalCallNotAllowed, 21, "Call rejected";
    ExternalCallNotAllowed = ExternalCallNotAllowed, 21, "Call rejected";
    InternalCallNotAllowedByStatus = InternalCallNotAllowedByStatus, 21, "Call rejected";
    ExternalCallNotAllowedByStatus = ExternalCallNotAllowedByStatus, 21, "Call rejected";
    AutoOutCallsNotAllowedByStatus = AutoOutCallsNotAllowedByStatus, 53, "Outgoing calls barred within CUG";
}
