//! What the old design would have emitted: the counts that are printed, and the lines that are written.

use std::collections::BTreeMap;

use crate::program::Desk;

/// The numbers of a line of the printed table.
fn numbers(out: &str, title: &str, name: &str) -> (u64, u64) {
    let (_, table) = out.split_once(title).unwrap();
    let line = table.lines().find(|line| line.trim_start().starts_with(&format!("{name} "))).unwrap();
    let mut words = line.split_whitespace().skip(1).map(|word| word.parse::<u64>().unwrap());
    (words.next().unwrap(), words.next().unwrap())
}

#[test]
fn both_counts_are_printed_and_the_doubled_operations_have_at_least_two_fifths_fewer() {
    let desk = Desk::new();
    let said = desk.run(&["run", "--legacy-events", "old.jsonl"]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let first = |title: &str, name: &str| {
        let out = said.out.replace("% fewer", "");
        let (_, table) = out.split_once(title).unwrap();
        let line = table.lines().find(|line| line.trim_start().starts_with(&format!("{name} "))).unwrap();
        let words: Vec<u64> = line.split_whitespace().skip(1).filter_map(|word| word.parse().ok()).collect();
        (words[0], words[1])
    };
    let (today, before) = first("of doubled operations", "all");
    assert!(today > 0 && (before - today) * 100 >= before * 40, "{today} of {before}");

    // What is printed is what was stored and what was written, by layer.
    let layer = |name: &str| name.split('.').next().unwrap().to_owned();
    let mut stored: BTreeMap<String, u64> = BTreeMap::new();
    desk.event_counts().into_iter().for_each(|(name, count)| *stored.entry(layer(&name)).or_default() += count);
    let old = desk.lines("old.jsonl");
    let mut written: BTreeMap<String, u64> = BTreeMap::new();
    old.iter().for_each(|event| *written.entry(layer(event["event_type"].as_str().unwrap())).or_default() += 1);
    for (layer, written) in written {
        assert_eq!(numbers(&said.out, "events", &layer), (stored[&layer], written), "{layer}");
    }
    let all = (stored.values().sum::<u64>(), old.len() as u64);
    assert_eq!(first("events", "all"), all);
}

#[test]
fn the_lines_are_events_under_their_old_names() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["run", "--legacy-events", "old.jsonl"]).code, Some(0));
    let today = desk.event_counts();
    let mut old: BTreeMap<String, u64> = BTreeMap::new();
    for event in desk.lines("old.jsonl") {
        assert_eq!(event["schema_version"], 1);
        assert!(event["trace_id"].is_string() && event["span_id"].is_string(), "{event}");
        *old.entry(event["event_type"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    let (created, moved) = (today["operation.tokens.created"], today["operation.tokens.status_updated"]);
    assert_eq!((old["operation.tokens.create"], old["dispatch.token.created"]), (created, created));
    let told =
        ["status_updated", "marked_waiting", "marked_for_dispatch"].map(|word| old[&format!("dispatch.token.{word}")]);
    assert_eq!((old["operation.tokens.update_status"], told.iter().sum::<u64>()), (moved, moved));
    assert_eq!(old["dispatch.sync.check_requested"], today["decision.sync.start"]);
    assert!(old["dispatch.tokens.batch_created"] > 0);
    for gone in ["operation.tokens.created", "operation.tokens.status_updated", "operation.context.merged"] {
        assert!(!old.contains_key(gone), "{gone}");
    }
}
