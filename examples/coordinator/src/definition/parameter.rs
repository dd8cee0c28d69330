//! The task of a node enters, with what it is given; whether it can do something with that leaves.
//!
//! The same table is asked twice: about what stands in the definition, and about what has come of it when the task is
//! done, because what a path leads to is known only then.

use serde_json::{Map, Value};

use super::Task;
use crate::mapping::Source;

/// Longer than a day no workflow waits, in milliseconds.
const LONGEST_WAIT: u64 = 86_400_000;
/// So much of a text is shown when it is not what it is to be, in characters.
const EXCERPT: usize = 60;

/// What something is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Milliseconds,
    Object,
    List,
    Texts,
    Numbers,
    Any,
}

/// What says something beside others alone.
const BESIDE: [(&str, &[&str]); 2] = [("field", &["sum", "join"]), ("with", &["join"])];

/// Why a task cannot be given that: the parameter, and what is wrong with it.
pub(crate) type Wrong<'n> = (&'n str, String);

impl Task {
    const fn parameters(self) -> &'static [(&'static str, Kind)] {
        match self {
            Self::ListFiles => &[("folder", Kind::Text)],
            Self::ReadFile => &[("path", Kind::Text)],
            Self::WriteFile => &[("path", Kind::Text), ("content", Kind::Any)],
            Self::Http => &[("path", Kind::Text), ("body", Kind::Any)],
            Self::Transform => &[
                ("sum", Kind::Numbers),
                ("count", Kind::List),
                ("join", Kind::Texts),
                ("give", Kind::Any),
                ("field", Kind::Text),
                ("with", Kind::Text),
            ],
            Self::Wait => &[("ms", Kind::Milliseconds), ("file", Kind::Text)],
            Self::Fail => &[("message", Kind::Text)],
            Self::Workflow => &[("name", Kind::Text), ("input", Kind::Object)],
        }
    }

    /// What it cannot do without; of each group, one.
    pub(crate) const fn needs(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::ListFiles => &[&["folder"]],
            Self::ReadFile | Self::Http => &[&["path"]],
            Self::WriteFile => &[&["path"], &["content"]],
            Self::Transform => &[&["sum", "count", "join", "give"]],
            Self::Wait => &[&["ms", "file"]],
            Self::Fail => &[&["message"]],
            Self::Workflow => &[&["name"]],
        }
    }

    /// Looks at what stands in a definition. That something is missing is not said here.
    pub(super) fn takes(self, input: &[(String, Source)]) -> Result<(), Wrong<'_>> {
        let is_given = |name: &str| input.iter().any(|(given, _)| given == name);
        for (name, source) in input {
            let Some(kind) = self.kind(name, is_given("field")) else {
                let known: Vec<&str> = self.parameters().iter().map(|(name, _)| *name).collect();
                let what = format!("`{name}` is no input of `{}`, which takes `{}`", self.as_str(), known.join("`, `"));
                return Err((name, what));
            };
            kind.may_come_of(&format!("`{name}`"), source).map_err(|what| (name.as_str(), what))?;
            let beside = BESIDE.iter().find(|(beside, _)| beside == name).map_or(&[][..], |(_, others)| *others);
            if !beside.is_empty() && !beside.iter().any(|other| is_given(other)) {
                return Err((name, format!("`{name}` goes with `{}` only", beside.join("` or `"))));
            }
        }
        for group in self.needs() {
            let mut given = input.iter().filter(|(name, _)| group.contains(&name.as_str()));
            if let (Some(_), Some((second, _))) = (given.next(), given.next()) {
                return Err((second, format!("one of `{}` is wanted, and there are more", group.join("`, `"))));
            }
        }
        Ok(())
    }

    /// Looks at what has come of it.
    pub(crate) fn takes_values(self, input: &Map<String, Value>) -> Result<(), String> {
        for (name, value) in input {
            if let Some(kind) = self.kind(name, input.contains_key("field")) {
                kind.is(&format!("`{name}`"), value)?;
            }
        }
        Ok(())
    }

    fn kind(self, name: &str, has_field: bool) -> Option<Kind> {
        let (_, kind) = self.parameters().iter().find(|(known, _)| *known == name)?;
        // With a `field`, the items are what it is taken out of.
        Some(if has_field && kind.item().is_some() { Kind::List } else { *kind })
    }
}

impl Kind {
    const fn words(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Milliseconds => "a whole number of milliseconds from 0 to 86400000",
            Self::Object => "an object",
            Self::List => "a list",
            Self::Texts => "a list of texts",
            Self::Numbers => "a list of numbers",
            Self::Any => "anything",
        }
    }

    /// What the items of a list of this kind are.
    const fn item(self) -> Option<Self> {
        match self {
            Self::Texts => Some(Self::Text),
            Self::Numbers => Some(Self::Number),
            _ => None,
        }
    }

    fn is(self, what: &str, value: &Value) -> Result<(), String> {
        let fits = match (self, value) {
            (Self::Any, _)
            | (Self::Text, Value::String(_))
            | (Self::Number, Value::Number(_))
            | (Self::Object, Value::Object(_))
            | (Self::List, Value::Array(_)) => true,
            (Self::Milliseconds, value) => value.as_u64().is_some_and(|ms| ms <= LONGEST_WAIT),
            (list, Value::Array(items)) if let Some(kind) = list.item() => {
                return items
                    .iter()
                    .enumerate()
                    .try_for_each(|(n, item)| kind.is(&format!("item {n} of {what}"), item));
            }
            _ => false,
        };
        if fits { Ok(()) } else { Err(self.wrong(what, &shown(value))) }
    }

    fn may_come_of(self, what: &str, source: &Source) -> Result<(), String> {
        match (self, source) {
            (_, Source::Path(_))
            | (Self::Any, _)
            | (Self::Text, Source::Template(_))
            | (Self::List, Source::List(_))
            | (Self::Object, Source::Object(_)) => Ok(()),
            (_, Source::Literal(value)) => self.is(what, value),
            (list, Source::List(items)) if let Some(kind) = list.item() => {
                let mut items = items.iter().enumerate();
                items.try_for_each(|(n, item)| kind.may_come_of(&format!("item {n} of {what}"), item))
            }
            (_, Source::Template(_)) => Err(self.wrong(what, "a text with values in it")),
            (_, Source::List(_)) => Err(self.wrong(what, "a list")),
            (_, Source::Object(_)) => Err(self.wrong(what, "an object")),
        }
    }

    fn wrong(self, what: &str, found: &str) -> String {
        format!("{what} is to be {}, and is {found}", self.words())
    }
}

/// A value, in a few words.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        plain => {
            let text = plain.to_string();
            match text.char_indices().nth(EXCERPT) {
                Some((end, _)) => format!("{}..", &text[..end]),
                None => text,
            }
        }
    }
}
