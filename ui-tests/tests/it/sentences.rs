//! All cases go in; on whatever compiler this is, every mistake is told in our own words, and nothing else is told.

use crate::case::{self, Case};
use crate::generated::{self, Said};

#[test]
fn every_mistake_is_told_in_our_words_and_only_once() {
    hold(&case::all(), "cases", "");
}

#[test]
fn names_are_checked_when_the_annotations_are_compiled_out() {
    let mut cases = case::all();
    // What is not recorded is not looked at: these mistakes are in its value, and the compiler's to find.
    cases.retain(|case| case.sentences.iter().all(|sentence| sentence.ends_with(']')));
    hold(&cases, "cases-off", "--cfg tense_off");
}

fn hold(cases: &[Case], folder: &str, flags: &str) {
    let mut said = generated::check(cases, folder, flags);
    // Another compiler may add warnings of its own; ours are told on all of them.
    let is_recorded = cfg!(recorded_compiler);
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let said = said.remove(&case.name).unwrap();
            let complaint = complaint(case, &said, is_recorded)?;
            Some(format!("--- {}: {complaint}\n{}", case.name, said.diagnostics.join("\n")))
        })
        .collect();
    assert!(wrong.is_empty(), "{} cases of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn complaint(case: &Case, said: &Said, is_recorded: bool) -> Option<String> {
    if case.sentences.is_empty() != said.compiled {
        return Some(if said.compiled { "it compiles" } else { "it does not compile" }.to_owned());
    }
    let all = said.diagnostics.join("\n");
    let told = || case.sentences.iter().chain(&case.warnings);
    if let Some(sentence) = told().find(|sentence| !all.contains(sentence.as_str())) {
        return Some(format!("not told: {sentence}"));
    }
    let (expected, told) = (told().count() + case.follow_ups, said.diagnostics.len());
    (is_recorded && expected != told).then(|| format!("{told} diagnostics, expected {expected}"))
}
