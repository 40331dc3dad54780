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
