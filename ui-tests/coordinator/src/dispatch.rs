//! What is being orchestrated: a life, its failure, and outcomes that are exempt.

use tense::traced;

/// Everything in this file, once.
pub fn all() {
    batch(7);
    decision_planned("x", "x", Some("x"), 7);
    error("x", "x");
    sync_fan_in_activated("x", "x", 7);
    let ran = [workflow(true), workflow(false)];
    assert!(ran[0].is_ok() && ran[1].is_err());
}

#[traced(dispatch.batch.*, fields(decision_count, total_decisions = _, batched_decisions = _, applied = _, tokens_created = _, tokens_dispatched = _, errors = _))]
fn batch(decision_count: u64) {
    tense::record!(total_decisions = 7);
    tense::record!(batched_decisions = 7);
    tense::record!(applied = 7);
    tense::record!(tokens_created = 7);
    tense::record!(tokens_dispatched = 7);
    tense::record!(errors = 7);
}

#[traced(dispatch.decision.planned, fields(decision_type, source, token_id, timestamp))]
fn decision_planned(decision_type: &str, source: &str, token_id: Option<&str>, timestamp: u64) {}

#[traced(dispatch.error, fields(decision_type, error))]
fn error(decision_type: &str, error: &str) {}

#[traced(dispatch.sync.fan_in_activated, fields(node_id, fan_in_path, merged_count))]
fn sync_fan_in_activated(node_id: &str, fan_in_path: &str, merged_count: u64) {}

#[traced(dispatch.workflow.completed, fields(has_output))]
fn workflow(has_output: bool) -> Result<(), &'static str> {
    if has_output { Ok(()) } else { Err("no output") }
}
