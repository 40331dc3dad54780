//! The server refuses to filter by the start of a session.

use calllegs_reports::calls_report::CallsReport;

fn main() {
    let _ = CallsReport::START_TIME.equals(chrono::NaiveDateTime::default());
}
