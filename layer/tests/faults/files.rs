//! Something lies at the path that is no file of ours, or no longer, or that another program holds: it is left as it
//! is, or set aside where it is ours and damaged, and nobody waits for it.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tense_layer::{BreakerState, builder, health, sink as sinks};

use crate::disk::rows;
use crate::host::{adds_up, adds_up_to, calls, flush, is_quick, p99, sink, undaunted, until};

const LONG: Duration = Duration::from_secs(30);

/// A database with some traces, closed.
fn filled(path: &Path) -> tense_layer::Guard {
    let guard = builder().database(path).init().unwrap();
    calls(2000);
    assert!(flush());
    guard
}

/// The damaged files beside it.
fn set_aside(path: &Path) -> Vec<PathBuf> {
    let all = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    all.filter(|path| path.to_string_lossy().contains(".damaged-") && !path.to_string_lossy().contains("-wal"))
        .collect()
}

/// All pages but the first hold noise.
fn ruin(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    bytes[4096..].fill(0xa5);
    fs::write(path, bytes).unwrap();
}

/// A FIFO, which a reader or a writer may wait for without an end.
fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Neither sink delivers, each says so, and the program goes on.
fn refused(paths: &[PathBuf]) {
    let mut builder = builder();
    for (nth, path) in paths.iter().enumerate() {
        builder = builder
            .sink_with(sinks::JsonLines::new(path), undaunted(&format!("lines {nth}")))
            .sink_with(sinks::Sqlite::new(path), undaunted(&format!("db {nth}")));
    }
    let _guard = builder.init().unwrap();
    is_quick(p99(10_000));
    assert!(flush());
    let health = adds_up_to(10_000);
    assert_eq!((health.delivered, health.dropped(), health.databases_set_aside), (0, health.offered, 0));
    assert!(tense_layer::shutdown(LONG).is_complete);
}

faults! {
    fn a_damaged_database_is_set_aside_and_a_new_one_begun() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.db");
        {
            let mut first = sinks::Sqlite::open(&path).unwrap();
            tense_layer::Sink::deliver(&mut first, &[]).unwrap();
        }
        Connection::open(&path).unwrap().execute_batch("VACUUM").unwrap();
        ruin(&path);
        let before = fs::read(&path).unwrap();
        let _guard = builder().sink_with(sinks::Sqlite::new(&path), undaunted("db")).init().unwrap();
        calls(1000);
        assert!(tense_layer::shutdown(LONG).is_complete);
        let health = adds_up_to(1000);
        assert_eq!((health.databases_set_aside, health.delivered, rows(&path)), (1, 1000, 1000), "{health:#?}");
        let aside = set_aside(&path);
        assert_eq!(aside.len(), 1, "{aside:?}");
        assert_eq!(fs::read(&aside[0]).unwrap(), before, "it is kept as it was");
    }

    /// Under the hands of the program that writes to it.
    fn a_database_that_is_damaged_meanwhile_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.db");
        let _guard = filled(&path);
        Connection::open(&path).unwrap().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        ruin(&path);
        until("it is noticed", || { calls(2000); flush() && health().databases_set_aside > 0 });
        assert_eq!(set_aside(&path).len(), 1);
        let delivered = adds_up().delivered;
        calls(1000);
        assert!(flush());
        assert_eq!(adds_up().delivered, delivered + 1000);
        assert!(rows(&path) >= 1000);
    }

    /// It has its patience in each call, and none of it costs the program.
    fn a_database_that_somebody_locks_is_waited_for_on_the_sinks_thread() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.db");
        let _guard = builder().sink_with(sinks::Sqlite::new(&path), undaunted("db").failures(1)).init().unwrap();
        calls(10);
        assert!(flush());
        let other = Connection::open(&path).unwrap();
        other.execute_batch("BEGIN EXCLUSIVE").unwrap();
        is_quick(p99(1000));
        let began = Instant::now();
        assert!(flush());
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
        assert_eq!((sink("db").opened, sink("db").delivered), (1, 10));
        other.execute_batch("ROLLBACK").unwrap();
        until("it goes on", || { calls(10); flush() && sink("db").state == BreakerState::Delivering });
        let health = adds_up();
        assert!(health.delivered >= 20 && health.databases_set_aside == 0, "{health:#?}");
        assert_eq!(rows(&path), health.delivered);
    }

    /// Within the time for which a batch is tried again, nothing is lost.
    fn a_database_that_is_locked_for_a_moment_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.db");
        let _guard = filled(&path);
        let other = Connection::open(&path).unwrap();
        other.execute_batch("BEGIN EXCLUSIVE").unwrap();
        calls(1000);
        until("it is tried again", || {
            tense_layer::flush(Duration::from_millis(10));
            health().sinks[0].failures > 0
        });
        other.execute_batch("ROLLBACK").unwrap();
        assert!(flush());
        assert_eq!((adds_up_to(3000).delivered, rows(&path)), (3000, 3000));
    }

    fn a_database_of_a_newer_version_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.db");
        drop(sinks::Sqlite::open(&path).unwrap());
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 999).unwrap();
        let before = fs::read(&path).unwrap();
        assert!(builder().database(&path).init().is_err());
        let _guard = builder().sink_with(sinks::Sqlite::new(&path), undaunted("db")).init().unwrap();
        calls(100);
        assert!(flush());
        let health = adds_up_to(100);
        assert_eq!((health.delivered, health.dropped(), health.databases_set_aside), (0, 100, 0));
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    fn what_is_no_database_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.txt");
        fs::write(&path, "notes of mine\n".repeat(1000)).unwrap();
        let _guard = builder().sink_with(sinks::Sqlite::new(&path), undaunted("db")).init().unwrap();
        calls(100);
        assert!(flush());
        let health = adds_up_to(100);
        assert_eq!((health.delivered, health.dropped(), health.databases_set_aside), (0, 100, 0));
        assert_eq!(fs::read(&path).unwrap(), "notes of mine\n".repeat(1000).as_bytes());
    }

    fn a_pipe_a_folder_and_a_socket_are_neither_written_to_nor_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fifo(&at("pipe"));
        fs::create_dir(at("folder")).unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        refused(&[at("pipe"), at("folder"), at("socket"), at("nowhere/trace"), at("folder/")]);
        assert_eq!(fs::read_dir(at("folder")).unwrap().count(), 0);
    }

    /// Somebody cleans up, and the program still has the file open, under no name.
    fn a_database_that_somebody_removes_or_moves_is_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.db");
        let _guard = filled(&path);
        for name in ["trace.db", "trace.db-wal", "trace.db-shm"] {
            fs::remove_file(folder.path().join(name)).unwrap();
        }
        calls(1000);
        assert!(flush());
        assert_eq!((rows(&path), adds_up().delivered), (1000, 3000));
        let elsewhere = folder.path().join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        for name in ["trace.db", "trace.db-wal", "trace.db-shm"] {
            fs::rename(folder.path().join(name), elsewhere.join(name)).unwrap();
        }
        calls(500);
        assert!(flush());
        assert_eq!((rows(&path), rows(&elsewhere.join("trace.db")), adds_up_to(3500).delivered), (500, 1000, 3500));
        assert_eq!(health().databases_set_aside, 0);
    }

    /// One that leads to itself is no file; one that leads to where nothing is yet, to a file, or away from where it
    /// led before, is that file.
    fn a_link_leads_to_its_file_and_one_to_itself_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let link = |to: &str| {
            fs::remove_file(at("link")).ok();
            symlink(at(to), at("link")).unwrap();
        };
        link("link");
        let lines = builder().sink_with(sinks::JsonLines::new(at("link")), undaunted("lines"));
        let _guard = lines.sink_with(sinks::Sqlite::new(at("loop.db")), undaunted("db")).init();
        symlink(at("loop.db"), at("loop.db")).unwrap();
        until("both fail", || { calls(10); flush() && sink("lines").opened > 0 && sink("db").opened > 0 });
        assert_eq!(adds_up().delivered, 0);
        let mut before = 0;
        for to in ["first", "second"] {
            link(to);
            until("it goes on", || { calls(10); flush() && sink("lines").delivered > before });
            assert_eq!(crate::disk::lines(&at(to)), sink("lines").delivered - before);
            before = sink("lines").delivered;
        }
        assert_eq!((sink("db").delivered, health().databases_set_aside), (0, 0));
    }

    /// Its log grows meanwhile beyond where it is emptied, and is emptied when the reader has gone.
    fn a_reader_that_stays_for_long_keeps_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.db");
        let _guard = filled(&path);
        let log = || fs::metadata(folder.path().join("trace.db-wal")).unwrap().len();
        let write = || {
            for _ in 0..20 {
                calls(2000);
                assert!(flush());
            }
        };
        let reader = Connection::open(&path).unwrap();
        reader.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema").unwrap();
        write();
        let long = log();
        assert!(long > 33 << 20, "{long} bytes are not beyond the 32 MiB at which it is emptied");
        reader.execute_batch("COMMIT").unwrap();
        write();
        assert!(log() <= long + long / 4, "{} and then {}", long, log());
        let health = adds_up_to(82_000);
        assert_eq!((health.delivered, health.dropped(), rows(&path)), (82_000, 0, 82_000), "{health:#?}");
    }

    /// `init` opens it on the program's own thread.
    fn a_pipe_as_a_database_is_an_error_at_once() {
        let folder = tempfile::tempdir().unwrap();
        fifo(&folder.path().join("pipe"));
        let began = Instant::now();
        assert!(builder().database(folder.path().join("pipe")).init().is_err());
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }

    /// Whatever a program did to its own files: the next event finds out.
    fn a_folder_that_goes_and_comes_back_is_written_to_again() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("traces");
        fs::create_dir(&inner).unwrap();
        let path = inner.join("trace.jsonl");
        let _guard = builder().sink_with(sinks::JsonLines::new(&path), undaunted("lines")).init().unwrap();
        calls(10);
        assert!(flush());
        fs::remove_dir_all(&inner).unwrap();
        until("it fails", || { calls(10); flush() && sink("lines").opened > 0 });
        let before = sink("lines").delivered;
        fs::create_dir(&inner).unwrap();
        until("it goes on", || { calls(10); flush() && sink("lines").delivered > before });
        assert_eq!(crate::disk::lines(&path), adds_up().delivered - before);
    }
}
