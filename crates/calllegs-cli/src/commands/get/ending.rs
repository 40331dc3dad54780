//! How a run of `get` ends: the name of the file or what is kept, the warnings, the last line. Not here: how it is read.

use std::path::Path;

use calllegs_core::value::wall_time;
use calllegs_store::{
    RowSpec,
    destination::{Ending, Left, Suspended, Writer},
};

use super::Job;
use crate::{
    cli::Format,
    failure::{Exit, Failure},
    input::output_target::OutputTarget,
    lang::say,
    ui::{
        command_line::{self, Bound},
        findings,
        outcome::Outcome,
        stdout,
        terminal::Terminal,
        text::{counted, grouped},
    },
};

/// Gives the file its name, or says what became of it; then the last line.
pub(super) fn settle<S: RowSpec>(
    job: &Job<S>,
    writer: Box<dyn Writer>,
    ended: Result<(), Failure>,
    outcome: &mut Outcome,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let ended = match ended {
        Ok(()) => writer.commit().map_err(|failed| (Failure::from(failed.error), failed.suspended)),
        Err(failure) => {
            let ending = Ending::behind(outcome.rows).begins_anew(outcome.begins_anew);
            Err((failure, writer.suspend(ending)))
        }
    };
    let findings = match &ended {
        Ok(committed) => &committed.findings,
        Err((_, suspended)) => &suspended.findings,
    };
    outcome.drift = findings::drift(findings, &outcome.notes);
    for line in outcome.warnings(job.spec.noun()).iter().chain(&findings::lines(findings)) {
        terminal.warn(line);
    }
    let place = match ended {
        Ok(committed) => committed.place.map_or_else(String::new, |path| format!(" → {}", path.display())),
        Err((failure, suspended)) => return Err(told(job, failure, suspended, outcome)),
    };
    if job.output == OutputTarget::Count {
        let rows = outcome.rows;
        let is_json = command_line::asks_for_json();
        let told = if is_json { format!("{{\"rows\": {rows}}}") } else { rows.to_string() };
        stdout::print(&format!("{told}\n"))?;
    }
    let lines = outcome.without.lines();
    for line in more(job, outcome).iter().chain(&outcome.replaces).chain(&lines) {
        terminal.note(line);
    }
    let (points, calls) = (counted(outcome.points.into(), "point"), counted(outcome.calls, "call"));
    terminal.note(&format!("{}{place}, {points}, {calls}", counted(outcome.rows, job.spec.noun())));
    Ok(())
}

/// A failure, with what is kept.
fn told<S: RowSpec>(
    job: &Job<S>,
    mut failure: Failure,
    suspended: Suspended,
    outcome: &mut Outcome,
) -> Failure {
    let read = outcome.rows;
    let is_kept = matches!(job.output, OutputTarget::File { .. } | OutputTarget::Folder(_));
    if failure.exit == Exit::Destination {
        let kept = suspended.left.as_ref().and_then(|left| left.rows).unwrap_or_default();
        outcome.rows = if is_kept { kept } else { suspended.taken };
    }
    let points = counted(outcome.points.into(), "point");
    if let Some(Left { place, rows, .. }) = suspended.left {
        failure = with_kept(failure, &counted(rows.unwrap_or(read), job.spec.noun()), &place);
        if rows.is_none() {
            // Nothing of them can be gone on with.
            let (legs, place) = (counted(read, job.spec.noun()), place.display());
            failure.kept = Some(say!(
                "nothing that can be gone on with: {legs} are in {place}, and the next run starts from the beginning",
                legs,
                place
            ));
        }
    } else if is_kept && read > 0 {
        failure.kept = Some(say!("nothing: the next run starts from the beginning").to_owned());
    } else if suspended.taken == 0 && !outcome.without.names.is_empty() {
        let names = outcome.without.names.join(", ");
        failure.kept = Some(say!("nothing: no leg came, and the next run reads {names} again", names));
    } else if matches!(job.output, OutputTarget::Stdout(_)) && outcome.points > 0 && failure.kept.is_none() {
        let legs = counted(suspended.taken, job.spec.noun());
        failure.kept = Some(say!(
            "nothing; {legs} passed on to standard output, {points} spent, and -o FILE keeps them",
            legs,
            points
        ));
    }
    failure
}

/// A failure of a run that has these rows, and the command that goes on behind them.
pub(super) fn with_kept(failure: Failure, rows: &str, place: &Path) -> Failure {
    let kept = Some(say!("{legs} so far in {place}", legs = rows, place = place.display()));
    let bound = if failure.is_out_of_budget { Bound::LeftOut } else { Bound::Kept };
    let resume_with = Some(command_line::to_go_on(bound).into());
    let next = if failure.is_out_of_budget {
        Some(say!("go on with the command below, with a larger --max-points or none").to_owned())
    } else {
        failure.next.clone()
    };
    Failure { next, kept, resume_with, ..failure }
}

/// What a cut output leaves out.
fn more<S>(job: &Job<S>, outcome: &Outcome) -> Option<String> {
    let (rows, later) = outcome.more?;
    let how = if job.output == OutputTarget::Stdout(Format::Table) {
        say!("; use -o FILE or --format")
    } else {
        ""
    };
    Some(match (rows, later) {
        (0, None) => say!("… and more{how}", how),
        (rows, None) => say!("… {rows} more{how}", rows = grouped(rows), how),
        (0, Some(later)) => {
            say!("… and what comes after {value}{how}", value = wall_time::format(later), how)
        }
        (rows, Some(later)) => {
            say!(
                "… {rows} more before {value}, and what comes after{how}",
                rows = grouped(rows),
                value = wall_time::format(later),
                how
            )
        }
    })
}
