//! A service whose trace store hangs, cannot be opened or is full answers as it does without a layer. How long it takes
//! the program tells: `--bin service -- --ill`; here it only may not wait for anything.

#![cfg(target_os = "linux")]

use std::process::Command;

use serde_json::Value;

#[test]
fn a_service_on_a_dead_or_full_store_answers_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("figures.json");
    let command = ["4", "--ill", "--seconds", "0.3", "--rate", "400", "--connections", "8", "--json"];
    let out = Command::new(env!("CARGO_BIN_EXE_service")).args(command).arg(&file).output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout);
    // Each answer that is no page, or another than it should be, ends it with an error.
    assert!(out.status.success(), "{said}{}", String::from_utf8_lossy(&out.stderr));
    let figures: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let servers = figures["servers"].as_array().unwrap();
    assert_eq!(servers.len(), 4);
    for server in servers {
        let [off, on] = ["off_us", "on_us"].map(|side| server[side]["p99"].as_f64().unwrap());
        // A build that is not optimized, on a machine that others use: a sink that is waited for takes for ever.
        assert!(on - off < 100_000.0, "{said}");
    }
}
