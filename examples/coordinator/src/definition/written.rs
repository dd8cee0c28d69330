//! What stands in the file: JSON enters; a definition whose parts are right, each for itself, leaves, and the line of each.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::graph::Mistake;
use super::{
    Definition, DefinitionError, FanIn, FanOut, Merge, Node, OnFailure, Retry, Schema, Task, Transition, When,
};
use crate::condition::Condition;
use crate::mapping::{Path, ROOTS, Source};
use crate::merge::Strategy;

/// The file. A node and a transition stay as they are written, so that what is wrong with one is told at its place.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File<'t> {
    name: String,
    #[serde(default, rename = "about")]
    _about: String,
    catalog: Option<String>,
    input_schema: Option<Schema>,
    context_schema: Option<Schema>,
    start: String,
    #[serde(borrow)]
    nodes: Vec<&'t RawValue>,
    #[serde(borrow, default)]
    transitions: Vec<&'t RawValue>,
    #[serde(default)]
    output: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenNode {
    id: String,
    task: Task,
    #[serde(default)]
    input: Map<String, Value>,
    #[serde(default)]
    output: Map<String, Value>,
    retry: Option<Retry>,
    #[serde(default)]
    on_failure: OnFailure,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTransition {
    id: String,
    from: String,
    to: String,
    when: Option<String>,
    fan_out: Option<WrittenFanOut>,
    fan_in: Option<WrittenFanIn>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFanOut {
    group: String,
    over: Option<String>,
    schema: Option<Schema>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFanIn {
    group: String,
    merge: Option<WrittenMerge>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenMerge {
    source: String,
    target: String,
    strategy: Strategy,
}

/// What a part is called, when nothing more is known about it.
#[derive(Deserialize)]
struct Called {
    id: Option<String>,
    from: Option<String>,
}

/// Where the nodes and the transitions stand in the text.
pub(super) struct Places {
    /// Line and node, by the id of a node, or of a transition behind a `>`.
    by_id: HashMap<String, (usize, String)>,
    /// The line that names the first node.
    start: usize,
}

impl Places {
    /// A mistake of the graph, at its place.
    pub(super) fn error(&self, file: &str, mistake: Mistake) -> DefinitionError {
        let key = match &mistake {
            Mistake::Start { .. } => None,
            Mistake::Node { id, .. } => Some(id.clone()),
            Mistake::Transition { id, .. } => Some(transition_key(id)),
        };
        let place = key.and_then(|key| self.by_id.get(&key).cloned());
        let (line, node) = place.map_or((self.start, None), |(line, node)| (line, Some(node)));
        DefinitionError { file: file.to_owned(), line, node, what: mistake.into_what() }
    }
}

fn transition_key(id: &str) -> String {
    format!(">{id}")
}

/// A text that is looked at in parts.
#[derive(Clone, Copy)]
struct Text<'t> {
    file: &'t str,
    text: &'t str,
}

impl Text<'_> {
    /// The line on which the part begins, from 1. It is a part of the text itself, so its address tells where it stands.
    fn line(&self, part: &str) -> usize {
        let at = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        1 + self.text.bytes().take(at).filter(|byte| *byte == b'\n').count()
    }

    /// The line of a key of the part, or else its first.
    fn line_of(&self, part: &str, key: &str) -> usize {
        part.find(&format!("\"{key}\"")).map_or_else(|| self.line(part), |at| self.line(&part[at..]))
    }

    fn error(&self, line: usize, node: Option<String>, what: impl Into<String>) -> DefinitionError {
        DefinitionError { file: self.file.to_owned(), line, node, what: what.into() }
    }

    /// What the JSON reader has to say, without the place, which we say in our way.
    fn json(&self, first_line: usize, node: Option<String>, error: &serde_json::Error) -> DefinitionError {
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or_default();
        let what = if error.is_data() { what.to_owned() } else { format!("invalid JSON: {what}") };
        self.error(first_line + error.line().max(1) - 1, node, format!("{what}, column {}", error.column()))
    }
}

pub(super) fn read(file: &str, text: &str) -> Result<(Definition, Places), DefinitionError> {
    let source = Text { file, text };
    if text.trim_start().starts_with('[') {
        // The reader would take a list for the fields in their order.
        return Err(source.error(1, None, "a definition is a JSON object, and this is a list"));
    }
    let written: File<'_> = serde_json::from_str(text).map_err(|error| source.json(1, None, &error))?;
    // It becomes part of the names of tables.
    let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !written.name.starts_with(|c: char| c.is_ascii_lowercase()) || !written.name.chars().all(is_letter) {
        let what = "`name` is made of a to z, digits and `_`, and begins with a letter";
        return Err(source.error(source.line_of(text, "name"), None, what));
    }
    let mut places = Places { by_id: HashMap::new(), start: source.line_of(text, "start") };
    let mut nodes = Vec::new();
    for part in written.nodes {
        let node = node(source, part.get())?;
        let place = (source.line(part.get()), node.id.clone());
        if let Some((line, _)) = places.by_id.insert(node.id.clone(), place) {
            let what = format!("there is a node of this name on line {line} already");
            return Err(source.error(source.line(part.get()), Some(node.id), what));
        }
        nodes.push(node);
    }
    let mut transitions = Vec::new();
    for part in written.transitions {
        let transition = transition(source, part.get())?;
        let place = (source.line(part.get()), transition.from.clone());
        if let Some((line, _)) = places.by_id.insert(transition_key(&transition.id), place) {
            let what = format!("there is a transition `{}` on line {line} already", transition.id);
            return Err(source.error(source.line(part.get()), Some(transition.from), what));
        }
        transitions.push(transition);
    }
    let output_line = source.line_of(text, "output");
    let definition = Definition {
        name: written.name,
        catalog: written.catalog,
        input_schema: written.input_schema,
        context_schema: written.context_schema,
        start: written.start,
        nodes,
        transitions,
        output: sources(&written.output).map_err(|what| source.error(output_line, None, what))?,
    };
    Ok((definition, places))
}

fn part<'t, T: Deserialize<'t>>(
    source: Text<'_>,
    text: &'t str,
    name: fn(Called) -> Option<String>,
) -> Result<T, DefinitionError> {
    let called = || serde_json::from_str(text).ok().and_then(name);
    serde_json::from_str(text).map_err(|error| source.json(source.line(text), called(), &error))
}

fn node(source: Text<'_>, text: &str) -> Result<Node, DefinitionError> {
    let written: WrittenNode = part(source, text, |called| called.id)?;
    let wrong = |key: &str, what: String| source.error(source.line_of(text, key), Some(written.id.clone()), what);
    let input = sources(&written.input).map_err(|what| wrong("input", what))?;
    let output: Result<Vec<(Path, Path)>, String> = written
        .output
        .iter()
        .map(|(target, from)| {
            let target = target_path(target)?;
            let from = from.as_str().ok_or_else(|| format!("`{from}` is no path into `result`"))?;
            Ok((target, Path::parse(from, &["result"])?))
        })
        .collect();
    let retry = written.retry.unwrap_or(Retry { attempts: 1, back_off_ms: 0 });
    if retry.attempts == 0 {
        return Err(wrong("retry", "with no attempts nothing would be done: `attempts` is 1 at least".to_owned()));
    }
    Ok(Node {
        output: output.map_err(|what| wrong("output", what))?,
        id: written.id,
        task: written.task,
        input,
        retry,
        on_failure: written.on_failure,
    })
}

fn transition(source: Text<'_>, text: &str) -> Result<Transition, DefinitionError> {
    let written: WrittenTransition = part(source, text, |called| called.from)?;
    let id = written.id.clone();
    let wrong = |key: &str, what: String| {
        let what = format!("transition `{id}`: {what}");
        source.error(source.line_of(text, key), Some(written.from.clone()), what)
    };
    let when = match written.when.as_deref() {
        None => When::Always,
        Some("otherwise") => When::Otherwise,
        Some(text) => {
            let condition = Condition::parse(text);
            When::Holds(condition.map_err(|why| wrong("when", format!("`{text}` does not parse: {why}")))?)
        }
    };
    let fan_out = written.fan_out.map(|fan_out| {
        let over = fan_out.over.map(|path| Path::parse(&path, &ROOTS)).transpose();
        let over = over.map_err(|what| wrong("over", what))?;
        Ok(FanOut { group: fan_out.group, over, schema: fan_out.schema })
    });
    let fan_in = written.fan_in.map(|fan_in| {
        let merge = fan_in.merge.map(|merge| {
            Ok(Merge {
                source: Path::parse(&merge.source, &["branch"])?,
                target: target_path(&merge.target)?,
                strategy: merge.strategy,
            })
        });
        Ok(FanIn { group: fan_in.group, merge: merge.transpose().map_err(|what| wrong("merge", what))? })
    });
    Ok(Transition {
        when,
        fan_out: fan_out.transpose()?,
        fan_in: fan_in.transpose()?,
        id: written.id.clone(),
        to: written.to.clone(),
        from: written.from.clone(),
    })
}

fn sources(written: &Map<String, Value>) -> Result<Vec<(String, Source)>, String> {
    written.iter().map(|(name, value)| Ok((name.clone(), Source::parse(value)?))).collect()
}

/// Where values may be put: a field of the state, or of the branch.
fn target_path(text: &str) -> Result<Path, String> {
    let path = Path::parse(text, &["state", "branch"])?;
    if path.words().is_empty() { Err(format!("`{text}` is a section, and a field of it is wanted")) } else { Ok(path) }
}
