//! Every mistake has a recorded case, and every rule that can be broken has a mistake.

use std::collections::BTreeSet;

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

#[test]
fn every_rule_is_broken_by_a_case() {
    let told: String = case::all().into_iter().flat_map(|case| case.sentences).collect();
    let mut broken = Vec::new();
    for file in ["macros/src/errors.rs", "grammar/src/violation.rs"] {
        let tokens: TokenStream = read(&root().join(file)).parse().unwrap();
        let mut rules = BTreeSet::new();
        collect_rules(tokens, &mut rules);
        assert!(rules.len() > 5, "{file} has no more than {rules:?}");
        let silent = rules.iter().filter(|rule| !told.contains(&format!("[{rule}]")));
        broken.extend(silent.map(|rule| format!("no case tells the rule {rule} of {file}")));
    }
    assert_none(&broken);
}

/// Ids as they stand in literals: `tense/past` alone, or in brackets at the end of a sentence.
fn collect_rules(tokens: TokenStream, rules: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => collect_rules(group.stream(), rules),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
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
