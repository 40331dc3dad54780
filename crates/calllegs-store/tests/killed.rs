//! A PostgreSQL that is killed while rows are put into it, and started again: nothing is half-written, nothing is missing or
//! there twice, and what was committed is not bought again.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test that panics has failed"
)]

#[path = "support/runs.rs"]
mod runs;
#[path = "support/server.rs"]
mod server;

use calllegs_sandbox::{Clock, Sandbox};
use calllegs_store::{ErrorKind, Postgres, export::Cause, windows::Shared};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use postgres::Client;

use crate::{
    runs::{ACCOUNT, wall},
    server::Server,
};

/// As a power cut ends it: the process that listens, and all that it started.
const KILL: &str = "CREATE FUNCTION kill() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        COPY (SELECT 1) TO PROGRAM 'server=$(head -n 1 postmaster.pid); kill -KILL $server $(ps -A -o ppid= -o pid= |
            while read -r parent process; do test $parent != $server || echo $process; done)'; END $$;
    CREATE FUNCTION kill_at() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM public.kill(); RETURN NEW; END $$";

/// When it is killed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Moment {
    /// While rows are put.
    Row,
    /// When all rows of a load and the line of its window are put.
    Line,
    /// In the commit.
    Commit,
    /// Behind it.
    Committed,
}

impl Moment {
    fn set(self, client: &mut Client, day: &str) {
        let (kind, at) = match self {
            Self::Row => ("", "BEFORE INSERT ON call_legs FOR EACH ROW WHEN (NEW.start_time::date"),
            Self::Line => ("", "AFTER INSERT ON _calllegs_windows FOR EACH ROW WHEN (NEW.win_from::date"),
            Self::Commit => (
                "CONSTRAINT",
                "AFTER INSERT ON _calllegs_windows DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.win_from::date",
            ),
            Self::Committed => return,
        };
        let trigger = format!("CREATE {kind} TRIGGER kill {at} = '{day}') EXECUTE FUNCTION public.kill_at()");
        client.batch_execute(&trigger).unwrap();
    }

    fn unset(client: &mut Client) {
        let drop =
            "DROP TRIGGER IF EXISTS kill ON call_legs; DROP TRIGGER IF EXISTS kill ON _calllegs_windows";
        client.batch_execute(drop).unwrap();
    }
}

/// Twenty-seven quiet months, a point each, that are all older than any look-back.
fn sandbox(since: NaiveDateTime) -> Sandbox {
    let clock = Clock::FixedWall("2026-06-01T12:00:00".parse().unwrap());
    let builder =
        Sandbox::builder().seed(3).legs_per_day(1).since(since.date()).until("2026-04-01".parse().unwrap());
    builder.clock(clock).minute_limit(None).day_limit(None).start().unwrap()
}

/// What the ledger speaks of is what is there; up to when it need not be read again.
fn settled(client: &mut Client) -> Option<NaiveDateTime> {
    let halves =
        "SELECT count(*) FROM _calllegs_windows AS win WHERE legs <> (SELECT count(*) FROM call_legs AS leg
        WHERE leg.account = win.account AND start_time >= win_from AND start_time < win_till)";
    let loose = "SELECT (SELECT count(*) FROM call_legs) - (SELECT coalesce(sum(legs), 0)::bigint FROM _calllegs_windows)";
    for zero in [halves, loose] {
        assert_eq!(client.query_one(zero, &[]).unwrap().get::<_, i64>(0), 0, "{zero}");
    }
    let end =
        "SELECT coalesce(min(win_from) FILTER (WHERE status = 'open'), max(win_till)) FROM _calllegs_windows";
    client.query_one(end, &[]).unwrap().get(0)
}

/// One in three legs was changed, and all windows are to be read again.
const CHANGED: &str = "UPDATE call_legs SET total_duration = -1, cl_row_hash = 0 WHERE id % 3 = 0;
    UPDATE _calllegs_windows SET status = 'open'";

#[test]
fn a_server_that_is_killed_has_whole_windows_and_none_is_bought_twice() {
    let Some(server) = Server::start(&[], &[]) else { return };
    let since: NaiveDateTime = "2024-01-01T00:00:00".parse().unwrap();
    let sandbox = sandbox(since);
    let open = |schema| Shared::new(Postgres::open(&server.url(schema)).unwrap());
    let sync = |schema| runs::sync(&sandbox, &[open(schema)], "run", Some(since), |_| ());
    sync("whole").unwrap();
    open("killed").lock().lease(ACCOUNT, "run").unwrap();
    server.client("public").batch_execute(KILL).unwrap();
    let mut random = 20_260_601_u64;
    for moments in
        [[Moment::Row, Moment::Committed, Moment::Line], [Moment::Commit, Moment::Row, Moment::Line]]
    {
        for moment in moments {
            let until = settled(&mut server.client("killed"));
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // In the first fifth of what is still to come, so that all moments have their turn.
            let ahead = sandbox.legs(until.unwrap_or(since), wall(sandbox.now()));
            let day = ahead[usize::try_from(random >> 33).unwrap() % (ahead.len() / 5)].1.date();
            sandbox.reset();
            kill(&server, &sandbox, moment, day, since);
            let now = settled(&mut server.client("killed"));
            assert!(now >= until, "{moment:?}: {now:?} is before {until:?}");
            let asked = sandbox.journal().into_iter().filter_map(|entry| entry.date_from).min().unwrap();
            // One second earlier, because nobody knows which bounds are included.
            let first = until.unwrap_or(since) - TimeDelta::seconds(1);
            assert_eq!(asked, first.format("%Y-%m-%d %H:%M:%S").to_string(), "{moment:?}");
        }
        sync("killed").unwrap();
        let mut client = server.client("killed");
        settled(&mut client);
        let counts = client.query_one(DIFFERING, &[]).unwrap();
        let [differing, killed, whole] = [0, 1, 2].map(|place| counts.get::<_, i64>(place));
        assert_eq!((differing, killed), (0, whole));
        client.batch_execute(CHANGED).unwrap();
    }
}

/// Rows that are otherwise than those of an undisturbed load, and how many each has.
const DIFFERING: &str = "WITH row AS (
        SELECT 'killed' AS of, to_jsonb(leg) - '{cl_run_id,cl_extracted_at,cl_first_seen_at}'::text[] AS leg FROM killed.call_legs AS leg
        UNION ALL SELECT 'whole', to_jsonb(leg) - '{cl_run_id,cl_extracted_at,cl_first_seen_at}'::text[] FROM whole.call_legs AS leg)
    SELECT (SELECT count(*) FROM (SELECT leg FROM row GROUP BY leg HAVING count(*) <> 2) AS odd), count(*) FILTER (WHERE of = 'killed'),
        count(*) FILTER (WHERE of = 'whole') FROM row";

/// Syncs until the server is killed in this moment of this day, and starts the server again.
fn kill(server: &Server, sandbox: &Sandbox, moment: Moment, day: NaiveDate, since: NaiveDateTime) {
    moment.set(&mut server.client("killed"), &day.to_string());
    let place = Shared::new(Postgres::open(&server.url("killed")).unwrap());
    let folder = (moment == Moment::Committed).then(|| server.folder().to_owned());
    let killed = runs::sync(sandbox, &[place], "run", Some(since), move |put| {
        let is_day = put.windows.iter().any(|window| window.period.from().date() == day);
        if let Some(folder) = folder.as_ref().filter(|_| is_day) {
            assert!(server::client(folder, "public").batch_execute("SELECT kill()").is_err());
        }
    });
    let Err(Cause::Store(error)) = killed.map_err(|error| error.cause) else { panic!("{moment:?}") };
    assert!(matches!(error.kind(), ErrorKind::Place | ErrorKind::Write), "{moment:?}: {error:?}");
    server.again();
    Moment::unset(&mut server.client("killed"));
}
