//! What stands in the file: JSON enters; a definition whose parts are right, each for itself, leaves, and the place of
//! each.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::place::{Places, Text};
use super::{
    Definition, DefinitionError, FanIn, FanOut, LONGEST_BACK_OFF, MOST_ATTEMPTS, Merge, Node, OnFailure, Retry, Schema,
    Task, Transition, When,
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

pub(super) fn read(file: &str, text: &str) -> Result<(Definition, Places), DefinitionError> {
    let source = Text::new(file, text);
    if text.trim_start().starts_with('[') {
        // The reader would take a list for the fields in their order.
        return Err(source.error(1, None, "a definition is a JSON object, and this is a list"));
    }
    let written: File<'_> = serde_json::from_str(text).map_err(|error| source.json(text, None, &error))?;
    // It becomes part of the names of tables.
    let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !written.name.starts_with(|c: char| c.is_ascii_lowercase()) || !written.name.chars().all(is_letter) {
        let what = "`name` is made of a to z, digits and `_`, and begins with a letter";
        return Err(source.error(source.line_of(text, &["name"]), None, what));
    }
    let mut places = Places::new(source.line_of(text, &["start"]));
    let mut nodes = Vec::with_capacity(written.nodes.len());
    for part in written.nodes {
        let node = node(&source, part.get())?;
        let line = source.line(part.get());
        if let Some(other) = places.add_node(&node.id, line) {
            let what = format!("there is a node of this name on line {other} already");
            return Err(source.error(line, Some(node.id), what));
        }
        nodes.push(node);
    }
    let mut transitions = Vec::with_capacity(written.transitions.len());
    for part in written.transitions {
        let transition = transition(&source, part.get())?;
        let line = source.line(part.get());
        if let Some(other) = places.add_transition(&transition.id, &transition.from, line) {
            let what = format!("there is a transition `{}` on line {other} already", transition.id);
            return Err(source.error(line, Some(transition.from), what));
        }
        transitions.push(transition);
    }
    let output = sources(&written.output)
        .map_err(|(name, what)| source.error(source.line_of(text, &["output", name]), None, what))?;
    let definition = Definition {
        name: written.name,
        catalog: written.catalog,
        input_schema: written.input_schema,
        context_schema: written.context_schema,
        start: written.start,
        nodes,
        transitions,
        output,
    };
    Ok((definition, places))
}

fn part<'t, T: Deserialize<'t>>(
    source: &Text<'_>,
    text: &'t str,
    kind: &str,
    name: fn(Called) -> Option<String>,
) -> Result<T, DefinitionError> {
    if text.starts_with('[') {
        // As above.
        return Err(source.error(source.line(text), None, format!("a {kind} is a JSON object, and this is a list")));
    }
    let called = || serde_json::from_str(text).ok().and_then(name);
    serde_json::from_str(text).map_err(|error| source.json(text, called(), &error))
}

fn node<'t>(source: &Text<'t>, text: &'t str) -> Result<Node, DefinitionError> {
    let written: WrittenNode = part(source, text, "node", |called| called.id)?;
    let wrong = |keys: &[&str], what| source.error(source.line_of(text, keys), Some(written.id.clone()), what);
    let input = sources(&written.input).map_err(|(name, what)| wrong(&["input", name], what))?;
    written.task.takes(&input).map_err(|(name, what)| wrong(&["input", name], what))?;
    let mut output = Vec::with_capacity(written.output.len());
    for (target, from) in &written.output {
        output.push(output_path(target, from).map_err(|what| wrong(&["output", target], what))?);
    }
    let retry = written.retry.unwrap_or(Retry { attempts: 1, back_off_ms: 0 });
    let is_within = |key, number: u64, least, most| {
        let what = || format!("`{key}` is to be a whole number from {least} to {most}, and is {number}");
        if (least..=most).contains(&number) { Ok(()) } else { Err(wrong(&["retry", key], what())) }
    };
    is_within("attempts", retry.attempts.into(), 1, MOST_ATTEMPTS.into())?;
    is_within("back_off_ms", retry.back_off_ms, 0, LONGEST_BACK_OFF)?;
    Ok(Node { output, id: written.id, task: written.task, input, retry, on_failure: written.on_failure })
}

fn transition<'t>(source: &Text<'t>, text: &'t str) -> Result<Transition, DefinitionError> {
    let written: WrittenTransition = part(source, text, "transition", |called| called.from)?;
    let id = written.id.clone();
    let wrong = |keys: &[&str], what: String| {
        let what = format!("transition `{id}`: {what}");
        source.error(source.line_of(text, keys), Some(written.from.clone()), what)
    };
    let when = match written.when.as_deref() {
        None => When::Always,
        Some("otherwise") => When::Otherwise,
        Some(text) => {
            let condition = Condition::parse(text);
            When::Holds(condition.map_err(|why| wrong(&["when"], format!("`{text}` does not parse: {why}")))?)
        }
    };
    let fan_out = written.fan_out.map(|fan_out| {
        let over = fan_out.over.map(|path| Path::parse(&path, &ROOTS)).transpose();
        let over = over.map_err(|what| wrong(&["fan_out", "over"], what))?;
        Ok(FanOut { group: fan_out.group, over, schema: fan_out.schema })
    });
    let fan_in = written.fan_in.map(|fan_in| {
        let merge = fan_in.merge.map(|merge| {
            let wrong = |key| move |what| wrong(&["fan_in", "merge", key], what);
            Ok(Merge {
                source: Path::parse(&merge.source, &["branch"]).map_err(wrong("source"))?,
                target: target_path(&merge.target).map_err(wrong("target"))?,
                strategy: merge.strategy,
            })
        });
        Ok(FanIn { group: fan_in.group, merge: merge.transpose()? })
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

/// Values by name; or the name of the first that is wrong, and what is.
fn sources(written: &Map<String, Value>) -> Result<Vec<(String, Source)>, (&str, String)> {
    let source = |(name, value): (&'_ String, &Value)| Ok((name.clone(), Source::parse(value)?));
    written.iter().map(|field| source(field).map_err(|what| (field.0.as_str(), what))).collect()
}

/// Where something goes, and what of the result it is.
fn output_path(target: &str, from: &Value) -> Result<(Path, Path), String> {
    let target = target_path(target)?;
    let from = from.as_str().ok_or_else(|| format!("`{from}` is no path into `result`"))?;
    Ok((target, Path::parse(from, &["result"])?))
}

/// Where values may be put: a field of the state, or of the branch.
fn target_path(text: &str) -> Result<Path, String> {
    let path = Path::parse(text, &["state", "branch"])?;
    if path.words().is_empty() { Err(format!("`{text}` is a section, and a field of it is wanted")) } else { Ok(path) }
}
