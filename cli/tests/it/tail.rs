//! What arrives, as `tense tail` shows it: while another process writes, until nobody reads or somebody interrupts.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tense_event::{Event, Sanitizer, Status, Timestamp};
use tense_store::{SqliteStore, Store};

use super::runs::{Bench, event};
use super::search::{check, shop};

fn write(path: &Path, events: impl IntoIterator<Item = Event>) {
    let sanitizer = Sanitizer::default();
    let batch: Vec<_> = events.into_iter().map(|event| sanitizer.clean(event)).collect();
    let appended = SqliteStore::open(path).unwrap().append(&batch).unwrap();
    assert_eq!(appended.stored, batch.len());
}

fn one(span: u64, status: Status) -> Event {
    event(0x77, span, 0, "operation.tokens.created", status, span..span + 5)
}

struct Following {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Following {
    fn of(bench: &Bench, arguments: &[&str]) -> Self {
        let mut command = bench.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self { child, out }
    }

    /// The spans of the next so many events; waits for them.
    fn spans(&mut self, many: usize) -> Vec<u64> {
        let mut lines = Vec::new();
        for _ in 0..many {
            let mut line = String::new();
            self.out.read_line(&mut line).unwrap();
            lines.push(serde_json::from_str::<Event>(&line).unwrap().span_id.get());
        }
        lines
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn the_last_that_arrived_are_shown_in_their_order() {
    let bench = Bench::with(shop());
    check(&bench, "tail", &["tail", "-n", "3"]);
    let said = bench.ask(&["tail", "-n", "2", "--status", "failed", "--json"]);
    let types: Vec<_> = said.json().iter().map(|event| event["event_type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(types, ["dispatch.checkout.fail", "operation.cards.charge_failed"]);
    let nothing = bench.ask(&["tail", "order:x"]);
    assert_eq!((nothing.code, nothing.err.as_str()), (Some(3), "nothing was found among the last 12 events\n"));
}

#[test]
fn what_other_programs_write_is_followed_without_a_hole() {
    let bench = Bench::with((1..=3).map(|span| one(span, Status::Success)));
    let mut all = Following::of(&bench, &["tail", "-f", "-n", "1", "--json"]);
    let mut failed = Following::of(&bench, &["tail", "--follow", "--format", "jsonl", "--status", "failed", "-n", "1"]);
    assert_eq!(all.spans(1), [3]);
    // The one that shows nothing of before has begun once it has shown this.
    write(&bench.path(), [one(4, Status::Failed)]);
    assert_eq!((all.spans(1), failed.spans(1)), (vec![4], vec![4]));
    let path = bench.path();
    std::thread::scope(|scope| {
        for writer in 0..2_u64 {
            let path = &path;
            scope.spawn(move || {
                for nth in 0..20_u64 {
                    let status = if nth == 7 { Status::Failed } else { Status::Success };
                    write(path, [one(100 + writer * 100 + nth, status)]);
                }
            });
        }
    });
    let mut seen = all.spans(40);
    let of_one: Vec<u64> = seen.iter().copied().filter(|span| *span < 200).collect();
    assert!(of_one.is_sorted(), "{of_one:?}");
    seen.sort_unstable();
    assert_eq!(seen, (100..120).chain(200..220).collect::<Vec<u64>>());
    let mut of_failed = failed.spans(2);
    of_failed.sort_unstable();
    assert_eq!(of_failed, [107, 207]);
}

/// Filters, and for each how an event misses it that all others let through.
type Miss = fn(&mut Event);

const FILTERS: [(&[&str], Miss); 12] = [
    (&["--type", "operation.tokens.*"], |event| event.event_type = "sql.query".into()),
    (&["--status", "failed"], |event| event.status = Status::Success),
    (&["--service", "shop"], |event| event.service = "mail".into()),
    (&["--job", "j1"], |event| event.job_id = Some("j2".to_owned())),
    (&["--user", "u1"], |event| event.user_id = None),
    (&["--tag", "vip"], |event| event.tags.clear()),
    (&["amount:7"], |event| event.data.insert("amount", 9)),
    (&["-kind:test"], |event| event.data.insert("kind", "test")),
    (&["--not", "retries:>2"], |event| event.data.insert("retries", 3)),
    (&["duration:>100ms"], |event| event.duration = Some(Duration::from_millis(90))),
    (&["--last", "30m"], |event| event.timestamp = before(event.timestamp, 3_600)),
    (&["--since", "1d"], |event| event.timestamp = before(event.timestamp, 2 * 86_400)),
];

fn before(at: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_unix_nanos(at.unix_nanos() - seconds * 1_000_000_000)
}

/// What all of the filters let through, as of now.
fn meant(span: u64) -> Event {
    let mut event = one(span, Status::Failed);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as i64;
    event.timestamp = Timestamp::from_unix_nanos(now);
    event.duration = Some(Duration::from_millis(250));
    event.service = "shop".into();
    event.job_id = Some("j1".to_owned());
    event.user_id = Some("u1".to_owned());
    event.tags = vec!["vip".into()];
    event.data.insert("amount", 7);
    event
}

/// Each filter has somebody who follows with it, and another process imports what one of the filters holds back each.
#[test]
fn what_another_process_writes_is_followed_through_every_filter() {
    let bench = Bench::with([meant(1)]);
    let mut following: Vec<Following> = FILTERS
        .iter()
        .map(|(filter, _)| Following::of(&bench, &[&["tail", "-f", "-n", "1", "--json"], *filter].concat()))
        .collect();
    // Whoever has shown this has begun.
    following.iter_mut().for_each(|one| assert_eq!(one.spans(1), [1]));
    let missed = FILTERS.iter().zip(100..).map(|((_, miss), span)| {
        let mut event = meant(span);
        miss(&mut event);
        event
    });
    let lines = missed.chain([meant(999)]).map(|event| serde_json::to_string(&event).unwrap() + "\n");
    std::fs::write(bench.folder().join("live.jsonl"), lines.collect::<String>()).unwrap();
    let imported = bench.ask(&["import", "live.jsonl"]);
    assert_eq!(imported.code, Some(0), "{}", imported.err);
    for ((one, own), (filter, _)) in following.iter_mut().zip(100..).zip(FILTERS) {
        // What lies further back than an hour is not within `--last 30m`, and so on.
        let is_meant = |span: &u64| match filter {
            ["--last", _] => *span != own && *span != own + 1,
            _ => *span != own,
        };
        let expected: Vec<u64> = (100..100 + FILTERS.len() as u64).filter(is_meant).chain([999]).collect();
        assert_eq!(one.spans(expected.len()), expected, "{filter:?}");
    }
}

/// As a writer does that finds its file removed, or has set a damaged one aside. Elsewhere an open file stays where it
/// is.
#[cfg(unix)]
#[test]
fn a_database_that_was_begun_anew_is_followed() {
    let bench = Bench::with([one(1, Status::Success)]);
    let mut following = Following::of(&bench, &["tail", "-f", "--json"]);
    assert_eq!(following.spans(1), [1]);
    let path = bench.path();
    write(&path, [one(2, Status::Success)]);
    assert_eq!(following.spans(1), [2]);
    for beside in ["", "-wal", "-shm"] {
        let from = path.with_file_name(format!("tense.db{beside}"));
        std::fs::rename(&from, path.with_file_name(format!("aside.db{beside}"))).ok();
    }
    write(&path, [one(3, Status::Success), one(4, Status::Success)]);
    assert_eq!(following.spans(2), [3, 4]);
    write(&path, [one(5, Status::Success)]);
    assert_eq!(following.spans(1), [5]);
    following.child.kill().unwrap();
    let mut err = String::new();
    std::io::Read::read_to_string(following.child.stderr.as_mut().unwrap(), &mut err).unwrap();
    assert_eq!(err, "the database was begun anew; going on with the new one\n");
}

/// Writes a megabyte into the log, as any program would that shares the file; says how long that is then.
fn fill(db: &rusqlite::Connection, path: &Path) -> u64 {
    db.execute("INSERT INTO filler VALUES (randomblob(1 << 20))", []).unwrap();
    Path::new(&format!("{}-wal", path.display())).metadata().unwrap().len()
}

#[test]
fn who_follows_for_long_keeps_no_writer_waiting_and_lets_go_of_the_log() {
    const MIB: u64 = 1 << 20;
    let bench = Bench::with([one(1, Status::Success)]);
    let path = bench.path();
    let mut following =
        [(), ()].map(|()| Following::of(&bench, &["tail", "-f", "-n", "1", "--format", "jsonl", "--job", "*"]));
    let mut first = one(2, Status::Success);
    first.job_id = Some("j1".to_owned());
    write(&path, [first]);
    following.iter_mut().for_each(|one| assert_eq!(one.spans(1), [2]));

    // Whoever reads is in nobody's way: a writer that waits for nothing at all is never told to.
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch("CREATE TABLE filler (bytes BLOB)").unwrap();
    db.busy_timeout(Duration::ZERO).unwrap();
    let largest = (0..48).map(|_| fill(&db, &path)).max();
    assert!(
        largest.is_some_and(|largest| largest < 32 * MIB),
        "{largest:?} bytes of a log, of 48 MiB that went through it"
    );

    // Processes that write beside each other, each as often as the other.
    let files: Vec<_> = (0..3_u64)
        .flat_map(|writer| (0..4_u64).map(move |nth| (writer, nth)))
        .map(|(writer, nth)| {
            let spans = 1_000 + writer * 1_000 + nth * 100..1_000 + writer * 1_000 + nth * 100 + 25;
            let lines = spans.clone().map(|span| {
                let mut event = one(span, Status::Success);
                event.job_id = Some(format!("j{writer}"));
                serde_json::to_string(&event).unwrap() + "\n"
            });
            let name = format!("{writer}-{nth}.jsonl");
            std::fs::write(bench.folder().join(&name), lines.collect::<String>()).unwrap();
            (writer, name, spans)
        })
        .collect();
    db.busy_timeout(Duration::from_secs(30)).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..3 {
            let own = files.iter().filter(|(of, ..)| *of == writer);
            let imports: Vec<Command> = own.map(|(_, name, _)| bench.command(&["import", name])).collect();
            scope.spawn(move || {
                for mut import in imports {
                    let said = import.output().unwrap();
                    assert!(said.status.success(), "{import:?}: {}", String::from_utf8_lossy(&said.stderr));
                }
            });
        }
        let largest = (0..48).map(|_| fill(&db, &path)).max();
        assert!(largest.is_some_and(|largest| largest < 32 * MIB), "{largest:?} bytes of a log while others write");
    });
    let expected: Vec<u64> = files.iter().flat_map(|(_, _, spans)| spans.clone()).collect();
    for one in &mut following {
        let mut seen = one.spans(expected.len());
        seen.sort_unstable();
        assert_eq!(seen, expected, "each event once");
    }

    // What the log would look like if one of them stayed within what it reads.
    let reader = rusqlite::Connection::open(&path).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM traces").unwrap();
    assert!((0..48).map(|_| fill(&db, &path)).max() > Some(40 * MIB));
}

#[test]
fn whoever_reads_no_more_ends_it_quietly() {
    let bench = Bench::with([one(1, Status::Success)]);
    let mut following = Following::of(&bench, &["tail", "-f", "--json"]);
    assert_eq!(following.spans(1), [1]);
    let Following { child, out } = &mut following;
    let mut nobody = Command::new(env!("CARGO_BIN_EXE_tense"));
    nobody.arg("--version").stdout(Stdio::null());
    // The pipe is closed; the next event finds that out.
    let closed = std::mem::replace(
        out,
        BufReader::new({
            let mut other = nobody.stdout(Stdio::piped()).spawn().unwrap();
            let stdout = other.stdout.take().unwrap();
            other.wait().unwrap();
            stdout
        }),
    );
    drop(closed);
    write(&bench.path(), [one(2, Status::Success)]);
    let status = child.wait().unwrap();
    let mut err = String::new();
    std::io::Read::read_to_string(child.stderr.as_mut().unwrap(), &mut err).unwrap();
    assert_eq!((status.code(), err.as_str()), (Some(0), ""));
}

#[cfg(unix)]
#[test]
fn whoever_interrupts_ends_it_quietly_and_leaves_no_files() {
    let bench = Bench::with([one(1, Status::Success)]);
    let mut following = Following::of(&bench, &["tail", "-f", "--json"]);
    assert_eq!(following.spans(1), [1]);
    // The second one says that it listens by now.
    write(&bench.path(), [one(2, Status::Success)]);
    assert_eq!(following.spans(1), [2]);
    let interrupted = Command::new("kill").args(["-INT", &following.child.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    let status = following.child.wait().unwrap();
    let mut err = String::new();
    std::io::Read::read_to_string(following.child.stderr.as_mut().unwrap(), &mut err).unwrap();
    assert_eq!((status.code(), err.as_str()), (Some(0), ""));
}

#[test]
fn a_database_that_is_still_to_come_is_waited_for_by_who_follows() {
    let bench = Bench::new();
    let path = bench.path();
    for file in ["", "-wal", "-shm"] {
        std::fs::remove_file(format!("{}{file}", path.display())).ok();
    }
    let named = path.to_str().unwrap();
    let not_there = bench.ask(&["tail", "--db", named]);
    assert_eq!(not_there.code, Some(1), "{}", not_there.out);
    let mut following = Following::of(&bench, &["tail", "-f", "--json", "--db", named]);
    let mut said = String::new();
    BufReader::new(following.child.stderr.take().unwrap()).read_line(&mut said).unwrap();
    assert!(said.contains("no program has written to") && said.contains("waiting for one"), "{said}");
    // As a program has it for a moment that makes one; and all that it writes is new, more than the last lines of it.
    std::fs::write(&path, "").unwrap();
    write(&path, (1..=500).map(|span| one(span, Status::Success)));
    assert_eq!(following.spans(500), (1..=500).collect::<Vec<_>>());
    write(&path, [one(501, Status::Success)]);
    assert_eq!(following.spans(1), [501]);
}
