//! The compile errors that the crate's pages promise, with their wording.

#[test]
fn illegal_fields_do_not_compile() {
    trybuild::TestCases::new().compile_fail("ui/*_refused.rs");
}
