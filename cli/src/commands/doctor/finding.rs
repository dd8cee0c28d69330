//! What was found somewhere enters; two lines for a person leave, or an object for a program.

use std::io::{self, Write};
use std::path::Path;

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use tense_store::text;

use crate::layout::{FAILURE, FAINT, columns, paint, width};
use crate::markdown;

const NOTE: Style = AnsiColor::Yellow.on_default();
/// How wide the mark and the subject are, with the spaces behind them.
const HEAD: usize = 19;
/// Of what a program or a file says.
const TEXT: usize = 400;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mark {
    /// As it should be.
    Ok,
    /// Nothing to do now, but to know.
    Note,
    /// Traces are lost or wrong, or soon will be.
    Problem,
}

/// What was found, where, and what to do.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    pub(super) mark: Mark,
    about: &'static str,
    #[serde(rename = "where")]
    place: String,
    what: String,
    #[serde(rename = "do")]
    advice: Option<String>,
}

impl Finding {
    pub(super) fn ok(about: &'static str, place: impl Place, what: impl Into<String>) -> Self {
        Self::of(Mark::Ok, about, place, what)
    }

    pub(super) fn note(about: &'static str, place: impl Place, what: impl Into<String>) -> Self {
        Self::of(Mark::Note, about, place, what)
    }

    pub(super) fn problem(about: &'static str, place: impl Place, what: impl Into<String>) -> Self {
        Self::of(Mark::Problem, about, place, what)
    }

    pub(super) fn of(mark: Mark, about: &'static str, place: impl Place, what: impl Into<String>) -> Self {
        Self { mark, about, place: place.text(), what: what.into(), advice: None }
    }

    /// What to do about it.
    pub(super) fn advice(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }

    const fn word(&self) -> &'static str {
        match self.mark {
            Mark::Ok => "ok",
            Mark::Note => "note",
            Mark::Problem => "problem",
        }
    }

    /// A row of a table.
    pub(super) fn in_markdown(&self, out: &mut impl Write) -> io::Result<()> {
        let [place, what, advice] = [&self.place, &self.what, self.advice.as_deref().unwrap_or_default()]
            .map(|text| markdown::inline(&text::excerpt(text, TEXT)));
        writeln!(out, "| {} | {} | {place} | {what} | {advice} |", self.word(), self.about)
    }

    pub(super) fn show(&self, out: &mut impl Write) -> io::Result<()> {
        let style = match self.mark {
            Mark::Ok => FAINT,
            Mark::Note => NOTE,
            Mark::Problem => FAILURE,
        };
        let word = self.word();
        let room = columns().saturating_sub(HEAD);
        let what = text::excerpt(&format!("{}: {}", self.place, self.what), TEXT);
        let mut head = format!("{}{:10}", paint(style, format!("{word:9}")), self.about);
        for line in wrapped(&what, room) {
            writeln!(out, "{head}{line}")?;
            head = " ".repeat(HEAD);
        }
        let advice = self.advice.as_deref().map(|advice| format!("-> {}", text::excerpt(advice, TEXT)));
        for (nth, line) in
            advice.iter().flat_map(|advice| wrapped(advice, room.saturating_sub(3)).into_iter().enumerate())
        {
            writeln!(out, "{head}{}{line}", if nth == 0 { "" } else { "   " })?;
        }
        Ok(())
    }
}

/// Where something was found.
pub(super) trait Place {
    fn text(self) -> String;
}

impl Place for &Path {
    fn text(self) -> String {
        self.to_string_lossy().into_owned()
    }
}

impl Place for &str {
    fn text(self) -> String {
        self.to_owned()
    }
}

impl Place for String {
    fn text(self) -> String {
        self
    }
}

/// Breaks a text between words; a word that is longer than a line stands in one of its own, whole, so that a path can
/// be copied.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(word) <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("a /very/long/path b", 5), ["a", "/very/long/path", "b"]);
    }
}
