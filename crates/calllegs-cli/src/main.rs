//! The `calllegs` command.
fn main() {}
