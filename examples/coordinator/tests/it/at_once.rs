//! A hundred workflows at once: they do not get into each other's traces.

use std::collections::{BTreeMap, BTreeSet};

use tense_store::Outcome;

use crate::program::{Desk, job_id};

/// Workflows that are tasks of others.
const NESTED: [&str; 2] = ["delivery-", "crooked-"];

/// What has a row of its own in the coordinator's database, and what tells of it.
const TOLD: [(&str, &str); 4] = [
    ("batches", "dispatch.batch.start"),
    ("batches", "dispatch.batch.complete"),
    ("decisions", "dispatch.decision.planned"),
    ("tokens", "operation.tokens.created"),
];

fn check(workers: &str) {
    let desk = Desk::new();
    let said = desk.run(&["run", "--copies", "20", "--workers", workers, "--db", "state.db"]);
    // Had a record been dropped, by a ring that was full or anywhere else, the program would say so.
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    assert!(said.out.ends_with("100 workflows: 80 completed, 20 failed\n"), "{}", said.out);

    // Nor can it be overlooked: as much is told as the state says has happened.
    let told = desk.event_counts();
    for (table, event) in TOLD {
        let rows = desk.query("state.db", &format!("SELECT count(*), '' FROM {table}"));
        assert_eq!(told[event].to_string(), rows[0].0, "{event}");
    }

    let traces = desk.traces();
    let mut seen = BTreeSet::new();
    let mut trace_of = BTreeMap::new();
    for trace in &traces {
        // One tree, and everything in it: no parent is in another trace, nothing is open, nothing contradicts itself.
        assert!(trace.gaps().is_empty(), "{:?}\n{trace}", trace.gaps());
        let roots: Vec<_> = trace.roots().collect();
        assert_eq!(roots.len(), 1, "{trace}");
        let run = job_id(roots[0]).unwrap();
        let expected = if run.starts_with("order-") { Outcome::Failed } else { Outcome::Success };
        assert_eq!(roots[0].outcome, expected, "{run}");
        for span in trace.spans() {
            let job = job_id(span).unwrap_or_else(|| panic!("{} of {run} has no job:\n{trace}", span.event_type));
            let is_nested = NESTED.iter().any(|name| job.starts_with(name));
            assert!(job == run || is_nested, "{} of {job} in the trace of {run}", span.event_type);
            // A nested run has a number of its own, and is in one trace only.
            let known = trace_of.entry(job.to_owned()).or_insert(trace.id());
            assert_eq!(*known, trace.id(), "{job}");
            // Its token, or the one whose task it is.
            if let Some(token) = span.data.get("token_id").and_then(|token| token.as_str()) {
                let of = token.rsplit_once(".t").unwrap().0;
                assert!(of == job || is_nested && of == run, "{token} in {job}");
            }
        }
        seen.insert(run.to_owned());
    }
    assert_eq!((traces.len(), seen.len()), (100, 100));
}

#[test]
fn a_hundred_at_once_on_one_thread() {
    check("1");
}

#[test]
fn a_hundred_at_once_on_two_threads() {
    check("2");
}
