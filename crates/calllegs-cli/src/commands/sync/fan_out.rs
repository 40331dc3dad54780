//! The customers of a partner, several at once: over one client, each for a turn, so that a large one keeps no small one back.
//! Several machines may share the accounts of one database. Not here: how an account is read (`account`), which customers
//! (`customers`).

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use calllegs_core::Period;
use calllegs_store::windows::Shared;
use chrono::TimeDelta;

use super::{
    account::{Loader, Turn, can_go_on, finish, forecast},
    job::no_beginning,
    listings,
    reading::Leased,
    recount,
    summary::Synced,
};
use crate::{
    account::{
        connect::{self, Connection},
        identity,
        session::{Line, Session},
    },
    cli::{Common, CustomerArgs},
    commands::{
        customers::{self, Chosen, announce, as_partner, choose, ends_all},
        plan::Counted,
    },
    failure::{Exit, Failure},
    lang::{Text, say, text},
    ui::{
        command_line::{self, Bound},
        log::{Event, Facts, Told},
        table,
        terminal::Terminal,
        text::{counted, grouped},
    },
};

/// Pages after which an account gives way to those that wait.
const TURN: u64 = 50;

/// Points that an account costs at least: a page.
const LEAST: u64 = 1;

/// Reads the customers that are asked for into the places.
pub(super) fn sync(
    loader: &Loader<'_>,
    places: &[Shared],
    args: &CustomerArgs,
    common: &Common,
    terminal: &Arc<Terminal>,
    all: &mut Synced,
) -> Result<(), Failure> {
    if loader.asked.legs && loader.job.lacks_beginning(places)? {
        return Err(no_beginning(say!("the place has no legs of any account")).unspent());
    }
    let connection = connect::find(&as_partner(common), terminal)?;
    let mut line = Line::open()?;
    let chosen = choose(args, common, &connection, &mut line);
    let announced =
        chosen.and_then(|chosen| announce(chosen.len(), LEAST, terminal, &mut line).map(|()| chosen));
    all.spent(&connection);
    let chosen = announced?;
    let threads = loader.job.ahead.min(chosen.len());
    let floor = Floor {
        loader,
        connection: &connection,
        terminal,
        total: chosen.len(),
        state: Mutex::new(State::new(chosen)),
    };
    thread::scope(|scope| {
        for _ in 0..threads {
            let line = line.another();
            scope.spawn(|| floor.work(line, places));
        }
    });
    let state = floor.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    let ended = state.end(loader, all);
    all.spent(&connection);
    ended
}

/// What the threads share.
struct Floor<'f> {
    loader: &'f Loader<'f>,
    connection: &'f Connection,
    terminal: &'f Arc<Terminal>,
    total: usize,
    state: Mutex<State>,
}

/// Who waits, who is being read, and what became of the others.
struct State {
    waiting: VecDeque<Task>,
    /// In the hands of another run: they are looked at once more when nobody waits.
    passed_over: Vec<Task>,
    running: usize,
    done: Vec<(Task, Result<Become, Failure>)>,
    stopped: Option<Failure>,
}

/// A customer on its way.
struct Task {
    place: usize,
    chosen: Chosen,
    session: Option<Session>,
    /// Files, which one run at a time writes, are held until the whole run ends.
    held: Option<Leased>,
    synced: Synced,
    forecast: Counted,
    pages: u64,
    was_passed_over: bool,
}

/// What becomes of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Become {
    /// All that was due is read.
    Read,
    /// Another run of this round has read it.
    ReadByAnother,
    /// Another run is reading it.
    Leased,
    /// Its turn is over.
    Unfinished,
}

impl State {
    fn new(chosen: Vec<Chosen>) -> Self {
        let task = |(place, chosen)| Task {
            place,
            chosen,
            session: None,
            held: None,
            synced: Synced::default(),
            forecast: Counted::default(),
            pages: TURN,
            was_passed_over: false,
        };
        let waiting = chosen.into_iter().enumerate().map(task).collect();
        Self { waiting, passed_over: Vec::new(), running: 0, done: Vec::new(), stopped: None }
    }

    /// The next one, and how many are being read with it.
    fn next(&mut self, threads: usize) -> Option<(Task, usize)> {
        if self.stopped.is_some() {
            return None;
        }
        let task = self.waiting.pop_front().or_else(|| {
            let mut task = self.passed_over.pop()?;
            task.was_passed_over = true;
            Some(task)
        })?;
        self.running += 1;
        Some((task, (self.running + self.waiting.len()).min(threads)))
    }

    fn back(&mut self, task: Task, became: Result<Become, Failure>) {
        self.running -= 1;
        match became {
            Ok(Become::Unfinished) => self.waiting.push_back(task),
            Ok(Become::Leased) if !task.was_passed_over => self.passed_over.push(task),
            Err(failure) if ends_all(failure.exit) || failure.exit == Exit::Busy => {
                // The first says why; the others follow from it.
                self.stopped.get_or_insert(failure);
                self.waiting.push_front(task);
            }
            became => self.done.push((task, became)),
        }
    }

    /// The table, and how the run ends.
    fn end(mut self, loader: &Loader<'_>, all: &mut Synced) -> Result<(), Failure> {
        let is_forecast = loader.job.dry_run;
        let total = self.done.len() + self.waiting.len() + self.passed_over.len();
        let unread = self.waiting.into_iter().chain(self.passed_over).filter(|task| task.session.is_some());
        let mut begun: Vec<_> = unread.map(|task| (task, Ok(Become::Unfinished))).collect();
        begun.append(&mut self.done);
        begun.sort_by_key(|(task, _)| task.place);
        let rows = begun.iter().map(|(task, became)| task.row(became, is_forecast)).collect();
        let count = |of: Become| begun.iter().filter(|(_, became)| became.as_ref().ok() == Some(&of)).count();
        let [read, others, leased] = [Become::Read, Become::ReadByAnother, Become::Leased].map(count);
        let mut grid: table::Grid = rows;
        if is_forecast {
            let mut sum = Counted::default();
            for (task, _) in &begun {
                sum += task.forecast;
            }
            grid.push(row(say!("in all"), "", sum, say!("nothing is read")));
        }
        let heads = if is_forecast { &FORECAST_HEADS[..] } else { &HEADS[..] };
        let mut heads: Vec<_> = heads.iter().copied().map(String::from).collect();
        if let Some(head) = heads.get_mut(2).filter(|_| !loader.asked.listings.is_empty()) {
            say!("rows").clone_into(head);
        }
        let mut failed = Vec::new();
        for (task, became) in begun {
            all.take(task.synced);
            if let Err(failure) = became {
                failed.push((task.chosen.name, failure));
            }
        }
        // Where the command is right for nobody, there is nothing to tell of each.
        let mut ended =
            customers::end(total, read + others, self.stopped, failed, !is_forecast).map_err(go_on);
        let is_wrong = matches!(&ended, Err(failure) if failure.exit == Exit::Usage);
        let printed = if is_wrong { Ok(()) } else { table::print(&heads, grid) };
        if ended.is_ok() && leased == total && total > 0 {
            ended = Err(Failure::new(Exit::Busy, say!("other runs have every account"))
                .because(say!("an account is read by one run at a time"))
                .next(say!("wait for their end: they do the work")));
        }
        all.leaves_some = leased > 0;
        all.shared = (others + leased > 0).then(|| {
            let [read, others, leased] = [read, others, leased].map(|count| grouped(count as u64));
            say!(
                "{read} read by this run, {others} by others of this round, {leased} in the hands of others",
                read,
                others,
                leased
            )
        });
        printed.and(ended)
    }
}

/// A run that was stopped, with the command that goes on.
fn go_on(mut failure: Failure) -> Failure {
    if can_go_on(failure.exit) {
        let bound = if failure.is_out_of_budget { Bound::LeftOut } else { Bound::Kept };
        failure.resume_with = Some(command_line::to_go_on(bound).into());
    }
    failure
}

const HEADS: [Text; 6] =
    [text!("customer"), text!("account"), text!("legs"), text!("written"), text!("points"), text!("result")];
const FORECAST_HEADS: [Text; 5] =
    [text!("customer"), text!("account"), text!("legs"), text!("points"), text!("result")];

fn row(name: &str, account: &str, counted: Counted, result: &str) -> Vec<String> {
    vec![
        name.to_owned(),
        account.to_owned(),
        grouped(counted.legs),
        grouped(counted.calls),
        result.to_owned(),
    ]
}

impl Task {
    fn row(&self, became: &Result<Become, Failure>, is_forecast: bool) -> Vec<String> {
        let told = match became {
            Ok(Become::Read) => "ok",
            Ok(Become::ReadByAnother) => say!("read by another run"),
            Ok(Become::Leased) => say!("another run is reading it"),
            Ok(Become::Unfinished) => say!("not finished"),
            Err(failure) => &failure.what,
        };
        let Self { chosen, synced, .. } = self;
        if is_forecast {
            return row(&chosen.name, &synced.account, self.forecast, told);
        }
        vec![
            chosen.name.clone(),
            synced.account.clone(),
            grouped(synced.all_rows()),
            grouped(synced.all_written()),
            synced.points.to_string(),
            told.to_owned(),
        ]
    }
}

impl Floor<'_> {
    /// Takes one after the other until nobody waits.
    fn work(&self, mut line: Line, opened: &[Shared]) {
        let job = self.loader.job;
        // A database has a connection for each thread; a file is one.
        let own = || -> Result<Vec<Shared>, Failure> {
            let fresh = job.open()?;
            let each = job.places.iter().zip(opened).zip(fresh);
            Ok(each.map(|((place, one), own)| if place.is_shared() { own } else { one.clone() }).collect())
        };
        let places = match own() {
            Ok(places) => places,
            Err(failure) => {
                self.state().stopped.get_or_insert(failure);
                return;
            }
        };
        loop {
            let Some((mut task, reading)) = ({ self.state().next(job.ahead) }) else { return };
            let terminal = Arc::new(self.terminal.of(&task.chosen.name));
            let mut turn = Turn {
                line: &mut line,
                places: &places,
                terminal: &terminal,
                pages: task.pages,
                ahead: (job.ahead / reading.max(1)).max(1),
            };
            let became = self.one(&mut task, &mut turn);
            let is_ended = !matches!(became, Ok(Become::Unfinished | Become::Leased));
            task.synced.leaves_some = !is_ended;
            task.synced.end(&became.as_ref().map(|_| ()).map_err(Failure::brief));
            if let Err(failure) = &became {
                let facts = Facts { failure: Some(Told::of(failure)), ..task.synced.facts() };
                self.terminal.event(Event::AccountFail, &facts);
            }
            // What is wrong with the command is told once, when all have found it.
            let is_wrong = matches!(&became, Err(failure) if failure.exit == Exit::Usage);
            let last = match &became {
                Err(_) => say!("is not ready").to_owned(),
                Ok(_) => say!("had {legs}", legs = counted(task.synced.all_rows(), self.loader.asked.noun())),
            };
            let mut state = self.state();
            state.back(task, became);
            if is_ended && !is_wrong {
                let done = grouped(state.done.len() as u64);
                let of =
                    say!("{done} of {customers}", done, customers = counted(self.total as u64, "customer"));
                let points = counted(self.connection.client.usage().spent.into(), "point");
                drop(state);
                self.terminal.progress(&[of.clone(), points.clone()]);
                self.terminal.step(&say!("{of}, {points}; the last {last}", of, points, last));
            }
        }
    }

    /// Of a customer that has no beginning, what else stands in its way: a door that is closed is mended first. It asks for
    /// the legs of a second, which costs nothing where the door is closed, and a point elsewhere.
    fn door_first(
        &self,
        due: Result<Vec<Period>, Failure>,
        session: &Session,
        line: &mut Line,
    ) -> Result<Vec<Period>, Failure> {
        due.or_else(|failure| {
            if self.loader.job.goes_on() && failure.exit == Exit::Usage {
                let now = session.clock.local();
                forecast(&[Period::new(now - TimeDelta::seconds(1), now)?], session, line)?;
            }
            Err(failure)
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One turn of a customer.
    fn one(&self, task: &mut Task, turn: &mut Turn<'_>) -> Result<Become, Failure> {
        let Loader { job, asked, run_id, given, now } = *self.loader;
        let of_kind = |is_shared: bool| {
            let each = turn.places.iter().zip(&job.places);
            each.filter(move |(_, place)| place.is_shared() == is_shared).map(|(place, _)| place)
        };
        let connection = self.connection.acting_for(task.chosen.user, task.chosen.account)?;
        let lease = |account: &str| match Leased::take(of_kind(true), account, run_id) {
            Err(failure) if failure.exit == Exit::Busy => Ok(None),
            leased => leased.map(Some),
        };
        // Before a point is spent, where the list of customers says whose account it is.
        let expected = task.chosen.account.map(|id| identity::name_of(&connection, id));
        let expected = task.session.as_ref().map(|session| session.account().to_owned()).or(expected);
        let mut leased = None;
        if let Some(account) = expected.filter(|_| !job.dry_run) {
            let Some(taken) = lease(&account)? else {
                task.synced.account = account;
                return Ok(Become::Leased);
            };
            leased = Some(taken);
        }
        if task.session.is_none() {
            let session = Session::open(connection.clone(), turn.line, given, turn.terminal, now);
            run_id.clone_into(&mut task.synced.run_id);
            task.synced.spent(&connection);
            task.session = Some(session?);
        }
        let Task { session: Some(session), synced, held, .. } = task else {
            return Err(Failure::new(Exit::Bug, say!("an account was not entered")));
        };
        session.account().clone_into(&mut synced.account);
        if job.dry_run {
            if asked.legs {
                let due = job.due(turn.places, session);
                let due = self.door_first(due, session, turn.line)?;
                for (_, counted) in forecast(&due, session, turn.line)? {
                    task.forecast += counted;
                }
                task.forecast.calls +=
                    recount::COST * recount::waiting(turn.places, session.account())?.len() as u64;
            }
            let places = turn.places;
            task.forecast += listings::forecast(self.loader, session, turn.line, places, turn.terminal)?;
            synced.spent(&connection);
            return Ok(Become::Read);
        }
        let leased = match leased.filter(|leased| leased.account == session.account()) {
            Some(leased) => leased,
            None => match lease(session.account())? {
                Some(leased) => leased,
                None => return Ok(Become::Leased),
            },
        };
        if held.is_none() {
            *held = Some(Leased::take(of_kind(false), session.account(), run_id)?);
        }
        for told in leased.told.iter().chain(held.iter().flat_map(|held| &held.told)) {
            turn.terminal.note(told);
        }
        if !asked.legs {
            return listings::read(self.loader, session, turn.line, turn.places, turn.terminal, synced)
                .map(|()| Become::Read);
        }
        self.loader.settle_before(session, turn.places, turn.line, turn.terminal, synced)?;
        let due = job.due_yet(turn.places, session, run_id);
        let due = self.door_first(due, session, turn.line)?;
        let is_read = asked.listings.is_empty() && due.is_empty() && synced.windows() == 0;
        if is_read && !job.due(turn.places, session)?.is_empty() {
            return Ok(Become::ReadByAnother);
        }
        let before = synced.windows();
        let read = self.loader.read(session, due, turn, synced);
        if let Ok(false) = read {
            // A turn that came to nothing was too short.
            task.pages = if synced.windows() == before { task.pages.saturating_mul(2) } else { TURN };
            return Ok(Become::Unfinished);
        }
        // What is missing of legs keeps no other report back: that is told of both.
        let listed = match read {
            Ok(_) => listings::read(self.loader, session, turn.line, turn.places, turn.terminal, synced),
            Err(_) => Ok(()),
        };
        let ended = finish(session, turn.places, turn.terminal, synced, read.map(drop));
        ended.and(listed).map(|()| Become::Read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_account_gives_way_and_a_leased_one_is_looked_at_once_more() {
        let chosen = |user| Chosen { name: String::new(), user, account: None };
        let mut state = State::new([1, 2, 3].map(chosen).to_vec());
        let (mut order, mut together) = (Vec::new(), Vec::new());
        while let Some((task, reading)) = state.next(2) {
            order.push(task.chosen.user);
            together.push(reading);
            let times = order.iter().filter(|user| **user == task.chosen.user).count();
            let became = match (task.chosen.user, times) {
                (1, 1 | 2) => Become::Unfinished,
                (2, _) => Become::Leased,
                _ => Become::Read,
            };
            state.back(task, Ok(became));
        }
        assert_eq!(order, [1, 2, 3, 1, 1, 2]);
        assert_eq!(together, [2, 2, 2, 1, 1, 1], "who is left alone has all pages");
        assert_eq!(state.done.len(), 3);
    }

    #[test]
    fn what_holds_for_all_ends_it_for_all() {
        let chosen = |user| Chosen { name: String::new(), user, account: None };
        for (exit, ends) in
            [(Exit::Denied, false), (Exit::Network, false), (Exit::Points, true), (Exit::Busy, true)]
        {
            let mut state = State::new([1, 2].map(chosen).to_vec());
            let (task, _) = state.next(1).unwrap();
            state.back(task, Err(Failure::new(exit, "")));
            assert_eq!(state.next(1).is_none(), ends, "{exit:?}");
        }
    }
}
