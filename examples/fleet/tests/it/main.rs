//! A day of the fleet, read back as the events that its registry declares.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use boon::{Compiler, Schemas};
use fleet::events::{REGISTRY, connector, job, machine, server, worker};
use fleet::{Day, Fleet};
use tense_layer::testing::{Capture, capture};

fn a_day() -> (Day, Capture) {
    let capture = capture();
    let day = Fleet::started("s1").a_day();
    (day, capture)
}

#[test]
fn every_event_of_an_entity_names_it() {
    assert!(REGISTRY.is_closed);
    for event in REGISTRY.events {
        let (entity, action) = event.name.split_once('.').unwrap();
        assert!(!action.contains('.'), "{} is {{entity}}.{{action}}", event.name);
        let id = event.field(&format!("{entity}_id")).unwrap_or_else(|| panic!("{} does not say which", event.name));
        assert!(!id.is_optional, "{}", event.name);
    }
}

#[test]
fn all_jobs_are_finished_although_a_machine_is_lost() {
    let (day, capture) = a_day();
    assert_eq!(day, Day { finished: 7, failed: 3, machines_lost: 1, workers_lost: 2 });
    let finished = capture.events_of::<job::Finished>().unwrap();
    let jobs: BTreeSet<_> = finished.iter().filter_map(|job| job.job_id.clone()).collect();
    assert_eq!(jobs.len(), 7);
    assert!(finished.iter().all(|job| job.worker_id.is_some() && job.machine_id.is_some()));
    assert_eq!(capture.events_of::<job::Queued>().unwrap().len(), 7 + 3);
    let started = capture.events_of::<job::Started>().unwrap();
    assert_eq!(started.len(), 7 + 3);
    assert!(started.iter().all(|job| job.job_id.is_some() && job.worker_id.is_some()), "handed down: {started:?}");
}

#[test]
fn a_run_that_fails_says_why_and_whose_it_was() {
    let (_, capture) = a_day();
    let failed = capture.events_of::<job::Failed>().unwrap();
    let why: Vec<&str> = failed.iter().map(|failure| failure.error.as_str()).collect();
    assert_eq!(why, ["machine m2 is gone", "machine m2 is gone", "the flaky job lost its way"]);
    for failure in failed {
        let again = capture.events_of::<job::Finished>().unwrap();
        assert!(again.iter().any(|job| job.job_id == failure.job_id && job.attempt == failure.attempt + 1));
    }
}

#[test]
fn what_is_lost_with_a_machine_is_told() {
    let (_, capture) = a_day();
    let lost = capture.events_of::<machine::Lost>().unwrap();
    assert_eq!(lost, [machine::Lost { load: 0.93, machine_id: Some("m2".to_owned()) }]);
    let workers = capture.events_of::<worker::Lost>().unwrap();
    assert_eq!(workers.len(), 2);
    let connectors = capture.events_of::<connector::Disconnected>().unwrap();
    let abrupt: Vec<_> = connectors.iter().filter(|one| !one.graceful).map(|one| one.connector_id.as_str()).collect();
    assert_eq!((abrupt, connectors.len()), (vec!["m2-c1", "m2-c2"], 4));
    let restarted = capture.events_of::<server::Restarted>().unwrap();
    assert_eq!(restarted.len(), 1);
    assert!(restarted[0].recovered.as_str().starts_with("[\"j"), "{:?}", restarted[0].recovered);
}

#[test]
fn every_declared_event_happens_and_is_as_the_schema_says() {
    let schema = include_str!("../../../../cli/tests/snapshots/fleet.schema.json");
    let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
    compiler.add_resource("fleet.json", serde_json::from_str(schema).unwrap()).unwrap();
    let schema = compiler.compile("fleet.json", &mut schemas).unwrap();
    let (_, capture) = a_day();
    let mut happened = BTreeSet::new();
    for event in capture.events() {
        happened.insert(event.event_type.to_string());
        assert_eq!(event.absent, [""; 0], "{}", event.event_type);
        let event = serde_json::to_value(&event).unwrap();
        schemas.validate(&event, schema).unwrap_or_else(|error| panic!("{error:#}\n{event:#}"));
    }
    assert_eq!(happened, REGISTRY.events.iter().map(|event| event.name.to_owned()).collect());
}

#[test]
fn the_program_runs_and_ends() {
    let db = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("fleet.db");
    let output = Command::new(env!("CARGO_BIN_EXE_fleet")).env("TENSE_DB", db).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let expected = "7 jobs finished, 3 runs failed\n1 machine lost, and with it 2 workers\n";
    assert_eq!(said, expected);
}

#[test]
fn a_reader_that_goes_away_is_no_error_and_a_full_disk_is_one() {
    let db = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("fleet-unread.db");
    let mut program = Command::new(env!("CARGO_BIN_EXE_fleet"));
    program.env("TENSE_DB", db).stderr(Stdio::piped());
    let mut unread = program.stdout(Stdio::piped()).spawn().unwrap();
    drop(unread.stdout.take());
    let output = unread.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));

    #[cfg(target_os = "linux")]
    {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = program.stdout(full).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.starts_with("Error: write to standard output\n"), "{said}");
        assert_eq!(output.status.code(), Some(1));
    }
}
