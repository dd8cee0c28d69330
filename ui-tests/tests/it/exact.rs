//! The cases go in; on the recorded compiler every letter of its output has to be the recorded one.

use crate::case;

#[test]
fn the_compiler_says_what_was_recorded() {
    let cases = trybuild::TestCases::new();
    cases.pass("pass/*.rs");
    // Elsewhere rustc's own words around ours may differ; `sentences` holds there.
    if case::is_recorded_compiler() {
        cases.compile_fail("fail/*.rs");
    }
}
