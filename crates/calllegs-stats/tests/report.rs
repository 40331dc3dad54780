//! The page, as text.
#![cfg(feature = "report")]

mod support;

use std::fs;

use calllegs_stats::report::Lang;

#[test]
fn pages_are_written() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    for lang in [Lang::En, Lang::Ru] {
        fs::write(folder.join(format!("report-{}.html", lang.as_str())), support::report().html(lang))
            .unwrap();
    }
}
