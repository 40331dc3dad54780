//! Seeds of the simulation: thousands in every run, any number with `cargo xtask simulate`.

use calllegs_tests::simulation;

/// Seeds of a normal test run.
const SEEDS: u64 = 3000;

#[test]
fn no_schedule_of_faults_loses_a_row() {
    let mut broken = Vec::new();
    for seed in 0..SEEDS {
        if let Err(violation) = simulation::run(seed) {
            broken.push(violation.to_string());
        }
    }
    assert!(
        broken.is_empty(),
        "{} of {SEEDS}, among them:\n{}",
        broken.len(),
        broken[..broken.len().min(5)].join("\n")
    );
}

#[test]
fn a_seed_is_the_same_run_each_time() {
    for seed in [1, 77, 4242] {
        assert_eq!(simulation::run(seed), simulation::run(seed));
    }
}
