//! What a run cost, what failed, how it differs and what is unusual about it, as the command says it;
//! [`super::recorded`] has the same for real runs.

use tense_event::{ErrorKind, Event, Status};

use super::runs::{Bench, error, event, loan};

const MS: u64 = 1_000;

/// A page that reads prices one by one: the trace with that number, which began so many nanoseconds later.
fn page(trace: u128, prices: u64, each: u64) -> Vec<Event> {
    let end = (prices * (each + 1) + 2) * MS;
    let read = move |n: u64| {
        let from = (n * (each + 1) + 1) * MS;
        event(trace << 100 | 7, n + 2, 1, "operation.price.read", Status::Success, from..from + each * MS)
    };
    let page = event(trace << 100 | 7, 1, 0, "operation.page.served", Status::Success, 0..end);
    (0..prices).map(read).chain([page]).collect()
}

#[test]
fn calls_that_are_made_again_and_again_are_pointed_out() {
    let bench = Bench::with(page(1, 40, 4));
    bench.check(
        &["bottlenecks", "last"],
        "
operation.page.served  202 ms
  41 spans · 0 failed · 0 retries
  waited for    share   itself  calls  operation
      160 ms   79.2 %   160 ms     40  operation.price.read
     42.0 ms   20.8 %  42.0 ms      1  operation.page.served
no span by itself took 100 ms; longest by itself: operation.page.served, 42.0 ms
operation.price.read below operation.page.served: 40 calls one after the other, 160 ms together (79.2 %); could one call
do?",
    );
    let answer = bench.ask(&["bottlenecks", "last", "--json", "--over", "1 s"]).json_whole();
    assert_eq!((&answer["whole_ms"], &answer["over_ms"]), (&202.0.into(), &1000.0.into()));
    assert_eq!(answer["bottlenecks"]["repeated"][0]["calls"], 40);
    assert_eq!(answer["bottlenecks"]["spans"].as_array().map(Vec::len), Some(0));
    let share = |operation: &serde_json::Value| operation["share"].as_f64().unwrap();
    let shares: f64 = answer["operations"].as_array().unwrap().iter().map(share).sum();
    assert!((shares - 100.0).abs() < 1e-6, "{shares}");
    let wrong = bench.ask(&["bottlenecks", "last", "--over", "100"]);
    assert!(
        wrong.code == Some(2) && wrong.err.contains("write a number and its unit, one of ns, us, ms, s, m, h, d"),
        "{}",
        wrong.err
    );
}

#[test]
fn a_span_is_named_by_what_somebody_knows_of_it() {
    let bench = Bench::with(loan());
    for named in ["0000000000000004", "0004", "operation.ledger.reserved", "reserved"] {
        let answer = bench.ask(&["path", "last", named, "--json"]).json_whole();
        let way: Vec<_> =
            answer["path"].as_array().unwrap().iter().map(|span| span["span_name"].as_str().unwrap()).collect();
        assert_eq!(way, ["dispatch.loan", "dispatch.credit", "operation.ledger.reserved"], "{named}");
        assert_eq!(answer["path"][2]["own_ms"], 0.4);
    }
    let nothing = bench.ask(&["path", "last", "nobody\u{1b}"]);
    assert_eq!((nothing.err.as_str(), nothing.code), ("no span of this trace is called nobody\\u{1b}\n", Some(3)));
    let several = Bench::with(page(1, 30, 1)).ask(&["path", "last", "price.read"]);
    assert_eq!((several.code, several.err.lines().count()), (Some(1), 22));
    assert!(several.err.starts_with("error: 30 spans may be meant; use the id:\n"), "{}", several.err);
    let fine = Bench::with(page(1, 1, 1)).ask(&["path", "last"]);
    assert_eq!((fine.code, fine.out.as_str()), (Some(3), ""));
    assert_eq!(fine.err, "nothing failed in this trace; name a span to see the way to it\n");
}

#[test]
fn failures_of_many_runs_are_told_in_groups() {
    let mut bench = Bench::with(loan());
    let mut failed = |n: u128, message: &str| {
        let mut asked = event(n << 100 | 5, 1, 0, "operation.bank.asked", Status::Failed, 0..5 * MS);
        asked.error = error(ErrorKind::Error, "BankError", message);
        asked.source = "src/bank.rs:7".into();
        bench.add([asked]);
    };
    failed(2, "no answer within 200 ms");
    failed(3, "no answer within 380 ms");
    bench.check(
        &["errors"],
        "
3 first causes in 3 traces since 2026-11-21 10:00:00 UTC · 0 tried again · 2 that followed from others
  2  operation.bank.asked  BankError: no answer within # ms
     src/bank.rs:7 · 2026-11-21 10:00:00 UTC · 2 traces, such as 00000005 · no answer within 380 ms
  1  operation.ledger.debited  LedgerError: balance # < #
     2026-11-21 10:00:05 UTC · such as b0c1d2e3 · balance 120 < 5000
followed from others:
  1 dispatch.loan: PipelineError: dispatch.funding failed: insufficient funds
  1 dispatch.funding: FundingError: insufficient funds",
    );
    let answer = bench.ask(&["errors", "--json", "--limit=1"]).json_whole();
    assert_eq!((&answer["traces"], &answer["more"], &answer["groups"][0]["causes"]), (&3.into(), &3.into(), &2.into()));
    assert_eq!(answer["groups"][0]["message"], "no answer within # ms");
    // They are from another year, or from one to come.
    let ago = bench.ask(&["errors", "--since", "1ns"]);
    assert!([Some(0), Some(3)].contains(&ago.code), "{}", ago.err);
    let nothing = Bench::with(page(1, 2, 1)).ask(&["errors", "--since", "20000d"]);
    assert_eq!(nothing.err, "the database holds no trace in that time in which something failed\n");
    assert_eq!((nothing.code, bench.ask(&["errors", "last", "--since", "1d"]).code), (Some(3), Some(2)));
}

#[test]
fn two_runs_are_compared_by_what_they_did() {
    let mut bench = Bench::with(page(1, 3, 2));
    let mut slower = page(2, 4, 9);
    slower[1].status = Status::Failed;
    slower[1].error = error(ErrorKind::Panic, "panic", "index 3 of 3");
    for event in &mut slower {
        event.trace_id = tense_event::TraceId::from_bytes((2_u128 << 100 | 8).to_be_bytes());
    }
    bench.add(slower);
    bench.check(
        &["compare", "00000007", "00000008"],
        "
a  00000007  2026-11-21 10:00:00 UTC  operation.page.served  11.0 ms  success
b  00000008  2026-11-21 10:00:00 UTC  operation.page.served  42.0 ms  success
4 calls in both · 0 only in a · 1 only in b
ended otherwise
  operation.price.read: success -> panicked (index 3 of 3)
only in b
  operation.price.read  9.0 ms
at work itself, a -> b
  +7.0 ms  x4.50  2.0 ms -> 9.0 ms  operation.price.read
  +7.0 ms  x4.50  2.0 ms -> 9.0 ms  operation.price.read
  +7.0 ms  x4.50  2.0 ms -> 9.0 ms  operation.price.read
  +1.0 ms  x1.20  5.0 ms -> 6.0 ms  operation.page.served",
    );
    let answer = bench.ask(&["compare", "00000008", "00000007", "--json"]).json_whole();
    assert_eq!((&answer["one_kind"], &answer["common"]), (&true.into(), &4.into()));
    assert_eq!((&answer["only_a"][0]["below"], answer.get("only_b")), (&0.into(), None));
    assert_eq!(answer["outcomes"][0]["error_a"]["kind"], "panic");
    assert_eq!(bench.ask(&["compare", "00000007"]).code, Some(2));
    assert_eq!(bench.ask(&["compare", "last", "abcdef12"]).code, Some(3));
}

#[test]
fn a_moment_of_one_run_alone_took_no_time() {
    let mut bench = Bench::with(page(1, 1, 2));
    let mut noted = event(7, 9, 1, "operation.page.noted", Status::Success, 0..0);
    noted.duration = None;
    let mut other = page(2, 1, 2);
    other.push(noted);
    for event in &mut other {
        event.trace_id = tense_event::TraceId::from_bytes((2_u128 << 100 | 8).to_be_bytes());
    }
    bench.add(other);
    let told = bench.ask(&["compare", "00000007", "00000008"]).out;
    let lines: Vec<_> = told.lines().skip(3).collect();
    assert_eq!(
        lines,
        ["only in b", "  operation.page.noted", "calls in both were at work as long, give or take 0.1 ms"],
        "{told}"
    );
}

#[test]
fn what_is_unusual_stands_beside_what_is_usual() {
    let mut bench = Bench::new();
    (1..=24).for_each(|n| bench.add(page(n, 3, 20 + n as u64 % 3)));
    bench.check(&["anomalies", "last"], "00000007  operation.page.served  nothing unusual beside 23 earlier runs");
    let mut odd = page(99, 9, 150);
    odd.push(event(99 << 100 | 7, 77, 1, "operation.cache.filled", Status::Success, 1..2));
    bench.add(odd);
    bench.check(
        &["anomalies", "last"],
        "
00000007  operation.page.served  5 anomalies beside 24 earlier runs
  new        operation.cache.filled: in 0 of 24
  slower     operation.price.read: 1.35 s itself, usually 63.0 ms (45.2 ms to 87.9 ms)
  slower     operation.page.served: 1.36 s in all, usually 68.0 ms (48.8 ms to 94.8 ms)
  more       operation.price.read: called 9 times, usually 3 (3 to 4)
  slower     operation.page.served: 11.0 ms itself, usually 5.0 ms (3.6 ms to 7.0 ms)",
    );
    let answer = bench.ask(&["anomalies", "--newest=2", "--json"]).json_whole();
    let traces = answer["traces"].as_array().unwrap();
    let baselines: Vec<_> = traces.iter().map(|trace| trace["baseline"].as_u64()).collect();
    assert_eq!(baselines, [Some(24), Some(23)], "each beside those that came before it");
    let of = |trace: &serde_json::Value| trace["anomalies"].as_array().map(Vec::len);
    assert_eq!((of(&traces[0]), of(&traces[1])), (Some(5), Some(0)));
    assert_eq!((&traces[0]["anomalies"][0]["what"], &traces[0]["anomalies"][0]["of"]), (&"new".into(), &24.into()));

    // Of more than are left, those are told that have enough before them.
    let told = bench.ask(&["anomalies", "--newest=20"]);
    assert_eq!(told.out.matches("  nothing unusual beside ").count(), 4, "{}", told.out);
    assert!(told.out.contains("  5 anomalies beside 24 earlier runs\n"), "{}", told.out);
    assert!(told.out.ends_with("  5 of 20 earlier runs\n"), "{}", told.out);

    let few = bench.ask(&["anomalies", "last", "--minimum=25"]);
    let said = "24 earlier runs are too few to tell what is usual; it takes 25, or another --minimum\n";
    assert_eq!((few.err.as_str(), few.code), (said, Some(3)));
    let few = bench.ask(&["anomalies", "last", "--baseline=5", "--json"]);
    assert_eq!(few.json_whole()["traces"][0]["too_few"]["known"], 5);
    let empty = Bench::new().ask(&["anomalies"]);
    assert_eq!((empty.err.as_str(), empty.code), ("the database holds no trace yet\n", Some(3)));
}

#[test]
fn what_was_undone_is_told_for_programs_too() {
    let mut events = loan();
    // The step that was undone is undone in vain, and the pipeline goes on.
    let undoing = events.iter_mut().filter(|event| event.span_id.get() == 7 && event.status == Status::Success);
    for event in undoing {
        event.status = Status::Failed;
        event.event_type = "dispatch.release_credit.fail".into();
        event.error = error(ErrorKind::Error, "LedgerError", "no reservation of L123");
    }
    let bench = Bench::with(events);
    bench.check(
        &["compensations", "last"],
        "
dispatch.loan  5.02 s  failed
  not undone  dispatch.credit  by dispatch.release_credit, which failed, 1.2 ms: LedgerError: no reservation of L123
  never ran   dispatch.notify  of dispatch.loan",
    );
    let answer = bench.ask(&["compensations", "last", "--json"]).json_whole();
    assert_eq!(answer["compensations"][0]["outcome"], "failed");
    assert_eq!(answer["never_ran"][0]["stage"], "dispatch.notify");
    let none = Bench::with(page(1, 1, 1)).ask(&["compensations", "last", "--json"]);
    assert_eq!((none.code, none.err.as_str()), (Some(3), "this trace has no pipeline, and undoes nothing\n"));
    assert!(none.json_whole()["trace_id"].is_string());
}
