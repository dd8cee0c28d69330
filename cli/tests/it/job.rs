//! One job over all its runs, as the command tells it.

use tense_event::{ErrorKind, SpanId, Status, Timestamp};

use super::runs::{Bench, error, event, life};
use super::search::{at_width, check};
use super::snapshots;

/// A job that is claimed, fails after a while, is tried again in another program, and goes on.
fn tried_twice() -> Bench {
    let mut all = Vec::new();
    let mut claimed = event(0xb1, 1, 0, "operation.jobs.claimed", Status::Success, 0..2_000);
    claimed.service = "queue".into();
    all.push((0, claimed));
    let mut first = life(0xb2, 1, 0, "dispatch.render", Status::Failed, 0..1_500_000);
    first[1].error = error(ErrorKind::Error, "RenderError", "page 3 has no font");
    all.extend(first.map(|event| (3_000_000, event)));
    let inside = event(0xb2, 2, 1, "operation.pages.render_failed", Status::Failed, 1_000_000..1_400_000);
    all.push((3_000_000, inside));
    let [again, _] = life(0xb3, 1, 0, "dispatch.render", Status::Success, 0..1);
    all.push((30_000_000, again));
    all.push((30_000_000, event(0xb3, 2, 1, "operation.pages.rendered", Status::Success, 0..700_000)));
    // Of another job, in the same trace.
    let mut other = event(0xb3, 3, 1, "operation.pages.kept", Status::Success, 0..9_000_000);
    other.job_id = Some("j2".to_owned());
    all.push((30_000_000, other));
    Bench::with(all.into_iter().map(|(after_us, mut event)| {
        event.timestamp = Timestamp::from_unix_nanos(event.timestamp.unix_nanos() + after_us * 1_000);
        if event.service.is_empty() {
            event.service = "printer".into();
        }
        if event.parent_span_id.is_none() {
            event.job_id = Some("j1".to_owned());
        }
        event
    }))
}

#[test]
fn a_job_is_told_in_order_with_its_pauses() {
    let bench = tried_twice();
    check(&bench, "job", &["job", "j1"]);
    snapshots::check("answers/job.md", &bench.ask(&["job", "j1", "--format", "md", "--utc"]).out);
    let long = bench.ask(&["job", "j1", "--pause", "10s", "--depth", "0"]);
    let lines: Vec<_> = long.out.lines().skip(3).collect();
    assert_eq!(lines.len(), 5, "{}", long.out);
    assert!(lines[2].contains("25.50 s            waited: back-off"), "{}", long.out);
}

#[test]
fn a_job_for_programs_has_all_parts_and_pauses() {
    let bench = tried_twice();
    let told = bench.ask(&["job", "j1", "--json"]).json_whole();
    let outcomes: Vec<_> = told["parts"].as_array().unwrap().iter().map(|part| part["outcome"].clone()).collect();
    assert_eq!(outcomes, ["success", "failed", "open"]);
    let pauses: Vec<f64> =
        told["pauses"].as_array().unwrap().iter().map(|pause| pause["duration_ms"].as_f64().unwrap()).collect();
    assert_eq!(pauses, [2_998.0, 25_500.0]);
    // What was done for another job is no part of how long this one took.
    assert_eq!(told["duration_ms"].as_f64(), Some(30_700.0));
    let open: Vec<_> = told["traces"].as_array().unwrap().iter().map(|trace| trace["gaps"]["open"].clone()).collect();
    assert_eq!(open.iter().filter(|open| open[0] == "0000000000000001").count(), 1, "{open:?}");
    assert_eq!(bench.ask(&["job", "j1", "--format", "jsonl"]).json().len(), 3);
    assert_eq!(bench.ask(&["job", "j2", "--json"]).json_whole()["parts"].as_array().unwrap().len(), 1);
}

#[test]
fn an_answer_about_one_trace_of_a_job_says_that_there_are_others() {
    let bench = tried_twice();
    let of_all = "; `tense job j1` shows all\n";
    let last = bench.ask(&["why", "j1"]);
    let said = "the job j1 has 3 traces, and this is the last one, 000000b3; an earlier one failed, 000000b2, and this one \
                did not";
    assert_eq!(last.err, format!("{said}{of_all}"));
    for question in ["tree", "timeline", "path", "bottlenecks"] {
        let told = bench.ask(&[question, "job:j1", "--json"]);
        assert_eq!(told.err, last.err, "{question}");
    }
    // Whoever names the trace, or a job that has no other, is told nothing.
    assert_eq!(bench.ask(&["why", "000000b3"]).err, "");
    assert_eq!(bench.ask(&["why", "j2"]).err, "");

    let parts = [0xb1, 0xb2, 0xb3].map(|number: u128| {
        let mut part = event(number << 100 | number, 1, 0, "operation.parts.packed", Status::Failed, 0..1_000);
        part.job_id = Some("j1".to_owned());
        part
    });
    let said = Bench::with(parts).ask(&["why", "j1"]).err;
    assert!(
        said.contains("this is the last one, 000000b3; 2 others failed as well, the last of them 000000b2;"),
        "{said}"
    );
}

/// A job that is put into a queue by a shop, tried by two workers one after the other, and told of by mail. The workers
/// are called within one trace only once.
fn handed_on() -> Bench {
    let s = 1_000_000;
    let run = |number: u128, service: &'static str, worker: &str, name: &str, status, us: std::ops::Range<u64>| {
        let mut event = event(number, 1, 0, name, status, us);
        event.service = service.into();
        event.worker_id = (!worker.is_empty()).then(|| worker.to_owned());
        event.job_id = Some("j1".to_owned());
        event
    };
    let mut first = run(0xc2, "printer", "w1", "job.run_failed", Status::Failed, 3 * s..5 * s);
    first.span_name = "job.run".into();
    first.error = error(ErrorKind::Error, "RenderError", "page 3 has no font");
    let mut asked = run(0xc3, "fonts", "", "operation.font.read", Status::Success, 12 * s..13 * s);
    (asked.parent_span_id, asked.span_id) = (Some(asked.span_id), SpanId::new(2).unwrap());
    Bench::with([
        run(0xc1, "shop", "", "operation.job.queued", Status::Success, 0..s / 10),
        first,
        run(0xc3, "printer", "w2", "job.run", Status::Success, 10 * s..14 * s),
        asked,
        run(0xc4, "post", "", "operation.mail.sent", Status::Success, 14 * s + 500..14 * s + 900),
    ])
}

#[test]
fn the_ways_of_a_job_go_over_all_its_traces() {
    let bench = handed_on();
    check(&bench, "correlate.job", &["correlate", "job:j1"]);
    check(&bench, "job.handed_on", &["job", "j1"]);
    let told = bench.ask(&["correlate", "job:j1", "--json"]).json_whole();
    assert_eq!(told["job_id"], "j1");
    assert_eq!(told["services"], serde_json::json!(["shop", "printer", "fonts", "post"]));
    let ways: Vec<_> = told["handoffs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|handoff| {
            let trace = |side: &str| handoff[side]["trace_id"].as_str().unwrap()[30..].to_owned();
            (trace("from"), trace("to"), handoff["delay_ms"].as_f64().unwrap(), handoff["kind"].as_str().unwrap())
        })
        .collect();
    let way = |from: &str, to: &str, delay, kind| (from.to_owned(), to.to_owned(), delay, kind);
    assert_eq!(
        ways,
        [
            way("c1", "c2", 2_900.0, "queued"),
            way("c2", "c3", 5_000.0, "back_off"),
            way("c3", "c3", 2_000.0, "handed_off"),
            way("c3", "c4", 0.5, "handed_off"),
        ]
    );
    assert_eq!(told["traces"].as_array().map(Vec::len), Some(4));
    let pauses = bench.ask(&["job", "j1", "--json"]).json_whole()["pauses"].clone();
    let kinds: Vec<_> = pauses.as_array().unwrap().iter().map(|pause| pause["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["queued", "back_off", "handed_off"]);
}

#[test]
fn a_job_that_stays_where_it_is_was_not_handed_over() {
    let alone = Bench::with([0xd1, 0xd2].map(|trace| {
        let mut event = event(trace, 1, 0, "job.run", Status::Success, 0..1_000);
        (event.job_id, event.service) = (Some("j1".to_owned()), "printer".into());
        event
    }));
    let said = alone.ask(&["correlate", "job:j1"]);
    assert_eq!((said.out.as_str(), said.code), ("", Some(3)));
    assert_eq!(said.err, "the job was never handed over: all that is known of it ran in printer\n");
    let nobody = alone.ask(&["correlate", "job:j2"]);
    assert!(nobody.err.contains("no event of the job `j2` is here") && nobody.code == Some(3), "{}", nobody.err);
}

#[test]
fn a_job_may_have_one_large_trace_or_many() {
    let of_job = |mut event: tense_event::Event| {
        event.job_id = Some("j1".to_owned());
        event
    };
    let calls = (2..=20_000_u64).map(|span| event(0xa1, span, 1, "sql.query", Status::Success, span..span + 1));
    let root = event(0xa1, 1, 0, "dispatch.night", Status::Success, 0..30_000);
    let large = Bench::with(calls.chain([root]).map(of_job));
    let told = large.ask(&["job", "j1", "--json"]);
    assert_eq!((told.json_whole()["parts"].as_array().map(Vec::len), told.err.as_str()), (Some(1), ""));
    assert_eq!(large.ask(&["why", "j1"]).err, "", "it is the only one");

    let run = |nth: u64| event(u128::from(nth), 1, 0, "job.run", Status::Success, nth * 10..nth * 10 + 5);
    let many = Bench::with((1..=1_003).map(run).map(of_job));
    let told = many.ask(&["job", "j1", "--json"]);
    let parts = told.json_whole()["parts"].as_array().cloned().unwrap_or_default();
    assert_eq!((parts.len(), parts[0]["trace_id"].as_str()), (1_000, Some("00000000000000000000000000000004")));
    assert!(told.err.starts_with("the job has more traces than the newest 1000, which are shown"), "{}", told.err);
    let said = many.ask(&["why", "j1"]).err;
    assert!(said.contains("at least 1000 traces, and this is the last one, 000003eb;"), "{said}");
}

#[test]
fn a_job_that_nobody_knows_says_so() {
    let said = tried_twice().ask(&["job", "j*"]);
    assert_eq!((said.out.as_str(), said.code), ("", Some(3)));
    assert!(said.err.contains("no event of the job `j*` is here"), "{}", said.err);
}

#[test]
fn a_part_with_much_below_it_is_cut_and_says_so() {
    let calls = (2..500_u64).map(|span| event(0xb4, span, 1, "sql.query", Status::Success, span..span + 1));
    let mut root = event(0xb4, 1, 0, "dispatch.render", Status::Success, 0..900);
    root.job_id = Some("j1".to_owned());
    let said = at_width(&Bench::with(calls.chain([root])), &["job", "j1"], "80");
    assert!(said.out.contains("478 spans more") && said.out.lines().count() < 30, "{}", said.out);
}

/// Two runs that end well, though calls in one of them failed for good, with what failed below; and one that goes on.
fn content_with_failures() -> Bench {
    let s = 1_000_000;
    let mut all = vec![
        event(0xe1, 1, 0, "dispatch.night", Status::Success, 0..9 * s),
        event(0xe1, 2, 1, "operation.orders.export_failed", Status::Failed, 1..2 * s),
        event(0xe1, 3, 2, "sql.query_failed", Status::Failed, 2..s),
        event(0xe1, 4, 1, "operation.mails.send_failed", Status::Failed, 3 * s..4 * s),
        event(0xe2, 1, 0, "dispatch.morning", Status::Success, 10 * s..11 * s),
        // Made good by another attempt.
        event(0xe2, 2, 1, "operation.mails.send_failed", Status::Failed, 10 * s..10 * s + 5),
        event(0xe2, 3, 1, "operation.mails.sent", Status::Success, 10 * s + 6..10 * s + 9),
        event(0xe3, 1, 0, "dispatch.noon.start", Status::Pending, 12 * s..12 * s),
        event(0xe3, 2, 1, "operation.mails.send_failed", Status::Failed, 12 * s..13 * s),
    ];
    for event in &mut all {
        if event.event_type.contains("mails") {
            event.span_name = "operation.mails.sent".into();
        }
        if event.parent_span_id.is_none() {
            event.job_id = Some("j1".to_owned());
        }
    }
    Bench::with(all)
}

#[test]
fn failures_inside_a_part_that_ended_well_are_told() {
    let bench = content_with_failures();
    check(&bench, "job.inside", &["job", "j1", "--depth", "0"]);
    let told = bench.ask(&["job", "j1", "--json"]).json_whole();
    let inside: Vec<_> = told["parts"].as_array().unwrap().iter().map(|part| part.get("failures_inside")).collect();
    assert_eq!(inside, [Some(&2.into()), None, Some(&1.into())]);
    let table = bench.ask(&["job", "j1", "--format", "md"]).out;
    assert!(table.contains("| dispatch.night | ended well, 2 failures inside |"), "{table}");
    // A part that failed tells what is below it as its reason.
    let failed = tried_twice().ask(&["job", "j1", "--json"]).json_whole();
    assert_eq!(failed["parts"][1].get("failures_inside"), None);
}

/// A job over two traces, and what is not of it.
fn of_job(id: &str) -> Bench {
    let mut all = vec![
        event(0xf1, 1, 0, "operation.job.queued", Status::Success, 0..10),
        event(0xf2, 1, 0, "job.run", Status::Success, 1_000..5_000),
    ];
    for (event, service) in all.iter_mut().zip(["shop", "printer"]) {
        (event.job_id, event.service) = (Some(id.to_owned()), service.into());
    }
    all.push(event(0x0001_4711, 1, 0, "operation.page.served", Status::Success, 0..5));
    Bench::with(all)
}

#[test]
fn an_id_that_looks_like_that_of_a_trace_is_a_job_to_all_questions() {
    let uuid = "0190163D-8694-739B-96B6-F0A7B0C1D2E3";
    for (id, typed) in [
        ("90210", "90210"),
        ("2026-11-21", "2026-11-21"),
        ("2026-11-21", "2026\u{2013}11\u{2013}21"),
        ("aB3dE", "aB3dE"),
        ("ABCD", "abcd"),
        (uuid, uuid),
        (uuid, &uuid.to_lowercase()),
        (uuid, &uuid.replace('-', "\u{2011}")),
        (&uuid.replace('-', ""), uuid),
        ("order-a7", "Order\u{2212}A7"),
    ] {
        let bench = of_job(id);
        for typed in [typed.to_owned(), format!("job:{typed}")] {
            let tree = bench.ask(&["tree", &typed]);
            assert!(tree.out.starts_with("job.run"), "{typed}: {}{}", tree.out, tree.err);
            let ways = bench.ask(&["correlate", &typed]);
            assert!(ways.out.starts_with(&format!("job {id}")), "{typed}: {}{}", ways.out, ways.err);
            assert!(ways.out.contains("1 hand-off: shop → printer"), "{typed}: {}", ways.out);
            let job = bench.ask(&["job", &typed, "--json"]).json_whole();
            assert_eq!((&job["job_id"], job["parts"].as_array().map(Vec::len)), (&id.into(), Some(2)), "{typed}");
        }
    }
}

#[test]
fn digits_that_may_mean_a_trace_or_a_job_list_both() {
    let bench = of_job("14711");
    for question in ["tree", "correlate", "why"] {
        let said = bench.ask(&[question, "14711"]);
        assert_eq!((said.out.as_str(), said.code), ("", Some(1)), "{question}");
        assert_eq!(
            said.err,
            "error: a trace ends in 14711, and a job has that id; use one of these:
  00000000000000000000000000014711
  job:14711
"
        );
    }
    // Whichever of them is named is meant.
    assert!(bench.ask(&["tree", "00000000000000000000000000014711"]).out.starts_with("operation.page.served"));
    assert!(bench.ask(&["tree", "job:14711"]).out.starts_with("job.run"));
    assert!(bench.ask(&["correlate", "job:14711"]).out.starts_with("job 14711"));
    // Only a job can be meant.
    assert!(bench.ask(&["job", "14711"]).out.starts_with("job 14711"));
}

#[test]
fn a_job_that_is_called_like_the_end_of_its_own_trace_is_no_other() {
    let mut run = event(0x1_aaaa_bbbb, 1, 0, "job.run", Status::Success, 0..5);
    run.job_id = Some("aaaabbbb".to_owned());
    assert!(Bench::with([run]).ask(&["tree", "aaaabbbb"]).out.starts_with("job.run"));
}

#[test]
fn all_traces_of_a_job_are_exported() {
    let bench = of_job("night-1");
    let said = bench.ask(&["export", "night-1"]);
    let spans: Vec<String> = said.json().iter().map(|event| event["event_type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(spans, ["operation.job.queued", "job.run"], "{}", said.err);
    let said = bench.ask(&["export", "night-1", "last", "--format", "zipkin"]).json_whole();
    assert_eq!(said.as_array().map(Vec::len), Some(2), "each trace once");
}
