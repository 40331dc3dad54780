//! What was noticed about rows while they were written, in words: one line each at the end of a run. Not here: what is noticed
//! (`calllegs_store`).

use calllegs_store::Findings;

use crate::{
    lang::say,
    ui::text::{clean, counted},
};

/// One line for each kind of thing.
pub(crate) fn lines(findings: &Findings) -> Vec<String> {
    let mut lines = Vec::new();
    if findings.new_reasons > 0 {
        let legs = counted(findings.new_reasons, "leg");
        lines.push(match findings.new_reasons {
            1 => say!("{legs} ends for a reason that this version does not know; it is kept as sent", legs),
            _ => say!("{legs} end for a reason that this version does not know; it is kept as sent", legs),
        });
    }
    if !findings.lost_members.is_empty() {
        let names = findings.lost_members.iter().map(|name| clean(name)).collect::<Vec<_>>().join(", ");
        lines
            .push(say!("members that the documentation does not name have no column in CSV: {names}", names));
    }
    if findings.lost_letters > 0 {
        let characters = counted(findings.lost_letters, "character");
        lines.push(match findings.lost_letters {
            1 => say!("{characters} is not in CP1251, a ? stands for each", characters),
            _ => say!("{characters} are not in CP1251, a ? stands for each", characters),
        });
    }
    lines
}
