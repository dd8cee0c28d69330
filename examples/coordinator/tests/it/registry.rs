//! The registry and the shipped workflows: what is declared is emitted, nothing else is, and fields come down to where
//! they belong.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::Value;
use tense_grammar::Registry;

use crate::events::stored;
use crate::program::Desk;

pub(crate) const OWN: &str = include_str!("../../tense.toml");

#[test]
fn the_registry_is_the_reference() {
    assert_eq!(OWN, include_str!("../../../../ui-tests/coordinator/tense.toml"));
    assert!(Registry::parse(OWN).unwrap().is_closed());
}

#[test]
fn every_declared_event_is_emitted_by_a_shipped_workflow_and_only_failures_beside_them() {
    let desk = Desk::new();
    assert_eq!(desk.run(&[]).code, Some(0));
    let counts = desk.event_counts();
    let emitted: BTreeSet<&str> = counts.keys().map(String::as_str).collect();
    let registry = Registry::parse(OWN).unwrap();
    let declared: BTreeSet<&str> = registry.events().map(|event| event.name.as_str()).collect();
    assert_eq!(declared.difference(&emitted).collect::<Vec<_>>(), Vec::<&&str>::new());
    let beside: Vec<_> = emitted.difference(&declared).copied().collect();
    assert_eq!(beside, ["debug.http.request_fail", "operation.context.output_mapping.apply_failed"]);
    for trace in desk.traces() {
        for span in trace.spans() {
            assert_eq!(span.absent(), [""; 0], "{}", span.event_type);
        }
    }
}

/// Looked at in the single events, as they were delivered: a trace has put those of one span together.
#[test]
fn every_event_below_a_span_that_recorded_a_token_or_a_node_carries_it() {
    let desk = Desk::new();
    assert_eq!(desk.run(&[]).code, Some(0));
    let events: Vec<Value> = stored(&desk).iter().map(|event| serde_json::to_value(event).unwrap()).collect();
    let id = |event: &Value, key: &str| event[key].as_str().map(str::to_owned);
    let parents: HashMap<_, _> =
        events.iter().map(|event| (id(event, "span_id").unwrap(), id(event, "parent_span_id"))).collect();
    for field in ["token_id", "node_id"] {
        // A span has recorded what any of its events says.
        let recorded = events.iter().filter(|event| event["data"].get(field).is_some());
        let recorded: HashSet<_> = recorded.map(|event| id(event, "span_id").unwrap()).collect();
        let mut below = 0;
        for event in &events {
            let mut above = id(event, "parent_span_id");
            while let Some(span) = above.take_if(|span| !recorded.contains(span)) {
                above = parents.get(&span).cloned().flatten();
            }
            if above.is_some() {
                below += 1;
                assert!(event["data"].get(field).is_some(), "no {field} in {event}");
            }
        }
        assert!(below > 1_000, "{below} events are below one with {field}");
    }
}

/// All events say it of these fields, those of other crates and moments included: so a search goes by it.
#[test]
fn labels_lead_to_all_tokens_and_nodes() {
    let desk = Desk::new();
    assert_eq!(desk.run(&[]).code, Some(0));
    let sql = "SELECT name, coalesce(loose, 0) FROM names WHERE name IN ('token_id', 'node_id') ORDER BY name";
    let labelled = ["node_id", "token_id"].map(|name| (name.to_owned(), "0".to_owned()));
    assert_eq!(desk.query("tense.db", sql), labelled);
}
