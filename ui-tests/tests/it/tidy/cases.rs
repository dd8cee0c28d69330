//! Every mistake has a recorded case, and every rule that can be broken has a mistake.

use std::collections::BTreeSet;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};

use super::{assert_none, files, read, root, shown};
use crate::case;

#[test]
fn every_case_that_fails_is_recorded_and_nothing_else_is() {
    let mut broken = Vec::new();
    let of = |ending: &str| -> BTreeSet<_> {
        let fail = files(ending).into_iter().filter(|path| shown(path).starts_with("ui-tests/fail/"));
        fail.map(|path| path.with_extension("")).collect()
    };
    let (sources, recorded) = (of("rs"), of("stderr"));
    broken.extend(sources.difference(&recorded).map(|path| format!("{}.stderr is missing", shown(path))));
    broken.extend(recorded.difference(&sources).map(|path| format!("{}.stderr belongs to no case", shown(path))));
    assert_none(&broken);
}

/// The table in `ui-tests/README.md`: a shape has its row, and what a row names is there.
#[test]
fn the_table_of_shapes_names_cases_that_are_there() {
    let table = read(&root().join("ui-tests/README.md"));
    let rows: Vec<Vec<&str>> =
        table.lines().filter_map(|line| Some(line.strip_prefix('|')?.split('|').collect())).collect();
    let numbers: Vec<usize> = rows.iter().filter_map(|row| row.first()?.trim().parse().ok()).collect();
    assert_eq!(numbers, (1..=44).collect::<Vec<_>>());
    let mut broken = Vec::new();
    for named in rows.iter().filter_map(|row| row.get(2)).flat_map(|cell| cell.split('`').skip(1).step_by(2)) {
        let begins = format!("ui-tests/{}", named.trim_end_matches('*'));
        let is_case = |path: &String| match named.ends_with('*') {
            true => path.starts_with(&begins),
            false => path.strip_suffix(".rs") == Some(&begins) || path.starts_with(&format!("{begins}/")),
        };
        let is_folder = named.ends_with('/') && root().join(&begins).is_dir();
        let is_elsewhere = is_folder || root().join(named).exists() || WORDS.contains(&named);
        if !is_elsewhere && !files("rs").iter().any(|path| is_case(&shown(path))) {
            broken.push(format!("ui-tests/README.md names `{named}`, which is not there"));
        }
    }
    assert_none(&broken);
}

/// What the table says once and for all where it is.
const WORDS: [&str; 4] = ["twins", "shapes", "futures", "signatures"];

#[test]
fn every_rule_is_broken_by_a_case() {
    let told: String =
        case::all().into_iter().flat_map(|case| case.sentences.into_iter().chain(case.warnings)).collect();
    let mut broken = Vec::new();
    for (file, rules) in rules() {
        let silent = rules.iter().filter(|rule| !told.contains(&format!("[{rule}]")));
        let silent = silent.filter(|rule| !SHOWN_ELSEWHERE.contains(&rule.as_str()));
        broken.extend(silent.map(|rule| format!("no case tells the rule {rule} of {file}")));
    }
    assert_none(&broken);
}

/// Rules whose case cannot well be a file in this house: one of many megabytes, one with a hundred mistakes, and one
/// that nobody may read. Shown in the tests of the grammar and of the command.
const SHOWN_ELSEWHERE: &[&str] = &["file/more", "file/size", "file/unreadable"];

/// The ids of all diagnostics, with the file that each stands in.
pub(super) fn rules() -> Vec<(String, BTreeSet<String>)> {
    let sources = files("rs").into_iter().map(|path| shown(&path));
    let tell = |path: &String| {
        let places = [
            "macros/src/",
            "grammar/src/violation",
            "grammar/src/contract",
            "grammar/src/file",
            "runtime/src/declared",
        ];
        places.iter().any(|place| path.starts_with(place))
    };
    let found = sources.filter(tell).map(|path| {
        let rules = rules_in(&root().join(&path));
        (path, rules)
    });
    let found: Vec<_> = found.filter(|(_, rules)| !rules.is_empty()).collect();
    assert!(found.len() > 8, "the ids stand in no more than {found:?}");
    found
}

/// The ids of all rules that a source file tells.
pub(super) fn rules_in(file: &Path) -> BTreeSet<String> {
    let tokens: TokenStream = read(file).parse().unwrap_or_else(|error| panic!("{}: {error}", shown(file)));
    let mut rules = BTreeSet::new();
    collect_rules(tokens, &mut rules);
    rules
}

/// Ids as they stand in literals: `tense/past` alone, or in brackets at the end of a sentence.
fn collect_rules(tokens: TokenStream, rules: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => collect_rules(group.stream(), rules),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                // In a doc comment an id is an example, in brackets inside of a text it belongs to the whole of it.
                let id = text.rsplit('[').next().unwrap_or_default().trim_matches(['"', ']']);
                let is_word =
                    |word: &str| !word.is_empty() && word.bytes().all(|b| b == b'-' || b.is_ascii_lowercase());
                if id.split_once('/').is_some_and(|(family, rule)| is_word(family) && is_word(rule)) {
                    rules.insert(id.to_owned());
                }
            }
            _ => {}
        }
    }
}
