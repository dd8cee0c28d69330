//! `docs/json.md` enters, and what each command writes as JSON; what is written is documented, and what is documented
//! is not forgotten.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::asked::{all, in_time, stage, tense};

const PAGE: &str = include_str!("../../../docs/json.md");

/// The keys of each command, by its section, whose heading is its name or those of several: what stands in backticks in
/// the first cells, up to the first dot or bracket.
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let mut sections: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut commands: Vec<String> = Vec::new();
    for line in PAGE.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            // What is no command begins with a capital letter.
            let is_name = |name: &&str| name.starts_with(|c: char| c.is_ascii_lowercase());
            let names = heading.split([',', '`', ' ']).map(str::trim).filter(|name| !["and", "tense"].contains(name));
            commands = names.filter(is_name).map(str::to_owned).collect();
            for command in &commands {
                assert!(sections.insert(command.clone(), BTreeSet::new()).is_none(), "`{command}` is there twice");
            }
        }
        let Some(cell) = line.strip_prefix('|').and_then(|row| row.split('|').next()) else { continue };
        let keys = cell.split('`').skip(1).step_by(2).filter_map(|key| key.split(['.', '[']).next());
        let keys: Vec<String> = keys.map(str::to_owned).collect();
        commands.iter().for_each(|command| sections.entry(command.clone()).or_default().extend(keys.iter().cloned()));
    }
    sections
}

/// Commands that write JSON when they are asked to, and how they are asked. Where nothing was wrong some write nothing.
fn asked_for_json(help: &str) -> Option<&'static [&'static str]> {
    help.contains("--json").then_some(&["--json"])
}

#[test]
fn every_key_that_is_written_is_documented_and_every_section_is_of_a_command() {
    let sections = documented();
    let bench = stage();
    let folder = bench.folder();
    let mut with_json = BTreeSet::new();
    for asked in all() {
        let Some(more) = asked_for_json(&asked.help) else { continue };
        with_json.insert(asked.name.clone());
        let known = sections.get(&asked.name);
        let known = known.unwrap_or_else(|| panic!("docs/json.md has no section `tense {}`", asked.name));
        assert!(!known.is_empty(), "docs/json.md has no keys of `tense {}`", asked.name);
        let said = in_time(&mut tense(folder, &asked.with(more)), &asked.name);
        for value in values(&said.out) {
            let object = value.as_object().unwrap_or_else(|| panic!("`tense {}` writes {value}", asked.name));
            // The version is of every shape, and of the page.
            let is_of_all = |key: &str| key == "version" && object[key] == tense_store::json::VERSION;
            let unknown: Vec<&String> = object.keys().filter(|key| !is_of_all(key) && !known.contains(*key)).collect();
            assert!(unknown.is_empty(), "docs/json.md does not have {unknown:?} of `tense {}`", asked.name);
        }
    }
    let sections: BTreeSet<String> = sections.into_keys().collect();
    assert_eq!(sections, with_json);
    assert!(PAGE.contains(&format!("**version {}** of all shapes", tense_store::json::VERSION)));
}

/// One value over several lines, or one a line.
fn values(out: &str) -> Vec<Value> {
    let all = serde_json::Deserializer::from_str(out).into_iter::<Value>();
    all.map(|value| value.unwrap_or_else(|error| panic!("{error}: {out}"))).collect()
}
