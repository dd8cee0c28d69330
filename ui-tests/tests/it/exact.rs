//! The cases go in; on the recorded compiler every letter of its output has to be the recorded one.
//!
//! After a change of a text, `TRYBUILD=overwrite cargo test -p tense-ui-tests --test it exact` records it anew.

use std::path::Path;

use crate::{case, generated};

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

// A case with a `tense.toml` needs a package of its own, which trybuild cannot give it.
#[test]
#[cfg_attr(not(recorded_compiler), ignore = "needs rustc 1.95.0")]
fn the_compiler_says_of_a_registry_what_was_recorded() {
    let cases = case::all();
    let said = generated::check(&cases, "cases", "");
    let overwrite = std::env::var_os("TRYBUILD").is_some_and(|wish| wish == "overwrite");
    let mut wrong = Vec::new();
    for case in cases.iter().filter(|case| case.registry.is_some()) {
        let folder = case.source.parent().unwrap();
        let file = folder.join("main.stderr");
        let now = generated::without_places(&said[&case.name].diagnostics.join("\n"), folder, "cases", &case.name);
        if overwrite && now.is_empty() {
            // There may be none to be removed.
            std::fs::remove_file(&file).ok();
        } else if overwrite {
            std::fs::write(&file, &now).unwrap();
        } else if now != read_or_empty(&file) {
            wrong.push(format!("--- {}\n{now}", case.name));
        }
    }
    assert!(wrong.is_empty(), "recorded otherwise (TRYBUILD=overwrite records anew):\n{}", wrong.join("\n"));
}

/// A case that compiles in silence has no record.
fn read_or_empty(file: &Path) -> String {
    if file.exists() { std::fs::read_to_string(file).unwrap() } else { String::new() }
}

#[test]
fn the_reason_names_the_recorded_compiler() {
    let reason = format!("ignore = \"needs rustc {}\"", include_str!("../../rustc-version").trim());
    assert_eq!(include_str!("exact.rs").matches(&reason).count(), 2, "write above: {reason}");
}
