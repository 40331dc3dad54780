//! Which language a run speaks: a flag, a variable, the files of settings, the locale, the first that says it. It is found
//! before the command line is read, because help and refusals are said in it too, and so nothing here fails: what is wrong with
//! a word is told where settings are (`settings`). Not here: the texts (`lang`).

use std::{borrow::Cow, ffi::OsString};

use calllegs_stats::Language;

use crate::{account::config::Config, cli::LanguageName, env};

/// The language for this command line.
pub(crate) fn of(arguments: &[OsString]) -> Language {
    let known = |text: &str| text.trim().parse::<LanguageName>().ok().map(LanguageName::language);
    let variable = |name| env::text(name).ok().flatten();
    let of_files = || known(&Config::read().ok()?.language().ok()??.text);
    flag(arguments)
        .and_then(|text| known(&text))
        .or_else(|| known(&variable("CALLLEGS_LANG")?))
        .or_else(of_files)
        .unwrap_or_else(|| {
            let first = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(variable);
            first.map_or(Language::English, |locale| of_locale(&locale))
        })
}

/// The value of the last `--lang`.
fn flag(arguments: &[OsString]) -> Option<String> {
    let words = || arguments.iter().map(|word| word.to_string_lossy()).take_while(|word| word != "--");
    let values = words().zip(words().skip(1)).filter(|(word, _)| word == "--lang").map(|(_, value)| value);
    let joined = words().filter_map(|word| word.strip_prefix("--lang=").map(str::to_owned));
    values.map(Cow::into_owned).chain(joined).last()
}

/// `ru_RU.UTF-8` is Russian. A terminal that does not read UTF-8 would not show it.
fn of_locale(locale: &str) -> Language {
    let locale = locale.trim();
    let (name, codeset) = locale.split_once('.').unwrap_or((locale, "UTF-8"));
    let codeset = codeset.split('@').next().unwrap_or_default().replace('-', "");
    let is_russian = name == "ru" || name.starts_with("ru_");
    if is_russian && codeset.eq_ignore_ascii_case("utf8") { Language::Russian } else { Language::English }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_is_russian_where_it_can_be_shown() {
        for (locale, language) in [
            ("ru_RU.UTF-8", Language::Russian),
            ("ru_UA.utf8@euro", Language::Russian),
            ("ru", Language::Russian),
            ("ru_RU.KOI8-R", Language::English),
            ("run", Language::English),
            ("en_GB.UTF-8", Language::English),
            ("C", Language::English),
        ] {
            assert_eq!(of_locale(locale), language, "{locale}");
        }
    }

    #[test]
    fn the_last_flag_holds() {
        let last = |line: &str| flag(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert_eq!(last("calllegs --lang ru get --lang=en").as_deref(), Some("en"));
        assert_eq!(last("calllegs get --lang ru").as_deref(), Some("ru"));
        assert_eq!(last("calllegs get -- --lang ru"), None);
        assert_eq!(last("calllegs get --lang"), None);
    }
}
