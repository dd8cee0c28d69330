//! What the old design would have emitted: the counts that are printed, and the lines that are written.

use std::collections::BTreeMap;

use tense_event::Status;
use tense_grammar::Registry;

use crate::events::stored;
use crate::program::Desk;
use crate::registry::OWN;

/// The decisions that the old design reported twice, as the log calls them, and the event that tells each today.
#[rustfmt::skip]
const DOUBLED: [(&str, &str); 10] = [
    ("create_token", "operation.tokens.created"),
    ("mark_waiting", "operation.tokens.status_updated"),
    ("mark_for_dispatch", "operation.tokens.status_updated"),
    ("update_token_status", "operation.tokens.status_updated"),
    ("set_context", "operation.context.field_set"),
    ("initialize_branch_table", "operation.context.branch_table.created"),
    ("drop_branch_tables", "operation.context.branch_table.dropped"),
    ("apply_branch_output", "operation.context.branch.written"),
    ("merge_branches", "operation.context.merged"),
    ("apply_output", "operation.context.output_mapping.applied"),
];

/// How often something was done or told, by the event that tells it today.
type Times = BTreeMap<String, u64>;

/// What was done, from three sources that know nothing of each other.
#[derive(Clone)]
struct Doubled {
    /// By the log of decisions, in the coordinator's own database.
    done: Times,
    /// By the trace database.
    today: Times,
    /// By the lines of the old design, for each of its layers.
    before: BTreeMap<String, Times>,
}

fn layer(name: &str) -> &str {
    name.split('.').next().unwrap()
}

fn is_doubled(event: &str) -> bool {
    DOUBLED.iter().any(|(_, doubled)| *doubled == event)
}

impl Doubled {
    fn of(desk: &Desk) -> Self {
        let events = stored(desk);
        // Applying an output has a step before all that it maps, and one for each of them that the task did not give.
        let told = |name: &str| events.iter().filter(|event| event.event_type == name).count() as u64;
        let beside = ["started", "skipped"].map(|word| told(&format!("operation.context.output_mapping.{word}")));
        let sql = "SELECT json_extract(decision, '$.type'), sum(CASE json_extract(decision, '$.type')
                     WHEN 'apply_output' THEN steps ELSE steps > 0 END) FROM decisions GROUP BY 1";
        let mut done = Times::new();
        for (decision, times) in desk.query("state.db", sql) {
            if let Some((_, event)) = DOUBLED.iter().find(|(doubled, _)| *doubled == decision) {
                let beside = if decision == "apply_output" { beside.iter().sum() } else { 0 };
                *done.entry((*event).to_owned()).or_default() += times.parse::<u64>().unwrap() - beside;
            }
        }

        let mut today = Times::new();
        let reports = events.iter().filter(|event| event.status != Status::Pending && is_doubled(&event.event_type));
        reports.for_each(|event| *today.entry(event.event_type.to_string()).or_default() += 1);

        // By the registry, not by the table that they were written by.
        let registry = Registry::parse(OWN).unwrap();
        let mut before: BTreeMap<String, Times> = BTreeMap::new();
        for line in desk.lines("old.jsonl").iter().filter(|line| line["status"] != "pending") {
            let old = line["event_type"].as_str().unwrap();
            if let Some(event) = registry.successor(old).filter(|event| is_doubled(event)) {
                *before.entry(layer(old).to_owned()).or_default().entry(event.to_owned()).or_default() += 1;
            }
        }
        Self { done, today, before }
    }

    /// How many there are in each layer, today and before; or that it is not two fifths fewer, or what was not told as
    /// often as it was done.
    fn fewer(&self) -> Result<Vec<(&str, u64, u64)>, String> {
        let mut layers: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        self.today.iter().for_each(|(event, times)| layers.entry(layer(event)).or_default().0 += times);
        let before = self.before.iter().map(|(layer, times)| (layer, times.values().sum::<u64>()));
        before.for_each(|(layer, times)| layers.entry(layer).or_default().1 += times);
        let (today, before) = layers.values().fold((0, 0), |sum, layer| (sum.0 + layer.0, sum.1 + layer.1));
        if today * 100 > before * 60 {
            return Err(format!("{today} events instead of {before}: {layers:?}"));
        }
        for (_, event) in DOUBLED {
            let done = self.done.get(event).copied().unwrap_or_default();
            let before = ["operation", "dispatch"].map(|layer| (layer, self.before.get(layer)));
            for (who, times) in [("today", Some(&self.today))].into_iter().chain(before) {
                let told = times.and_then(|times| times.get(event)).copied().unwrap_or_default();
                if told != done || done == 0 {
                    return Err(format!("{event} was done {done} times, and told {told} times by {who}"));
                }
            }
        }
        Ok(layers.into_iter().map(|(layer, (today, before))| (layer, today, before)).collect())
    }
}

/// The run that all of this looks at.
fn desk() -> (Desk, String) {
    let desk = Desk::new();
    let said = desk.run(&["run", "--db", "state.db", "--legacy-events", "old.jsonl"]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    (desk, said.out)
}

#[test]
fn over_the_doubled_operations_there_are_at_least_two_fifths_fewer_events() {
    let doubled = Doubled::of(&desk().0);
    let layers = doubled.fewer().unwrap_or_else(|error| panic!("{error}"));
    let [(dispatch, 0, told_again), (operation, today, told)] = layers.as_slice() else { panic!("{layers:?}") };
    assert_eq!((*dispatch, *operation), ("dispatch", "operation"));
    assert!(today > &100 && (today, today) == (told, told_again), "{layers:?}");

    // That this can fail: something is told twice today, or one half of a pair is lost.
    let refuses = |change: &dyn Fn(&mut Doubled), expected: &str| {
        let mut seeded = doubled.clone();
        change(&mut seeded);
        let error = seeded.fewer().unwrap_err();
        assert!(error.contains(expected), "{error}");
    };
    refuses(&|seeded| seeded.today.values_mut().for_each(|times| *times *= 2), "events instead of");
    for layer in ["operation", "dispatch"] {
        refuses(&|seeded| drop(seeded.before.remove(layer)), "events instead of");
    }
    for (_, event) in DOUBLED {
        refuses(&|seeded| *seeded.today.get_mut(event).unwrap() += 1, "by today");
        for layer in ["operation", "dispatch"] {
            let of_layer = |seeded: &mut Doubled| *seeded.before.get_mut(layer).unwrap().get_mut(event).unwrap() -= 1;
            refuses(&of_layer, &format!("by {layer}"));
        }
    }
}

/// The numbers of a line of a printed table.
fn numbers(out: &str, title: &str, name: &str) -> (u64, u64) {
    let (_, table) = out.split_once(title).unwrap();
    let line = table.lines().find(|line| line.trim_start().starts_with(&format!("{name} "))).unwrap();
    let mut words = line.split_whitespace().skip(1).map(|word| word.parse().unwrap());
    (words.next().unwrap(), words.next().unwrap())
}

#[test]
fn what_is_printed_is_what_was_stored_and_what_was_written() {
    let (desk, out) = desk();
    let mut layers: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for (name, count) in desk.event_counts() {
        layers.entry(layer(&name).to_owned()).or_default().0 += count;
    }
    let old = desk.lines("old.jsonl");
    for event in &old {
        layers.entry(layer(event["event_type"].as_str().unwrap()).to_owned()).or_default().1 += 1;
    }
    assert_eq!(layers.keys().collect::<Vec<_>>(), ["debug", "decision", "dispatch", "operation", "sql"]);
    for (layer, counts) in &layers {
        assert_eq!(numbers(&out, "events ", layer), *counts, "{layer}");
    }
    assert_eq!(numbers(&out, "events ", "all"), (desk.event_count() as u64, old.len() as u64));

    let doubled = Doubled::of(&desk);
    let before: u64 = doubled.before.values().flat_map(Times::values).sum();
    assert_eq!(numbers(&out, "of doubled operations", "all"), (doubled.today.values().sum(), before));
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
