//! What `calllegs sql` prints is run as it is printed.

use crate::support::{run, tool};

const DIALECTS: [&str; 6] = ["duckdb", "postgres", "sqlite", "clickhouse", "datafusion", "spark"];

fn printed(arguments: &[&str]) -> String {
    let told = run(&mut tool(arguments));
    assert_eq!((told.code, &*told.stderr), (Some(0), ""), "{arguments:?}");
    told.stdout
}

#[test]
fn a_table_its_views_and_all_results_are_made_by_what_is_printed() {
    let database = rusqlite::Connection::open_in_memory().unwrap();
    let with = |what: &str| printed(&["sql", what, "--dialect", "sqlite"]);
    database.execute_batch(&with("ddl")).unwrap();
    // Also over views that are there.
    for _ in 0..2 {
        database.execute_batch(&with("views")).unwrap();
    }
    let metrics = with("metrics");
    let statements: Vec<_> = metrics.split_inclusive(";\n").collect();
    assert_eq!(statements.len(), 19);
    for statement in statements {
        let mut statement = database.prepare(statement).unwrap();
        assert!(statement.query([]).unwrap().next().is_ok());
    }
    assert!(
        printed(&["sql", "views", "--dialect", "sqlite", "--only", "v_leg"]).contains("CREATE VIEW v_leg")
    );
}

#[test]
fn what_is_chosen_is_printed_for_every_engine() {
    for dialect in DIALECTS {
        let of = |words: &str| {
            let words: Vec<_> = words.split(' ').collect();
            printed(&[&["sql", words[0], "--dialect", dialect], &words[1..]].concat())
        };
        assert!(of("metrics --only by_day --answer-within 33").contains("queue_wait_s <= 33"));
        assert!(of("metrics --only not_called_back --callback-window 2h").contains("+ 7200"));
        assert!(
            of("metrics --only heatmap --from 2026-02-01 --till 2026-02-28")
                .contains("SELECT 20485 AS first_day, 20512")
        );
        let views =
            of("views --table t.legs --account uis:7 --short-abandon 9 --from 2026-02-01 --till 2026-02-28");
        for part in
            ["FROM t.legs l", "l.account = 'uis:7'", "< 9 ", "'2026-02-01 00:00:00'", "'2026-03-01 00:00:00'"]
        {
            assert!(views.contains(part), "{dialect}: {part} is not in {views}");
        }
    }
}

#[test]
fn a_name_that_is_not_there_gets_the_nearest() {
    let refused = |arguments: &[&str], near: &str| run(&mut tool(arguments)).refused(2, &[near]);
    refused(&["sql", "metrics", "--dialect", "sqlite", "--only", "heatmapp"], "did you mean `heatmap`?");
    refused(&["sql", "views", "--dialect", "duckbd"], "did you mean `duckdb`?");
    refused(&["sql", "view", "--dialect", "duckdb"], "views");
    refused(&["sql", "metrics"], "`--dialect` is missing");
    let days = ["sql", "metrics", "--dialect", "sqlite", "--from", "2026-02-02", "--till", "2026-02-01"];
    refused(&days, "ends before it starts");
}
