//! Questions about runs: a database is written through the store, the built binary is asked, its output compared.

use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tense_event::{ErrorInfo, ErrorKind, Event, Sanitizer, SpanId, Status, Timestamp, TraceId};
use tense_store::{SqliteStore, Store};

use super::said::{Said, said};

pub(crate) const LOAN: u128 = 0x0190_163d_8694_739b_96b6_f0a7_b0c1_d2e3;

/// A folder with a database, and questions to it.
pub(crate) struct Bench {
    folder: TempDir,
    store: SqliteStore,
    sanitizer: Sanitizer,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("tense.db")).unwrap();
        Self { folder, store, sanitizer: Sanitizer::default() }
    }

    pub(crate) fn with(events: impl IntoIterator<Item = Event>) -> Self {
        let mut bench = Self::new();
        bench.add(events);
        bench
    }

    pub(crate) fn add(&mut self, events: impl IntoIterator<Item = Event>) {
        let batch: Vec<_> = events.into_iter().map(|event| self.sanitizer.clean(event)).collect();
        let appended = self.store.append(&batch).unwrap();
        assert_eq!(appended.known, 0);
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("tense.db")
    }

    /// Where it lies.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tense"));
        command.args(arguments).current_dir(self.folder.path());
        command.env("TZ", "UTC").env("COLUMNS", "120").env("LC_ALL", "C.UTF-8").env_remove("TERM");
        for variable in ["TENSE_DB", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(variable);
        }
        command
    }

    pub(crate) fn ask(&self, arguments: &[&str]) -> Said {
        said(self.command(arguments).output().unwrap())
    }

    #[track_caller]
    pub(crate) fn check(&self, arguments: &[&str], expected: &str) {
        let said = self.ask(arguments);
        assert_eq!((said.out.trim_end(), said.code), (expected.trim(), Some(0)), "\n{}{}", said.out, said.err);
        assert_eq!(said.err, "");
    }
}

/// An event of a span that took from and to so many microseconds after the beginning.
pub(crate) fn event(trace: u128, span: u64, parent: u64, name: &str, status: Status, us: Range<u64>) -> Event {
    let began = 1_795_255_200_000_000_000 + (trace >> 100) as i64;
    let at = Timestamp::from_unix_nanos(began + us.end as i64 * 1_000);
    let id = SpanId::new(span).unwrap();
    let mut event = Event::new(TraceId::from_bytes(trace.to_be_bytes()), id, name.to_owned(), status, at);
    event.parent_span_id = SpanId::new(parent);
    event.duration = (status != Status::Pending).then(|| Duration::from_micros(us.end - us.start));
    event
}

pub(crate) fn life(trace: u128, span: u64, parent: u64, name: &str, status: Status, us: Range<u64>) -> [Event; 2] {
    let word = if status == Status::Failed { "fail" } else { "complete" };
    let mut both = [
        event(trace, span, parent, &format!("{name}.start"), Status::Pending, us.start..us.start),
        event(trace, span, parent, &format!("{name}.{word}"), status, us),
    ];
    for event in &mut both {
        event.span_name = name.to_owned().into();
    }
    both
}

pub(crate) fn error(kind: ErrorKind, error_type: &'static str, message: &str) -> Option<ErrorInfo> {
    let mut error = ErrorInfo::new(kind);
    error.error_type = error_type.into();
    error.error_message = message.to_owned();
    Some(error)
}

/// Four stages are declared; the third fails, the second is undone, the fourth never runs.
pub(crate) fn loan() -> Vec<Event> {
    let [mut start, mut end] = life(LOAN, 1, 0, "dispatch.loan", Status::Failed, 0..5_020_000);
    start.data.insert("application", "L123");
    start.data.insert("stages", vec!["dispatch.validate", "dispatch.credit", "dispatch.funding", "dispatch.notify"]);
    end.error = error(ErrorKind::Error, "PipelineError", "dispatch.funding failed: insufficient funds");
    let validate = life(LOAN, 2, 1, "dispatch.validate", Status::Success, 100..3_200);
    let mut credit = life(LOAN, 3, 1, "dispatch.credit", Status::Success, 4_000..25_000);
    credit[0].data.insert("application", "L123");
    credit[0].data.insert("compensate", "dispatch.release_credit");
    let mut reserved = event(LOAN, 4, 3, "operation.ledger.reserved", Status::Success, 5_000..5_400);
    reserved.data.insert("amount", 5000);
    let mut funding = life(LOAN, 5, 1, "dispatch.funding", Status::Failed, 26_000..5_006_000);
    funding[1].error = error(ErrorKind::Error, "FundingError", "insufficient funds");
    funding[1].source = "src/stages.rs:41".into();
    let mut debit = event(LOAN, 6, 5, "operation.ledger.debit_failed", Status::Failed, 5_000_000..5_000_300);
    debit.span_name = "operation.ledger.debited".into();
    debit.error = error(ErrorKind::Error, "LedgerError", "balance 120 < 5000");
    let mut release = life(LOAN, 7, 1, "dispatch.release_credit", Status::Success, 5_010_000..5_011_200);
    release[0].data.insert("original_span_id", "0000000000000003");
    for event in &mut release {
        event.tags.push("compensation".into());
    }
    [validate, credit, funding, release].into_iter().flatten().chain([start, end, reserved, debit]).collect()
}

#[test]
fn a_tree_shows_calls_and_what_became_of_them() {
    Bench::with(loan()).check(
        &["tree", "b0c1d2e3"],
        "
dispatch.loan  application=L123                5.02 s  failed
├─ dispatch.validate                           3.1 ms
├─ dispatch.credit                            21.0 ms  compensated by dispatch.release_credit
│  └─ operation.ledger.reserved  amount=5000   400 µs
├─ dispatch.funding                            4.98 s  failed  FundingError: insufficient funds
│  └─ operation.ledger.debit_failed            300 µs  failed  LedgerError: balance 120 < 5000
├─ dispatch.release_credit                     1.2 ms  undoes dispatch.credit
└─ dispatch.notify                                     never ran",
    );
}

#[test]
fn a_database_that_is_named_like_one_in_memory_is_a_file_all_the_same() {
    let bench = Bench::new();
    for name in [":memory:", "file:x?mode=memory"] {
        let folder = tempfile::tempdir().unwrap();
        let said = said(bench.command(&["traces", "--db", name]).current_dir(folder.path()).output().unwrap());
        assert_eq!(said.code, Some(1), "{}", said.err);
        assert!(said.err.contains("no database"), "{}", said.err);
    }
}

#[test]
fn fields_are_shown_however_short_they_are() {
    let mut made = event(0x11, 1, 0, "operation.tokens.created", Status::Success, 1..5);
    for (name, value) in [("a", 5), ("n", 1)] {
        made.data.insert(name, value);
    }
    made.data.insert("text", "hello");
    Bench::with([made]).check(&["tree", "last"], "operation.tokens.created  a=5  n=1  text=hello  4.0 µs");
}

#[test]
fn why_names_the_first_cause() {
    Bench::with(loan()).check(
        &["why", "last-failed"],
        "
dispatch.loan failed after 5.02 s: insufficient funds (FundingError) in dispatch.funding, src/stages.rs:41
  because operation.ledger.debit_failed: balance 120 < 5000
  compensated: dispatch.credit · not compensated: none · never ran: dispatch.notify",
    );
}

#[test]
fn a_run_that_succeeded_says_so() {
    let trace = 0x11;
    let mut bench = Bench::with(life(trace, 1, 0, "dispatch.loan", Status::Success, 0..41_000));
    bench.check(&["why", "last"], "dispatch.loan succeeded in 41.0 ms; nothing failed");

    let mut tried = event(trace, 2, 1, "operation.bank.ask_failed", Status::Failed, 1..5);
    tried.span_name = "operation.bank.asked".into();
    bench.add([tried, event(trace, 3, 1, "operation.bank.asked", Status::Success, 6..9)]);
    bench.check(
        &["why", "last"],
        "
dispatch.loan succeeded in 41.0 ms
  recovered: operation.bank.asked (1 failure, then success)",
    );
}

#[test]
fn a_run_that_goes_on_says_where_it_stands() {
    let mut events = loan();
    events.retain(|event| {
        let is_end = event.status != Status::Pending;
        !(is_end && [1, 5].contains(&event.span_id.get())) && event.span_id.get() != 7
    });
    let bench = Bench::with(events);
    bench.check(
        &["why", "last"],
        "
dispatch.loan has not finished: still open: dispatch.funding
  also failed: operation.ledger.debit_failed: balance 120 < 5000
  compensated: none · not compensated: dispatch.credit (not finished) · has not run: dispatch.notify
not seen in full: 2 spans that have not ended",
    );
    assert!(bench.ask(&["tree", "last"]).out.starts_with("dispatch.loan  application=L123"));
}

#[test]
fn dropped_and_panicked_runs_say_where() {
    let mut dropped = [
        event(0x21, 1, 0, "dispatch.loan", Status::Failed, 0..3_000_000),
        event(0x21, 2, 1, "operation.bank.ask_failed", Status::Failed, 2..3_000_000),
    ];
    dropped[1].source = "src/bank.rs:7".into();
    for event in &mut dropped {
        event.error = error(ErrorKind::Cancelled, "", "");
    }
    Bench::with(dropped).check(
        &["why", "last"],
        "dispatch.loan was dropped before it finished, after 3.00 s in operation.bank.ask_failed, src/bank.rs:7",
    );

    let mut panicked = event(0x22, 1, 0, "dispatch.loan", Status::Failed, 0..3_000);
    panicked.error = error(ErrorKind::Panic, "", "index 3 of 3");
    let bench = Bench::with([panicked]);
    bench.check(&["why", "last"], "dispatch.loan panicked after 3.0 ms: index 3 of 3");
    bench.check(&["tree", "last"], "dispatch.loan  3.0 ms  panicked  index 3 of 3");
}

#[test]
fn a_long_explanation_is_told_from_both_ends() {
    let failed = (1..=500_u64).map(|n| {
        let mut event = event(0x51, n, n - 1, "operation.step.take_failed", Status::Failed, n..2_000 - n);
        event.error = error(ErrorKind::Error, "", &format!("step {n} of many"));
        event
    });
    let said = Bench::with(failed).ask(&["why", "last"]);
    let lines: Vec<_> = said.out.lines().collect();
    assert_eq!(lines.len(), 13, "{}", said.out);
    assert_eq!(lines[6], "  ... 488 steps left out ...");
    assert_eq!(lines[12], "  because operation.step.take_failed: step 500 of many");
}

#[test]
fn a_narrow_screen_is_kept_to() {
    let mut failed = event(0x61, 1, 0, "operation.tokens.create_failed", Status::Failed, 0..9_000);
    failed.data.insert("note", "many words that say little ".repeat(9));
    failed.error = error(ErrorKind::Error, "StoreError", &"nothing worked ".repeat(9));
    let bench = Bench::with([failed]);
    for columns in [60, 80, 200] {
        let said = said(bench.command(&["tree", "last"]).env("COLUMNS", columns.to_string()).output().unwrap());
        let width = said.out.lines().next().unwrap().chars().count();
        assert!((columns - 5..=columns).contains(&width), "{width} of {columns}: {}", said.out);
    }
}

#[test]
fn traces_are_a_table_newest_first() {
    let mut bench = Bench::with(loan());
    bench.add(life(0x0200_0000_0000_0000_0000_0000_0000_0001, 1, 0, "dispatch.health", Status::Success, 0..900));
    bench.check(
        &["traces"],
        "
00000001  2026-11-21 10:00:00 UTC  900 µs  success  dispatch.health
b0c1d2e3  2026-11-21 10:00:00 UTC  5.02 s  failed   dispatch.loan    insufficient funds in dispatch.funding",
    );
    let narrow = said(bench.command(&["traces", "--failed"]).env("COLUMNS", "60").output().unwrap());
    assert_eq!(narrow.out, "b0c1d2e3  11-21 10:00 UTC  5.02 s  failed   dispatch.loan\n");
}

#[test]
fn json_is_for_programs() {
    let bench = Bench::with(loan());
    let traces = bench.ask(&["traces", "--json"]);
    assert!(
        traces.out.starts_with("{\"version\":1,\"traces\":[\n{\"began\":\"2026-11-21T10:00:00.0"),
        "{}",
        traces.out
    );
    let why = bench.ask(&["why", "last", "--json"]).out;
    assert!(why.contains(r#""never_ran":[{"pipeline":"0000000000000001","stage":"dispatch.notify"}]"#), "{why}");
    let tree = bench.ask(&["tree", "last", "--json"]).out;
    assert!(tree.starts_with(r#"{"version":1,"trace_id":"0190163d8694739b96b6f0a7b0c1d2e3","spans":["#), "{tree}");
}

#[test]
fn nothing_from_an_event_steers_the_terminal() {
    let hostile = "\u{1b}[2J\u{1b}]8;;http://x\u{7}\u{1b}]52;c;aGk=\u{7}\r\n\u{9b}31m\u{202e}gnp";
    let mut root = event(0x31, 1, 0, &format!("dispatch.{hostile}"), Status::Failed, 0..1_000);
    root.data.insert("note", hostile);
    root.data.insert(hostile.to_owned(), "x".repeat(1_000_000));
    root.data.insert("stages", vec![hostile]);
    root.error = error(ErrorKind::Error, "Evil", hostile);
    root.source = hostile.to_owned().into();
    root.tags.push(hostile.to_owned().into());
    // Small enough for all of it to be kept.
    let mut pipeline = event(0x31, 2, 1, &format!("dispatch.{hostile}x"), Status::Failed, 1..900);
    pipeline.data.insert("stages", vec![hostile, "dispatch.step"]);
    pipeline.error = error(ErrorKind::Cancelled, "", "");
    let mut step = event(0x31, 3, 2, "dispatch.step", Status::Success, 2..3);
    step.data.insert("compensate", hostile);
    let mut undoing = event(0x31, 4, 2, &format!("dispatch.{hostile}y"), Status::Failed, 4..5);
    undoing.error = error(ErrorKind::Error, "", hostile);
    undoing.tags.push("compensation".into());
    let bench = Bench::with([root, pipeline, step, undoing]);
    let about_one = ["critical-path", "tree", "why", "path", "bottlenecks", "compensations", "errors", "anomalies"];
    let about_one = about_one.map(|question| vec![question, "last"]);
    let others = [vec!["traces"], vec!["errors"], vec!["anomalies"], vec!["compare", "last", "last-failed"]];
    let questions = about_one.into_iter().chain(others).flat_map(|question| {
        let json = [question.as_slice(), &["--json"]].concat();
        [question, json]
    });
    let questions = questions.chain([vec!["export", "last", "--format", "md"]]);
    for question in questions {
        let said = bench.ask(&question);
        // There is no baseline for anomalies.
        assert_eq!(said.code, Some(if question[0] == "anomalies" { 3 } else { 0 }), "{question:?}: {}", said.err);
        let steers = |c: &char| tense_store::text::is_hostile(*c) && *c != '\n';
        assert_eq!(said.out.chars().find(steers), None, "{question:?}: {}", said.out.escape_debug());
        let is_text = !question.contains(&"--json");
        assert!(!is_text || said.out.lines().all(|line| line.chars().count() < 1_500), "{question:?}");
    }
}

#[test]
fn texts_of_odd_width_are_shown() {
    for odd in ["❤\u{fe0f}", "漢", "👩‍💻", "e\u{301}", "🇩🇪"] {
        let mut root = event(0x71, 1, 0, &odd.repeat(300), Status::Failed, 0..1_000);
        root.data.insert(odd.repeat(30), odd.repeat(300));
        root.error = error(ErrorKind::Error, "", &odd.repeat(300));
        let bench = Bench::with([root]);
        let about_one = ["tree", "why", "critical-path", "path", "bottlenecks", "compensations", "errors"]
            .map(|question| [question, "last"]);
        for question in about_one.into_iter().chain([["traces", "--limit=1"], ["anomalies", "--minimum=0"]]) {
            let narrow = said(bench.command(&question).env("COLUMNS", "60").output().unwrap());
            let (err, code) = match question[0] {
                "anomalies" => {
                    ("0 earlier runs are too few to tell what is usual; it takes 1, or another --minimum\n", 3)
                }
                "compensations" => ("this trace has no pipeline, and undoes nothing\n", 3),
                _ => ("", 0),
            };
            assert_eq!((narrow.err.as_str(), narrow.code), (err, Some(code)), "{question:?} {odd}");
        }
    }
}

#[test]
fn a_database_that_is_not_there_says_what_to_do() {
    let empty = tempfile::tempdir().unwrap();
    let bench = Bench::new();
    let elsewhere = |arguments: &[&str]| {
        let mut command = bench.command(arguments);
        command.current_dir(empty.path());
        command
    };
    let lost = said(elsewhere(&["traces"]).output().unwrap());
    assert_eq!((lost.out.as_str(), lost.code), ("", Some(1)));
    assert!(lost.err.contains("there is no tense.db in") && lost.err.contains("--db PATH"), "{}", lost.err);

    let wrong = said(elsewhere(&["traces", "--db", "no.db"]).output().unwrap());
    assert_eq!(wrong.code, Some(1));
    assert!(wrong.err.starts_with("error: no database at no.db, which --db names"), "{}", wrong.err);

    let variable = said(elsewhere(&["traces"]).env("TENSE_DB", "no.db").output().unwrap());
    assert!(variable.err.contains("which TENSE_DB names"), "{}", variable.err);
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0, "asking makes no files");

    std::fs::write(empty.path().join("notes.txt"), "not a database, but long enough to look at").unwrap();
    let foreign = said(elsewhere(&["traces", "--db", "notes.txt"]).output().unwrap());
    assert!(foreign.err.contains("not a tense database"), "{}", foreign.err);

    // What is there and cannot be reached is not told as missing.
    let unreachable = said(elsewhere(&["traces", "--db", "notes.txt/tense.db"]).output().unwrap());
    let expected = "error: failed to read the database that --db names: open notes.txt/tense.db: ";
    assert!(cfg!(windows) || unreachable.err.starts_with(expected), "{}", unreachable.err);
}

#[test]
fn the_database_is_found_from_folders_below() {
    let bench = Bench::with(loan());
    let below: PathBuf = bench.folder.path().join("a/b");
    std::fs::create_dir_all(&below).unwrap();
    let found = said(bench.command(&["traces"]).current_dir(&below).output().unwrap());
    assert!(found.out.starts_with("b0c1d2e3"), "{}", found.err);
}

#[test]
fn what_is_not_there_is_said_with_code_three() {
    let bench = Bench::with(life(0x11, 1, 0, "dispatch.loan", Status::Success, 0..1));
    for (question, expected) in [
        (&["why", "last-failed"] as &[&str], "the database holds no trace that failed\n"),
        (&["tree", "abcd1234"], "no trace ends in abcd1234, and no job has that id; `tense traces` lists the latest\n"),
        (
            &["tree", "2026-11-21"],
            "no trace ends in 20261121, and no job has the id 2026-11-21; `tense traces` lists the latest\n",
        ),
        (&["traces", "--failed"], "the database holds no trace that failed\n"),
    ] {
        let said = bench.ask(question);
        assert_eq!((said.out.as_str(), said.err.as_str(), said.code), ("", expected, Some(3)));
    }
    let empty = Bench::new().ask(&["tree", "last"]);
    assert_eq!((empty.err.as_str(), empty.code), ("the database holds no trace yet\n", Some(3)));
    let nonsense = bench.ask(&["tree", "b\u{1b}x"]);
    assert_eq!(nonsense.code, Some(2));
}

#[test]
fn an_ambiguous_suffix_shows_the_candidates() {
    let mut bench = Bench::with(life(0x1_aaaa_bbbb, 1, 0, "dispatch.one", Status::Success, 0..1));
    bench.add(life(0x2_cccc_bbbb, 1, 0, "dispatch.two", Status::Success, 5..6));
    let said = bench.ask(&["tree", "bbbb"]);
    assert_eq!((said.out.as_str(), said.code), ("", Some(1)));
    assert_eq!(
        said.err,
        "error: several traces end in these digits; use more of them:
  000000000000000000000002ccccbbbb  2026-11-21 10:00:00 UTC  dispatch.two
  000000000000000000000001aaaabbbb  2026-11-21 10:00:00 UTC  dispatch.one
"
    );
    assert!(bench.ask(&["tree", "CCCC-bbbb"]).out.starts_with("dispatch.two"));
    let mut run = event(0x3_dddd_dddd, 1, 0, "job.run", Status::Success, 0..5);
    run.job_id = Some("BBBB".to_owned());
    bench.add([run]);
    let said = bench.ask(&["correlate", "bbbb"]);
    assert_eq!((said.out.as_str(), said.code), ("", Some(1)));
    assert!(said.err.ends_with("  dispatch.one\nor the job that has this id:\n  job:BBBB\n"), "{}", said.err);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let spans =
        (2..60_000).map(|span| event(0x41, span, 1, "operation.tokens.created", Status::Success, span..span + 5));
    let bench = Bench::with(spans.chain([event(0x41, 1, 0, "dispatch.loan", Status::Success, 0..100_000)]));
    let mut child = bench.command(&["tree", "last"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut beginning = [0; 13];
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut beginning).unwrap();
    drop(out);
    let said = said(child.wait_with_output().unwrap());
    assert_eq!((&beginning, said.err.as_str(), said.code), (b"dispatch.loan", "", Some(0)));
}

#[test]
fn colours_are_for_those_who_want_them() {
    let bench = Bench::with(loan());
    let check = |variables: &[(&str, &str)], is_coloured: bool| {
        let said = said(bench.command(&["tree", "last"]).envs(variables.iter().copied()).output().unwrap());
        let (found, steers) = (said.out.contains("\u{1b}[31m"), said.out.contains('\u{1b}'));
        assert_eq!((found, steers), (is_coloured, is_coloured), "{variables:?}: {}", said.out.escape_debug());
    };
    // A pipe is no terminal, however good the terminal is that the variables speak of; so only who insists gets
    // colours, and only with them there is something that `NO_COLOR` can take away.
    let forced = ("CLICOLOR_FORCE", "1");
    check(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("CLICOLOR", "1")], false);
    check(&[forced], true);
    check(&[forced, ("NO_COLOR", "1")], false);
    check(&[forced, ("NO_COLOR", "")], true);
    check(&[forced, ("TERM", "xterm-256color")], true);
    check(&[forced, ("TERM", "dumb")], true);
}

#[test]
fn asking_leaves_no_files_behind() {
    let bench = Bench::with(loan());
    let Bench { folder, store, sanitizer } = bench;
    drop(store);
    let path = folder.path().join("copy.db");
    std::fs::copy(folder.path().join("tense.db"), &path).unwrap();
    let before = std::fs::read_dir(folder.path()).unwrap().count();
    let store = SqliteStore::open(folder.path().join("tense.db")).unwrap();
    let bench = Bench { folder, store, sanitizer };
    let copy = path.to_str().unwrap();
    assert!(bench.ask(&["why", "last", "--db", copy]).out.starts_with("dispatch.loan failed"));
    drop(bench.store);
    assert_eq!(std::fs::read_dir(bench.folder.path()).unwrap().count(), before);
}

#[test]
fn help_shows_examples() {
    let help = Bench::new().ask(&["--help"]);
    assert!(help.out.contains("tense why last-failed") && help.out.contains("TENSE_DB"), "{}", help.out);
    for (question, about) in [("tree", "Shows a trace, call by call"), ("why", "Says why a trace failed")] {
        let help = Bench::new().ask(&[question, "--help"]).out;
        assert!(help.starts_with(about) && help.contains("<TRACE>  Which trace: the last digits"), "{help}");
    }
    assert_eq!(Bench::new().ask(&["why"]).code, Some(2));
}
