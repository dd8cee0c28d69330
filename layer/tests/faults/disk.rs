//! A disk that is full, that fails, or that the process may not use: what is in the files is whole, what is not in
//! them is counted, and when there is room again it goes on.

use std::fs;
use std::path::{Path, PathBuf};

use tense_event::Event;
use tense_layer::{Guard, builder, health, sink as sinks};
use tense_store::{SqliteStore, Store, TraceFilter};

use crate::child::skipped;
use crate::host::{adds_up, adds_up_to, calls, flush, is_quick, p99, sink, undaunted, until};

/// In a mount space of its own, which only root may have.
const ON_A_SMALL_DISK: &str = r#"mounted='mount -t tmpfs -o size=4m none /mnt'
    unshare -m sh -c "$mounted" 2>/dev/null && export TENSE_TEST_DISK=/mnt &&
    exec unshare -m sh -c "$mounted && exec \"\$0\" \"\$@\"" "$0" "$@""#;

/// Only SQLite writes with that system call. From the two-hundredth on the disk fails, and stays so.
const ON_A_FAULTY_DISK: &str = r#"strace -o /dev/null true 2>/dev/null && export TENSE_TEST_DISK=faulty &&
    exec strace -f --seccomp-bpf -o /dev/null -e trace=pwrite64 -e inject=pwrite64:error=EIO:when=200+ "$0" "$@""#;

/// The same when what was written is to reach the disk, from the twelfth time on: the file has been made by then.
const ON_A_DISK_THAT_KEEPS_NOTHING: &str = r#"strace -o /dev/null true 2>/dev/null && export TENSE_TEST_DISK=faulty &&
    exec strace -f --seccomp-bpf -o /dev/null -e trace=fsync,fdatasync -e inject=fsync,fdatasync:error=EIO:when=12+ "$0" "$@""#;

/// Writes to the files of one folder fail, from the tenth to the sixtieth; whatever else is written is not touched.
const ON_A_DISK_WITH_A_BAD_SPOT: &str = r#"strace -o /dev/null true 2>/dev/null && export TENSE_TEST_DISK=$(mktemp -d) &&
    exec strace -f -o /dev/null -P "$TENSE_TEST_DISK/trace.jsonl" -e trace=write -e inject=write:error=EIO:when=10..60 "$0" "$@""#;

/// And what was written of a batch cannot be cut off again.
const ON_A_DISK_THAT_TAKES_NOTHING_BACK: &str = r#"strace -o /dev/null true 2>/dev/null && export TENSE_TEST_DISK=$(mktemp -d) &&
    exec strace -f -o /dev/null -P "$TENSE_TEST_DISK/trace.jsonl" -e trace=write,ftruncate \
        -e inject=write:error=EIO:when=10..60 -e inject=ftruncate:error=EIO "$0" "$@""#;

/// Nothing is forbidden to root.
const AS_NOBODY: &str = r#"[ $(id -u) = 0 ] && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$0" "$@""#;

/// A limit of the process instead of one of the disk. The program ignores SIGXFSZ, as one that has such a limit does:
/// by default its first write beyond it would end it, whoever writes.
const WITH_SHORT_FILES: &str = "trap '' XFSZ; ulimit -f 1000";

const WITH_FEW_DESCRIPTORS: &str = "ulimit -n 40";

/// The small disk of a case that could mount one.
const DISK: &str = "TENSE_TEST_DISK";

fn disk() -> Option<PathBuf> {
    let disk = std::env::var_os(DISK).filter(|disk| !disk.is_empty()).map(PathBuf::from);
    if disk.is_none() {
        skipped("no file system can be mounted here");
    }
    disk
}

/// Takes all the room that is left.
fn fill(disk: &Path) -> PathBuf {
    let filler = disk.join("filler");
    fs::write(&filler, vec![0; 4 << 20]).unwrap_err();
    filler
}

/// A database and a file of lines in that folder, neither of which gives up.
fn both_in(folder: &Path) -> Guard {
    builder()
        .sink_with(sinks::Sqlite::new(folder.join("trace.db")), undaunted("db"))
        .sink_with(sinks::JsonLines::new(folder.join("trace.jsonl")), undaunted("lines"))
        .init()
        .unwrap()
}

/// Every line is an event.
pub(crate) fn lines(path: &Path) -> u64 {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    let events: Vec<Event> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    events.len() as u64
}

/// Every call is a trace of its own.
pub(crate) fn rows(path: &Path) -> u64 {
    let store = SqliteStore::open_read_only(path).unwrap();
    store.traces(&TraceFilter::newest(10_000_000)).unwrap().len() as u64
}

/// Fills the disk under a sink, and makes room again.
fn survives(disk: &Path, named: &str) {
    calls(10);
    assert!(flush());
    assert_eq!(sink(named).delivered, 10);
    let filler = fill(disk);
    until("it fails", || {
        calls(100);
        flush() && sink(named).opened > 0
    });
    is_quick(p99(10_000));
    let delivered = sink(named).delivered;
    fs::remove_file(filler).unwrap();
    until("it recovers", || {
        calls(10);
        flush() && sink(named).delivered > delivered
    });
    assert!(sink(named).dropped() > 0);
}

/// A file of lines on a disk that fails within the run, and later does not.
fn fails_for_a_while() {
    let Some(disk) = std::env::var_os(DISK).map(PathBuf::from) else {
        return skipped("strace is not here, or may not be used");
    };
    let path = disk.join("trace.jsonl");
    let _guard = builder().sink_with(sinks::JsonLines::new(&path), undaunted("lines")).init().unwrap();
    until("it fails", || {
        calls(10);
        flush() && sink("lines").opened > 0
    });
    let delivered = sink("lines").delivered;
    until("it recovers", || {
        calls(10);
        flush() && sink("lines").delivered > delivered
    });
    let health = adds_up();
    assert!(health.dropped() > 0 && sink("lines").failures >= 2, "{health:#?}");
    assert_eq!(lines(&path), health.delivered);
    fs::remove_dir_all(disk).unwrap();
}

faults! {
    fn full_under_json_lines() under ON_A_SMALL_DISK {
        let Some(disk) = disk() else { return };
        let path = disk.join("trace.jsonl");
        let _guard = builder().sink_with(sinks::JsonLines::new(&path), undaunted("lines")).init().unwrap();
        survives(&disk, "lines");
        assert_eq!(lines(&path), adds_up().delivered);
    }

    fn full_under_sqlite() under ON_A_SMALL_DISK {
        let Some(disk) = disk() else { return };
        let path = disk.join("trace.db");
        let _guard = builder().sink_with(sinks::Sqlite::new(&path), undaunted("db")).init().unwrap();
        survives(&disk, "db");
        assert!(tense_layer::shutdown(std::time::Duration::from_secs(30)).is_complete);
        assert_eq!(rows(&path), adds_up().delivered);
        assert_eq!(health().databases_set_aside, 0, "full is not damaged");
    }

    fn full_from_the_first_byte() {
        let _guard = builder().sink_with(sinks::JsonLines::new("/dev/full"), undaunted("lines")).init().unwrap();
        until("it rests", || { calls(10); flush() && sink("lines").opened > 0 });
        is_quick(p99(10_000));
        assert!(flush());
        let health = adds_up();
        assert_eq!((health.delivered, health.dropped()), (0, health.emitted));
    }

    fn the_limit_of_a_file_is_reached_by_json_lines() under WITH_SHORT_FILES {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.jsonl");
        let _guard = builder().sink_with(sinks::JsonLines::new(&path), undaunted("lines")).init().unwrap();
        until("it fails", || { calls(1000); flush() && sink("lines").opened > 0 });
        is_quick(p99(10_000));
        assert!(flush());
        let health = adds_up();
        assert!(health.delivered > 0 && health.dropped() > 0);
        assert_eq!(lines(&path), health.delivered);
    }

    fn the_limit_of_a_file_is_reached_by_sqlite() under WITH_SHORT_FILES {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.db");
        let _guard = builder().sink_with(sinks::Sqlite::new(&path), undaunted("db")).init().unwrap();
        until("it fails", || { calls(1000); flush() && sink("db").opened > 0 });
        is_quick(p99(10_000));
        tense_layer::shutdown(std::time::Duration::from_secs(30));
        let health = adds_up();
        assert!(health.delivered > 0 && health.dropped() > 0 && health.databases_set_aside == 0, "{health:#?}");
        assert_eq!(rows(&path), health.delivered);
    }

    fn that_fails_under_sqlite() under ON_A_FAULTY_DISK {
        if std::env::var_os(DISK).is_none() {
            return skipped("strace is not here, or may not be used");
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.db");
        let _guard = builder().sink_with(sinks::Sqlite::new(&path), undaunted("db")).init().unwrap();
        until("it fails", || { calls(100); flush() && sink("db").opened > 0 });
        calls(100);
        tense_layer::shutdown(std::time::Duration::from_secs(30));
        let health = adds_up();
        assert!(health.delivered > 0 && health.dropped() > 0, "{health:#?}");
        assert_eq!(rows(&path), health.delivered);
    }

    fn that_fails_under_json_lines() under ON_A_DISK_WITH_A_BAD_SPOT {
        fails_for_a_while();
    }

    /// Then a batch may be there in part, and does not come again.
    fn that_fails_and_takes_nothing_back() under ON_A_DISK_THAT_TAKES_NOTHING_BACK {
        fails_for_a_while();
    }

    /// What is delivered stays in the log beside the database until the disk takes it, and a reader finds it there.
    fn that_keeps_nothing_under_sqlite() under ON_A_DISK_THAT_KEEPS_NOTHING {
        if std::env::var_os(DISK).is_none() {
            return skipped("strace is not here, or may not be used");
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.db");
        let _guard = builder().sink_with(sinks::Sqlite::new(&path), undaunted("db")).init().unwrap();
        for _ in 0..10 {
            calls(2000);
            assert!(flush());
        }
        let log = fs::metadata(folder.path().join("trace.db-wal")).unwrap().len();
        assert!(log > fs::metadata(&path).unwrap().len(), "the disk has taken none of it: {log}");
        tense_layer::shutdown(std::time::Duration::from_secs(30));
        let health = adds_up_to(20_000);
        assert_eq!((health.delivered, health.databases_set_aside, rows(&path)), (20_000, 0, 20_000), "{health:#?}");
    }

    fn a_folder_that_may_not_be_written_to() under AS_NOBODY {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
        if fs::write(folder.path().join("try"), "").is_ok() {
            return skipped("this user may write everywhere");
        }
        let at = |name: &str| folder.path().join(name);
        let error = builder().database(at("trace.db")).init().unwrap_err();
        assert!(error.to_string().starts_with("cannot open the trace database"), "{error}");
        let _guard = both_in(folder.path());
        calls(100);
        assert!(flush());
        let health = adds_up_to(100);
        assert_eq!((health.delivered, health.dropped()), (0, 200));
    }

    fn files_that_may_not_be_written_to() under AS_NOBODY {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        drop(SqliteStore::open(at("trace.db")).unwrap());
        fs::write(at("trace.jsonl"), "").unwrap();
        for name in ["trace.db", "trace.jsonl"] {
            fs::set_permissions(at(name), fs::Permissions::from_mode(0o400)).unwrap();
        }
        if fs::OpenOptions::new().append(true).open(at("trace.jsonl")).is_ok() {
            return skipped("this user may write everywhere");
        }
        let _guard = both_in(folder.path());
        calls(100);
        assert!(flush());
        let health = adds_up_to(100);
        assert_eq!((health.delivered, health.dropped(), health.databases_set_aside), (0, 200, 0));
    }

    /// Neither sink finds a descriptor at first, and both go on when there are some.
    fn no_file_can_be_opened() under WITH_FEW_DESCRIPTORS {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let _guard = both_in(folder.path());
        let mut held = Vec::new();
        while let Ok(file) = fs::File::open("/dev/null") {
            held.push(file);
        }
        until("both fail", || { calls(10); flush() && sink("db").opened > 0 && sink("lines").opened > 0 });
        is_quick(p99(10_000));
        assert!(flush());
        assert_eq!(adds_up().delivered, 0);
        drop(held);
        until("both go on", || { calls(10); flush() && sink("db").delivered > 0 && sink("lines").delivered > 0 });
        assert_eq!((rows(&at("trace.db")), lines(&at("trace.jsonl"))), (sink("db").delivered, sink("lines").delivered));
    }
}
