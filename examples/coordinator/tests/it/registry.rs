//! The registry and the shipped workflows: what is declared is emitted, nothing else is, and fields come down to where they
//! belong.

use std::collections::BTreeSet;

use tense_grammar::Registry;
use tense_store::{Span, Trace};

use crate::program::Desk;

const OWN: &str = include_str!("../../tense.toml");

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
            assert_eq!(span.absent, [""; 0], "{}", span.event_type);
        }
    }
}

/// Every field that is handed down, on every span and moment below the one that recorded it.
fn check_handed_down(trace: &Trace) -> usize {
    let mut seen = 0;
    for span in trace.spans() {
        let above = |span: &Span| span.parent_id.and_then(|id| trace.spans().iter().find(|above| above.id == id));
        for field in ["token_id", "node_id"] {
            let mut at = above(span);
            while let Some(recorded) = at {
                if recorded.data.get(field).is_some() {
                    assert!(span.data.get(field).is_some(), "{} has no {field}\n{trace}", span.event_type);
                    seen += 1;
                    break;
                }
                at = above(recorded);
            }
        }
    }
    seen
}

#[test]
fn what_is_below_a_token_or_a_node_carries_it() {
    let desk = Desk::new();
    assert_eq!(desk.run(&[]).code, Some(0));
    let traces = desk.traces();
    assert_eq!(traces.len(), 4);
    let seen: usize = traces.iter().map(check_handed_down).sum();
    assert!(seen > 1_000, "{seen}");
}
