//! What is told of one place.

use serde::Serialize;

/// One finding; in JSON with the keys in this order.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Finding {
    pub(super) rule: &'static str,
    pub(super) level: Level,
    /// As it is shown: from the current folder.
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) column: usize,
    /// The name that it is about.
    pub(super) name: Option<String>,
    /// Ends with the rule's id in brackets.
    pub(super) message: String,
    /// What to write instead, of the whole name or of one word, as the message says.
    pub(super) suggestion: Option<String>,
}

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    /// It does not compile, or a limit is passed.
    Error,
    /// It compiles, and should not stay.
    Warning,
    /// It could be better.
    Hint,
    /// It has been put right.
    Fixed,
}

impl Level {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Hint => "hint",
            Level::Fixed => "fixed",
        }
    }

    /// Whether the answer is that something is wrong.
    pub(super) fn counts(self) -> bool {
        matches!(self, Level::Error | Level::Warning)
    }
}

impl Finding {
    pub(super) fn at(
        rule: &'static str,
        level: Level,
        (file, line, column): (&str, usize, usize),
        name: Option<String>,
        message: String,
    ) -> Self {
        Self { rule, level, file: file.to_owned(), line, column, name, message, suggestion: None }
    }

    pub(super) fn suggesting(self, suggestion: Option<String>) -> Self {
        Self { suggestion, ..self }
    }
}
