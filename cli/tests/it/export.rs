//! What leaves for other programs, held against the rules of each form, and what comes back of it.

mod readers;

use std::fs;
use std::path::Path;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use tense_event::{ErrorKind, Event, SpanId, Status};

use super::runs::{Bench, LOAN, error, event, life, loan};
use super::said::Folder;
use super::snapshots;

const FORMS: [(&str, &str); 7] = [
    ("jsonl", "jsonl"),
    ("otlp-json", "otlp.jsonl"),
    ("jaeger", "jaeger.json"),
    ("zipkin", "zipkin.json"),
    ("chrome", "chrome.json"),
    ("speedscope", "speedscope.json"),
    ("md", "export.md"),
];

#[test]
fn each_form_of_a_small_trace() {
    let bench = Bench::with(loan());
    for (form, ending) in FORMS {
        let said = bench.ask(&["export", "last", "--format", form]);
        assert_eq!((said.err.as_str(), said.code), ("", Some(0)), "{form}");
        let version = format!("\"version\":\"{}\"", env!("CARGO_PKG_VERSION"));
        snapshots::check(&format!("loan.{ending}"), &said.out.replace(&version, "\"version\":\"0\""));
    }
}

/// Several traces: with services, points, children that overlap by halves, a span that has not ended, one whose parent
/// is not here, and values that nobody should write.
fn many() -> Vec<Event> {
    let mut events = loan();
    let mut root = life(0x21, 1, 0, "dispatch.batch", Status::Success, 0..9_000);
    root.iter_mut().for_each(|event| event.service = "front".into());
    let mut first = event(0x21, 2, 1, "operation.rows.read", Status::Success, 100..5_000);
    let mut second = event(0x21, 3, 1, "operation.rows.read", Status::Success, 3_000..8_000);
    let mut point = event(0x21, 4, 2, "log.warn", Status::Success, 200..200);
    point.duration = None;
    point.data.insert("message", "half done");
    first.service = "back".into();
    point.service = "back".into();
    second.data.insert("rows", i64::MAX);
    second.data.insert("ratio", 0.5);
    second.data.insert("error", true);
    let mut again = point.clone();
    again.span_id = SpanId::new(6).unwrap();
    let open = life(0x21, 5, 77, "dispatch.side", Status::Success, 6_000..7_000)[0].clone();
    events.extend(root.into_iter().chain([first, second, point, again, open]));
    let mut hostile = event(0x22, 1, 0, HOSTILE, Status::Failed, 0..7);
    hostile.service = HOSTILE.into();
    hostile.source = "``` x ```:9".into();
    hostile.data.insert(HOSTILE, HOSTILE);
    hostile.error = error(ErrorKind::Error, HOSTILE, HOSTILE);
    hostile.job_id = Some(HOSTILE.to_owned());
    let mut moment = event(0x22, 2, 1, HOSTILE, Status::Failed, 3..3);
    moment.duration = None;
    moment.data.insert("stages", vec![HOSTILE]);
    events.extend([hostile, moment]);
    events
}

const HOSTILE: &str = "x`y```z</script><img src=a>|[l](http://e.x)@team #1\n# head\r\n- \u{1b}]0;t\u{7}\u{202e}\u{9b}31m\u{2028}\"'\\&lt;";

#[test]
fn no_form_steers_a_terminal() {
    let bench = Bench::with(many());
    for (form, _) in FORMS {
        let said = bench.ask(&["export", "--all", "--format", form]);
        assert_eq!(said.code, Some(0), "{form}");
        let steers = said.out.chars().find(|c| tense_store::text::is_hostile(*c) && *c != '\n');
        assert_eq!(steers, None, "{form}");
        assert!(said.out.contains("z</script>"), "{form}: what was recorded is there all the same");
    }
}

#[test]
fn what_the_messages_of_otlp_read_is_what_was_written() {
    let bench = Bench::with(many());
    let said = bench.ask(&["export", "--all", "--format", "otlp-json"]);
    let requests: Vec<ExportTraceServiceRequest> =
        said.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect();
    readers::hold_otlp(&requests);
    let funding = requests.iter().flat_map(readers::spans).find(|span| span.name == "dispatch.funding").unwrap();
    assert_eq!(funding.trace_id, LOAN.to_be_bytes());
    assert_eq!(
        (funding.span_id.as_slice(), funding.parent_span_id.as_slice()),
        (&[0, 0, 0, 0, 0, 0, 0, 5][..], &[0, 0, 0, 0, 0, 0, 0, 1][..])
    );
    assert_eq!(funding.end_time_unix_nano - funding.start_time_unix_nano, 4_980_000_000);
    let status = funding.status.as_ref().unwrap();
    assert_eq!(
        (status.code, status.message.as_str(), funding.events[0].name.as_str()),
        (2, "insufficient funds", "exception")
    );
    let release = requests.iter().flat_map(readers::spans).find(|span| span.name == "dispatch.release_credit").unwrap();
    assert_eq!(release.links[0].span_id, [0, 0, 0, 0, 0, 0, 0, 3]);

    // and what these messages write is read by us, in a line each or in one text of many lines
    let lines: String = requests.iter().map(|request| serde_json::to_string(request).unwrap() + "\n").collect();
    let text: String = requests.iter().map(|request| serde_json::to_string_pretty(request).unwrap() + "\n").collect();
    for written in [&said.out, &lines, &text] {
        let folder = Folder::new().with("tense.toml", "version = 1").with("spans.json", written);
        let read = folder.ask(&["import", "spans.json", "--db", "tense.db"]);
        assert_eq!((read.out.as_str(), read.err.as_str(), read.code), ("15 events imported\n", "", Some(0)));
        for trace in [format!("{LOAN:032x}"), format!("{:032x}", 0x21), format!("{:032x}", 0x22)] {
            let back = folder.path().join("tense.db");
            let back = bench.ask(&["tree", &trace, "--db", back.to_str().unwrap()]);
            assert_eq!(back.out, bench.ask(&["tree", &trace]).out);
            let json = ["tree", &trace, "--json"];
            assert_eq!(folder.ask(&json).json_whole()["spans"], bench.ask(&json).json_whole()["spans"]);
        }
    }
}

#[test]
fn each_form_keeps_its_own_rules() {
    for events in [loan(), many()] {
        hold(&Bench::with(events));
    }
}

/// What the examples have recorded: a hundred loans with all that goes wrong in them, and a workflow with its siblings.
#[test]
fn each_form_of_what_was_recorded_keeps_its_own_rules() {
    for file in ["loan.jsonl", "order.jsonl"] {
        let bench = Bench::new();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/runs").join(file);
        assert_eq!(bench.ask(&["import", path.to_str().unwrap()]).code, Some(0));
        hold(&bench);
    }
}

fn hold(bench: &Bench) {
    let ask = |form| bench.ask(&["export", "--all", "--format", form]);
    let requests: Vec<ExportTraceServiceRequest> =
        ask("otlp-json").out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    readers::hold_otlp(&requests);
    readers::hold_jaeger(ask("jaeger").json_whole());
    readers::hold_zipkin(ask("zipkin").json_whole());
    readers::hold_chrome(ask("chrome").json_whole());
    readers::hold_speedscope(ask("speedscope").json_whole());
    readers::hold_markdown(&ask("md").out);
}

#[test]
fn what_is_exported_as_lines_comes_back_as_it_was() {
    let mut events = many();
    let mut full = event(0x23, 1, 0, "operation.rows.added", Status::Failed, 0..5);
    full.error = error(ErrorKind::Panic, "RowError", "no room");
    full.tags.push("saga".into());
    full.cut.push("value".to_owned());
    full.absent.push("token_id".into());
    (full.left_out, full.sample_weight) = (7, 10);
    full.user_id = Some("u".to_owned());
    full.data.insert("nested", serde_json::json!({ "a": [1, null, -0.5, { "b": "c" }] }));
    events.push(full);
    let bench = Bench::with(events);
    let exported = bench.ask(&["export", "--all"]);
    let folder = Folder::new().with("tense.toml", "version = 1").with("events.jsonl", &exported.out);
    let read = folder.ask(&["import", "events.jsonl"]);
    assert_eq!((read.out.trim(), read.code), (&*format!("{} events imported", exported.out.lines().count()), Some(0)));
    assert_eq!(folder.ask(&["export", "--all"]).out, exported.out);
    // into the database that they came from, nothing of it is new
    fs::write(bench.path().with_file_name("tense.toml"), "version = 1").unwrap();
    let path = folder.path().join("events.jsonl");
    let again = bench.ask(&["import", path.to_str().unwrap()]);
    assert!(again.out.starts_with("0 events imported, "), "{}", again.out);
}

#[test]
fn which_traces_are_meant() {
    let mut events: Vec<Event> = loan();
    events.extend(life(0x7f << 120, 1, 0, "dispatch.batch", Status::Success, 0..5));
    let bench = Bench::with(events);
    let count = |arguments: &[&str]| {
        let said = bench.ask(&[&["export", "--format", "zipkin"], arguments].concat());
        let ids: std::collections::BTreeSet<String> = match said.code {
            Some(0) => said.json_whole().as_array().unwrap().iter().map(|span| span["traceId"].to_string()).collect(),
            _ => Default::default(),
        };
        (ids.len(), said.code)
    };
    assert_eq!(count(&["last"]), (1, Some(0)));
    assert_eq!(count(&["last", "last-failed"]), (2, Some(0)));
    assert_eq!(count(&["last", "last"]), (1, Some(0)));
    assert_eq!(count(&["--all"]), (2, Some(0)));
    assert_eq!(count(&["--failed"]), (1, Some(0)));
    assert_eq!(count(&["--since", "2026-11-21T10:00:00Z"]), (2, Some(0)));
    assert_eq!(count(&["--since", "2026-11-21T10:00:01Z"]), (0, Some(3)));
    assert_eq!(count(&["--since", "2026-11-21", "--failed"]), (1, Some(0)));
    assert_eq!(count(&["--until", "2026-11-21T10:00:00.100Z"]), (1, Some(0)));
    assert_eq!(count(&["--last", "9w", "--since", "1h"]), (0, Some(2)));
    assert_eq!(count(&["deadbeef"]), (0, Some(3)));
    for usage in
        [&[][..], &["--last", "soon"], &["--since", "soon"], &["last", "--failed"], &["--format", "pdf", "last"]]
    {
        assert_eq!(count(usage), (0, Some(2)), "{usage:?}");
    }
}

#[test]
fn a_file_is_written_as_a_whole_or_not_at_all() {
    let bench = Bench::with(loan());
    let folder = bench.path().parent().unwrap().to_owned();
    let said = bench.ask(&["export", "last", "--output", "run.jsonl"]);
    assert_eq!((said.out.as_str(), said.err.as_str(), said.code), ("", "1 trace in run.jsonl\n", Some(0)));
    let written = fs::read_to_string(folder.join("run.jsonl")).unwrap();
    assert_eq!(written, bench.ask(&["export", "last"]).out);
    // what was there is replaced, and keeps its rights; nothing is left beside it
    fs::write(folder.join("run.jsonl"), "old").unwrap();
    #[cfg(unix)]
    fs::set_permissions(folder.join("run.jsonl"), std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
    assert_eq!(bench.ask(&["export", "last", "--output", "run.jsonl"]).code, Some(0));
    assert_eq!(fs::read_to_string(folder.join("run.jsonl")).unwrap(), written);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(folder.join("run.jsonl").metadata().unwrap().permissions().mode() & 0o777, 0o640);
    }
    let refused = |output: &str, why: &str| {
        let said = bench.ask(&["export", "last", "--output", output]);
        assert_eq!(said.code, Some(1), "{output}");
        assert!(said.err.contains(why), "{output}: {}", said.err);
    };
    refused("tense.db", "tense.db is a database, which would be lost: name another file with --output");
    refused(".", "it is a folder; name a file in it");
    refused("nowhere/run.jsonl", "failed to write nowhere/run.jsonl");
    assert_eq!(bench.ask(&["export", "deadbeef", "--output", "none.jsonl"]).code, Some(3));
    assert!(bench.ask(&["tree", "last"]).code == Some(0) && !folder.join("none.jsonl").exists());
    let left: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    let is_known = |name: &str| name == "run.jsonl" || name.starts_with("tense.db");
    assert!(left.iter().all(|name| is_known(name.to_str().unwrap())), "{left:?}");
}

/// A process takes 24 MiB here for a single trace, its code and the cache of SQLite included. All traces at once would
/// take as much again, and what is written of them.
#[cfg(target_os = "linux")]
#[test]
fn a_database_of_any_size_takes_the_memory_of_one_trace() {
    use std::io::BufRead;
    use std::process::{Command, Stdio};
    const TRACES: u128 = 3_000;
    const MOST_KIB: usize = 40 << 10;
    let text = "a word and another ".repeat(50);
    let events = (1..=TRACES).map(|trace| {
        let mut event = event(trace, 1, 0, "operation.rows.added", Status::Success, 0..5);
        for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
            event.data.insert(name, text.as_str());
        }
        event
    });
    let bench = Bench::with(events);
    for form in ["jsonl", "chrome"] {
        let limited = format!("ulimit -v {MOST_KIB} && exec \"$0\" export --all --format {form} --db \"$1\"");
        let mut command = Command::new("sh");
        command.args(["-c", &limited, env!("CARGO_BIN_EXE_tense")]).arg(bench.path());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
        let mut bytes = 0;
        loop {
            let read = out.fill_buf().unwrap().len();
            if read == 0 {
                break;
            }
            bytes += read;
            out.consume(read);
        }
        assert_eq!(child.wait().unwrap().code(), Some(0), "{form}");
        assert!(bytes > 22 << 20, "{form}: {bytes}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_of_an_export_is_no_error() {
    use std::io::Read;
    use std::process::Stdio;
    let events = (1..=2_000).map(|span| event(0x41, span, 0, "operation.rows.added", Status::Success, 0..5));
    let bench = Bench::with(events);
    for (form, _) in FORMS {
        let mut command = bench.command(&["export", "last", "--format", form]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdout.take().unwrap().read_exact(&mut [0; 5]).unwrap();
        let said = super::said::said(child.wait_with_output().unwrap());
        assert_eq!((said.err.as_str(), said.code), ("", Some(0)), "{form}");
    }
}

#[test]
fn a_database_that_cannot_be_read_is_told() {
    let said =
        Folder::new().with("tense.db", "no database at all, but long enough to be looked at").ask(&["export", "last"]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("this is not a tense database"), "{}", said.err);
}

/// Whoever is sent an export asks of it what the one who sent it can ask.
#[test]
fn what_was_recorded_answers_the_same_wherever_it_is_imported() {
    for file in ["loan.jsonl", "order.jsonl"] {
        let bench = Bench::new();
        fs::write(bench.folder().join("tense.toml"), "version = 1").unwrap();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/runs").join(file);
        assert_eq!(bench.ask(&["import", path.to_str().unwrap()]).code, Some(0));
        let traces = bench.ask(&["traces", "--failed", "--json"]).json_whole();
        let traces = traces["traces"].as_array().unwrap().iter().map(|trace| trace["trace_id"].as_str().unwrap());
        let of_one = ["why", "tree", "timeline", "compensations", "critical-path", "bottlenecks"];
        let mut questions: Vec<Vec<&str>> = traces.flat_map(|id| of_one.map(|question| vec![question, id])).collect();
        assert!(questions.len() >= of_one.len());
        questions.extend([vec!["stats"], vec!["errors"], vec!["traces", "--limit", "200"]]);
        for format in ["jsonl", "otlp-json"] {
            assert_eq!(bench.ask(&["export", "--all", "--format", format, "--output", "there.json"]).code, Some(0));
            let read = bench.ask(&["import", "there.json", "--db", "there.db"]);
            assert_eq!((read.err.as_str(), read.code), ("", Some(0)));
            for question in &questions {
                let here = bench.ask(question);
                assert!(here.code == Some(0) || question[0] == "compensations", "{question:?}: {}", here.err);
                let there = bench.ask(&[&question[..], &["--db", "there.db"]].concat());
                assert_eq!((there.out, there.err), (here.out, here.err), "{format}: {question:?}");
            }
            for left in ["there.db", "there.db-wal", "there.db-shm"] {
                fs::remove_file(bench.folder().join(left)).ok();
            }
        }
    }
}
