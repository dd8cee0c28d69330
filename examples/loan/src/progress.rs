//! Endings enter as they come; a bar on a terminal, or one line each where nobody watches, leaves.
//!
//! Decisions are data and go to standard output, the bar and messages to standard error. Colours are left out where
//! they would be noise: `anstream` looks at NO_COLOR and at what it writes to.

use std::io::{IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};

use crate::run::Ending;
use crate::summary::chain;

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const STOPPED: Style = AnsiColor::Yellow.on_default();

/// What the person sees while applications are worked on.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Somebody watches the bar on the screen that the lines go to: it counts what went well, lines tell of the rest.
    is_watched: bool,
}

impl Progress {
    pub(crate) fn new(total: usize) -> Self {
        // Draws on standard error, and nothing at all where that is no terminal.
        let bar = ProgressBar::new(total.try_into().unwrap_or(u64::MAX));
        if let Ok(style) = ProgressStyle::with_template("{bar:40.green} {pos}/{len} {elapsed}") {
            bar.set_style(style);
        }
        let is_watched = !bar.is_hidden() && std::io::stdout().is_terminal();
        Self { bar, is_watched }
    }

    pub(crate) fn ended(&self, id: &str, ending: &Ending) {
        if !self.is_watched || !matches!(ending, Ending::Approved) {
            self.bar.suspend(|| tell(&line(id, ending)));
        }
        self.bar.inc(1);
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// `L017  refused in dispatch.credit: credit refused: ..`
fn line(id: &str, ending: &Ending) -> String {
    match ending {
        Ending::Approved => format!("{id}  {GOOD}approved{GOOD:#}"),
        Ending::Refused(error) => {
            let undone = listed("undone", error.report.compensated());
            let left = listed("could not be undone", error.report.not_compensated());
            let reason = chain(&*error.source);
            format!("{id}  {BAD}refused{BAD:#} in {}: {reason}{undone}{left}", error.stage)
        }
        Ending::Panicked(message) => format!("{id}  {BAD}panicked{BAD:#}: {message}; nothing was undone"),
        Ending::Cancelled(deadline) => {
            format!("{id}  {STOPPED}cancelled{STOPPED:#} after {} ms; nothing was undone", deadline.as_millis())
        }
    }
}

/// `; undone: dispatch.credit`, or nothing.
fn listed(what: &str, stages: impl Iterator<Item = &'static str>) -> String {
    let stages: Vec<_> = stages.collect();
    if stages.is_empty() { String::new() } else { format!("; {what}: {}", stages.join(", ")) }
}

/// A result. When nobody reads it any more (`loan | head`), the work goes on: it moves money.
pub(crate) fn tell(text: &str) {
    writeln!(anstream::stdout().lock(), "{text}").ok();
}

/// A message for the person.
pub(crate) fn say(text: &str) {
    writeln!(anstream::stderr().lock(), "{text}").ok();
}
