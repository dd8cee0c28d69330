//! `docs/rules.md` goes in: every rule has its page there, and every message quoted there is what is really told.

use std::collections::BTreeSet;

use tense_grammar::{Form, Registry, Written};

use super::cases::rules_in;
use super::{assert_none, files, read, root, shown};

/// Groups of rules, in the order of the page.
const GROUPS: [&str; 11] =
    ["name", "tense", "exempt", "registry", "file", "fields", "attribute", "item", "stage", "body", "lint"];

/// Whose diagnostics end with an id.
const ROOMS: [&str; 4] = ["grammar/src/", "macros/src/", "runtime/src/", "cli/src/"];

fn page() -> String {
    read(&root().join("docs/rules.md"))
}

/// The ids that have a section, in the order of the page.
fn sections(page: &str) -> Vec<&str> {
    let headings = page.lines().filter_map(|line| line.strip_prefix("## "));
    headings.filter_map(|heading| heading.strip_prefix('`')?.strip_suffix('`')).collect()
}

#[test]
fn every_rule_has_a_section_and_every_section_a_rule() {
    let page = page();
    let sections = sections(&page);
    let mut sources = BTreeSet::new();
    for file in files("rs").into_iter().filter(|path| ROOMS.iter().any(|room| shown(path).starts_with(room))) {
        sources.extend(rules_in(&file));
    }
    sources.retain(|rule| GROUPS.iter().any(|group| rule.split('/').next() == Some(group)));
    assert!(sources.len() > 30, "no more than {sources:?}");
    let mut broken = Vec::new();
    for rule in sources.iter().filter(|rule| !sections.contains(&rule.as_str())) {
        broken.push(format!("docs/rules.md has no section `{rule}`"));
    }
    for section in sections.iter().filter(|section| !sources.contains(**section)) {
        broken.push(format!("docs/rules.md explains `{section}`, which no source tells"));
    }
    assert_none(&broken);
}

#[test]
fn the_sections_stand_in_their_groups_and_in_order() {
    let page = page();
    let place = |rule: &&str| {
        let group = rule.split('/').next().unwrap();
        let group = GROUPS.iter().position(|known| *known == group);
        (group.unwrap_or_else(|| panic!("`{rule}` is of no group that is known")), rule.to_string())
    };
    let sections = sections(&page);
    assert!(sections.is_sorted_by_key(place), "{sections:#?}");
    assert_eq!(sections.iter().collect::<BTreeSet<_>>().len(), sections.len(), "a rule has one section");
}

#[test]
fn every_quoted_message_is_really_told() {
    let page = page();
    let recorded = recorded();
    let registry = Registry::builtin();
    let mut quoted = 0;
    let mut broken = Vec::new();
    for section in page.split("\n## ").skip(1) {
        let heading = section.lines().next().unwrap().trim_matches('`');
        for block in section.split("\n```text\n").skip(1) {
            let block: Vec<&str> = block.lines().take_while(|line| *line != "```").collect();
            quoted += 1;
            let is_told = match block.as_slice() {
                [message] => recorded.contains(*message),
                [name, message] => {
                    let segments: Vec<&str> = name.split('.').collect();
                    let told = registry.resolve(&Written::new(&segments, Form::Action)).err().unwrap_or_default();
                    told.iter().any(|violation| violation.message == *message)
                }
                _ => panic!("a quotation is a message, or a name and a message: {block:#?}"),
            };
            let message = block.last().unwrap();
            if !is_told {
                broken.push(format!("nobody is told this any more: {message}"));
            }
            if heading.contains('/') && !message.ends_with(&format!(" [{heading}]")) {
                broken.push(format!("this belongs to another section than `{heading}`: {message}"));
            }
        }
    }
    assert!(quoted > 40, "no more than {quoted} quotations");
    assert_none(&broken);
}

/// What the cases expect to be told, each as it is told.
fn recorded() -> BTreeSet<String> {
    let mut recorded = BTreeSet::new();
    for ending in ["rs", "stderr"] {
        for file in files(ending).into_iter().filter(|path| shown(path).starts_with("ui-tests/")) {
            for line in read(&file).lines() {
                // `error[E0277]: the stage ..`
                let error = line.strip_prefix("error").and_then(|rest| rest.split_once(": "));
                let error = error.filter(|(code, _)| code.is_empty() || code.starts_with("[E")).map(|(_, told)| told);
                recorded.extend(error.or_else(|| line.strip_prefix("//~ ")).map(|told| without_place(told).to_owned()));
            }
        }
    }
    recorded
}

/// A mistake in a file without where it stands: `tense.toml:2:1: `.
fn without_place(told: &str) -> &str {
    let place = |rest: &str| rest.bytes().all(|b| b.is_ascii_digit() || b == b':');
    let rest = told.strip_prefix("tense.toml:").and_then(|rest| rest.split_once(": "));
    rest.filter(|(at, _)| place(at)).map_or(told, |(_, message)| message)
}
