//! What an answer about a run says that it could not see, because it was left out.

use tense_event::{ErrorKind, Event, Status};

use super::runs::{Bench, error, event, life};

#[test]
fn an_answer_says_what_sampling_and_limits_have_left_out() {
    let trace = 0x12;
    let mut events = life(trace, 1, 0, "dispatch.loan", Status::Success, 0..41_000);
    events[1].left_out = 7;
    let mut asked = event(trace, 2, 1, "operation.bank.asked", Status::Success, 1..5);
    asked.sample_weight = 10;
    let bench = Bench::with(events.into_iter().chain([asked]));
    let said =
        "\nnot seen in full: 1 span with more below it than its limits let in · 1 span that stands for several\n";
    assert!(bench.ask(&["why", "last"]).out.ends_with(said), "{}", bench.ask(&["why", "last"]).out);
    let json: serde_json::Value = serde_json::from_str(&bench.ask(&["tree", "last", "--json"]).out).unwrap();
    assert_eq!((&json["spans"][0]["left_out"], &json["spans"][1]["sample_weight"]), (&7.into(), &10.into()));
}

#[test]
fn an_answer_says_that_a_trace_was_not_sampled() {
    let trace = 0x13;
    let kept = |mut event: Event| {
        event.tags.push("unsampled".into());
        event.service = "loans".into();
        event
    };
    let mut failed = kept(event(trace, 2, 1, "operation.bank.ask_failed", Status::Failed, 1..5));
    failed.error = error(ErrorKind::Error, "E", "no answer");
    let mut bench = Bench::with([kept(event(trace, 1, 0, "operation.loans.given", Status::Success, 0..9)), failed]);
    bench.check(
        &["tree", "last"],
        "
operation.loans.given         9.0 µs
└─ operation.bank.ask_failed  4.0 µs  failed  E: no answer
this trace was not sampled: only what failed or was slow, and what is above it, was kept",
    );
    let why = bench.ask(&["why", "last"]).out;
    assert!(
        why.ends_with("\nthis trace was not sampled: only what failed or was slow, and what is above it, was kept\n")
    );
    for question in ["tree", "why"] {
        let json: serde_json::Value = serde_json::from_str(&bench.ask(&[question, "last", "--json"]).out).unwrap();
        assert_eq!(
            json["gaps"]["unsampled"],
            serde_json::json!(["0000000000000001", "0000000000000002"]),
            "{question}"
        );
    }

    // Another service has kept all of it; what is amiss besides is told behind.
    let mut of_bank = event(trace, 3, 2, "operation.accounts.read", Status::Success, 2..4);
    (of_bank.service, of_bank.cut) = ("bank".into(), vec!["account".to_owned()]);
    bench.add([of_bank]);
    let tree = bench.ask(&["tree", "last"]).out;
    let said = "\nthis trace was not sampled in loans: only what failed or was slow, and what is above it, was kept\n\
        not seen in full: 1 span with shortened values\n";
    assert!(tree.ends_with(said), "{tree}");
}

#[test]
fn every_question_says_that_nothing_of_a_trace_can_be_read() {
    let bench = Bench::with([event(0x14, 1, 0, "operation.loans.given", Status::Success, 0..9)]);
    let db = rusqlite::Connection::open(bench.path()).unwrap();
    assert_eq!(db.execute("UPDATE events SET body = x'2c227b'", []).unwrap(), 1);
    let said = "no event of this trace can be read\nnot seen in full: 1 row that cannot be read";
    for question in [
        "tree",
        "why",
        "path",
        "critical-path",
        "timeline",
        "waterfall",
        "concurrency",
        "correlate",
        "bottlenecks",
        "compensations",
    ] {
        bench.check(&[question, "last"], said);
    }
    let errors = bench.ask(&["errors", "last"]);
    assert_eq!((errors.err.as_str(), errors.code), ("no event of this trace can be read\n", Some(3)));
}

#[test]
fn all_answers_tell_one_duration_of_a_span_whose_clock_was_set() {
    let mut events = life(0x15, 1, 0, "dispatch.loan", Status::Success, 0..1_370_000);
    events[1].duration = Some(std::time::Duration::from_millis(5_250));
    let bench = Bench::with(events);
    let said = "not seen in full: 1 span whose duration contradicts its begin and end\n";
    for question in ["tree", "why", "critical-path", "waterfall", "concurrency", "bottlenecks"] {
        let out = bench.ask(&[question, "last"]).out;
        assert!(out.contains("5.25 s") && !out.contains("1.37 s"), "{question}\n{out}");
        assert!(out.ends_with(said), "{question}\n{out}");
    }
    for question in ["traces", "stats"] {
        let out = bench.ask(&[question]).out;
        assert!(out.contains("5.25 s") && !out.contains("1.37 s"), "{question}\n{out}");
    }
    let json: serde_json::Value = serde_json::from_str(&bench.ask(&["tree", "last", "--json"]).out).unwrap();
    assert_eq!(json["gaps"]["durations"], serde_json::json!(["0000000000000001"]));
}

#[test]
fn a_list_of_traces_tells_the_duration_that_follows_from_begin_and_end() {
    let mut events = life(0x16, 1, 0, "dispatch.loan", Status::Success, 0..1_000_000);
    events[1].duration = None;
    let [first, last] = events;
    for events in [[first.clone(), last.clone()], [last, first]] {
        let mut bench = Bench::new();
        for event in events {
            bench.add([event]);
        }
        for question in [&["traces"][..], &["tree", "last"]] {
            let out = bench.ask(question).out;
            assert!(out.contains("1.00 s"), "{question:?}\n{out}");
        }
    }
}
