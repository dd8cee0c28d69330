//! Failures below a root that ended well, and traces whose root is in another program: that nobody else tells of them
//! is why they are told.

use tense_event::{ErrorKind, Event, Status};

use super::runs::{Bench, error, event, life};
use super::said::said;

const RUN: u128 = 0x11;
/// The id of a span of another program.
const ELSEWHERE: u64 = 0xb7ad_6b71_6920_3331;

/// A night's run that is content whatever became of its order: the card was declined, and the next stage never ran.
fn night() -> Vec<Event> {
    let mut order = event(RUN, 2, 1, "dispatch.order", Status::Failed, 1..9_000);
    let mut charge = event(RUN, 3, 2, "operation.cards.charge_failed", Status::Failed, 2..8_000);
    charge.span_name = "operation.cards.charged".into();
    charge.source = "src/cards.rs:7".into();
    for event in [&mut order, &mut charge] {
        event.error = error(ErrorKind::Error, "CardError", "declined");
    }
    order.data.insert("stages", vec!["operation.cards.charged", "dispatch.ship"]);
    vec![event(RUN, 1, 0, "dispatch.night", Status::Success, 0..10_000), order, charge]
}

#[test]
fn a_failure_that_was_got_over_is_told() {
    let bench = Bench::with(night());
    bench.check(
        &["traces"],
        "00000011  2026-11-21 10:00:00 UTC  10.0 ms  success  dispatch.night  but dispatch.order failed: declined",
    );
    bench.check(
        &["why", "last"],
        "
dispatch.night succeeded in 10.0 ms
  but dispatch.order failed: declined in operation.cards.charge_failed, src/cards.rs:7
  compensated: none · not compensated: none · never ran: dispatch.ship",
    );
    let way = bench.ask(&["path", "last"]);
    assert_eq!((way.code, way.err.as_str()), (Some(0), ""), "the way leads to the first cause of it");
    assert!(way.out.lines().any(|line| line.starts_with("3  operation.cards.charge_failed")), "{}", way.out);
    let listed = bench.ask(&["traces", "--json"]).json_whole();
    assert_eq!(
        (&listed["traces"][0]["status"], &listed["traces"][0]["failed_below"]),
        (&"success".into(), &true.into())
    );
    // As a whole it has not failed.
    assert_eq!(bench.ask(&["traces", "--failed"]).code, Some(3));
    let none = bench.ask(&["why", "last-failed"]);
    let expected = "the database holds no trace that failed as a whole; the latest in which something did is 00000011 \
                    dispatch.night\n";
    assert_eq!((none.code, none.err.as_str()), (Some(3), expected));
}

#[test]
fn a_name_that_fits_is_not_cut_for_a_cause_that_does_not() {
    let bench = Bench::with(night());
    let narrow = said(bench.command(&["traces"]).env("COLUMNS", "60").output().unwrap());
    assert_eq!(narrow.out, "00000011  11-21 10:00 UTC  10.0 ms  success  dispatch.night\n");
}

#[test]
fn failures_are_counted_wherever_they_were_got_over() {
    let bench = Bench::with(night());
    let all = bench.ask(&["errors"]);
    assert!(all.out.starts_with("1 first cause in 1 trace"), "{}{}", all.out, all.err);
    assert!(all.out.contains("  1  operation.cards.charged  CardError: declined\n"), "{}", all.out);
    assert_eq!(bench.ask(&["errors", "--failed"]).code, Some(3), "none failed as a whole");
}

#[test]
fn what_was_made_good_by_another_attempt_is_no_failure_of_the_run() {
    let mut tried = event(RUN, 2, 1, "operation.bank.ask_failed", Status::Failed, 1..5);
    tried.span_name = "operation.bank.asked".into();
    let bench = Bench::with([
        event(RUN, 1, 0, "dispatch.night", Status::Success, 0..10_000),
        tried,
        event(RUN, 3, 1, "operation.bank.asked", Status::Success, 6..9),
    ]);
    bench.check(&["traces"], "00000011  2026-11-21 10:00:00 UTC  10.0 ms  success  dispatch.night");
    assert_eq!(
        bench.ask(&["path", "last"]).err,
        "nothing failed for good in this trace; name a span to see the way to it\n"
    );
}

#[test]
fn a_run_that_another_program_began_is_told_by_what_is_here() {
    let mut bench = Bench::with([event(0x21, 1, ELSEWHERE, "operation.page.served", Status::Success, 0..3_000)]);
    let mut failed = event(0x22, 1, ELSEWHERE, "operation.page.serve_failed", Status::Failed, 50_000..51_000);
    failed.span_name = "operation.page.served".into();
    failed.error = error(ErrorKind::Error, "PageError", "no such page");
    bench.add([failed]);
    bench.check(
        &["traces"],
        "
00000022  2026-11-21 10:00:00 UTC  1.0 ms  failed   operation.page.served  no such page
00000021  2026-11-21 10:00:00 UTC  3.0 ms  success  operation.page.served",
    );
    let said = bench.ask(&["why", "last-failed"]);
    assert!(said.out.starts_with("operation.page.serve_failed failed after 1.0 ms: no such page"), "{}", said.err);
    assert!(bench.ask(&["errors"]).out.starts_with("1 first cause in 1 trace"));
    let exported = bench.ask(&["export", "--all", "--failed"]);
    assert_eq!(exported.out.lines().count(), 1, "{}{}", exported.out, exported.err);

    // What another call of the same program has called is not told for it, as long as that goes on.
    bench.add([event(0x23, 2, 1, "sql.query", Status::Success, 60_000..60_001)]);
    bench.check(&["traces", "--limit=1"], "00000023  2026-11-21 10:00:00 UTC    open     ?");
    bench.add([event(0x23, 1, ELSEWHERE, "operation.page.served", Status::Success, 60_000..61_000)]);
    bench.check(&["traces", "--limit=1"], "00000023  2026-11-21 10:00:00 UTC  1.0 ms  success  operation.page.served");

    // Earlier runs of its kind are known by that name as well.
    bench.add(
        (0..20).map(|n| event(0x100 + n, 1, ELSEWHERE + n as u64, "operation.page.served", Status::Success, 0..3_000)),
    );
    let odd = bench.ask(&["anomalies", "last"]);
    assert!(odd.out.contains("22 earlier runs"), "{}{}", odd.out, odd.err);
}

#[test]
fn of_several_roots_the_one_that_failed_is_named() {
    let mut failed = event(RUN, 2, 0, "operation.b.done", Status::Failed, 6_000..9_000);
    failed.error = error(ErrorKind::Error, "E", "boom");
    let bench = Bench::with([event(RUN, 1, 0, "operation.a.done", Status::Success, 0..5_000), failed]);
    bench.check(
        &["traces"],
        "00000011  2026-11-21 10:00:00 UTC  5.0 ms  failed   operation.a.done  boom in operation.b.done",
    );
}

#[test]
fn stages_of_two_pipelines_are_told_apart() {
    let mut outer = event(RUN, 1, 0, "dispatch.outer", Status::Failed, 0..100);
    outer.data.insert("stages", vec!["dispatch.inner", "dispatch.pack"]);
    let mut inner = event(RUN, 2, 1, "dispatch.inner", Status::Failed, 1..90);
    inner.data.insert("stages", vec!["dispatch.pack", "dispatch.ship"]);
    let pack = event(RUN, 3, 2, "dispatch.pack", Status::Failed, 2..80);
    let said = Bench::with([outer, inner, pack]).ask(&["why", "last"]).out;
    let never = "never ran: dispatch.pack of dispatch.outer, dispatch.ship of dispatch.inner";
    assert!(said.contains(never), "{said}");
}

#[test]
fn what_was_dropped_with_the_cause_is_told_apart() {
    let mut parts = [
        event(RUN, 1, 0, "dispatch.fan", Status::Failed, 0..51_000),
        event(RUN, 2, 1, "operation.a.done", Status::Failed, 0..50_000),
        event(RUN, 3, 1, "operation.b.done", Status::Failed, 0..50_000),
        event(RUN, 4, 1, "operation.c.done", Status::Success, 0..40_000),
    ];
    parts[0].error = error(ErrorKind::Error, "", "one part failed");
    parts[1].error = error(ErrorKind::Error, "", "disk full");
    parts[2].error = error(ErrorKind::Cancelled, "", "");
    Bench::with(parts).check(
        &["why", "last"],
        "
dispatch.fan failed after 51.0 ms: one part failed
  because operation.a.done: disk full
  dropped: operation.b.done",
    );
}

#[test]
fn a_list_of_nothing_is_refused_and_not_answered() {
    let bench = Bench::with(night());
    for words in [
        ["traces", "--limit=0"],
        ["search", "--limit=0"],
        ["stats", "--limit=0"],
        ["errors", "--limit=0"],
        ["errors", "--traces=0"],
    ] {
        assert_eq!(
            bench.ask(&words).code,
            Some(2),
            "{words:?}: the database holds something, and nothing was asked for"
        );
    }
    for question in ["traces", "search", "stats", "errors"] {
        let said = bench.ask(&[question, "--since=2026-11-02", "--until=2026-11-01"]);
        assert_eq!(said.code, Some(2), "{question}: {}", said.out);
        assert!(said.err.contains("2026-11-02T00:00:00Z, and --until, 2026-11-01T00:00:00Z"), "{}", said.err);
    }
    let said = bench.ask(&["timeline", "last", "--from", "2s", "--to", "1s"]);
    assert_eq!(said.code, Some(2), "{}", said.out);
    assert!(said.err.contains("nothing lies between --from 2.00 s and --to 1.00 s"), "{}", said.err);
}

#[test]
fn a_part_of_a_trace_that_failed_is_found_by_its_failure() {
    // The parents of all three are in no file that is here.
    let mut failed = event(RUN, 6, 1, "operation.mail.send_failed", Status::Failed, 600..700);
    failed.error = error(ErrorKind::Error, "MailError", "no such address");
    let others = [(5, 1), (7, 99)]
        .map(|(span, parent)| event(RUN, span, parent, "operation.mail.sent", Status::Success, 100..200));
    let bench = Bench::with(others.into_iter().chain([failed]));
    for question in [&["traces"][..], &["traces", "--failed"]] {
        let said = bench.ask(question);
        assert!(said.out.contains("  failed   ?  no such address in operation.mail.send_failed"), "{}", said.out);
    }
    let why = bench.ask(&["why", "last-failed"]);
    assert_eq!((why.code, why.out.lines().next().map(|line| line.contains("no such address"))), (Some(0), Some(true)));
}

#[test]
fn every_headline_tells_of_the_root_that_failed() {
    let mut second = event(RUN, 2, 0, "dispatch.mail", Status::Failed, 1_000..4_000);
    second.error = error(ErrorKind::Error, "MailError", "no such address");
    let bench = Bench::with([event(RUN, 1, 0, "dispatch.order", Status::Success, 0..9_000), second]);
    assert!(bench.ask(&["traces"]).out.contains("  failed   dispatch.order"), "{}", bench.ask(&["traces"]).out);
    for question in ["timeline", "waterfall", "concurrency", "critical-path", "bottlenecks"] {
        let out = bench.ask(&[question, "last"]).out;
        let head = out.lines().next().unwrap_or_default();
        assert!(head.starts_with("dispatch.order  9.0 ms  failed in dispatch.mail"), "{question}:\n{out}");
    }
    let compared = bench.ask(&["compare", "last", "last"]).out;
    let ends =
        compared.lines().take(2).filter(|line| line.ends_with("  dispatch.order  9.0 ms  failed in dispatch.mail"));
    assert_eq!(ends.count(), 2, "{compared}");

    let alone = Bench::with([event(RUN, 1, 0, "dispatch.order", Status::Failed, 0..9_000)]);
    for question in ["timeline", "critical-path", "bottlenecks"] {
        let out = alone.ask(&[question, "last"]).out;
        assert!(out.starts_with("dispatch.order  9.0 ms  failed"), "{question}:\n{out}");
    }
}

#[test]
fn failures_of_a_time_are_counted_and_told_with_their_year() {
    let mut old = event(1, 1, 0, "operation.tokens.create_failed", Status::Failed, 0..5);
    old.timestamp = tense_event::Timestamp::from_unix_nanos(1_577_934_180_000_000_000);
    let bench = Bench::with([old, event(2, 1, 0, "operation.tokens.create_failed", Status::Failed, 0..5)]);
    let failures = |words: &[&str]| {
        let said = bench.ask(&[&["errors", "--json"], words].concat());
        if said.code == Some(3) { 0 } else { said.json_whole()["groups"][0]["causes"].as_u64().unwrap() }
    };
    assert_eq!(failures(&[]), 2);
    assert_eq!(failures(&["--until", "2026-01-01"]), 1);
    assert_eq!(failures(&["--since", "2020-01-03", "--until", "2026-01-01"]), 0);
    let said = bench.ask(&["errors"]).out;
    assert!(said.contains("since 2020-01-02 03:0") && said.contains(" to 2026-11-21 10:00:00 UTC"), "{said}");
}

#[test]
fn what_was_recovered_is_told_once_for_each_name() {
    let mut bench = Bench::with(life(0x18, 1, 0, "dispatch.loan", Status::Success, 0..41_000));
    for account in 1..=3_u64 {
        let asked = |nth: u64, name: &str, status| {
            let at = 100 * account + 10 * nth;
            let mut asked = event(0x18, 10 * account + nth, 1, name, status, at..at + 5);
            asked.span_name = "operation.bank.asked".into();
            asked.data.insert("account", account);
            asked
        };
        let failed = (0..2).map(|nth| asked(nth, "operation.bank.ask_failed", Status::Failed));
        bench.add(failed.chain([asked(2, "operation.bank.asked", Status::Success)]));
    }
    bench.check(
        &["why", "last"],
        "
dispatch.loan succeeded in 41.0 ms
  recovered: operation.bank.asked (6 failures in 3 calls, then success)",
    );
    let json = bench.ask(&["why", "last", "--json"]).json_whole();
    assert_eq!(json["recovered"].as_array().map(Vec::len), Some(3), "for programs each call");
}

#[test]
fn a_list_says_once_that_a_run_failed_that_says_no_more() {
    let failed = event(0x17, 1, 0, "operation.tokens.create_failed", Status::Failed, 0..5);
    let said = Bench::with([failed]).ask(&["traces", "--utc"]);
    assert_eq!(said.out, "00000017  2026-11-21 10:00:00 UTC  5.0 µs  failed   operation.tokens.create_failed\n");
}
