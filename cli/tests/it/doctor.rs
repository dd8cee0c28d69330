//! `tense doctor`: each thing that may be wrong is made wrong, and it says so, and what to do; where nothing is, it
//! says that.

use std::fs;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::Connection;
use serde_json::{Value, json};
use tense_event::{Event, Sanitizer, SpanId, Status, Timestamp, TraceId};
use tense_store::{Program, SqliteStore, Store};

use super::asked::{in_time, tense};
use super::runs::Bench;
use super::said::Said;
use super::snapshots::check as check_snapshot;

type Variables = &'static [(&'static str, &'static str)];

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as i64
}

/// A trace of one event of that type, that many nanoseconds from now.
fn made(nth: u64, event_type: &'static str, from_now: i64) -> Event {
    let trace = TraceId::from_bytes((0x9000 + u128::from(nth)).to_be_bytes());
    let at = Timestamp::from_unix_nanos(now() + from_now);
    Event::new(trace, SpanId::new(nth + 1).unwrap(), event_type, Status::Success, at)
}

/// A program of this very process, so that it runs.
fn program(service: &str, health: Value) -> Program {
    let at = Timestamp::from_unix_nanos(now());
    Program { pid: std::process::id(), began: at, at, service: service.to_owned(), health }
}

const WELL: &str = "version = 1\n[events.\"operation.tokens.created\"]\n";

/// A database, a program and a registry that are well.
fn well() -> Bench {
    let bench = Bench::with([made(1, "operation.tokens.created", -1_000_000)]);
    let mut store = SqliteStore::open(bench.path()).unwrap();
    store.report(&program("shop", json!({ "emitted": 9, "delivered": 9, "queued": 0, "open_spans": 0 }))).unwrap();
    fs::write(bench.folder().join("tense.toml"), WELL).unwrap();
    bench
}

fn ask(bench: &Bench, more: &[&str], variables: &[(&str, &str)]) -> Said {
    let words: Vec<String> = ["doctor"].iter().chain(more).map(|word| (*word).to_owned()).collect();
    in_time(tense(bench.folder(), &words).env("COLUMNS", "200").envs(variables.iter().copied()), "doctor")
}

/// What it found, by `about`, of that mark.
fn found(bench: &Bench, variables: &[(&str, &str)], mark: &str) -> Vec<(String, String)> {
    let said = ask(bench, &["--json"], variables);
    let told = said.json_whole();
    let all = told["findings"].as_array().unwrap();
    assert_eq!(told["ok"] == true, said.code == Some(0), "{}", said.out);
    assert_eq!(told["ok"] == false, all.iter().any(|finding| finding["mark"] == "problem"), "{}", said.out);
    let of_mark = all.iter().filter(|finding| finding["mark"] == mark);
    of_mark
        .map(|finding| {
            for key in ["where", "what"] {
                assert!(!finding[key].as_str().unwrap().is_empty(), "{finding}");
            }
            // Who says what is wrong says what to do.
            assert!(mark != "problem" || finding["do"].as_str().is_some_and(|advice| !advice.is_empty()), "{finding}");
            let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
            (text("about"), format!("{}: {} -> {}", text("where"), text("what"), text("do")))
        })
        .collect()
}

/// One thing is wrong, and one problem is told.
#[track_caller]
fn check(bench: &Bench, variables: &[(&str, &str)], mark: &str, about: &str, words: &[&str]) {
    let found = found(bench, variables, mark);
    let told: Vec<&String> = found.iter().filter(|(of, _)| of == about).map(|(_, told)| told).collect();
    let is_told = told.iter().any(|told| words.iter().all(|word| told.contains(word)));
    assert!(is_told, "no {mark} about {about} with {words:?} among {found:#?}");
}

#[test]
fn all_is_well() {
    let bench = well();
    assert_eq!(found(&bench, &[], "problem"), []);
    let said = ask(&bench, &[], &[]);
    assert_eq!(said.code, Some(0), "{}", said.out);
    assert!(said.err.starts_with("0 problems, "), "{}", said.err);
    for part in ["settings", "registry", "programs", "disk", "file", "log"] {
        assert!(said.out.lines().any(|line| line.split_whitespace().nth(1) == Some(part)), "{part}\n{}", said.out);
    }
    assert!(said.out.contains("it is sound") && said.out.contains("9 events of 1 program delivered"), "{}", said.out);
}

#[test]
fn findings_look_like_this() {
    let bench = well();
    let mut store = SqliteStore::open(bench.path()).unwrap();
    let ill = json!({
        "queue_full": 15,
        "sinks": [{ "name": "sqlite", "state": "resting", "is_alive": true, "last_error": { "text": "write events: the disk is full" } }],
    });
    let mut gone = program("shop", ill);
    // No system gives out a number like this.
    gone.pid = 2_000_000_000;
    store.report(&gone).unwrap();
    fs::write(bench.folder().join("tense.db.damaged-1795255200"), [0; 2048]).unwrap();
    for columns in ["60", "200"] {
        let mut command = tense(bench.folder(), &["doctor".to_owned(), "--db=tense.db".to_owned()]);
        let said = in_time(command.env("COLUMNS", columns).env("TENSE_SAMPEL", "0.1"), "doctor");
        // What depends on the machine and the moment is left out, with the lines that belong to it.
        let mut is_fixed = true;
        let fixed: String = said
            .out
            .lines()
            .filter(|line| {
                if !line.starts_with(' ') {
                    let about = line.split_whitespace().nth(1).unwrap();
                    is_fixed = about != "disk" && about != "log" && !line.contains("tense.db: a database");
                }
                is_fixed
            })
            .map(|line| format!("{line}\n"))
            .collect();
        check_snapshot(&format!("doctor.{columns}.txt"), &fixed);
    }
}

#[test]
fn a_look_leaves_everything_as_it_was() {
    let bench = well();
    let folder = bench.folder();
    let copy = folder.join("copy.db");
    // As a file that lies there, with nobody who has it open.
    Connection::open(bench.path()).unwrap().execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
    // What is copied so is marked as ours, and as no more.
    let bytes = fs::read(&copy).unwrap();
    let names = || fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
    let before = names();
    ask(&bench, &["--db", copy.to_str().unwrap(), "--full"], &[]);
    assert_eq!(names().len(), before.len());
    assert_eq!(fs::read(&copy).unwrap(), bytes);
}

#[test]
fn without_a_database_it_says_what_to_do() {
    let empty = tempfile::tempdir().unwrap();
    let said = in_time(&mut tense(empty.path(), &["doctor".to_owned()]), "doctor");
    assert_eq!(said.code, Some(1), "{}", said.out);
    assert!(said.out.contains("there is no tense.db in") && said.out.contains("--db PATH"), "{}", said.out);
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0);
}

#[test]
fn what_programs_dropped_is_told_with_what_to_do() {
    let table: [(Value, &str, &str, &[&str]); 11] = [
        (
            json!({ "queue_full": 15 }),
            "problem",
            "programs",
            &["15 events that found the queue full", "delivery.queue_events"],
        ),
        (json!({ "ring_full": 1 }), "problem", "programs", &["1 records for which a thread had no room", "ring_bytes"]),
        (json!({ "drainer_panics": 1 }), "problem", "programs", &["passes over the records", "report"]),
        (
            json!({ "sinks": [{ "name": "sqlite", "state": "resting", "is_alive": true, "last_error": { "text": "the disk is full" } }] }),
            "problem",
            "programs",
            &["sink sqlite is left alone", "it last said: the disk is full"],
        ),
        (
            json!({ "sinks": [{ "name": "lines", "state": "delivering", "is_alive": false }] }),
            "problem",
            "programs",
            &["sink lines has no thread"],
        ),
        (
            json!({ "sinks": [{ "name": "lines", "state": "delivering", "is_alive": true, "last_error": { "text": "EIO" } }] }),
            "note",
            "programs",
            &["is well, and was not always", "EIO"],
        ),
        (json!({ "settings": ["`TENSE_SAMPLE`: `x` is no"] }), "problem", "programs", &["`TENSE_SAMPLE`: `x` is no"]),
        (json!({ "other_versions": true }), "note", "programs", &["another version", "cargo tree"]),
        (json!({ "hook_panics": 2 }), "note", "programs", &["2 alarms at which the hook panicked"]),
        (
            json!({ "failure_ratio": 0.25 }),
            "note",
            "programs",
            &["sampling keeps only 25.000 %", "max_events_per_second"],
        ),
        (json!({ "fields_absent": 3 }), "note", "programs", &["3 fields that tense.toml declares"]),
    ];
    for (health, mark, about, words) in table {
        let bench = well();
        SqliteStore::open(bench.path()).unwrap().report(&program("mail", health)).unwrap();
        check(&bench, &[], mark, about, words);
    }
}

#[test]
fn a_program_that_is_gone_is_told_and_its_old_losses_are_history() {
    let bench = well();
    let mut store = SqliteStore::open(bench.path()).unwrap();
    // No system gives out a number like this.
    let mut gone = program("mail", json!({ "queued": 3, "open_spans": 2, "queue_full": 7 }));
    gone.pid = 2_000_000_000;
    gone.at = Timestamp::from_unix_nanos(now() - 48 * 3_600_000_000_000);
    store.report(&gone).unwrap();
    if cfg!(target_os = "linux") {
        check(
            &bench,
            &[],
            "note",
            "programs",
            &["mail", "ended without a last word", "3 events waited and 2 spans were open"],
        );
        check(&bench, &[], "note", "programs", &["7 events that found the queue full", "as of "]);
        assert_eq!(found(&bench, &[], "problem"), []);
    }
}

#[test]
fn events_of_the_future_are_told() {
    let hour = 3_600_000_000_000;
    let mut bench = well();
    let clean = |event| Sanitizer::default().clean(event);
    let mut store = SqliteStore::open(bench.path()).unwrap();
    // Two clocks may differ by some seconds.
    assert_eq!(store.append(&[clean(made(5, "operation.tokens.created", 5_000_000_000))]).unwrap().stored, 1);
    assert_eq!(found(&bench, &[], "problem"), []);
    let later = [made(6, "operation.tokens.created", hour), made(7, "operation.tokens.created", 2 * hour)].map(clean);
    assert_eq!(store.append(&later).unwrap().stored, 2);
    check(&bench, &[], "problem", "clock", &["2 traces that begin later than now", "set the clock"]);
    bench = Bench::with([made(8, "operation.tokens.created", i64::MAX / 4)]);
    check(&bench, &[], "problem", "clock", &["1 trace that begins later than now"]);
}

#[test]
fn files_that_were_set_aside_are_told() {
    let bench = well();
    let with = |end: &str| bench.folder().join(format!("tense.db{end}"));
    for end in [".damaged-1795255200", ".damaged-1795255200-wal", ".damaged-1795255300", ".forked-4711.jsonl"] {
        fs::write(with(end), [0; 2048]).unwrap();
    }
    check(&bench, &[], "note", "file", &[".damaged-1795255200: ", "4.0 KiB, and 1 more file of the kind", ".recover"]);
    check(&bench, &[], "note", "file", &[".forked-4711.jsonl", "forked off", "tense import"]);
}

#[cfg(unix)]
#[test]
fn rights_that_others_have_are_told() {
    use std::os::unix::fs::PermissionsExt;
    let table = [
        (0o644, "problem", "anybody on this machine may read it"),
        (0o666, "problem", "anybody on this machine may write to it"),
        (0o640, "note", "its group may read it"),
    ];
    for (mode, mark, what) in table {
        let bench = well();
        fs::set_permissions(bench.path(), fs::Permissions::from_mode(mode)).unwrap();
        check(&bench, &[], mark, "file", &[what, "chmod 600"]);
    }
}

#[test]
fn variables_that_make_no_sense_or_take_each_other_away_are_told() {
    let bench = well();
    let table: [(Variables, &str, &[&str]); 10] = [
        (&[("TENSE_SAMPEL", "0.5")], "problem", &["TENSE_SAMPEL", "did you mean TENSE_SAMPLE?"]),
        (&[("TENSE_COLOUR_OF_THE_SKY", "blue")], "note", &["TENSE_COLOUR_OF_THE_SKY", "no setting of tense"]),
        (&[("TENSE_SAMPLE", "10%")], "problem", &["`10%` is not a number from 0 to 1", "`sampling.ratio` is 1"]),
        (&[("TENSE_DELIVERY_TIMEOUT", "2")], "problem", &["`2` is not a whole number and a unit"]),
        (&[("TENSE_CONFIG", "no.toml")], "problem", &["no.toml cannot be read"]),
        (
            &[("TENSE_ENABLED", "off"), ("TENSE_SAMPLE", "0.5")],
            "note",
            &["TENSE_SAMPLE", "beside TENSE_ENABLED: nothing is recorded"],
        ),
        (
            &[("TENSE_SERVICE", "a"), ("OTEL_SERVICE_NAME", "b")],
            "note",
            &["OTEL_SERVICE_NAME", "goes before OpenTelemetry's"],
        ),
        (
            &[("TENSE_DELIVERY_WHILE_RESTING", "keep"), ("TENSE_DELIVERY_PRINT_RATE", "5")],
            "note",
            &["TENSE_DELIVERY_PRINT_RATE", "nothing is printed"],
        ),
        (
            &[("TENSE_SAMPLE", "0"), ("TENSE_SAMPLING_KEEP_FAILURES", "no"), ("TENSE_SAMPLING_KEEP_SLOW", "no")],
            "problem",
            &["nothing is recorded", "TENSE_ENABLED=false"],
        ),
        (&[("TENSE_DB", "other.db")], "note", &["other.db", "--db names another"]),
    ];
    for (variables, mark, words) in table {
        let mut bench_variables = variables.to_vec();
        if variables[0].0 == "TENSE_DB" {
            let said = ask(&bench, &["--db", "tense.db", "--json"], variables);
            assert!(words.iter().all(|word| said.out.contains(word)), "{}", said.out);
            continue;
        }
        bench_variables.push(("TENSE_LEVEL", "debug"));
        check(&bench, &bench_variables, mark, "settings", words);
    }
    // What is empty is not set; what is right is not told; a secret is not shown.
    assert_eq!(found(&bench, &[("TENSE_SAMPLE", ""), ("TENSE_LEVEL", "info")], "problem"), []);
    let secret = ["pass", "word=hunter2"].concat();
    let said = ask(&bench, &[], &[("TENSE_SAMPLE", &secret)]);
    assert!(said.out.contains("TENSE_SAMPLE") && !said.out.contains("hunter2"), "{}", said.out);
}

#[test]
fn a_registry_with_mistakes_and_names_that_it_does_not_know_are_told() {
    let bench = Bench::with([
        made(1, "operation.tokens.created", -1_000),
        made(2, "operation.tokens.inserted", -2_000),
        made(3, "operation.tokens.dropped", -3_000),
        made(4, "operation.cards.charged", -4_000),
        made(5, "log.info", -5_000),
        made(6, "operation.tokens.create_failed", -6_000),
    ]);
    let registry = |text: &str| fs::write(bench.folder().join("tense.toml"), text).unwrap();
    let declared = "[events.\"operation.tokens.created\"]\nwas = [\"operation.tokens.inserted\"]\n[removed]\n\"operation.tokens.dropped\" = \"nobody asked for it; operation.tokens.created tells the same\"\n";
    registry(&format!("version = 1\nclosed = true\n{declared}"));
    check(
        &bench,
        &[],
        "note",
        "registry",
        &["`operation.tokens.inserted`, which is `operation.tokens.created` today", "tense lint"],
    );
    check(&bench, &[], "note", "registry", &["1 name that was removed is written lately: `operation.tokens.dropped`"]);
    check(
        &bench,
        &[],
        "note",
        "registry",
        &["1 name that is not declared is written lately: `operation.cards.charged`"],
    );
    // An open one takes any name.
    registry(&format!("version = 1\n{declared}"));
    assert!(!found(&bench, &[], "note").iter().any(|(_, told)| told.contains("charged")));
    registry("version = 1\n[events.\"operation.tokens.create\"]\n[evnts]\n");
    check(&bench, &[], "problem", "registry", &["2 mistakes, the first: ", "tense check"]);
    fs::remove_file(bench.folder().join("tense.toml")).unwrap();
    check(&bench, &[], "note", "registry", &["there is no tense.toml here", "tense init"]);
}

#[test]
fn a_damaged_file_is_told_with_what_may_save_it() {
    let bench = well();
    let path = bench.folder().join("damaged.db");
    let events: Vec<_> = (0..3_000).map(|nth| made(nth, "operation.tokens.created", -1_000)).collect();
    let events: Vec<_> = events.into_iter().map(|event| Sanitizer::default().clean(event)).collect();
    assert_eq!(SqliteStore::open(&path).unwrap().append(&events).unwrap().stored, 3_000);
    let mut bytes = fs::read(&path).unwrap();
    let (from, to) = (bytes.len() * 3 / 4, bytes.len());
    bytes[from..to].fill(0xa5);
    fs::write(&path, bytes).unwrap();
    let said = ask(&bench, &["--db", "damaged.db"], &[]);
    assert_eq!(said.code, Some(1), "{}", said.out);
    assert!(said.out.contains("it is damaged: ") && said.out.contains("sqlite3 damaged.db .recover"), "{}", said.out);
}

/// A reader that stays is another process, since of its own this one says nothing.
#[cfg(target_os = "linux")]
#[test]
fn whoever_keeps_the_log_is_named() {
    let bench = well();
    let mut other = Connection::open(bench.path()).unwrap();
    let reading = other.transaction().unwrap();
    reading.query_row("SELECT count(*) FROM traces", [], |row| row.get::<_, i64>(0)).unwrap();
    let mut store = SqliteStore::open(bench.path()).unwrap();
    for batch in 0..20 {
        let events = (0..400).map(|nth| {
            let mut event = made(10_000 + batch * 400 + nth, "operation.tokens.created", -1_000);
            event.data.insert("text", (0..100).map(|word| format!("{word} {nth} {batch} ")).collect::<String>());
            Sanitizer::default().clean(event)
        });
        assert_eq!(store.append(&events.collect::<Vec<_>>()).unwrap().stored, 400);
    }
    let who = format!("process {} ", std::process::id());
    check(&bench, &[], "note", "log", &["it cannot be begun anew while", &who, "reads on"]);
    drop(reading);
    // Brings the log into the database, since nobody keeps it any more.
    other.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    assert!(!found(&bench, &[], "note").iter().any(|(about, _)| about == "log"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    // A disk of its own takes a mount space of its own.
    let bench = well();
    let program = env!("CARGO_BIN_EXE_tense");
    let script = format!(
        "mkdir disk && mount -t tmpfs -o size=8m tense disk && cp tense.db disk/ && '{program}' doctor --db disk/tense.db"
    );
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", &script]).current_dir(bench.folder()).env("COLUMNS", "200");
    let Ok(output) = command.output() else { return };
    let out = String::from_utf8(output.stdout).unwrap();
    if out.is_empty() {
        return;
    }
    assert!(out.contains("problem  disk") && out.contains("MiB are free"), "{out}");
    assert!(out.contains("gone with this machine or its container (tmpfs)"), "{out}");
    assert_eq!(output.status.code(), Some(1), "{out}");
}

/// Every page is sound, and what stands on them means nothing: it is told of which traces, and what is told to do mends
/// it.
#[test]
fn rows_that_are_wrong_on_pages_that_are_sound_are_told_and_can_be_mended() {
    let table: [(&str, &[&str]); 5] = [
        ("UPDATE events SET body = x'01ff' WHERE trace = 3", &["1 row of 1 trace (", ") cannot be read"]),
        ("UPDATE events SET type = 60000 WHERE trace = 3", &["1 row of 1 trace (", ") cannot be read"]),
        ("UPDATE traces SET events = 7 WHERE no = 3", &["the lists are wrong about 1 trace ("]),
        ("DELETE FROM marks WHERE mark IN (SELECT min(mark) FROM marks)", &["searches pass by 1 trace ("]),
        ("UPDATE events SET weight = 9 WHERE trace = 3", &["`tense stats` is wrong in 1 place"]),
    ];
    for (damage, words) in table {
        let bench = well();
        let mut store = SqliteStore::open(bench.path()).unwrap();
        let more = (2..9).map(|nth| {
            let mut event = made(nth, "operation.tokens.created", -1_000_000_000);
            event.data.insert("order", format!("o{nth}"));
            Sanitizer::default().clean(event)
        });
        assert_eq!(store.append(&more.collect::<Vec<_>>()).unwrap().stored, 7);
        assert!(ask(&bench, &[], &[]).out.contains("it is sound, and 8 events can be read"));
        assert!(Connection::open(bench.path()).unwrap().execute(damage, []).unwrap() > 0, "{damage}");
        for full in [&[] as &[&str], &["--full"]] {
            let said = ask(&bench, full, &[]);
            assert_eq!(said.code, Some(1), "{damage}\n{}", said.out);
            assert!(!said.out.contains("it is sound"), "{damage}\n{}", said.out);
        }
        check(&bench, &[], "problem", "file", &[words, &["tense import kept.jsonl --db new.db"]].concat());

        let done = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(in_time(&mut tense(bench.folder(), &words), "mend").code, Some(0), "{words:?}");
        };
        done(&["export", "--all", "--output", "kept.jsonl"]);
        done(&["import", "kept.jsonl", "--db", "new.db"]);
        let mended = ask(&bench, &["--db", "new.db"], &[]);
        assert!(mended.out.contains("it is sound, and "), "{damage}\n{}", mended.out);
    }
}

#[test]
fn what_it_says_steers_no_terminal_whatever_it_found() {
    let bench = well();
    let hostile = "\u{1b}[2J\u{202e}\u{9b}";
    let odd = json!({
        "queue_full": -1, "ring_full": 1e300, "sinks": [{ "name": hostile, "state": "resting", "last_error": { "text": hostile } }, 5, null],
        "settings": [hostile, 3], "queued": u64::MAX, "open_spans": u64::MAX,
    });
    let mut gone = program(hostile, odd);
    gone.pid = 2_000_000_000;
    SqliteStore::open(bench.path()).unwrap().report(&gone).unwrap();
    fs::write(bench.folder().join(format!("tense.db.damaged-{hostile}")), "x").unwrap();
    for more in [&[] as &[&str], &["--json"]] {
        for columns in ["60", "200"] {
            let said = in_time(
                tense(
                    bench.folder(),
                    &[vec!["doctor".to_owned()], more.iter().map(|w| (*w).to_owned()).collect()].concat(),
                )
                .env("COLUMNS", columns)
                .env("TENSE_SAMPEL", hostile),
                "doctor",
            );
            let steers = |c: &char| tense_store::text::is_hostile(*c) && *c != '\n';
            assert_eq!(said.out.chars().find(steers), None, "{}", said.out.escape_debug());
            let widest =
                said.out.lines().filter(|line| !line.contains('/')).map(|line| line.chars().count()).max().unwrap_or(0);
            assert!(!more.is_empty() || widest <= columns.parse().unwrap(), "{widest}\n{}", said.out);
        }
    }
}
