//! What people write for a time zone that is no IANA name, and the name that is probably meant. Not here: which zone an
//! account has.

use calllegs_core::filter::nearest;

use crate::{
    failure::Failure,
    lang::say,
    ui::echo::{may_be_secret, shown},
};

/// Why there is no such zone, with the nearest one.
pub(super) fn unknown(name: &str) -> Failure {
    if may_be_secret(name) {
        return Failure::usage(say!("there is no time zone of this name"))
            .because(say!("it is not repeated here, because it looks like a key"))
            .next(say!("write an IANA name such as Europe/Moscow, Asia/Yekaterinburg or UTC"));
    }
    let failure = Failure::usage(say!("there is no time zone {value}", value = shown(name)))
        .because(say!("zones are named by IANA, most of them after a city"));
    let folded = name.trim().to_lowercase();
    let folded = folded.replace([' ', '-'], "_");
    let all = || chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    let folds_to = |zone: &&str| zone.to_lowercase().replace('-', "_") == folded;
    let city = |zone: &&str| {
        zone.rsplit_once('/').is_some_and(|(_, city)| city.to_lowercase().replace('-', "_") == folded)
    };
    let lower: Vec<_> = all().map(str::to_lowercase).collect();
    let misspelt = || {
        let near = nearest(&folded, lower.iter().map(String::as_str))?;
        all().find(|zone| zone.to_lowercase() == near)
    };
    let usual = USUAL.iter().find(|(word, _)| *word == folded).map(|(_, zone)| *zone);
    let meant = |zone: &str| say!("did you mean `{zone}`?", zone);
    if let Some(zone) = usual.or_else(|| all().find(folds_to)) {
        return failure.next(meant(zone));
    }
    if let Some(hours) = offset(&folded) {
        // The names of these zones count westwards.
        let sign = if hours < 0 { '+' } else { '-' };
        let known = USUAL_OFFSETS.iter().find(|(offset, _)| *offset == hours).map(|(_, zone)| *zone);
        let city = known.map_or_else(String::new, |zone| say!("{zone}, or ", zone));
        return failure.next(say!(
            "name a city of that offset: {city}Etc/GMT{sign}{hours2}, which is UTC{hours} for ever",
            city,
            sign,
            hours2 = hours.abs(),
            hours = format!("{hours:+}")
        ));
    }
    match all().find(city).or_else(misspelt) {
        Some(zone) => failure.next(meant(zone)),
        None => failure.next(say!("write an IANA name such as Europe/Moscow, Asia/Yekaterinburg or UTC")),
    }
}

/// The hours of `+3`, `utc+3`, `gmt+03:00`, `+0300`. Zones of half an hour have names only.
fn offset(folded: &str) -> Option<i32> {
    let text = folded.strip_prefix("utc").or_else(|| folded.strip_prefix("gmt")).unwrap_or(folded);
    // Hyphens were folded.
    let (sign, text) = match text.strip_prefix('+') {
        Some(text) => (1, text),
        None => (-1, text.strip_prefix('_')?),
    };
    let hours =
        text.strip_suffix(":00").or_else(|| text.strip_suffix("00").filter(|hours| !hours.is_empty()));
    let hours: i32 = hours.unwrap_or(text).parse().ok().filter(|hours| (0..=14).contains(hours))?;
    Some(sign * hours)
}

const USUAL_OFFSETS: [(i32, &str); 11] = [
    (2, "Europe/Kaliningrad"),
    (3, "Europe/Moscow"),
    (4, "Europe/Samara"),
    (5, "Asia/Yekaterinburg"),
    (6, "Asia/Omsk"),
    (7, "Asia/Krasnoyarsk"),
    (8, "Asia/Irkutsk"),
    (9, "Asia/Yakutsk"),
    (10, "Asia/Vladivostok"),
    (11, "Asia/Magadan"),
    (12, "Asia/Kamchatka"),
];

/// Abbreviations, and cities by other names, in lower case with `_` between their parts.
const USUAL: [(&str, &str); 47] = [
    ("msk", "Europe/Moscow"),
    ("мск", "Europe/Moscow"),
    ("msd", "Europe/Moscow"),
    ("москва", "Europe/Moscow"),
    ("moskva", "Europe/Moscow"),
    ("russia", "Europe/Moscow"),
    ("россия", "Europe/Moscow"),
    ("спб", "Europe/Moscow"),
    ("питер", "Europe/Moscow"),
    ("санкт_петербург", "Europe/Moscow"),
    ("saint_petersburg", "Europe/Moscow"),
    ("st_petersburg", "Europe/Moscow"),
    ("казань", "Europe/Moscow"),
    ("kazan", "Europe/Moscow"),
    ("нижний_новгород", "Europe/Moscow"),
    ("краснодар", "Europe/Moscow"),
    ("ростов", "Europe/Moscow"),
    ("калининград", "Europe/Kaliningrad"),
    ("samt", "Europe/Samara"),
    ("самара", "Europe/Samara"),
    ("волгоград", "Europe/Volgograd"),
    ("саратов", "Europe/Saratov"),
    ("yekt", "Asia/Yekaterinburg"),
    ("екатеринбург", "Asia/Yekaterinburg"),
    ("ekaterinburg", "Asia/Yekaterinburg"),
    ("екб", "Asia/Yekaterinburg"),
    ("челябинск", "Asia/Yekaterinburg"),
    ("уфа", "Asia/Yekaterinburg"),
    ("пермь", "Asia/Yekaterinburg"),
    ("omst", "Asia/Omsk"),
    ("омск", "Asia/Omsk"),
    ("novt", "Asia/Novosibirsk"),
    ("новосибирск", "Asia/Novosibirsk"),
    ("krat", "Asia/Krasnoyarsk"),
    ("красноярск", "Asia/Krasnoyarsk"),
    ("irkt", "Asia/Irkutsk"),
    ("иркутск", "Asia/Irkutsk"),
    ("yakt", "Asia/Yakutsk"),
    ("якутск", "Asia/Yakutsk"),
    ("vlat", "Asia/Vladivostok"),
    ("владивосток", "Asia/Vladivostok"),
    ("минск", "Europe/Minsk"),
    ("алматы", "Asia/Almaty"),
    ("астана", "Asia/Almaty"),
    ("ташкент", "Asia/Tashkent"),
    ("дубай", "Asia/Dubai"),
    ("gst", "Asia/Dubai"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_mean_a_zone_of_iana() {
        for (written, zone) in [
            ("MSK", "`Europe/Moscow`"),
            ("Мск", "`Europe/Moscow`"),
            ("Moscow", "`Europe/Moscow`"),
            ("europe/moscow", "`Europe/Moscow`"),
            ("Europe/Moskow", "`Europe/Moscow`"),
            ("New York", "`America/New_York`"),
            ("new_york", "`America/New_York`"),
            ("Port-au-Prince", "`America/Port-au-Prince`"),
            ("Екатеринбург", "`Asia/Yekaterinburg`"),
            ("+3", "Europe/Moscow, or Etc/GMT-3, which is UTC+3"),
            ("UTC+03:00", "Etc/GMT-3"),
            ("gmt-5", "Etc/GMT+5"),
            ("+0500", "Asia/Yekaterinburg"),
            ("Mars", "such as Europe/Moscow"),
            ("", "such as Europe/Moscow"),
        ] {
            let next = unknown(written).next.unwrap();
            assert!(next.contains(zone), "{written}: {next}");
        }
        assert!(USUAL.iter().all(|(_, zone)| zone.parse::<chrono_tz::Tz>().is_ok()));
        assert!(USUAL_OFFSETS.iter().all(|(_, zone)| zone.parse::<chrono_tz::Tz>().is_ok()));
    }
}
