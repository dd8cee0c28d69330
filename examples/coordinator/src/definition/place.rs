//! The text of a definition enters, with a part of it and a way of keys from there; the line on which that stands
//! leaves.
//!
//! A part is a slice of the text itself, as the JSON reader gives it, so its address tells where it stands; and a way
//! is walked by reading the object at each step once more. Nobody searches the text for a word.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::DefinitionError;
use super::graph::Mistake;

/// A text that is looked at in parts.
pub(super) struct Text<'t> {
    file: &'t str,
    text: &'t str,
    /// Where each line begins, in bytes.
    lines: Vec<usize>,
}

impl<'t> Text<'t> {
    pub(super) fn new(file: &'t str, text: &'t str) -> Self {
        let behind_breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { file, text, lines: [0].into_iter().chain(behind_breaks).collect() }
    }

    /// The line on which the part begins, from 1.
    pub(super) fn line(&self, part: &str) -> usize {
        let at = self.offset(part);
        self.lines.partition_point(|begin| *begin <= at)
    }

    /// The line of the value that the keys lead to from the part, or of as much of it as there is.
    pub(super) fn line_of(&self, part: &'t str, keys: &[&str]) -> usize {
        let value = keys.iter().try_fold(part, |part, key| value(part, key).ok_or(part));
        self.line(value.unwrap_or_else(|as_far_as_it_goes| as_far_as_it_goes))
    }

    pub(super) fn error(&self, line: usize, node: Option<String>, what: impl Into<String>) -> DefinitionError {
        DefinitionError { file: self.file.to_owned(), line, node, what: what.into() }
    }

    /// What the JSON reader has to say about a part, at the place in the whole text.
    pub(super) fn json(&self, part: &str, node: Option<String>, error: &serde_json::Error) -> DefinitionError {
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or_default();
        let what = if error.is_data() { what.to_owned() } else { format!("invalid JSON: {what}") };
        let line = self.line(part) + error.line().saturating_sub(1);
        let begin = self.lines.get(line - 1).copied().unwrap_or_default();
        // The part may begin in the middle of its first line. The reader counts bytes, a person counts characters.
        let before = if error.line() <= 1 { self.offset(part) - begin } else { 0 };
        let bytes = self.text.bytes().skip(begin).take(before + error.column());
        let column = bytes.filter(|byte| byte & 0b1100_0000 != 0b1000_0000).count();
        self.error(line, node, format!("{what}, column {column}"))
    }

    fn offset(&self, part: &str) -> usize {
        (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize)
    }
}

/// The value under a key of an object, as it is written.
fn value<'t>(object: &'t str, key: &str) -> Option<&'t str> {
    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Object<'t>(#[serde(borrow)] HashMap<Cow<'t, str>, &'t RawValue>);

    let Object(fields) = serde_json::from_str(object).ok()?;
    fields.get(key).map(|value| value.get())
}

/// Where the nodes and the transitions stand in the text.
pub(super) struct Places {
    /// Line and node, by the id of a node.
    nodes: HashMap<String, (usize, String)>,
    /// The same by the id of a transition; the node is the one that it leaves.
    transitions: HashMap<String, (usize, String)>,
    /// The line that names the first node.
    start: usize,
}

impl Places {
    pub(super) fn new(start: usize) -> Self {
        Self { nodes: HashMap::new(), transitions: HashMap::new(), start }
    }

    /// Notes a node; gives the line of one that has its id already.
    pub(super) fn add_node(&mut self, id: &str, line: usize) -> Option<usize> {
        self.nodes.insert(id.to_owned(), (line, id.to_owned())).map(|(line, _)| line)
    }

    /// Notes a transition; gives the line of one that has its id already.
    pub(super) fn add_transition(&mut self, id: &str, from: &str, line: usize) -> Option<usize> {
        self.transitions.insert(id.to_owned(), (line, from.to_owned())).map(|(line, _)| line)
    }

    /// A mistake of the graph, at its place.
    pub(super) fn error(&self, file: &str, mistake: Mistake) -> DefinitionError {
        let place = match &mistake {
            Mistake::Start { .. } => None,
            Mistake::Node { id, .. } => self.nodes.get(id),
            Mistake::Transition { id, .. } => self.transitions.get(id),
        };
        let (line, node) = place.map_or((self.start, None), |(line, node)| (*line, Some(node.clone())));
        DefinitionError { file: file.to_owned(), line, node, what: mistake.into_what() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_of_keys_has_the_line_of_its_value() {
        let text = "{\n\"a\": \"b\",\n\"b\": {\n  \"a\": 1, \"\\u0061\\n\": [\n  {}],\n  \"c\": 2 } }";
        let source = Text::new("w.json", text);
        let check = |keys: &[&str], line: usize| assert_eq!(source.line_of(text, keys), line, "{keys:?}");
        check(&[], 1);
        check(&["a"], 2);
        check(&["b"], 3);
        check(&["b", "a"], 4);
        check(&["b", "a\n"], 4);
        check(&["b", "c"], 6);
        check(&["b", "d", "e"], 3);
        check(&["d"], 1);
    }

    #[test]
    fn a_column_is_counted_in_the_whole_line() {
        let text = "[1,\n  \u{e4}, {\"a\": tru}]";
        let part = &text[text.find('{').unwrap()..];
        let error = serde_json::from_str::<serde_json::Value>(part).unwrap_err();
        let error = Text::new("w.json", text).json(part, None, &error);
        assert_eq!(error.to_string(), "w.json:2: invalid JSON: expected ident, column 15");
    }
}
