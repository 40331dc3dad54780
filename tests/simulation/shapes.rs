//! Listings of the other shapes, by seeds.

use calllegs_core::schema::Shape;
use calllegs_tests::simulation::{End, shapes};

/// Seeds of each shape in a normal test run.
const SEEDS: u64 = 500;

#[test]
fn no_listing_of_any_shape_loses_a_row() {
    let runs = Shape::ALL.iter().flat_map(|shape| (0..SEEDS).map(|seed| shapes::run(*shape, seed)));
    let broken: Vec<_> = runs.filter_map(Result::err).map(|law| law.to_string()).collect();
    assert!(broken.is_empty(), "{}:\n{}", broken.len(), broken.join("\n"));
}

/// The oracle is no weaker than the law: one row less, and a run that ends well breaks it.
#[test]
fn a_row_that_is_lost_is_caught_in_every_shape() {
    for shape in Shape::ALL {
        let (mut caught, mut whole) = (0, 0);
        for seed in 0..200 {
            let Ok(read) = shapes::run(*shape, seed) else { continue };
            if read.end != End::Complete || read.rows == 0 || shapes::is_blind(*shape, seed) {
                continue;
            }
            let row = usize::try_from(seed * 7919).unwrap_or_default() % read.rows;
            // A row that came or went meanwhile is owed to nobody.
            caught += u64::from(shapes::run_losing(*shape, seed, Some(row)).is_err());
            whole += 1;
        }
        assert!(whole > 50 && caught * 10 >= whole * 9, "{shape}: {caught} of {whole}");
    }
}

/// What is told before is what is paid then: to the call where a listing fits into its pages, and near it where windows
/// follow each other or are cut.
#[test]
fn what_a_listing_costs_is_forecast() {
    const ROWS: [u64; 15] = [0, 1, 9, 10, 11, 19, 30, 99, 100, 109, 110, 111, 130, 250, 700];
    let mut checked = 0;
    for shape in Shape::ALL {
        for (table, rows) in (0..8).flat_map(|table| ROWS.map(|rows| (table, rows))) {
            // What neither a number nor an order cuts is not read beyond its offsets.
            let Some(Ok((told, paid))) = shapes::cost(*shape, table, rows) else { continue };
            let more = if rows > 110 { 1 + told / 30 } else { 0 };
            assert!(told <= paid && paid <= told + more, "{shape} {table} {rows}: {told} and {paid}");
            checked += 1;
        }
    }
    assert_eq!(checked, 14 * ROWS.len() - 5 * 4);
}
