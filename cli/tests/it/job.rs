//! One job over all its runs, as the command tells it.

use tense_event::{ErrorKind, Status, Timestamp};

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
    assert!(lines[2].contains("nothing is known of the job"), "{}", long.out);
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
    assert_eq!(bench.ask(&["job", "j1", "--format", "jsonl"]).json().len(), 3);
    assert_eq!(bench.ask(&["job", "j2", "--json"]).json_whole()["parts"].as_array().unwrap().len(), 1);
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
