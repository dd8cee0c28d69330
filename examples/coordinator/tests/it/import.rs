//! What the old design would have emitted is imported by the command `tense`, and shown under the names of today.

use std::collections::{BTreeMap, BTreeSet};

use tense_event::Event;
use tense_grammar::Registry;

use crate::command::{REGISTRY, ask};
use crate::events::stored;
use crate::program::Desk;
use crate::registry::OWN;

/// A desk whose database has nothing but the lines of a run on another one, and that run.
fn imported() -> (Desk, Desk) {
    let (ran, desk) = (Desk::new(), Desk::new());
    assert_eq!(ran.run(&["run", "--legacy-events", "old.jsonl"]).code, Some(0));
    let file = ran.path("old.jsonl");
    let said = ask(&desk, &["import", file.to_str().unwrap(), "--registry", REGISTRY]);
    assert!(said.starts_with(&format!("{} events imported", ran.lines("old.jsonl").len())), "{said}");
    assert!(!said.contains("not imported"), "{said}");
    (ran, desk)
}

/// The names that may be met today: those that are declared, their failures, and those that were removed for good.
fn known(registry: &Registry) -> BTreeSet<String> {
    let declared = registry.events().flat_map(|event| [event.name.clone(), registry.failure(event)]);
    let life = "dispatch.batch".to_owned();
    declared.chain(registry.removals().map(|(name, _)| name.to_owned())).chain([life]).collect()
}

#[test]
fn every_old_name_is_shown_under_its_new_one_and_none_is_unknown() {
    let (ran, desk) = imported();
    let registry = Registry::parse(OWN).unwrap();
    let known = known(&registry);

    // Each event is stored under the name that has taken the place of its old one.
    let mut expected: BTreeMap<String, u64> = BTreeMap::new();
    let mut renamed = BTreeSet::new();
    for line in ran.lines("old.jsonl") {
        let old = line["event_type"].as_str().unwrap();
        let new = registry.successor(old);
        renamed.extend(new.map(|_| old.to_owned()));
        *expected.entry(new.unwrap_or(old).to_owned()).or_default() += 1;
    }
    assert_eq!(desk.event_counts(), expected);
    // All that were given up, but for a name that had two spellings.
    let was: BTreeSet<String> = registry.events().flat_map(|event| event.was.clone()).collect();
    assert_eq!(was.difference(&renamed).collect::<Vec<_>>(), ["operation.context.read_all"]);
    let unknown = |name: fn(&Event) -> &str| {
        let events = stored(&desk);
        let names = events.iter().map(name).filter(|name| !known.contains(*name));
        names.map(str::to_owned).collect::<BTreeSet<_>>()
    };
    assert_eq!(unknown(|event| &event.event_type), BTreeSet::new());
    assert_eq!(unknown(|event| &event.span_name), BTreeSet::new());

    // And so they are shown: whatever looks like a name in a tree is one of today.
    let mut shown = BTreeSet::new();
    for trace in desk.traces() {
        assert_eq!(trace.roots().count(), 1);
        let tree = ask(&desk, &["tree", &trace.id().to_string()]);
        for line in tree.lines() {
            let name = line.trim_start_matches(['├', '└', '│', '─', ' ']).split(' ').next().unwrap();
            assert!(known.contains(name), "{name} in {line}");
            shown.insert(name.to_owned());
        }
    }
    for event in registry.events().filter(|event| !event.was.is_empty()) {
        assert!(shown.contains(&event.name), "{}", event.name);
    }
}
