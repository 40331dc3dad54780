//! People needed on the telephones, by Erlang C. Not here: breaks, training and illness, which are planned on top.

/// How many people answer so many percent of calls within so many seconds, with this load in Erlang and a mean length of a
/// call in seconds. Nobody is assumed to give up, so it is rather too many.
pub(super) fn people(erlangs: f64, seconds: f64, within: f64, goal_percent: f64) -> i64 {
    if erlangs <= 0.0 || seconds <= 0.0 {
        return 0;
    }
    // Erlang B, one person more at a time; C follows from it.
    let (mut blocked, mut people) = (1.0, 0.0);
    for count in 1..100_000 {
        people += 1.0;
        blocked = erlangs * blocked / (people + erlangs * blocked);
        if people <= erlangs {
            continue;
        }
        let waits = blocked / (1.0 - erlangs / people * (1.0 - blocked));
        if 100.0 * (1.0 - waits * (-(people - erlangs) * within / seconds).exp()) >= goal_percent {
            return count;
        }
    }
    100_000
}

#[cfg(test)]
mod tests {
    use super::people;

    #[test]
    fn people_are_those_of_the_published_examples() {
        for (calls, seconds, expected) in [(100.0, 180.0, 8), (200.0, 180.0, 14), (360.0, 240.0, 29), (1_000.0, 300.0, 91)] {
            assert_eq!(people(calls * seconds / 3600.0, seconds, 20.0, 80.0), expected, "{calls} × {seconds}");
        }
        assert_eq!(people(0.0, 180.0, 20.0, 80.0), 0);
    }
}
