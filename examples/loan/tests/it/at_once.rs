//! A hundred pipelines at once: they do not get into each other's traces.

use std::collections::BTreeSet;
use std::fmt::Write;

use tense_store::Outcome;

use crate::program::{Desk, PATIENCE};

/// Of every ten, seven come to seven different bad ends.
fn applications() -> String {
    let mut file = String::new();
    for n in 0..100 {
        let (mut amount, mut income, mut months, mut fund, mut inbox, mut deadline) =
            (1_000 + n, 30_000, 12, "home", "prompt", "");
        match n % 10 {
            1 => amount = 60_000,
            2 => income = 100,
            3 => fund = "study",
            4 => inbox = "drowsy",
            5 => inbox = "silent",
            6 => months = 0,
            7 => (inbox, deadline) = ("silent", r#", "deadline_ms": 100"#),
            _ => {}
        }
        writeln!(
            file,
            r#"{{"id": "A{n:02}", "amount": {amount}, "income": {income}, "months": {months}, "fund": "{fund}", "inbox": "{inbox}"{deadline}}}"#
        )
        .unwrap();
    }
    file
}

fn check(threads: &str) {
    let desk = Desk::new();
    desk.write("hundred.jsonl", &applications());
    let said = desk
        .run(&[&["--applications", "hundred.jsonl", "--at-once", "100", "--threads", threads], &PATIENCE[..]].concat());
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.contains("100 applications: "), "{}", said.out);

    let traces = desk.traces();
    let mut seen = BTreeSet::new();
    let mut spans = 0;
    for trace in &traces {
        // One tree, and everything in it: no parent is in another trace, nothing is open, nothing contradicts itself.
        assert!(trace.gaps().is_empty(), "{:?}\n{trace}", trace.gaps());
        let roots: Vec<_> = trace.roots().collect();
        assert_eq!(roots.len(), 1, "{trace}");
        assert_eq!(roots[0].name, "dispatch.loan");
        let application = roots[0].data.get("application").unwrap();
        for span in trace.spans() {
            assert_eq!(span.data.get("application"), Some(application), "{}\n{trace}", span.name);
        }
        let id = application.as_str().unwrap();
        check_ending(id, roots[0].outcome);
        seen.insert(id.to_owned());
        spans += trace.spans().len();
    }
    assert_eq!((traces.len(), seen.len()), (100, 100));

    // Also in the single events, which the spans above have put together.
    let events = desk.events();
    assert!(events.len() > spans);
    for event in events {
        assert!(seen.iter().any(|id| event.has("application", id)), "{event:?}");
    }
}

/// An inbox that answers has three times the patience to do so, so only the application decides.
#[track_caller]
fn check_ending(id: &str, outcome: Outcome) {
    match &id[2..] {
        "1" | "2" | "3" | "5" => assert_eq!(outcome, Outcome::Failed, "{id}"),
        "6" => assert_eq!(outcome, Outcome::Panicked, "{id}"),
        "7" => assert_eq!(outcome, Outcome::Cancelled, "{id}"),
        _ => assert_eq!(outcome, Outcome::Success, "{id}"),
    }
}

#[test]
fn a_hundred_at_once_on_one_thread() {
    check("1");
}

#[test]
fn a_hundred_at_once_on_two_threads() {
    check("2");
}
