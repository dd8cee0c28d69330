//! Questions leave, each with a folder to ask it in, whose answers together have every key that a command can write.

use tense_event::{ErrorInfo, ErrorKind, Event, SpanId, Status, Timestamp, TraceId};
use tense_store::{Program, SqliteStore};

use super::super::runs::{Bench, error, event, life, loan};

/// A question, in words.
type Words = &'static [&'static str];

const MS: u64 = 1_000;
/// A run with all that can be wrong with one.
const MESSY: u128 = 0x51 << 100 | 0xbad1;
/// The same again.
const AGAIN: u128 = 0x52 << 100 | 0xbad2;
/// A run of which some is undone, some is tried again, and some goes on.
const TRIED: u128 = 0x53 << 100 | 0x7e1d;
const WELL: u128 = 0x54 << 100 | 0xe110;
/// A run of which something is undone too early, and again, and once more in vain; and another program's clock is
/// ahead.
const UNDONE: u128 = 0x55 << 100 | 0xd0ed;

fn id(trace: u128) -> TraceId {
    TraceId::from_bytes(trace.to_be_bytes())
}

/// An error that says all that one can say.
fn talkative(message: &str) -> Option<ErrorInfo> {
    let mut told = error(ErrorKind::Error, "LoanError", message)?;
    told.stack_frames = vec!["src/loan.rs:7".to_owned()];
    told.processor = "apply".into();
    told.input_preview = Some("a form".to_owned());
    Some(told)
}

fn messy(trace: u128) -> Vec<Event> {
    let mut root = life(trace, 1, 99, "dispatch.loan", Status::Failed, 0..9_000 * MS);
    for event in &mut root {
        event.data.insert("stages", vec!["dispatch.credit", "dispatch.funding", "dispatch.extra", "dispatch.notify"]);
        event.data.insert("skipped", vec!["dispatch.extra"]);
        event.cut = vec!["stages".to_owned()];
        event.absent = vec!["amount".into()];
        event.tags = vec!["unsampled".into()];
        event.source = "src/loan.rs:1".into();
        (event.left_out, event.sample_weight) = (3, 2);
        event.correlation_key = Some("c1".to_owned());
        event.user_id = Some("u1".to_owned());
    }
    root[1].error = talkative("nothing worked");
    let mut funding = life(trace, 2, 1, "dispatch.funding", Status::Failed, 100..5_000 * MS);
    funding[1].error = talkative("insufficient funds");
    funding[1].source = "src/stages.rs:41".into();
    let circle = [(3, 4), (4, 3)].map(|(span, up)| event(trace, span, up, "sql.query", Status::Success, 5..9));
    let [open, _] = life(trace, 5, 1, "dispatch.side", Status::Success, 7..8);
    let twice = [Status::Success, Status::Failed].map(|status| {
        let mut end = event(trace, 6, 1, "operation.page.kept", status, 10..20);
        end.event_type = format!("operation.page.{}", status.as_str()).into();
        end
    });
    let mut early = event(trace, 7, 1, "operation.clock.read", Status::Success, 10..20);
    early.timestamp = Timestamp::from_unix_nanos(early.timestamp.unix_nanos() - 5_000_000_000);
    let mut stepped = life(trace, 9, 1, "dispatch.stepped", Status::Success, 10..20);
    stepped[1].duration = Some(std::time::Duration::from_secs(2));
    let torn = event(trace, 8, 1, "operation.row.torn", Status::Success, 30..40);
    let mut all: Vec<Event> = stepped.into_iter().chain(root).chain(funding).chain(circle).chain(twice).collect();
    all.extend([open, early, torn]);
    for event in &mut all {
        event.job_id = Some("messy".to_owned());
        let is_other = event.span_id.get() == 2;
        event.service = if is_other { "bank" } else { "loans" }.into();
        event.worker_id = Some(if is_other { "w2" } else { "w1" }.to_owned());
        event.machine_id = Some(if is_other { "m2" } else { "m1" }.to_owned());
    }
    all
}

/// Where the rows that are called so cannot be read any more.
fn tear(bench: &Bench) {
    let torn = "UPDATE events SET body = x'01ff' WHERE type = (SELECT id FROM names WHERE name = 'operation.row.torn')";
    assert!(rusqlite::Connection::open(bench.path()).unwrap().execute(torn, []).unwrap() > 0);
}

fn tried() -> Vec<Event> {
    let at = |span, up, name: &str, status, us: std::ops::Range<u64>| event(TRIED, span, up, name, status, us);
    let mut root = life(TRIED, 1, 0, "dispatch.loan", Status::Failed, 0..900 * MS);
    root[0].data.insert("stages", vec!["dispatch.credit", "dispatch.funding", "dispatch.extra", "dispatch.notify"]);
    root[0].data.insert("skipped", vec!["dispatch.extra"]);
    root[1].error = error(ErrorKind::Error, "PipelineError", "dispatch.funding failed: no");
    let mut credit = life(TRIED, 2, 1, "dispatch.credit", Status::Success, MS..20 * MS);
    credit[0].data.insert("compensate", "dispatch.release_credit");
    let mut kept = life(TRIED, 3, 1, "dispatch.kept", Status::Success, 20 * MS..30 * MS);
    kept[0].data.insert("compensate", "dispatch.unkept");
    let mut asked: Vec<Event> = (0..3)
        .map(|nth| at(10 + nth, 3, "operation.bank.asked", Status::Failed, (20 + nth) * MS..(21 + nth) * MS))
        .collect();
    asked[2].status = Status::Success;
    let mut funding = life(TRIED, 4, 1, "dispatch.funding", Status::Failed, 30 * MS..800 * MS);
    funding[1].error = error(ErrorKind::Error, "FundingError", "no");
    funding[1].source = "src/stages.rs:41".into();
    let mut dropped = at(5, 4, "operation.bank.asked", Status::Failed, 40 * MS..50 * MS);
    dropped.error = error(ErrorKind::Cancelled, "", "");
    let mut lost = at(8, 2, "operation.bank.asked", Status::Failed, 2 * MS..3 * MS);
    lost.error = error(ErrorKind::Cancelled, "", "");
    let mut other = at(6, 1, "operation.mail.sent", Status::Failed, 60 * MS..70 * MS);
    other.error = error(ErrorKind::Error, "MailError", "no such address");
    let mut release = life(TRIED, 7, 1, "dispatch.release_credit", Status::Failed, 810 * MS..820 * MS);
    release[1].error = talkative("cannot be undone");
    for event in &mut release {
        event.tags.push("compensation".into());
        event.data.insert("original_span_id", "0000000000000002");
    }
    let all = [root, credit, kept, funding, release].into_iter().flatten();
    all.chain(asked).chain([dropped, lost, other]).collect()
}

/// The same, and all went well.
fn went_well() -> Vec<Event> {
    let mut root = life(WELL, 1, 0, "dispatch.loan", Status::Success, 0..90 * MS);
    root[0].data.insert("stages", vec!["dispatch.credit", "dispatch.notify"]);
    let credit = life(WELL, 2, 1, "dispatch.credit", Status::Success, MS..20 * MS);
    let notify = life(WELL, 3, 1, "dispatch.notify", Status::Success, 20 * MS..30 * MS);
    [root, credit, notify].into_iter().flatten().collect()
}

fn undone() -> Vec<Event> {
    let mut root = life(UNDONE, 1, 0, "dispatch.loan", Status::Failed, 0..900 * MS);
    root[1].error = error(ErrorKind::Error, "LoanError", "no");
    let mut credit = life(UNDONE, 2, 1, "dispatch.credit", Status::Success, MS..200 * MS);
    credit[0].data.insert("compensate", "dispatch.release_credit");
    let mut kept = life(UNDONE, 7, 1, "dispatch.kept", Status::Success, MS..200 * MS);
    kept[0].data.insert("compensate", "dispatch.unkept");
    let undo = |span, name, step: &str, status, us: std::ops::Range<u64>| {
        let mut both = life(UNDONE, span, 1, name, status, us);
        for event in &mut both {
            event.tags.push("compensation".into());
            event.data.insert("original_span_id", step);
        }
        both
    };
    let release = |span, status, us| undo(span, "dispatch.release_credit", "0000000000000002", status, us);
    let mut again = release(5, Status::Failed, 500 * MS..600 * MS);
    again[1].error = error(ErrorKind::Error, "LoanError", "undone already");
    let first = release(3, Status::Success, 250 * MS..280 * MS);
    let late = release(4, Status::Success, 300 * MS..400 * MS);
    let early = undo(8, "dispatch.unkept", "0000000000000007", Status::Success, 50 * MS..100 * MS);
    let mut asked = event(UNDONE, 6, 1, "operation.bank.asked", Status::Failed, 5_000 * MS..5_100 * MS);
    asked.error = error(ErrorKind::Error, "BankError", "no");
    let mut all: Vec<Event> =
        [root, credit, kept, first, late, again, early].into_iter().flatten().chain([asked]).collect();
    for event in &mut all {
        event.service = if event.span_id.get() == 6 { "bank" } else { "loans" }.into();
    }
    all
}

/// A page that reads prices one by one; the trace of that number.
fn page(number: u128, prices: u64, each: u64, status: Status) -> Vec<Event> {
    let trace = number << 100 | (0x9a9e_0000 + number);
    let read = |nth: u64| {
        let from = (nth * (each + 1) + 1) * MS;
        event(trace, nth + 2, 1, "operation.price.read", Status::Success, from..from + each * MS)
    };
    let mut last = event(trace, 1, 0, "operation.page.served", status, 0..(prices * (each + 1) + 2) * MS);
    if status == Status::Failed {
        last.error = error(ErrorKind::Error, "PageError", "no price");
    }
    (0..prices).map(read).chain([last]).collect()
}

/// A job that waits, fails, waits, and goes on in another trace; two services' clocks disagree.
fn job() -> Vec<Event> {
    let run = |number: u128, service: &'static str, status, us: std::ops::Range<u64>| {
        let mut both = life(number << 100 | (0x1000 + number), 1, 0, "dispatch.render", status, us);
        for event in &mut both {
            event.service = service.into();
            event.worker_id = Some(format!("{service} 1"));
            event.machine_id = Some("m1".to_owned());
            event.job_id = Some("j1".to_owned());
        }
        both
    };
    let mut failed = run(0x62, "printer", Status::Failed, 3_000 * MS..4_000 * MS);
    failed[1].error = talkative("no font");
    let mut early = event(0x61 << 100 | 0x1061, 2, 1, "operation.jobs.claimed", Status::Success, 0..MS);
    early.timestamp = Timestamp::from_unix_nanos(early.timestamp.unix_nanos() - 2_000_000);
    early.service = "printer".into();
    let mut inside = event(0x61 << 100 | 0x1061, 3, 1, "operation.page.kept", Status::Failed, MS / 2..MS);
    inside.error = talkative("no room");
    let all = [
        run(0x61, "queue", Status::Success, 0..2 * MS),
        failed,
        run(0x63, "mail", Status::Success, 9_000 * MS..9_500 * MS),
    ];
    all.into_iter().flatten().chain([early, inside]).collect()
}

/// Each with the questions that are asked there.
pub(super) fn benches() -> Vec<(Bench, Vec<Words>)> {
    const EACH: [Words; 11] = [
        &["tree", "0000bad1"],
        &["why", "0000bad1"],
        &["critical-path", "0000bad1"],
        &["timeline", "0000bad1", "--idle", "1ms", "--limit", "5"],
        &["waterfall", "0000bad1"],
        &["concurrency", "0000bad1", "--by", "service"],
        &["correlate", "0000bad1"],
        &["path", "0000bad1", "0002"],
        &["bottlenecks", "0000bad1", "--over", "1ms"],
        &["errors", "0000bad1"],
        &["compensations", "0000bad1"],
    ];
    let mess = Bench::with(messy(MESSY).into_iter().chain(messy(AGAIN)));
    tear(&mess);
    let of_mess = [
        &["compare", "0000bad1", "0000bad2"] as Words,
        &["correlate", "job:messy"],
        &["job", "messy"],
        &["search", "--limit", "1"],
        &["search"],
        &["tail"],
        &["traces"],
        &["anomalies", "0000bad1"],
    ];
    let tries = Bench::with(tried().into_iter().chain(loan()).chain(went_well()).chain(undone()));
    let of_tries: [Words; 12] = [
        &["why", "0000d0ed"],
        &["compensations", "0000d0ed"],
        &["correlate", "0000d0ed"],
        &["why", "00007e1d"],
        &["compensations", "00007e1d"],
        &["compensations", "b0c1d2e3"],
        &["compare", "00007e1d", "b0c1d2e3"],
        &["compare", "b0c1d2e3", "00007e1d"],
        &["compare", "0000e110", "00007e1d"],
        &["compare", "00007e1d", "0000e110"],
        &["errors", "--limit", "1"],
        &["stats", "--histogram"],
    ];
    let pages =
        (1..=24).flat_map(|number| page(number, 30, 2, Status::Success)).chain(page(25, 40, 90, Status::Failed));
    let pages = Bench::with(pages);
    let of_pages: [Words; 4] = [
        &["anomalies", "last"],
        &["bottlenecks", "last", "--over", "1ms"],
        &["waterfall", "last", "--rows", "8"],
        &["traces"],
    ];
    let jobs = Bench::with(job());
    let at = Timestamp::from_unix_nanos(1_795_255_200_000_000_000);
    let health = serde_json::json!({ "emitted": 9 });
    let program = Program { pid: std::process::id(), began: at, at, service: "shop".to_owned(), health };
    SqliteStore::open(jobs.path()).unwrap().report(&program).unwrap();
    let of_jobs: [Words; 4] = [&["job", "j1"], &["correlate", "job:j1"], &["correlate", "00001061"], &["health"]];
    let registry = Bench::new();
    let write = |name: &str, text: &str| std::fs::write(registry.folder().join(name), text).unwrap();
    write("tense.toml", "version = 1\n[events.\"operation.ledger.reserved\"]\n");
    write("wrong.toml", "version = 1\n[events.\"operation.ledger.reserve\"]\n");
    write("new.toml", "version = 1\n[events.\"operation.ledger.reserved\".fields]\namount = \"integer\"\n");
    write("main.rs", "#[tense::traced(operation.ledger.reserve)] fn reserve() {}\n");
    let of_registry: [Words; 8] = [
        &["check", "operation.ledger.reserve"],
        &["check", "operation.ledger.reserved"],
        &["check"],
        &["check", "--registry", "wrong.toml"],
        &["lint", "."],
        &["diff", "tense.toml", "new.toml"],
        &["conjugate", "re-write"],
        &["doctor"],
    ];
    vec![
        (mess, EACH.into_iter().chain(of_mess).collect()),
        (tries, of_tries.into()),
        (pages, of_pages.into()),
        (jobs, of_jobs.into()),
        (registry, of_registry.into()),
    ]
}

#[test]
fn runs_are_found_by_what_they_are_asked_by() {
    for (trace, digits) in
        [(MESSY, "0000bad1"), (AGAIN, "0000bad2"), (TRIED, "00007e1d"), (WELL, "0000e110"), (UNDONE, "0000d0ed")]
    {
        assert!(id(trace).to_string().ends_with(digits) && SpanId::new(1).is_some());
    }
}
