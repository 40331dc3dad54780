//! The page in a browser: it fetches nothing, complains of nothing, sorts, and shows what its tables say.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

#[path = "support/browser.rs"]
mod browser;
mod support;

use std::fs;

use browser::Browser;
use calllegs_stats::Language;
use serde_json::{Value, json};

/// What the drawing of each section says by its tips, and what its table says: `[[name, number], …]`.
const DAYS: &str = r"(() => {
    const section = document.querySelector('#days');
    const drawn = [...section.querySelectorAll('rect.answered, rect.missed')].map(bar => bar.dataset.tip);
    const heads = [...section.querySelectorAll('th')].map(cell => cell.textContent);
    const told = [...section.querySelectorAll('tbody tr')].flatMap(row =>
        [2, 3].map(at => `${row.cells[0].textContent}: ${heads[at]} – ${row.cells[at].textContent}`));
    return [drawn, told];
})()";

const WAITS: &str = r"(() => {
    const section = document.querySelector('#waits');
    const drawn = [...section.querySelectorAll('svg rect')].map(bar => bar.dataset.tip);
    const heads = [...section.querySelectorAll('th')].map(cell => cell.textContent);
    const told = [...section.querySelectorAll('tbody tr')].flatMap(row => [1, 2, 3]
        .filter(at => row.cells[at].textContent !== '0')
        .map(at => `${row.cells[0].textContent}: ${heads[at]} – ${row.cells[at].textContent}`));
    return [drawn, told];
})()";

/// Heights of bars for a hundred calls, which are all one.
const HEIGHTS: &str = r"[...document.querySelectorAll('#days rect.answered')].map(bar =>
    100 * bar.height.baseVal.value / Number(bar.dataset.tip.split('– ').pop().replace(/\D/g, '')))";

const SORTED: &str = r"(column => {
    const table = document.querySelector('.sortable');
    const values = body => [...body.rows].map(row => row.cells[column].dataset.v ?? row.cells[column].textContent);
    const of = () => ({
        order: values(table.tBodies[0]), few: values(table.tBodies[2]),
        told: table.tHead.rows[0].cells[column].getAttribute('aria-sort'),
        marked: table.querySelectorAll('[aria-sort]').length,
    });
    const button = table.tHead.rows[0].cells[column].querySelector('button');
    button.click();
    const once = of();
    button.click();
    return [once, of()];
})";

fn numbers(order: &Value) -> Vec<f64> {
    let texts = order.as_array().unwrap().iter().map(|value| value.as_str().unwrap());
    texts.filter(|text| !text.is_empty()).map(|text| text.parse().unwrap()).collect()
}

#[test]
fn a_page_works_in_a_browser() {
    let Some(mut browser) = Browser::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    for language in Language::ALL {
        let path = folder.path().join(format!("{}.html", language.as_str()));
        fs::write(&path, support::report().html(language)).unwrap();
        let address = format!("file://{}", path.display());
        browser.open(&address);

        for query in [DAYS, WAITS] {
            let found = browser.eval(query);
            let sorted = |of: &Value| {
                let mut of: Vec<_> =
                    of.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect();
                of.sort();
                of
            };
            assert!(found[0].as_array().unwrap().len() > 20);
            assert_eq!(sorted(&found[0]), sorted(&found[1]));
        }
        let heights: Vec<_> =
            browser.eval(HEIGHTS).as_array().unwrap().iter().map(|it| it.as_f64().unwrap()).collect();
        assert!(heights.iter().all(|height| (height - heights[0]).abs() < 0.2), "{heights:?}");

        // Rate, most first, then least first; those with few rings stay below, and who has no value stays last.
        for column in [3, 6] {
            let found = browser.eval(&format!("{SORTED}({column})"));
            for (at, told) in [(0, "descending"), (1, "ascending")] {
                assert_eq!((&found[at]["told"], &found[at]["marked"]), (&json!(told), &json!(1)));
                let order = numbers(&found[at]["order"]);
                assert!(
                    order.is_sorted_by(|one, other| if at == 0 { one >= other } else { one <= other }),
                    "{order:?}"
                );
                let all = found[at]["order"].as_array().unwrap();
                assert!(all[order.len()..].iter().all(|value| value == ""));
                assert_eq!(found[at]["few"].as_array().unwrap().len(), 1);
            }
        }
        let names = browser.eval(&format!("{SORTED}(0)[0].order"));
        assert_eq!(names[0], "Анна Петрова");

        // Nothing is wider than a telephone.
        for width in [1280, 390] {
            browser.resize(width);
            let over = browser.eval("document.documentElement.scrollWidth - innerWidth");
            assert!(over.as_f64().unwrap() <= 0.0, "{width}: {over}");
        }
        let texts = browser.eval("[...document.querySelectorAll('svg')].filter(svg => svg.closest('section')).every(svg => svg.getAttribute('aria-label'))");
        assert_eq!(texts, true);

        let requested: Vec<_> = browser
            .events
            .iter()
            .filter(|event| event["method"] == "Network.requestWillBeSent")
            .map(|event| event["params"]["request"]["url"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(requested, [address]);
        let is_complaint = |event: &&Value| {
            ["Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled"]
                .iter()
                .any(|it| event["method"] == *it)
        };
        assert_eq!(browser.events.iter().find(is_complaint), None);
    }
}

#[test]
fn another_script_does_not_run() {
    let Some(mut browser) = Browser::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.html");
    let page = support::report()
        .html(Language::English)
        .replace("<main>", "<main><script>document.title = 'taken'</script>");
    fs::write(&path, page).unwrap();
    browser.open(&format!("file://{}", path.display()));
    assert!(browser.eval("document.title").as_str().unwrap().starts_with("Calls, "));
}
