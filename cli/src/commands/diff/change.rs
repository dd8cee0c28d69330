//! One change: what is different enters, a sentence that says for whom it matters leaves.

use std::fmt;

use serde::Serialize;

use crate::markdown;

/// Who has to do something about a change. In the order in which changes are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Breaks {
    /// Programs that record, and whoever reads.
    Both,
    /// Programs that record: they no longer compile, or miss something at run time.
    Producers,
    /// Whoever reads: something that was there is not, or is something else.
    Consumers,
    Nobody,
}

impl Breaks {
    /// Breaks those for whom either holds.
    pub(super) fn of(producers: bool, consumers: bool) -> Self {
        match (producers, consumers) {
            (true, true) => Breaks::Both,
            (true, false) => Breaks::Producers,
            (false, true) => Breaks::Consumers,
            (false, false) => Breaks::Nobody,
        }
    }

    fn words(self) -> &'static [&'static str] {
        match self {
            Breaks::Both => &["producers", "consumers"],
            Breaks::Producers => &["producers"],
            Breaks::Consumers => &["consumers"],
            Breaks::Nobody => &[],
        }
    }
}

/// A change. Breaking ones stand first, then it goes by names.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Change {
    is_compatible: bool,
    /// The event, or whatever else has changed.
    name: String,
    field: Option<String>,
    /// Stable across versions.
    id: &'static str,
    breaks: Breaks,
    message: String,
}

#[derive(Serialize)]
pub(super) struct Line<'a> {
    id: &'a str,
    name: &'a str,
    field: Option<&'a str>,
    breaking: bool,
    breaks: &'a [&'a str],
    message: &'a str,
}

impl Change {
    pub(super) fn new(id: &'static str, breaks: Breaks, name: &str, message: impl Into<String>) -> Self {
        let is_compatible = breaks == Breaks::Nobody;
        Self { is_compatible, name: name.to_owned(), field: None, id, breaks, message: message.into() }
    }

    pub(super) fn of_field(self, field: &str) -> Self {
        Self { field: Some(field.to_owned()), ..self }
    }

    pub(super) fn is_breaking(&self) -> bool {
        !self.is_compatible
    }

    pub(super) fn as_json(&self) -> Line<'_> {
        Line {
            id: self.id,
            name: &self.name,
            field: self.field.as_deref(),
            breaking: self.is_breaking(),
            breaks: self.breaks.words(),
            message: &self.message,
        }
    }
}

impl Change {
    /// A row of a table in Markdown.
    pub(super) fn as_row(&self) -> String {
        let breaks = if self.is_breaking() { self.breaks.words().join(" and ") } else { "nobody".to_owned() };
        let (name, message) = (markdown::code(&self.name), markdown::inline(&self.message));
        format!("| {name} | {breaks} | {message} | {} |", self.id)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, message, id, breaks, .. } = self;
        match breaks {
            Breaks::Nobody => write!(f, "{name}: compatible: {message} [{id}]"),
            breaks => write!(f, "{name}: breaks {}: {message} [{id}]", breaks.words().join(" and ")),
        }
    }
}
