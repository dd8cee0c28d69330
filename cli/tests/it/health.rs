//! What programs have counted, as the command says it.

use serde_json::json;
use tense_event::Timestamp;
use tense_store::{Program, SqliteStore};

use super::runs::Bench;
use super::search::{at_width, check};

const AT: Timestamp = Timestamp::from_unix_nanos(1_795_255_200_000_000_000);

fn program(pid: u32, service: &str, health: serde_json::Value) -> Program {
    Program {
        pid,
        began: AT,
        at: Timestamp::from_unix_nanos(AT.unix_nanos() + i64::from(pid)),
        service: service.to_owned(),
        health,
    }
}

/// A program that is well, and one with all that can be wrong.
fn two_programs() -> Bench {
    let bench = Bench::with([]);
    let mut store = SqliteStore::open(bench.path()).unwrap();
    let well = json!({ "emitted": 9, "delivered": 9, "queued": 0, "open_spans": 0, "memory_bytes": 262_144, "sampling_ratio": 1.0 });
    let ill = json!({
        "emitted": 120, "delivered": 100, "queued": 5, "open_spans": 3, "memory_bytes": 3_670_016,
        "queue_full": 15, "ring_full": 7, "sampled_out": 40, "sampling_ratio": 0.015_259_3, "failure_ratio": 0.4,
        "sinks": [{ "name": "sqlite", "state": "resting", "is_alive": true, "last_error": { "text": "write events: the disk is full" } }],
        "types": [
            { "event_type": "operation.tokens.created", "ended": 100, "failed": 0, "slow": 0 },
            { "event_type": "sql.query", "ended": 50, "failed": 2, "slow": 9 },
        ],
        "settings": ["`TENSE_SAMPLE`: `many` is no share, 0 to 1; 1 holds instead"],
    });
    store.report(&program(1, "mail", well)).unwrap();
    store.report(&program(2, "shop", ill)).unwrap();
    bench
}

#[test]
fn each_program_says_what_became_of_its_events_and_what_was_slow() {
    let bench = two_programs();
    bench.check(
        &["health"],
        "
shop  process 2, as of 2026-11-21 10:00:00 UTC
  120 events made, 100 delivered, 5 waiting; 3 spans open; 3.5 MiB in use
  dropped: 15 events that found the queue full; 7 records for which a thread had no room
  left out: 40 spans and moments by sampling
  sampling keeps 1.53 % of the traces that begin now; 40 % of the failures and slow spans that are to be kept in any
    case
  sink sqlite: resting; it last said: write events: the disk is full
  sql.query: 50 ended, 2 failed, 9 slow
  `TENSE_SAMPLE`: `many` is no share, 0 to 1; 1 holds instead
mail  process 1, as of 2026-11-21 10:00:00 UTC
  9 events made, 9 delivered, 0 waiting; 0 spans open; 0.2 MiB in use
  nothing was dropped",
    );
    let said = bench.ask(&["health", "--json", "--limit", "1"]);
    let told: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(
        (&told["programs"][0]["health"]["queue_full"], told["programs"].as_array().unwrap().len()),
        (&json!(15), 1)
    );
}

/// Also names that are wider than a screen, and what a sink said at length.
#[test]
fn it_is_as_wide_as_the_screen() {
    let bench = two_programs();
    check(&bench, "health", &["health"]);
    let mut store = SqliteStore::open(bench.path()).unwrap();
    let long = "operation.tokens.".repeat(10);
    let told = json!({
        "emitted": u64::MAX, "delivered": u64::MAX, "queued": u64::MAX,
        "sinks": [{ "name": long, "state": "resting", "last_error": { "text": "the disk is full ".repeat(20) } }],
        "types": [{ "event_type": long, "ended": u64::MAX, "failed": 1, "slow": 1 }], "settings": [long],
    });
    store.report(&program(u32::MAX, &long, told)).unwrap();
    for columns in ["60", "200"] {
        let said = at_width(&bench, &["health"], columns);
        let widest = said.out.lines().map(|line| line.chars().count()).max();
        assert!(widest <= columns.parse().ok(), "{}", said.out);
    }
}

#[test]
fn what_a_program_says_steers_no_terminal_whatever_it_is() {
    let bench = Bench::with([]);
    let mut store = SqliteStore::open(bench.path()).unwrap();
    let hostile = "\u{1b}[2J\u{202e}";
    let odd = json!({
        "emitted": "many", "sinks": [{ "name": hostile, "state": 7 }, 5], "types": [{ "event_type": hostile, "slow": 1 }],
        "settings": [hostile, 3], "ring_full": -1,
    });
    store.report(&program(3, hostile, odd)).unwrap();
    for question in [&["health"][..], &["health", "--json"]] {
        let said = bench.ask(question);
        assert_eq!(said.code, Some(0), "{}", said.err);
        let steers = |c: &char| tense_store::text::is_hostile(*c) && *c != '\n';
        assert_eq!(said.out.chars().find(steers), None, "{}", said.out.escape_debug());
    }
}

#[test]
fn a_database_that_was_told_nothing_says_so() {
    let said = Bench::with([]).ask(&["health"]);
    assert_eq!((said.code, said.out.as_str()), (Some(3), ""));
    assert!(said.err.contains("no program has told this database"), "{}", said.err);
}
