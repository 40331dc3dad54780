//! Lists of missed calls: whom to ring back. Numbers are masked unless they are asked for. Not here: what became of calls
//! (`calllegs_stats`).

use calllegs_core::value::phone::masked;
use calllegs_stats::{After, Cell, Language, MissedCall};

use super::{
    figures::{self, grid_of},
    machine::Rows,
    words::say,
};

/// The calls, by start; only those whom nobody has talked with since, if they are to be rung back.
pub(super) fn rows(calls: &[MissedCall], is_to_ring: bool, show_phones: bool) -> Rows {
    let is_listed =
        |call: &&MissedCall| !is_to_ring || matches!(call.after, Some(After::Lost | After::StillOpen));
    let row = |call: &MissedCall| -> Vec<Cell> {
        let contact = call
            .contact
            .as_deref()
            .map(|contact| if show_phones { contact.to_owned() } else { masked(contact) });
        vec![
            call.start.format("%Y-%m-%d %H:%M:%S").to_string().into(),
            contact.into(),
            call.scenario.clone().into(),
            call.waited.into(),
            call.after.map_or("hidden_number", After::as_str).to_owned().into(),
        ]
    };
    Rows {
        columns: vec!["start_time", "contact", "scenario", "waited_s", "state"],
        rows: calls.iter().filter(is_listed).map(row).collect(),
    }
}

/// The calls for people.
pub(super) fn text(calls: &Rows, is_to_ring: bool, language: Language, width: Option<usize>) -> String {
    if calls.rows.is_empty() {
        let nobody = if is_to_ring {
            say(language, "Nobody is to be rung back.", "Перезванивать некому.")
        } else {
            say(language, "No call was missed.", "Пропущенных нет.")
        };
        return format!("{nobody}\n");
    }
    let grid = figures::rows(&calls.columns, &calls.rows)
        .map(|row| calls.columns.iter().map(|name| row.shown(name, language)).collect());
    grid_of(&calls.columns, grid.collect(), language, (width, calls.columns.len()))
}
