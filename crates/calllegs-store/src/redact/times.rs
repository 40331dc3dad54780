//! Times rounded down, for samples that are published: the hour of a call stays, the moment by which somebody finds it again
//! goes. Not here: which columns.

use std::sync::Arc;

use arrow_array::{
    Array as _, ArrayRef, RecordBatch, TimestampMicrosecondArray, cast::AsArray,
    types::TimestampMicrosecondType,
};

/// The instants of a leg, and the wall clocks that they belong to.
const INSTANTS: [(&str, &str); 2] = [("start_at", "start_time"), ("connect_at", "connect_time")];

/// Reads `1h`, `15m`, `30s` or `1d`: a part of a day, so that a day keeps its calls.
pub(super) fn read(text: &str) -> Option<u32> {
    let units = [('s', 1), ('m', 60), ('h', 3600), ('d', DAY)];
    let seconds = units
        .into_iter()
        .find_map(|(unit, seconds)| text.strip_suffix(unit)?.parse::<u32>().ok()?.checked_mul(seconds));
    seconds.filter(|seconds| (1..=DAY).contains(seconds) && DAY.is_multiple_of(*seconds))
}

/// The same text again.
pub(super) fn shown(seconds: u32) -> String {
    match seconds {
        DAY => "1d".to_owned(),
        _ if seconds.is_multiple_of(3600) => format!("{}h", seconds / 3600),
        _ if seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        _ => format!("{seconds}s"),
    }
}

/// The column with its times rounded down by the wall clock. An instant goes back as far as its wall clock does.
pub(super) fn rounded(batch: &RecordBatch, name: &str, array: &ArrayRef, seconds: u32) -> Option<ArrayRef> {
    let micros = i64::from(seconds) * 1_000_000;
    let times = array.as_primitive_opt::<TimestampMicrosecondType>()?;
    let wall = INSTANTS.iter().find(|(instant, _)| *instant == name).map(|(_, wall)| *wall);
    let wall =
        wall.and_then(|wall| batch.column_by_name(wall)?.as_primitive_opt::<TimestampMicrosecondType>());
    let made: TimestampMicrosecondArray = times
        .iter()
        .enumerate()
        .map(|(row, time)| {
            let by = wall.filter(|wall| wall.is_valid(row)).map(|wall| wall.value(row)).or(time)?;
            Some(time? - by.rem_euclid(micros))
        })
        .collect();
    Some(Arc::new(made.with_timezone_opt(times.timezone().map(Arc::from))))
}

const DAY: u32 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_day_are_read_and_shown() {
        for text in ["1h", "15m", "30s", "1d", "6h"] {
            assert_eq!(shown(read(text).unwrap()), text);
        }
        assert_eq!(read("60m").map(shown).as_deref(), Some("1h"));
        for bad in ["", "h", "0h", "7h", "2d", "1", "-1h", "99999999999h"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_instant_goes_back_with_its_wall_clock() {
        // 10:40 of a clock that is half an hour beside the hours of UTC.
        let [wall, instant] = [38_400_000_000, 18_600_000_000];
        let times = |time: i64| Arc::new(TimestampMicrosecondArray::from(vec![Some(time), None])) as ArrayRef;
        let batch = RecordBatch::try_from_iter_with_nullable([
            ("start_time", times(wall), true),
            ("start_at", times(instant), true),
        ])
        .unwrap();
        for (name, time) in [("start_time", wall), ("start_at", instant)] {
            let made = rounded(&batch, name, batch.column_by_name(name).unwrap(), 3600).unwrap();
            let made = made.as_primitive::<TimestampMicrosecondType>();
            assert_eq!(made.value(0), time - 40 * 60 * 1_000_000, "{name}");
            assert!(made.is_null(1));
        }
    }
}
