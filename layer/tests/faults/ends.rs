//! The process is ended from outside, or ends itself: what was recorded before is delivered where anybody still can,
//! and after a SIGKILL all is there that had been delivered, in files that are whole.

use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::time::Duration;

use tense_layer::{builder, sink as sinks};

use crate::child::Running;
use crate::disk::{lines, rows};
use crate::host::{Does, adds_up, calls, hanging, hasty, until};

fn says(words: &str) {
    // Past what the harness keeps of a test's output.
    let mut out = std::io::stdout().lock();
    writeln!(out, "{words}").unwrap();
    out.flush().unwrap();
}

/// Records, and says what has arrived by then, without a flush.
fn at_work() -> (PathBuf, tense_layer::Guard) {
    let folder = tempfile::tempdir().unwrap().keep();
    let guard = builder()
        .sink_with(sinks::Sqlite::new(folder.join("trace.db")), hasty("db"))
        .sink_with(sinks::JsonLines::new(folder.join("trace.jsonl")), hasty("lines"))
        .init()
        .unwrap();
    says(&format!("folder: {}", folder.display()));
    calls(1000);
    until("all of it is delivered", || adds_up().delivered == 2000);
    (folder, guard)
}

fn rest() -> ! {
    loop {
        std::thread::park();
    }
}

/// What is in the two files; the folder goes.
fn found(folder: &str) -> (u64, u64) {
    let folder = PathBuf::from(folder);
    let text = std::fs::read_to_string(folder.join("trace.jsonl")).unwrap();
    // The last line may be torn if the process was killed within a write; the next one that writes there cuts it off.
    let whole = &text[..text.rfind('\n').map_or(0, |at| at + 1)];
    std::fs::write(folder.join("whole.jsonl"), whole).unwrap();
    let found = (rows(&folder.join("trace.db")), lines(&folder.join("whole.jsonl")));
    std::fs::remove_dir_all(folder).unwrap();
    found
}

#[cfg(feature = "signals")]
fn delivers_behind(signal: &str, number: i32, running: Running) {
    let folder = running.says("folder: ");
    running.says("ready");
    running.signal(signal);
    let ended = running.end();
    assert_eq!(ended.status.signal(), Some(number), "it ends as it would by default: {}", ended.printed);
    assert_eq!((found(&folder), ended.printed.as_str()), ((1500, 1500), ""));
}

/// The five hundred that were recorded last nobody has flushed.
#[cfg(feature = "signals")]
fn records_until_the_signal() {
    let (_folder, _guard) = at_work();
    tense_layer::flush_on_termination(Duration::from_secs(30)).unwrap();
    calls(500);
    says("ready");
    rest();
}

#[cfg(feature = "signals")]
faults! {
    fn sigterm_comes_behind_what_was_recorded() {
        records_until_the_signal();
    } ends |running| delivers_behind("TERM", 15, running);

    fn sigint_comes_behind_what_was_recorded() {
        records_until_the_signal();
    } ends |running| delivers_behind("INT", 2, running);

    fn a_sink_that_hangs_keeps_sigterm_until_the_deadline() {
        let _guard = builder().sink_with(hanging(), hasty("stuck")).init().unwrap();
        tense_layer::flush_on_termination(Duration::from_millis(300)).unwrap();
        calls(10);
        says("ready");
        rest();
    } ends |running| {
        running.says("ready");
        let began = std::time::Instant::now();
        running.signal("TERM");
        assert_eq!(running.end().status.signal(), Some(15));
        assert!(began.elapsed() < Duration::from_secs(5));
    };

    fn a_second_signal_ends_it_at_once() {
        let told = Does(|_: &[tense_event::CleanEvent]| {
            says("delivering");
            rest()
        });
        let _guard = builder().sink_with(told, hasty("stuck")).init().unwrap();
        tense_layer::flush_on_termination(Duration::from_secs(600)).unwrap();
        calls(10);
        says("ready");
        rest();
    } ends |running| {
        running.says("ready");
        running.signal("TERM");
        running.says("delivering");
        let began = std::time::Instant::now();
        running.signal("INT");
        let signal = running.end().status.signal();
        assert!(signal == Some(2) || signal == Some(15), "{signal:?}");
        assert!(began.elapsed() < Duration::from_secs(20));
    };
}

faults! {
    /// Nothing that had been delivered is gone; what is lost was recorded after that.
    fn sigkill_takes_only_what_was_not_delivered() {
        let (_folder, _guard) = at_work();
        says("ready");
        for n in 0..100_000 {
            assert_eq!(crate::host::work(n).is_ok(), n % 7 != 0);
        }
        rest();
    } ends |running| {
        let folder = running.says("folder: ");
        running.says("ready");
        running.signal("KILL");
        let ended = running.end();
        assert_eq!((ended.status.signal(), ended.printed.as_str()), (Some(9), ""));
        let (rows, lines) = found(&folder);
        assert!((1000..=101_000).contains(&rows) && (1000..=101_000).contains(&lines), "{rows} {lines}");
    };

    fn exit_takes_only_what_was_not_delivered() {
        let (_folder, _guard) = at_work();
        calls(10);
        std::process::exit(3);
    } ends |running| {
        let folder = running.says("folder: ");
        let ended = running.end();
        assert_eq!((ended.status.code(), ended.printed.as_str()), (Some(3), ""));
        let (rows, lines) = found(&folder);
        assert!((1000..=1010).contains(&rows) && (1000..=1010).contains(&lines), "{rows} {lines}");
    };

    fn exit_behind_a_shutdown_takes_nothing() {
        let (_folder, _guard) = at_work();
        calls(500);
        assert!(tense_layer::shutdown(Duration::from_secs(30)).is_complete);
        std::process::exit(3);
    } ends |running| {
        let folder = running.says("folder: ");
        let ended = running.end();
        assert_eq!((ended.status.code(), ended.printed.as_str(), found(&folder)), (Some(3), "", (1500, 1500)));
    };

    fn the_guard_delivers_at_the_end_of_main() {
        let (_folder, _guard) = at_work();
        calls(500);
    } ends |running| {
        let folder = running.says("folder: ");
        running.end().went_well();
        assert_eq!(found(&folder), (1500, 1500));
    };

    /// As any panic does in a program that is built with `panic = "abort"`: what prints it is called, and nothing else.
    fn a_panic_that_may_not_unwind_takes_only_what_was_not_delivered() {
        let (_folder, _guard) = at_work();
        extern "C" fn may_not_unwind() {
            panic!("out of a function that may not unwind");
        }
        calls(10);
        may_not_unwind();
    } ends |running| {
        let folder = running.says("folder: ");
        let ended = running.end();
        assert_eq!(ended.status.signal(), Some(6));
        assert!(ended.printed.contains("out of a function that may not unwind"), "{}", ended.printed);
        let (rows, lines) = found(&folder);
        assert!((1000..=1010).contains(&rows) && (1000..=1010).contains(&lines), "{rows} {lines}");
    };

    /// Nobody unwinds, and no guard is dropped.
    fn an_abort_takes_only_what_was_not_delivered() {
        let (_folder, _guard) = at_work();
        std::process::abort();
    } ends |running| {
        let folder = running.says("folder: ");
        assert_eq!(running.end().status.signal(), Some(6));
        assert_eq!(found(&folder), (1000, 1000));
    };
}
