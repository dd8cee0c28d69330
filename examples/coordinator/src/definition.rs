//! The text of a workflow definition enters; a [`Definition`] that the engine can rely on leaves, or the one mistake to
//! mend first, with its file, line and node.
//!
//! [`place`] knows on which line something stands, [`written`] what stands in the file; [`parameter`] looks at what the
//! task of a node is given, [`graph`] at how the nodes hang together.

mod place;
mod written;
mod parameter;
mod graph;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::condition::Condition;
use crate::mapping::{Path, Source};
use crate::merge::Strategy;

/// A workflow that can be run.
#[derive(Debug, Clone)]
pub(crate) struct Definition {
    pub(crate) name: String,
    /// The file of a catalog of its own for the workflows that are nested in it, instead of the engine's; seen from its
    /// folder.
    pub(crate) catalog: Option<String>,
    pub(crate) input_schema: Option<Schema>,
    pub(crate) context_schema: Option<Schema>,
    pub(crate) start: String,
    pub(crate) nodes: Vec<Node>,
    pub(crate) transitions: Vec<Transition>,
    /// What the run gives back, by name.
    pub(crate) output: Vec<(String, Source)>,
}

/// Something to do.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) id: String,
    pub(crate) task: Task,
    /// What its task is given, by name.
    pub(crate) input: Vec<(String, Source)>,
    /// Where what its task gives back goes: the target, in `state` or `branch`, and the source, in `result`.
    pub(crate) output: Vec<(Path, Path)>,
    pub(crate) retry: Retry,
    pub(crate) on_failure: OnFailure,
}

/// What a node does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Task {
    ListFiles,
    ReadFile,
    WriteFile,
    Http,
    Transform,
    Wait,
    Fail,
    Workflow,
}

impl Task {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::ListFiles => "list_files",
            Self::ReadFile => "read_file",
            Self::WriteFile => "write_file",
            Self::Http => "http",
            Self::Transform => "transform",
            Self::Wait => "wait",
            Self::Fail => "fail",
            Self::Workflow => "workflow",
        }
    }
}

/// How often a task may be tried.
pub(crate) const MOST_ATTEMPTS: u32 = 1_000;
/// Longer than this no attempt is put off, in milliseconds.
pub(crate) const LONGEST_BACK_OFF: u64 = 60_000;

/// How often a task is tried, and how long is waited before the second attempt; twice as long before the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Retry {
    pub(crate) attempts: u32,
    #[serde(default)]
    pub(crate) back_off_ms: u64,
}

/// What becomes of the workflow when a task has failed for the last time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OnFailure {
    #[default]
    Fail,
    /// The node is completed, and its result is `{"error": ".."}`.
    Continue,
}

/// A way from a node to the next one.
#[derive(Debug, Clone)]
pub(crate) struct Transition {
    pub(crate) id: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) when: When,
    pub(crate) fan_out: Option<FanOut>,
    pub(crate) fan_in: Option<FanIn>,
}

/// When a way is taken.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum When {
    Always,
    /// When none that stands before it was.
    Otherwise,
    Holds(Condition),
}

/// A token becomes several, which are siblings of one group.
#[derive(Debug, Clone)]
pub(crate) struct FanOut {
    pub(crate) group: String,
    /// A list: there is a sibling for each of its items. Without it there is one.
    pub(crate) over: Option<Path>,
    /// What a branch may write.
    pub(crate) schema: Option<Schema>,
}

/// The siblings of a group become one token again.
#[derive(Debug, Clone)]
pub(crate) struct FanIn {
    pub(crate) group: String,
    pub(crate) merge: Option<Merge>,
}

/// What becomes of what the branches have written.
#[derive(Debug, Clone)]
pub(crate) struct Merge {
    /// In `branch`.
    pub(crate) source: Path,
    /// In `state`, or in the `branch` around.
    pub(crate) target: Path,
    pub(crate) strategy: Strategy,
}

/// Fields, and what each has to be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Schema(BTreeMap<String, Kind>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    String,
    Number,
    Boolean,
    Array,
    Object,
    Any,
}

impl Schema {
    /// Every field has to be there, and to be what is declared; others may be there as well.
    pub(crate) fn validate(&self, fields: &Map<String, Value>) -> Result<(), String> {
        for (name, kind) in &self.0 {
            let Some(value) = fields.get(name) else { return Err(format!("`{name}` is missing")) };
            kind.validate(name, value)?;
        }
        Ok(())
    }

    /// The same for one field, if it is declared.
    pub(crate) fn validate_field(&self, name: &str, value: &Value) -> Result<(), String> {
        self.0.get(name).map_or(Ok(()), |kind| kind.validate(name, value))
    }
}

impl Kind {
    fn validate(self, name: &str, value: &Value) -> Result<(), String> {
        let (is_such, kind) = match self {
            Self::String => (value.is_string(), "a text"),
            Self::Number => (value.is_number(), "a number"),
            Self::Boolean => (value.is_boolean(), "true or false"),
            Self::Array => (value.is_array(), "a list"),
            Self::Object => (value.is_object(), "an object"),
            Self::Any => (true, ""),
        };
        if is_such { Ok(()) } else { Err(format!("`{name}` is to be {kind}, and is {value}")) }
    }
}

/// What is wrong with a definition, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {}{what}", node.as_ref().map(|node| format!("node `{node}`: ")).unwrap_or_default())]
pub(crate) struct DefinitionError {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) node: Option<String>,
    pub(crate) what: String,
}

impl Definition {
    /// Reads the text of a definition; `file` is what it is called in errors.
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, DefinitionError> {
        let (definition, places) = written::read(file, text)?;
        graph::check(&definition).map_err(|mistake| places.error(file, mistake))?;
        Ok(definition)
    }

    pub(crate) fn node(&self, id: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.id == id)
    }

    pub(crate) fn transition(&self, id: &str) -> Option<&Transition> {
        self.transitions.iter().find(|transition| transition.id == id)
    }

    /// The ways that leave a node, in the order of the file.
    pub(crate) fn leaving<'d>(&'d self, node: &'d str) -> impl Iterator<Item = &'d Transition> {
        self.transitions.iter().filter(move |transition| transition.from == node)
    }

    /// The fan-in that what fans out here comes to first, if there is one in reach.
    pub(crate) fn fan_in_behind(&self, fan_out: &Transition, group: &str) -> Option<(&Transition, &FanIn)> {
        let mut seen = BTreeSet::from([fan_out.to.as_str()]);
        let mut next = VecDeque::from([fan_out.to.as_str()]);
        while let Some(node) = next.pop_front() {
            for transition in self.transitions.iter().filter(|transition| transition.from == node) {
                if let Some(fan_in) = transition.fan_in.as_ref().filter(|fan_in| fan_in.group == group) {
                    return Some((transition, fan_in));
                }
                // What is behind another fan-out into the group waits for the branches of that one.
                let is_opened_anew = transition.fan_out.as_ref().is_some_and(|fan_out| fan_out.group == group);
                if !is_opened_anew && seen.insert(&transition.to) {
                    next.push_back(&transition.to);
                }
            }
        }
        None
    }
}
