//! What others call a success, a failure, a warning or a duration enters; our word for it leaves.

use std::time::Duration;

use tense_event::{ErrorKind, Level, Status};

/// How something ended, as others say it. Sorted.
const STATUSES: [(&str, Status); 41] = [
    ("abort", Status::Failed),
    ("aborted", Status::Failed),
    ("active", Status::Pending),
    ("begin", Status::Pending),
    ("canceled", Status::Failed),
    ("cancelled", Status::Failed),
    ("complete", Status::Success),
    ("completed", Status::Success),
    ("crashed", Status::Failed),
    ("done", Status::Success),
    ("end", Status::Success),
    ("ended", Status::Success),
    ("error", Status::Failed),
    ("errored", Status::Failed),
    ("exception", Status::Failed),
    ("fail", Status::Failed),
    ("failed", Status::Failed),
    ("failure", Status::Failed),
    ("fatal", Status::Failed),
    ("finished", Status::Success),
    ("in_progress", Status::Pending),
    ("killed", Status::Failed),
    ("ok", Status::Success),
    ("open", Status::Pending),
    ("panic", Status::Failed),
    ("panicked", Status::Failed),
    ("passed", Status::Success),
    ("pending", Status::Pending),
    ("queued", Status::Pending),
    ("rejected", Status::Failed),
    ("running", Status::Pending),
    ("start", Status::Pending),
    ("started", Status::Pending),
    ("succeeded", Status::Success),
    ("success", Status::Success),
    ("successful", Status::Success),
    ("timed_out", Status::Failed),
    ("timeout", Status::Failed),
    ("unset", Status::Success),
    ("waiting", Status::Pending),
    ("working", Status::Pending),
];

/// How much something matters, as others say it. Sorted.
const LEVELS: [(&str, Level); 20] = [
    ("10", Level::Trace),
    ("20", Level::Debug),
    ("30", Level::Info),
    ("40", Level::Warn),
    ("50", Level::Error),
    ("60", Level::Error),
    ("alert", Level::Error),
    ("critical", Level::Error),
    ("debug", Level::Debug),
    ("emergency", Level::Error),
    ("err", Level::Error),
    ("error", Level::Error),
    ("fatal", Level::Error),
    ("info", Level::Info),
    ("information", Level::Info),
    ("notice", Level::Info),
    ("trace", Level::Trace),
    ("verbose", Level::Debug),
    ("warn", Level::Warn),
    ("warning", Level::Warn),
];

fn found<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    let word = word.trim().to_ascii_lowercase().replace(['-', ' '], "_");
    table.binary_search_by(|(known, _)| (*known).cmp(&word)).ok().map(|at| table[at].1)
}

/// `completed`, `ERROR`, `in progress`; none for a word that is not known.
pub(crate) fn status(word: &str) -> Option<Status> {
    found(&STATUSES, word)
}

/// `WARN`, `notice`, or one of the numbers that loggers for Node.js write.
pub(crate) fn level(word: &str) -> Option<Level> {
    found(&LEVELS, word)
}

/// In which way something failed, where the word for it says more than that it did.
pub(crate) fn kind(word: &str) -> ErrorKind {
    match word.trim().to_ascii_lowercase().as_str() {
        "panic" | "panicked" | "crashed" => ErrorKind::Panic,
        "cancelled" | "canceled" | "abort" | "aborted" | "killed" => ErrorKind::Cancelled,
        _ => ErrorKind::Error,
    }
}

/// So many of a unit that has so many nanoseconds; none for less than nothing, and for what no clock has measured.
pub(crate) fn duration(number: f64, nanos: f64) -> Option<Duration> {
    let nanos = number * nanos;
    (0.0..1.8e19).contains(&nanos).then(|| Duration::from_nanos(nanos.round() as u64))
}

/// The same of a text with its unit: `12ms`, `1.5 s`; a number alone counts as milliseconds.
pub(crate) fn duration_of(text: &str) -> Option<Duration> {
    let text = text.trim();
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'));
    let number = text[..text.len() - unit.len()].parse().ok()?;
    let nanos = match unit.trim() {
        "ns" => 1.0,
        "us" | "µs" | "μs" => 1e3,
        "" | "ms" => 1e6,
        "s" => 1e9,
        "m" | "min" => 6e10,
        "h" => 3.6e12,
        _ => return None,
    };
    duration(number, nanos)
}

/// A name as events have it: `job:started` is `job.started`. A sentence stays as it is.
pub(crate) fn name(said: &str) -> String {
    let said = said.trim();
    if !said.contains(':') || said.contains(char::is_whitespace) {
        return said.to_owned();
    }
    let parts: Vec<&str> = said.split(':').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { said.to_owned() } else { parts.join(".") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(STATUSES.is_sorted_by_key(|(word, _)| *word) && LEVELS.is_sorted_by_key(|(word, _)| *word));
    }

    #[test]
    fn words_of_others_are_understood() {
        assert_eq!(
            (status("In Progress"), status("TIMEOUT"), status("purple")),
            (Some(Status::Pending), Some(Status::Failed), None)
        );
        assert_eq!((level("WARNING"), level("30"), level("7")), (Some(Level::Warn), Some(Level::Info), None));
        let ms = |text: &str| duration_of(text).map(|took| took.as_micros());
        assert_eq!(
            (ms("12ms"), ms("1.5 s"), ms("7"), ms("2 µs")),
            (Some(12_000), Some(1_500_000), Some(7_000), Some(2))
        );
        assert_eq!((ms("-1ms"), ms("soon"), ms(""), ms("1e99h")), (None, None, None, None));
    }

    #[test]
    fn colons_become_dots_but_in_a_sentence() {
        let check = |said: &str, expected: &str| assert_eq!(name(said), expected);
        check("job:started", "job.started");
        check("app::job:started", "app.job.started");
        check("job.started", "job.started");
        check("failed: no money", "failed: no money");
        check("::", "::");
    }
}
