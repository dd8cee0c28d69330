//! The cases go in; on the recorded compiler every letter of its output has to be the recorded one.

#[test]
fn what_should_compile_runs() {
    trybuild::TestCases::new().pass("pass/*.rs");
}

// Elsewhere rustc's own words around ours may differ; `sentences` holds there.
#[test]
#[cfg_attr(not(recorded_compiler), ignore = "needs rustc 1.95.0")]
fn the_compiler_says_what_was_recorded() {
    trybuild::TestCases::new().compile_fail("fail/*.rs");
}

#[test]
fn the_reason_names_the_recorded_compiler() {
    let reason = format!("ignore = \"needs rustc {}\"", include_str!("../../rustc-version").trim());
    assert!(include_str!("exact.rs").contains(&reason), "write above: {reason}");
}
