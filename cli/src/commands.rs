//! One file a question. A question takes its arguments, and a store where it is about runs, and writes its answer.

pub(crate) mod one_trace;

pub(crate) mod check;
pub(crate) mod conjugate;
pub(crate) mod init;
pub(crate) mod lint;
pub(crate) mod docs;
pub(crate) mod schema;
pub(crate) mod diff;
pub(crate) mod redact;
pub(crate) mod import;
pub(crate) mod export;
pub(crate) mod traces;
pub(crate) mod tree;
pub(crate) mod why;
pub(crate) mod path;
pub(crate) mod critical_path;
pub(crate) mod search;
pub(crate) mod tail;
pub(crate) mod stats;
pub(crate) mod job;
pub(crate) mod purge;
pub(crate) mod timeline;
pub(crate) mod waterfall;
pub(crate) mod concurrency;
pub(crate) mod correlate;
pub(crate) mod bottlenecks;
pub(crate) mod errors;
pub(crate) mod compare;
pub(crate) mod anomalies;
pub(crate) mod compensations;
pub(crate) mod health;
pub(crate) mod doctor;
pub(crate) mod completions;
pub(crate) mod man;

use std::fmt;
use std::io::{self, Write};

use jiff::tz::TimeZone;
use tense_event::Timestamp;
use tense_store::tree::Role;
use tense_store::{Outcome, Span, Trace, text};

use crate::blind_spots;
use crate::layout::{self, FAILURE, FAINT, STRONG, paint, style};

/// How a question went, when nothing went wrong.
pub(crate) enum Answer {
    /// It was answered.
    Found,
    /// It was answered, and the answer is that something is wrong with what was asked about.
    Wrong,
    /// There is nothing to tell about; with a message that says so.
    Nothing(String),
}

/// The question makes no sense, which only who answers it sees; with a message that says why. It goes up as an error
/// does.
#[derive(Debug)]
pub(crate) struct NoSense(pub(crate) String);

impl fmt::Display for NoSense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoSense {}

/// What was being done when the store could not answer.
const ASKED: &str = "failed to ask the database";

/// How most questions about runs may go, under the examples of each.
const EXIT_CODES: &str = "Exit codes: 0 answered, 1 the database could not be asked, 2 the question was not understood, \
    3 nothing was found.";

/// Says what of a trace could not be seen, if anything.
fn unseen(out: &mut impl Write, trace: &Trace) -> io::Result<()> {
    blind_spots::of(trace).map_or(Ok(()), |unseen| writeln!(out, "{}", paint(FAINT, unseen)))
}

/// What a trace was, how long it took, how it ended, and when it began: by its longest root.
fn headline(trace: &Trace, zone: &TimeZone) -> String {
    let Some(root) = trace.longest_root() else { return String::new() };
    let (outcome, ended) = ended(trace, root);
    let ended = match outcome {
        Outcome::Success => String::new(),
        Outcome::Open => "  not finished".to_owned(),
        _ => format!("  {ended}"),
    };
    let took = root.duration.unwrap_or_default();
    let took = if root.outcome == Outcome::Open { String::new() } else { format!("  {}", text::duration(took)) };
    // Beside the name a length has room, and the longest word, or more where more is said.
    let room = layout::columns().saturating_sub(10 + layout::width(&ended).max(14));
    let name = layout::fit(&text::excerpt(root.label(), layout::NAME), room);
    let style = if outcome == Outcome::Open { style(Role::Stopped) } else { FAILURE };
    let began = trace.spans().first().map_or(root.began, |first| first.began);
    let told = [&name, &took, &ended].map(|part| layout::width(part)).into_iter().sum();
    let ended = if ended.is_empty() { ended } else { paint(style, ended) };
    format!("{}{took}{ended}{}", paint(STRONG, name), dated(told, began, zone))
}

/// How a trace ended that is called by this root, for every headline: as `tense traces` has it, so that the failure of
/// another root is told, with the name of that one.
fn ended(trace: &Trace, root: &Span) -> (Outcome, String) {
    match trace.failed_root() {
        Some(failed) if !root.outcome.is_failure() => {
            let name = layout::fit(&text::excerpt(failed.label(), layout::NAME), layout::columns() / 3);
            (failed.outcome, format!("{} in {name}", failed.outcome.as_str()))
        }
        _ => (root.outcome, root.outcome.as_str().to_owned()),
    }
}

/// The same behind a name and a length, where a failure alone is worth a word.
fn failure(trace: &Trace, root: &Span) -> String {
    let (outcome, ended) = ended(trace, root);
    if outcome.is_failure() { format!("  {}", paint(FAILURE, ended)) } else { String::new() }
}

/// When it began, behind what is told of it in so many columns, or where there is no room below it.
fn dated(told: usize, began: Timestamp, zone: &TimeZone) -> String {
    let began = layout::moment_in(began, layout::ZONED, zone);
    let between = if told + 2 + layout::width(&began) <= layout::columns() { "  " } else { "\n" };
    format!("{between}{}", paint(FAINT, began))
}
