//! Clean events that no sink will get go in; lines on standard error come out, on a thread of their own, because nobody
//! knows who reads there: a pipe may be stuck for ever, or closed.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tense_event::CleanEvent;

use crate::foreign::deafen_thread;

/// What may wait to be printed, in bytes.
const LIMIT: usize = 1 << 20;

/// How many a second may be printed, as a bucket that a second fills.
#[derive(Debug)]
pub(super) struct Rate {
    a_second: u32,
    /// In billionths of one.
    left: u64,
    filled: Option<Instant>,
}

const ONE: u64 = 1_000_000_000;

impl Rate {
    pub(super) const fn new(a_second: u32) -> Self {
        Self { a_second, left: 0, filled: None }
    }

    pub(super) fn allows_one(&mut self, at: Instant) -> bool {
        let full = u64::from(self.a_second) * ONE;
        let since = self.filled.map_or(Duration::MAX, |filled| at.saturating_duration_since(filled));
        let more = u64::try_from(since.as_nanos()).unwrap_or(u64::MAX).saturating_mul(self.a_second.into());
        self.left = self.left.saturating_add(more).min(full);
        self.filled = Some(self.filled.map_or(at, |filled| filled.max(at)));
        let allows = self.left >= ONE;
        self.left -= if allows { ONE } else { 0 };
        allows
    }
}

struct Printer {
    lines: VecDeque<String>,
    bytes: usize,
    /// A line has been taken and is not written yet.
    is_writing: bool,
    /// Nobody writes any more: there is no standard error, or nobody who reads it.
    is_broken: bool,
}

static PRINTER: Mutex<Printer> =
    Mutex::new(Printer { lines: VecDeque::new(), bytes: 0, is_writing: false, is_broken: false });
static FILLED: Condvar = Condvar::new();
static EMPTIED: Condvar = Condvar::new();

/// A standard error of our own, and the thread that writes to it: in the process of that number. One that is forked off
/// has neither, and prints nothing.
static STARTED: OnceLock<u32> = OnceLock::new();

/// Takes hold of standard error while it is what the program was given: a program may close it, and the next file that
/// it opens then has its number. Where no thread can be had nothing is printed, and the next layer tries again.
pub(crate) fn prepare() {
    static HELD: Mutex<Option<Arc<File>>> = Mutex::new(None);
    // Whoever has it starts the thread, or did so when this process was forked off, and will not let go of it any more.
    let Ok(mut held) = HELD.try_lock() else { return };
    if STARTED.get().is_some() {
        return;
    }
    if held.is_none() {
        *held = own_stderr().map(Arc::new).ok();
    }
    let Some(stderr) = held.clone() else {
        printer().is_broken = true;
        STARTED.get_or_init(std::process::id);
        return;
    };
    let printer = thread::Builder::new().name("tense-stderr".to_owned()).stack_size(64 * 1024);
    if printer.spawn(move || run(&stderr)).is_ok() {
        STARTED.get_or_init(std::process::id);
    }
}

/// The same file under another number: to write to it takes no lock that the program may want.
#[cfg(unix)]
pub(crate) fn own_stderr() -> std::io::Result<File> {
    use std::os::fd::AsFd;
    std::io::stderr().as_fd().try_clone_to_owned().map(File::from)
}

#[cfg(windows)]
pub(crate) fn own_stderr() -> std::io::Result<File> {
    use std::os::windows::io::AsHandle;
    std::io::stderr().as_handle().try_clone_to_owned().map(File::from)
}

#[cfg(not(any(unix, windows)))]
pub(crate) fn own_stderr() -> std::io::Result<File> {
    Err(std::io::ErrorKind::Unsupported.into())
}

fn is_here() -> bool {
    STARTED.get().is_some_and(|process| *process == std::process::id())
}

fn printer() -> MutexGuard<'static, Printer> {
    PRINTER.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run(mut stderr: &File) {
    deafen_thread();
    let mut printer = printer();
    loop {
        let Some(line) = printer.lines.pop_front() else {
            EMPTIED.notify_all();
            printer = FILLED.wait(printer).unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        printer.bytes -= line.len();
        printer.is_writing = true;
        drop(printer);
        // One call for one line, so that it is not torn by others who write there.
        let is_written = stderr.write_all(line.as_bytes()).is_ok();
        printer = self::printer();
        printer.is_writing = false;
        if !is_written {
            printer.is_broken = true;
            printer.lines = VecDeque::new();
            EMPTIED.notify_all();
            return;
        }
    }
}

/// Prints an event as a line of JSON. Never waits; says whether there is somebody who prints, and room.
pub(super) fn print(event: &CleanEvent) -> bool {
    serde_json::to_string(event).is_ok_and(line)
}

/// Prints a sentence, without waiting for it.
pub(super) fn say(sentence: &str) {
    line(format!("tense: {sentence}"));
}

fn line(mut text: String) -> bool {
    if !is_here() {
        return false;
    }
    text.push('\n');
    let mut printer = printer();
    let fits = !printer.is_broken && printer.bytes + text.len() <= LIMIT;
    if fits {
        printer.bytes += text.len();
        printer.lines.push_back(text);
        FILLED.notify_one();
    }
    fits
}

/// Waits until all is written that is to be printed, or until the deadline.
pub(crate) fn wait(deadline: Option<Instant>) {
    if !is_here() {
        return;
    }
    let mut printer = printer();
    while !printer.is_broken && (printer.is_writing || !printer.lines.is_empty()) {
        // Whoever has no deadline still is not kept by a pipe that is stuck.
        let left =
            deadline.map_or(Duration::from_secs(1), |deadline| deadline.saturating_duration_since(Instant::now()));
        let waited = EMPTIED.wait_timeout(printer, left).unwrap_or_else(PoisonError::into_inner);
        if waited.1.timed_out() {
            return;
        }
        printer = waited.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_allows_a_burst_of_a_second_and_then_so_many_a_second() {
        let (mut rate, from) = (Rate::new(10), Instant::now());
        let mut allowed = |at: Instant| (0..100).filter(|_| rate.allows_one(at)).count();
        assert_eq!(allowed(from), 10);
        assert_eq!(allowed(from + Duration::from_millis(99)), 0);
        assert_eq!(allowed(from + Duration::from_millis(350)), 3);
        assert_eq!(allowed(from), 0, "a clock that goes back gives nothing");
        assert_eq!(allowed(from + Duration::from_secs(3600)), 10);
        assert!(!Rate::new(0).allows_one(from));
    }
}
