//! What was noticed about rows while they were written, in words: one line each at the end of a run. Not here: what is noticed
//! (`calllegs_store`).

use calllegs_store::Findings;

use crate::{
    failure::{Exit, Failure},
    lang::say,
    ui::{
        outcome::Notes,
        text::{clean, counted},
    },
};

/// In what the legs are not as they are documented, for those to whom that is an error.
pub(crate) fn drift(findings: &Findings, notes: &Notes) -> Vec<String> {
    let mut lines = Vec::new();
    let mut tell = |what: &str, names: Vec<&str>| {
        if !names.is_empty() {
            let names = names.into_iter().map(clean).collect::<Vec<_>>().join(", ");
            lines.push(format!("{what}: {names}"));
        }
    };
    tell(say!("members that nobody documents"), findings.new_members.iter().map(String::as_str).collect());
    tell(say!("columns that the server refuses"), notes.dropped.iter().copied().collect());
    tell(say!("columns that are missing in the replies"), notes.absent.iter().copied().collect());
    if findings.new_reasons > 0 {
        lines.push(say!(
            "{legs} with a reason that is not known",
            legs = counted(findings.new_reasons, "leg")
        ));
    }
    lines
}

/// The failure of `--strict`, where there is any of it.
pub(crate) fn strict(drift: &[String]) -> Result<(), Failure> {
    if drift.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Differs,
        say!("what came is not as documented:\n  {list}", list = drift.join("\n  ")),
    )
    .because(say!("--strict takes that for an error; it is written all the same"))
    .next(say!("look whether its readers know it, then leave --strict out or update calllegs")))
}

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
