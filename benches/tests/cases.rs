//! Every case of the comparison can be run, and what it records arrives: figures of a recorder that has dropped half would mean
//! nothing. Few bursts, and nothing is said about time.

use std::process::Command;

use serde_json::Value;
use tense_benches::spans::{RECORDERS, Work};

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

#[test]
fn each_can_be_run_and_each_span_arrives() {
    for recorder in RECORDERS {
        for work in Work::ALL.into_iter().filter(|work| recorder.root(*work).is_some()) {
            let measured = measured(recorder.name, work);
            let arrived = measured["arrived"].as_f64().unwrap();
            let of_each = if recorder.delivers { 1.0 } else { 0.0 };
            assert!((arrived - of_each).abs() < 0.001, "{} {}: {arrived} arrived", recorder.name, work.name());
            assert_eq!(measured["nanos"].as_array().unwrap().len(), 2);
        }
    }
}
