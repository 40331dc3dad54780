//! The three forms agree, and negation is SQL's.

use calllegs_core::{
    CallLeg, CallLegs, FinishReason,
    filter::{Filter, Value},
};
use proptest::prelude::*;

type Legs = Filter<CallLegs>;

fn leaf() -> impl Strategy<Value = Legs> {
    let text = "[a-zА-я%_\\\\\"' ]{0,6}";
    prop_oneof![
        any::<bool>().prop_map(|value| CallLegs::IS_COACH.equals(value)),
        (0_usize..6, -2_i64..4).prop_map(|(operator, value)| {
            let operator = ["=", "!=", "<", ">", "<=", ">="][operator];
            Legs::by_name("duration", operator, Value::from(value)).unwrap()
        }),
        Just(CallLegs::DURATION.is_null()),
        Just(CallLegs::EMPLOYEE_FULL_NAME.is_not_null()),
        (0_usize..4, text).prop_map(|(operator, pattern)| {
            let operator = ["like", "ilike", "not_like", "not_ilike"][operator];
            Legs::by_name("employee_full_name", operator, Value::from(&*pattern)).unwrap()
        }),
        prop::collection::vec(0_usize..64, 1..4)
            .prop_map(|reasons| CallLegs::FINISH_REASON
                .one_of(reasons.iter().map(|at| FinishReason::ALL[*at].clone()))),
        prop::collection::vec(-2_i64..4, 1..4).prop_map(|values| {
            let values = values.into_iter().map(Value::from).collect();
            Legs::by_name("total_duration", "not_in", Value::List(values)).unwrap()
        }),
        "[a-z]{1,8}".prop_map(|word| Legs::by_name("finish_reason", "=", Value::from(&*word)).unwrap()),
    ]
}

fn filter() -> impl Strategy<Value = Legs> {
    leaf().prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(left, right)| left & right),
            (inner.clone(), inner).prop_map(|(left, right)| left | right),
        ]
    })
}

/// A row with all the values that [`leaf`] asks for.
fn full_row() -> impl Strategy<Value = CallLeg> {
    (any::<bool>(), -3_i64..5, -3_i64..5, "[a-zА-я%_ ]{0,6}", 0_usize..64).prop_map(
        |(is_coach, duration, total_duration, name, reason)| {
            let mut leg = CallLeg::default();
            leg.is_coach = Some(is_coach);
            leg.duration = Some(duration);
            leg.total_duration = Some(total_duration);
            leg.employee_full_name = Some(name.into());
            leg.finish_reason = Some(FinishReason::ALL[reason].clone());
            leg
        },
    )
}

/// A row that lacks some of them.
fn row() -> impl Strategy<Value = CallLeg> {
    (full_row(), any::<[bool; 5]>()).prop_map(|(mut leg, [coach, duration, total, name, reason])| {
        leg.is_coach = leg.is_coach.filter(|_| coach);
        leg.duration = leg.duration.filter(|_| duration);
        leg.total_duration = leg.total_duration.filter(|_| total);
        leg.employee_full_name = leg.employee_full_name.filter(|_| name);
        leg.finish_reason = leg.finish_reason.filter(|_| reason);
        leg
    })
}

proptest! {
    #[test]
    fn text_reads_back(filter in filter()) {
        let text = filter.to_string();
        let read = Legs::parse(&text);
        prop_assert_eq!(read.as_ref(), Ok(&filter), "{}", text);
    }

    #[test]
    fn the_wire_reads_back(filter in filter()) {
        let tree = serde_json::to_value(&filter).unwrap();
        let read = Legs::from_wire(&tree);
        prop_assert_eq!(read.as_ref(), Ok(&filter), "{}", tree);
    }

    #[test]
    fn negation_never_matches_what_the_filter_matches_and_twice_is_the_same(filter in filter(), row in row()) {
        let matches = filter.matches(&row).unwrap();
        let opposite = filter.clone().negate().unwrap();
        prop_assert!(!(matches && opposite.matches(&row).unwrap()));
        let twice = opposite.negate().unwrap();
        prop_assert_eq!(twice.matches(&row).unwrap(), matches);
    }

    #[test]
    fn with_all_values_present_one_of_both_matches(filter in filter(), row in full_row()) {
        prop_assert!(filter.matches(&row).unwrap() != filter.negate().unwrap().matches(&row).unwrap());
    }

    #[test]
    fn no_text_panics_the_parser(text in "\\PC{0,60}") {
        let _ = Legs::parse(&text);
    }

    #[test]
    fn no_words_panic_the_parser(words in prop::collection::vec(prop_oneof![
        Just("not"), Just("("), Just(")"), Just("and"), Just("or"), Just("duration"), Just("is_coach"), Just("in"),
        Just(","), Just("5"), Just("'x'"), Just("is"), Just("null"), Just("like"), Just("finish_reason"), Just("="),
    ], 0..24)) {
        if let Ok(filter) = Legs::parse(&words.join(" ")) {
            prop_assert_eq!(Legs::parse(&filter.to_string()), Ok(filter));
        }
    }

    /// SQL LIKE, by a definition that cannot be fast.
    #[test]
    fn like_is_sqls_like(text in "[ab]{0,6}", pattern in "[ab%_]{0,6}") {
        fn like(text: &[u8], pattern: &[u8]) -> bool {
            match (pattern.split_first(), text.split_first()) {
                (None, rest) => rest.is_none(),
                (Some((b'%', after)), None) => like(text, after),
                (Some((b'%', after)), Some((_, rest))) => like(text, after) || like(rest, pattern),
                (Some((b'_', after)), Some((_, rest))) => like(rest, after),
                (Some((literal, after)), Some((first, rest))) => literal == first && like(rest, after),
                (Some(_), None) => false,
            }
        }
        let mut leg = CallLeg::default();
        leg.employee_full_name = Some(text.clone().into());
        let filter = CallLegs::EMPLOYEE_FULL_NAME.like(pattern.clone());
        prop_assert_eq!(filter.matches(&leg).unwrap(), like(text.as_bytes(), pattern.as_bytes()));
    }
}
