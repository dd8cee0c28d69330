//! A disk without room: where there is a little, what is old can be removed all the same, and makes more.
//!
//! Each case runs as a process of its own, in a mount space of its own with a small disk in it; where none can be
//! mounted, it says that it was skipped.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use tense_event::{Event, Sanitizer, SpanId, Status, Timestamp, TraceId};
use tense_store::{Retention, SqliteStore, Store, StoreError, TraceFilter};

const DISK: &str = "TENSE_TEST_SMALL_DISK";
const MOUNTED: &str = "mount -t tmpfs -o size=64m tense \"$TENSE_TEST_SMALL_DISK\" || exit 77; exec \"$0\" \"$@\"";

/// Runs the case of that name on a disk of 64 megabytes, or, on that disk, `case` itself.
#[expect(clippy::print_stdout, reason = "it says why nothing was tested")]
fn on_a_small_disk(name: &str, case: impl FnOnce(&Path)) {
    if let Some(disk) = std::env::var_os(DISK) {
        return case(&PathBuf::from(disk));
    }
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", MOUNTED]).arg(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("full::{name}"), "--nocapture"]).env(DISK, folder.path());
    match command.output() {
        // Not every system lets a process mount something.
        Ok(output) if output.status.code() == Some(77) || !output.stderr.is_empty() && output.stdout.is_empty() => {
            println!("skipped: no file system can be mounted here");
        }
        Ok(output) => {
            let told = [output.stdout, output.stderr].concat();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&told));
        }
        Err(_) => println!("skipped: there is no `unshare` here"),
    }
}

/// A batch of traces, found by many labels each, so that to remove one changes pages all over the file.
fn batch(nth: u64) -> Vec<tense_event::CleanEvent> {
    let sanitizer = Sanitizer::default();
    let event = |trace: u64| {
        let at = Timestamp::from_unix_nanos((nth * 1_000 + trace) as i64);
        let (id, span) = (TraceId::from_halves(nth + 1, trace), SpanId::new(trace + 1).unwrap());
        let mut event = Event::new(id, span, "operation.tokens.created", Status::Success, at);
        event.job_id = Some(format!("job {nth} {trace}"));
        event.user_id = Some(format!("user {trace} {nth}"));
        event.data.insert("token_id", format!("token {trace} {nth}"));
        event.data.insert("text", "many words that say little ".repeat(24));
        event.indexed = &["token_id"];
        sanitizer.clean(event)
    };
    (0..100).map(event).collect()
}

const BATCHES: u64 = 60;

fn fill(store: &mut SqliteStore) {
    for nth in 0..BATCHES {
        assert_eq!(store.append(&batch(nth)).unwrap().stored, 100);
    }
}

/// Somebody else takes all the room on the disk but for so many bytes.
fn take_room(disk: &Path, but: usize) {
    let spare = disk.join("spare");
    fs::write(&spare, vec![1; but]).unwrap();
    let mut filler = fs::File::create(disk.join("filler")).unwrap();
    for size in [1 << 16, 1 << 12, 1] {
        while filler.write_all(&vec![1; size]).is_ok() {}
    }
    fs::remove_file(spare).unwrap();
}

/// All goes, and then there is room for something new.
fn is_purged(store: &mut SqliteStore, path: &Path) {
    let before = path.metadata().unwrap().len();
    let (mut events, mut steps) = (0, 0);
    loop {
        let purged = store.purge(&Retention::nothing().larger_than(0)).unwrap();
        (events, steps) = (events + purged.events, steps + 1);
        if !purged.more {
            break;
        }
        assert!(steps < 10_000, "{events} events were removed");
    }
    assert_eq!(events, BATCHES * 100);
    assert_eq!(store.append(&batch(BATCHES)).unwrap().stored, 100);
    // What is in the log comes into the file now and then; here now.
    let other = rusqlite::Connection::open(path).unwrap();
    other.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    let after = path.metadata().unwrap().len();
    assert!(after < before, "of {before} bytes {after} are left");
}

#[test]
fn with_a_little_room_on_the_disk_what_is_old_goes_in_smaller_steps() {
    on_a_small_disk("with_a_little_room_on_the_disk_what_is_old_goes_in_smaller_steps", |disk| {
        let path = disk.join("tense.db");
        fill(&mut SqliteStore::open(&path).unwrap());
        take_room(disk, 768 << 10);
        is_purged(&mut SqliteStore::open(&path).unwrap(), &path);
    });
}

/// A program that writes keeps the place of its log, and there is room for a few events in it.
#[test]
fn with_no_room_on_the_disk_what_is_old_goes_within_the_log_that_is_there() {
    on_a_small_disk("with_no_room_on_the_disk_what_is_old_goes_within_the_log_that_is_there", |disk| {
        let path = disk.join("tense.db");
        let mut store = SqliteStore::open(&path).unwrap();
        fill(&mut store);
        let other = rusqlite::Connection::open(&path).unwrap();
        other.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(())).unwrap();
        take_room(disk, 0);
        is_purged(&mut store, &path);
    });
}

/// Where the log cannot be moved into the file either, it is said, and nothing is lost; with room for that it goes on.
#[test]
fn without_any_room_it_is_said_and_nothing_is_lost() {
    on_a_small_disk("without_any_room_it_is_said_and_nothing_is_lost", |disk| {
        let path = disk.join("tense.db");
        let mut store = SqliteStore::open(&path).unwrap();
        let mut batches = 0;
        let full = loop {
            match store.append(&batch(batches)) {
                Ok(appended) => assert_eq!(appended.stored, 100),
                Err(error) => break error,
            }
            batches += 1;
            if batches == BATCHES {
                take_room(disk, 0);
            }
        };
        assert!(matches!(full, StoreError::Full { .. }), "{full:?}");
        let everything = Retention::nothing().larger_than(0);
        let (mut events, mut failed) = (0, false);
        while !failed && events < batches * 100 {
            match store.purge(&everything) {
                Ok(purged) => events += purged.events,
                Err(StoreError::Full { .. }) => failed = true,
                Err(error) => panic!("{error:?}"),
            }
        }
        let left = store.traces(&TraceFilter::newest(1_000_000)).unwrap().len() as u64;
        assert_eq!(left, batches * 100 - events);
        fs::remove_file(disk.join("filler")).unwrap();
        while store.purge(&everything).unwrap().more {}
        assert_eq!(store.traces(&TraceFilter::newest(1)).unwrap(), []);
    });
}
