//! A definition and an input enter; one workflow is run to its end, or on from where a killed process has left it.
//!
//! A workflow is one task of the runtime. Its tokens are futures of that task, because what is spawned would begin a
//! trace of its own; so do nested workflows, which are awaited where their token is.

mod walk;
mod work;
mod nested;

use std::sync::Arc;

use serde_json::{Map, Value};
use tense::traced;

pub(crate) use self::nested::nested;
use crate::catalog::Library;
use crate::definition::{Definition, Node};
use crate::operate::{OperationError, Steps, context, tokens};
use crate::store::runs::{Ending, RunRow};
use crate::store::{Store, StoreError};
use crate::task::http::Http;
use crate::token::Token;

/// What all workflows work with.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) store: Store,
    pub(crate) http: Http,
    pub(crate) library: Library,
    /// So many tokens may one run have: a cycle whose exit is never taken ends there.
    pub(crate) most_tokens: u64,
}

/// One run.
#[derive(Debug)]
pub(crate) struct Workflow {
    pub(crate) engine: Arc<Engine>,
    /// The number of its row.
    pub(crate) number: i64,
    /// `orders-7`
    pub(crate) id: String,
    pub(crate) definition: Definition,
    file: String,
    input: Value,
    /// The names of the workflows that it is nested in, the outermost first.
    around: Vec<String>,
}

/// Why a run has no output.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    /// It has failed, as workflows do.
    #[error("{0}")]
    Failed(String),
    /// The engine could not go on with it; it can be resumed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Workflow {
    /// Of a row of the database. Its definition was read once already, so it can be read again.
    pub(crate) fn new(engine: &Arc<Engine>, row: RunRow, around: Vec<String>) -> Result<Self, RunError> {
        let definition = Definition::parse(&row.file, &row.definition);
        Ok(Self {
            engine: Arc::clone(engine),
            number: row.number,
            id: format!("{}-{}", row.name, row.number),
            definition: definition.map_err(|error| RunError::Failed(error.to_string()))?,
            file: row.file,
            input: row.input,
            around,
        })
    }

    /// The names of those around it, and its own.
    fn names(&self) -> Vec<String> {
        self.around.iter().chain([&self.definition.name]).cloned().collect()
    }

    pub(crate) fn store(&self) -> &Store {
        &self.engine.store
    }

    pub(crate) fn node(&self, token: &Token) -> Result<&Node, OperationError> {
        let unknown = || OperationError::Refused(format!("there is no node `{}`", token.node));
        self.definition.node(&token.node).ok_or_else(unknown)
    }

    /// Reads what the token's task needs, and hands it over.
    pub(crate) fn send_off(&self, steps: &Steps<'_>, token: &Token) -> Result<(), OperationError> {
        let node = self.node(token)?;
        let mut places: Vec<(&str, Option<&str>)> = Vec::new();
        let paths = node.input.iter().flat_map(|(_, source)| source.paths());
        for path in paths.filter(|path| ["input", "state", "output", "branch"].contains(&path.root())) {
            let place = (path.root(), path.words().first().map(String::as_str));
            if !places.contains(&place) {
                places.push(place);
            }
        }
        let wholes: Vec<&str> = places.iter().filter(|(_, name)| name.is_none()).map(|(section, _)| *section).collect();
        places.retain(|(section, name)| name.is_none() || !wholes.contains(section));
        let mut values = context::own(&self.id, Some(token));
        for place in places {
            let value = match steps.once(|step| context::read(step, self.number, token, place))? {
                Some(value) => value,
                None => steps.ask(|db| context::look(db, self.number, token, place))?,
            };
            let Some(value) = value else { continue };
            let (section, name) = place;
            match (name, values.entry(section).or_insert_with(|| Map::new().into())) {
                (Some(name), Value::Object(fields)) => drop(fields.insert(name.to_owned(), value)),
                (_, whole) => *whole = value,
            }
        }
        let values = Value::Object(values);
        let input: Map<String, Value> =
            node.input.iter().map(|(name, source)| (name.clone(), source.value(&values))).collect();
        let input = Value::Object(input);
        steps.once(|step| tokens::dispatch(step, token, &input))?;
        Ok(())
    }
}

/// Runs a workflow to its end. Nested, it belongs to a token of the workflow around it; else it is the root of a trace.
#[traced(dispatch.workflow.completed, fields(
    job_id = workflow.id,
    token_id = parent.map(|token| &token.id),
    node_id = parent.map(|token| &token.node),
    has_output = _,
))]
pub(crate) async fn run(workflow: Workflow, parent: Option<&Token>) -> Result<Value, RunError> {
    match workflow.walk().await? {
        Ending::Completed(output) => {
            tense::record!(has_output = !output.is_null());
            Ok(output)
        }
        Ending::Failed(error) => Err(RunError::Failed(error)),
    }
}
