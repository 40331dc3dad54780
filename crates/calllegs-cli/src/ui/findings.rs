//! What was noticed about rows while they were written, in words: one line each at the end of a run. Not here: what is noticed
//! (`calllegs_store`).

use calllegs_store::Findings;

use crate::{
    failure::{Exit, Failure},
    ui::{
        outcome::Notes,
        text::{clean, counted, grouped},
    },
};

/// In what the legs are not as they are documented, for those to whom that is an error.
pub(crate) fn drift(findings: &Findings, notes: &Notes) -> Vec<String> {
    let mut lines = Vec::new();
    let mut say = |what: &str, names: Vec<&str>| {
        if !names.is_empty() {
            let names = names.into_iter().map(clean).collect::<Vec<_>>().join(", ");
            lines.push(format!("{what}: {names}"));
        }
    };
    say("members that nobody documents", findings.new_members.iter().map(String::as_str).collect());
    say("columns that the server refuses", notes.dropped.iter().copied().collect());
    say("columns that are missing in the replies", notes.absent.iter().copied().collect());
    if findings.new_reasons > 0 {
        lines.push(format!("{} with a reason that is not known", counted(findings.new_reasons, "leg")));
    }
    lines
}

/// The failure of `--strict`, where there is any of it.
pub(crate) fn strict(drift: &[String]) -> Result<(), Failure> {
    if drift.is_empty() {
        return Ok(());
    }
    Err(Failure::new(Exit::Differs, format!("the legs are not as documented:\n  {}", drift.join("\n  ")))
        .because("--strict takes that for an error; the legs are written all the same")
        .next("look whether the readers of the legs know it, then leave --strict out or update calllegs"))
}

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
