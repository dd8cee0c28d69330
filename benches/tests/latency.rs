//! No kind of sink makes a call wait: the slowest in a hundred takes at most a millisecond more, in a build that is not
//! optimized and on a machine that others use. What it is in fact, the program tells: `--bin latency`.

use std::process::Command;

use serde_json::Value;

#[test]
fn no_kind_of_sink_keeps_a_call() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("figures.json");
    let command = ["1", "--roots", "200", "--json"];
    let out = Command::new(env!("CARGO_BIN_EXE_latency")).args(command).arg(&file).output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{said}{}", String::from_utf8_lossy(&out.stderr));
    let figures: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let cases = figures["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 9);
    for case in cases {
        assert!(case["p99_added_ns"].as_f64().unwrap() < 1e6, "{said}");
    }
}
