//! Questions that the documentation leaves open, each as a switch with all the answers that are reported or likely.
//! The default is the one with evidence, else the safest reading. Not here: what deliberately goes wrong (`fault`).

/// A switch: its answers with their words, the first one by default.
macro_rules! switch {
    (
        $(#[$about:meta])*
        $name:ident {
            $(#[$first_about:meta])* $first:ident = $first_word:literal,
            $($(#[$other_about:meta])* $other:ident = $other_word:literal,)+
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[expect(clippy::exhaustive_enums, reason = "there is no further way that anybody reported")]
        pub enum $name {
            $(#[$first_about])*
            #[default]
            $first,
            $($(#[$other_about])* $other,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: [Self; 1 + [$($other_word),+].len()] = [Self::$first, $(Self::$other),+];

            /// The word of the switch.
            pub const fn as_str(self) -> &'static str {
                match self {
                    Self::$first => $first_word,
                    $(Self::$other => $other_word,)+
                }
            }
        }

        calllegs_core::words!($name, "answer");
    };
}

switch! {
    /// Which ends of `date_from` to `date_till` belong to a window. The documentation does not say; the one report
    /// from practice is [`Exclusive`](Self::Exclusive).
    Bounds {
        /// Neither end.
        Exclusive = "exclusive",
        /// The first end only.
        HalfOpen = "half-open",
        /// Both ends.
        Inclusive = "inclusive",
    }
}

impl Bounds {
    /// Whether the first and the last second belong to the window.
    pub(crate) const fn ends(self) -> (bool, bool) {
        match self {
            Self::Exclusive => (false, false),
            Self::HalfOpen => (true, false),
            Self::Inclusive => (true, true),
        }
    }
}

switch! {
    /// Which time of a leg the dates select by.
    DateAppliesTo {
        /// Its own start.
        Leg = "leg",
        /// The earliest start among the legs of its session.
        Session = "session",
    }
}

switch! {
    /// What a time of the account's wall clock means where the clock is put back or forward.
    ClockChange {
        /// Times are compared as they are written; nothing is special about such an hour.
        Written = "written",
        /// Legs are compared by the moment they start at. A bound in an hour that the clock shows twice means the
        /// earlier moment.
        Earlier = "earlier",
        /// As `earlier`, but a bound means the later moment.
        Later = "later",
    }
}

switch! {
    /// The order in which legs are listed, whatever sort is asked for.
    ListingOrder {
        /// As asked.
        Asked = "asked",
        /// By the end of the leg.
        End = "end",
        /// By id.
        Id = "id",
        /// By the moment of the start: the wall clock goes back within the listing in the night that it is put back.
        Moment = "moment",
        /// In no order, the same at each request.
        Nothing = "nothing",
        /// As asked, but one leg in two hundred stands somewhere else.
        Scattered = "scattered",
        /// In another order at each request.
        Shuffled = "shuffled",
    }
}

switch! {
    /// What an `offset` beyond the largest one gets.
    OffsetCap {
        /// `invalid_parameter_value`.
        Error = "error",
        /// A page without rows, whose `total_items` is right.
        Empty = "empty",
    }
}

switch! {
    /// What a `date_from` in the account's future gets.
    FutureDates {
        /// A page without rows: nothing has happened there.
        Empty = "empty",
        /// `invalid_parameter_value`.
        Refuse = "refuse",
    }
}

switch! {
    /// Who shares points.
    LimitsOf {
        /// All keys and sessions of an account.
        Account = "account",
        /// Every key and every session has its own.
        Token = "token",
        /// Nothing is counted, and `metadata.limits` is absent.
        Nobody = "none",
    }
}

switch! {
    /// The HTTP status of errors of the API.
    HttpErrors {
        /// 200, as everything that the API says.
        Always200 = "always200",
        /// 401 for keys, 403 for rights, 404 for methods, 429 for limits, 500 for `internal_error`, else 400.
        Status = "status",
    }
}

switch! {
    /// Whether legs that are still going on are listed. A leg that has not begun never is.
    Unfinished {
        /// They appear when they are over.
        Hide = "hide",
        /// They appear when they begin; durations, the reason and its description are null until they are over.
        Show = "show",
    }
}

switch! {
    /// How members named `id` or `…_id` are written.
    Ids {
        /// As JSON numbers.
        Number = "number",
        /// As JSON strings of digits.
        Text = "string",
    }
}
