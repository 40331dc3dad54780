//! What was noticed about rows while they were written, in words: one line each at the end of a run. Not here: what is noticed
//! (`calllegs_store`).

use calllegs_store::Findings;

use crate::ui::text::{clean, counted, grouped};

/// One line for each kind of thing.
pub(crate) fn lines(findings: &Findings) -> Vec<String> {
    let mut lines = Vec::new();
    if findings.new_reasons > 0 {
        lines.push(format!(
            "{} {} for a reason that this version does not know; it is kept as sent",
            counted(findings.new_reasons, "leg"),
            if findings.new_reasons == 1 { "ends" } else { "end" }
        ));
    }
    if !findings.lost_members.is_empty() {
        let names = findings.lost_members.iter().map(|name| clean(name)).collect::<Vec<_>>().join(", ");
        lines.push(format!("members that the documentation does not name have no column in CSV: {names}"));
    }
    if findings.lost_letters > 0 {
        lines.push(format!(
            "{} not in CP1251, a ? stands for each",
            match findings.lost_letters {
                1 => "1 character is".to_owned(),
                count => format!("{} characters are", grouped(count)),
            }
        ));
    }
    lines
}
