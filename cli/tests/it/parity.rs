//! Every case of the compiler's diagnostics enters; `tense lint` says the same about names, at the same place.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::said::said;

/// Groups of rules that the grammar tells; the others are about annotations, and only the compiler reads these.
const OF_NAMES: [&str; 9] = [
    "[name/function]",
    "[name/too-long]",
    "[name/too-short]",
    "[name/wildcard]",
    "[name/word]",
    "[tense/past]",
    "[tense/present]",
    "[exempt/reason]",
    "[exempt/stale]",
];

/// Told by the macros in words of their own: what begins with a digit is a number to whoever reads tokens.
const BY_TOKENS: &str = "a word of a name begins with a letter";

#[test]
fn lint_says_what_the_compiler_says() {
    let house = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut compiler = BTreeSet::new();
    for entry in fs::read_dir(house.join("ui-tests/fail")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "stderr") {
            let text = fs::read_to_string(&path).unwrap();
            let lines: Vec<&str> = text.lines().collect();
            for pair in lines.windows(2) {
                let place = pair[1].trim_start().strip_prefix("--> ");
                let message =
                    pair[0].strip_prefix("error: ").filter(|told| OF_NAMES.iter().any(|rule| told.ends_with(rule)));
                if let (Some(message), Some(place)) = (message, place)
                    && !message.starts_with(BY_TOKENS)
                {
                    compiler.insert(format!("ui-tests/{place}: {message}"));
                }
            }
        }
    }
    assert!(compiler.len() > 20, "no more than {compiler:#?}");
    let mut lint = std::process::Command::new(env!("CARGO_BIN_EXE_tense"));
    let said = said(lint.args(["lint", "ui-tests/fail", "--format", "json"]).current_dir(house).output().unwrap());
    let told = said.json().into_iter().map(|told| {
        let text = |key: &str| told[key].as_str().unwrap().to_owned();
        format!("{}:{}:{}: {}", text("file"), told["line"], told["column"], text("message"))
    });
    let lint: BTreeSet<String> = told.collect();
    let differ: Vec<_> = compiler.symmetric_difference(&lint).collect();
    assert!(differ.is_empty(), "only one of the two says {differ:#?}");
}
