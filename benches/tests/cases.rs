//! Every case of the comparison can be run, and what it records arrives: figures of a recorder that has dropped half
//! would mean nothing. Few bursts, and nothing is said about time.

#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

use std::process::Command;

use serde_json::Value;
use tense_benches::spans::{CHILDREN, FOREIGN, RECORDERS, Work};

/// What the case prints.
fn measured(recorder: &str, work: Work) -> Value {
    let out = Command::new(env!("CARGO_BIN_EXE_tense-benches"))
        .args(["one", "--recorder", recorder, "--work", work.name(), "--threads", "1", "--bursts", "2"])
        .env("HOTPATH_METRICS_SERVER_OFF", "1")
        .output()
        .unwrap();
    assert!(out.status.success(), "{recorder}: {}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).unwrap()
}

/// Spans and events that have to arrive for each span.
fn expected(recorder: &str, work: Work) -> f64 {
    match (recorder, work) {
        // `err` is an event of its own, of all spans but the root
        (FOREIGN, Work::Errors) => 1.0 + CHILDREN as f64 / (CHILDREN + 1) as f64,
        _ => 1.0,
    }
}

#[test]
fn each_can_be_run_and_each_span_arrives() {
    for recorder in RECORDERS {
        for work in Work::ALL.into_iter().filter(|work| recorder.root(*work).is_some()) {
            let measured = measured(recorder.name, work);
            assert_eq!(measured["nanos"].as_array().unwrap().len(), 2);
            let (arrived, expected) = (measured["arrived"].as_f64().unwrap(), expected(recorder.name, work));
            let case = format!("{}, {}: {arrived} arrived", recorder.name, work.name());
            match recorder.delivers {
                true if recorder.name.contains("tense") => assert!((arrived - expected).abs() < 1e-6, "{case}"),
                // what a peer keeps for later, or drops, is its own affair, and stands in the table
                true => assert!(arrived > 0.5, "{case}"),
                false => assert_eq!(measured["arrived"], 0.0, "{case}"),
            }
        }
    }
}
