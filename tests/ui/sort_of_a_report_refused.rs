//! The server refuses to sort employees by their groups.

use calllegs_core::{Order, Query};
use calllegs_reports::employees::Employees;

fn main() {
    let _ = Query::<Employees>::all().sort_by(Employees::GROUPS, Order::Ascending);
}
