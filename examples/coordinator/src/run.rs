//! A definition and an input enter; one workflow is run to its end, or on from where a killed process has left it.
//!
//! A workflow is one task of the runtime. Its tokens are futures of that task, because what is spawned would begin a trace of
//! its own; so do nested workflows, which are awaited where their token is.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde_json::{Map, Value};
use tense::{event, traced};

use crate::catalog::{self, Library, Text, chain};
use crate::definition::{Definition, Node, OnFailure};
use crate::dispatch::{self, Source};
use crate::operate::{OperationError, Steps, context, tokens as operate_tokens};
use crate::plan::{TokenIds, completion, lifecycle, routing};
use crate::store::runs::{Ending, RunRow};
use crate::store::{Store, StoreError, log, runs, tokens};
use crate::task::http::Http;
use crate::task::{self, TaskError};
use crate::token::{Status, Token};

/// So many tokens may one run have: a cycle whose exit is never taken ends here.
const MOST_TOKENS: u64 = 100_000;
/// So deep may workflows be nested in each other.
const DEEPEST: usize = 16;

/// What all workflows work with.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) store: Store,
    pub(crate) http: Http,
    pub(crate) library: Library,
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
    depth: usize,
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

/// How it stands with a run when a task has ended.
enum After {
    GoesOn,
    /// Something that was decided makes no sense.
    Refused(String),
    /// The run has failed with the task.
    Over,
}

type Work<'w> = Pin<Box<dyn Future<Output = (Token, Result<Value, TaskError>)> + Send + 'w>>;

impl Workflow {
    /// Of a row of the database. Its definition was read once already, so it can be read again.
    pub(crate) fn new(engine: &Arc<Engine>, row: RunRow, depth: usize) -> Result<Self, RunError> {
        let definition = Definition::parse(&row.file, &row.definition);
        Ok(Self {
            engine: Arc::clone(engine),
            number: row.number,
            id: format!("{}-{}", row.name, row.number),
            definition: definition.map_err(|error| RunError::Failed(error.to_string()))?,
            file: row.file,
            input: row.input,
            depth,
        })
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
        let mut places: Vec<(&str, &str)> = Vec::new();
        for path in node.input.iter().flat_map(|(_, source)| source.paths()) {
            if let Some(name) = path.words().first()
                && ["input", "state", "output", "branch"].contains(&path.root())
                && !places.contains(&(path.root(), name))
            {
                places.push((path.root(), name));
            }
        }
        let mut values = context::own(&self.id, Some(token));
        for place in places {
            let value = match steps.once(|step| context::read(step, self.number, token, place))? {
                Some(value) => value,
                None => steps.ask(|db| context::look(db, self.number, token, place))?,
            };
            let section = values.entry(place.0).or_insert_with(|| Map::new().into());
            if let (Some(section), Some(value)) = (section.as_object_mut(), value) {
                section.insert(place.1.to_owned(), value);
            }
        }
        let values = Value::Object(values);
        let input: Map<String, Value> =
            node.input.iter().map(|(name, source)| (name.clone(), source.value(&values))).collect();
        let input = Value::Object(input);
        steps.once(|step| operate_tokens::dispatch(step, token, &input))?;
        Ok(())
    }

    /// From wherever it is to its end.
    async fn walk(&self) -> Result<Ending, StoreError> {
        let mut refused = dispatch::resume(self)?.into_iter().find_map(|applied| applied.refused);
        if let Some(ending) = self.store().with(|db| runs::ending(db, self.number))? {
            return Ok(ending);
        }
        let mut ready = self.start_or_go_on(&mut refused)?;
        let mut working: FuturesUnordered<Work<'_>> = FuturesUnordered::new();
        loop {
            if refused.is_none() {
                refused = self.advance(&mut ready, &working)?;
            }
            if let Some(error) = refused {
                // What is being done is dropped where it is.
                drop(working);
                return self.fail(error);
            }
            for token in ready.drain(..) {
                working.push(Box::pin(self.work(token)));
            }
            let Some((token, outcome)) = working.next().await else { break };
            match self.finish(token, outcome, &mut ready)? {
                After::GoesOn => {}
                After::Refused(error) => refused = Some(error),
                After::Over => return self.ending(),
            }
        }
        self.complete()
    }

    /// The tokens that something is to be done with.
    fn start_or_go_on(&self, refused: &mut Option<String>) -> Result<Vec<Token>, StoreError> {
        if !self.store().with(|db| log::has(db, self.number, Source::Start.as_str(), None))? {
            let plan = lifecycle::start(&self.definition, self.input.clone(), &mut TokenIds::new(&self.id, 0));
            let applied = dispatch::dispatch(self, Source::Start, None, plan)?;
            *refused = applied.refused;
            return Ok(applied.created);
        }
        self.store().with(|db| tokens::of_run(db, self.number))
    }

    /// Everything that can be done without waiting; what is left in `ready` are tokens whose task is to be done. Gives the
    /// reason when the run cannot go on.
    fn advance(
        &self,
        ready: &mut Vec<Token>,
        working: &FuturesUnordered<Work<'_>>,
    ) -> Result<Option<String>, StoreError> {
        let mut tasks = Vec::new();
        while !ready.is_empty() {
            let mut pending = Vec::new();
            let mut created = Vec::new();
            for token in ready.drain(..) {
                match token.status {
                    Status::Pending => pending.push(token),
                    Status::Dispatched => tasks.push(token),
                    Status::Completed => match self.route(&token)? {
                        Ok(tokens) => created.extend(tokens),
                        Err(error) => return Ok(Some(error)),
                    },
                    Status::Waiting | Status::Merged | Status::Failed | Status::Cancelled => {}
                }
            }
            if !pending.is_empty() {
                let about = if let [token] = pending.as_slice() { Some(token) } else { None };
                let applied = dispatch::dispatch(self, Source::SendOff, about, lifecycle::send_off(&pending))?;
                if applied.refused.is_some() {
                    return Ok(applied.refused);
                }
                for token in pending {
                    tasks.extend(self.store().with(|db| tokens::get(db, &token.id))?);
                }
            }
            ready.extend(created);
        }
        *ready = tasks;
        let is_stuck = ready.is_empty() && working.is_empty();
        Ok(if is_stuck { self.stuck()? } else { None })
    }

    /// Why nothing is left to be done although there are tokens that wait.
    fn stuck(&self) -> Result<Option<String>, StoreError> {
        let tokens = self.store().with(|db| tokens::of_run(db, self.number))?;
        let waiting: Vec<&str> =
            tokens.iter().filter(|token| token.status == Status::Waiting).map(|token| token.id.as_str()).collect();
        Ok(match waiting.as_slice() {
            [] => None,
            waiting => Some(format!("{} wait for siblings that never come", waiting.join(", "))),
        })
    }

    /// The ways out of a node. Gives the tokens that go them.
    fn route(&self, token: &Token) -> Result<Result<Vec<Token>, String>, StoreError> {
        let is_routed =
            |token| self.store().with(|db| log::has(db, self.number, Source::Routing.as_str(), Some(token)));
        if is_routed(&token.id)? {
            return Ok(Ok(Vec::new()));
        }
        let taken = self.store().with(|db| tokens::count(db, self.number))?;
        if taken >= MOST_TOKENS {
            return Ok(Err(format!("the run has {taken} tokens: is the exit of a cycle never taken?")));
        }
        let values = self.store().with(|db| context::values(db, (self.number, &self.id), Some(token)))?;
        let is_fan_in = self.definition.leaving(&token.node).any(|transition| transition.fan_in.is_some());
        let waiting = match &token.branch {
            Some(branch) if is_fan_in => {
                self.store().with(|db| tokens::waiting_siblings(db, &branch.opened_by, &branch.group))?
            }
            _ => Vec::new(),
        };
        if is_fan_in {
            event!(debug.fan_in.start, token_id = token.id, node_id = token.node);
        }
        let mut ids = TokenIds::new(&self.id, taken);
        let plan = match routing::route(&self.definition, token, &values, &waiting, &mut ids) {
            Ok(plan) => plan,
            Err(error) => return Ok(Err(error)),
        };
        if is_fan_in {
            let activated = plan.events.iter().any(|event| event.name() == "decision.sync.activate");
            event!(debug.fan_in.try_activate_result, token_id = token.id, node_id = token.node, activated);
        }
        let applied = dispatch::dispatch(self, Source::Routing, Some(token), plan)?;
        Ok(match applied.refused {
            Some(why) => Err(why),
            None => Ok(applied.created),
        })
    }

    async fn work(&self, token: Token) -> (Token, Result<Value, TaskError>) {
        let outcome = match self.definition.node(&token.node) {
            Some(node) => task::execute(self, node, &token).await,
            None => Err(TaskError(format!("there is no node `{}`", token.node))),
        };
        (token, outcome)
    }

    /// A task has ended. That it has failed, and what becomes of the run then, is one batch.
    fn finish(
        &self,
        mut token: Token,
        outcome: Result<Value, TaskError>,
        ready: &mut Vec<Token>,
    ) -> Result<After, StoreError> {
        let node = match self.node(&token) {
            Ok(node) => node,
            Err(error) => return Ok(After::Refused(error.to_string())),
        };
        let outcome = outcome.map_err(|error| error.0);
        let failure = outcome.as_ref().err().filter(|_| node.on_failure == OnFailure::Fail);
        let failure = failure.map(|error| format!("node `{}`: {error}", node.id));
        let mut plan = completion::task(node, &token, outcome);
        let is_over = failure.is_some();
        if let Some(error) = failure {
            let mut tokens = self.store().with(|db| tokens::of_run(db, self.number))?;
            // As they will be when that decision is applied.
            tokens.iter_mut().filter(|one| one.id == token.id).for_each(|one| one.status = Status::Failed);
            plan.decisions.extend(lifecycle::fail(error, &tokens).decisions);
        }
        let applied = dispatch::dispatch(self, Source::Task, Some(&token), plan)?;
        if let Some(why) = applied.refused {
            return Ok(After::Refused(why));
        }
        if is_over {
            return Ok(After::Over);
        }
        token.status = Status::Completed;
        ready.push(token);
        Ok(After::GoesOn)
    }

    fn complete(&self) -> Result<Ending, StoreError> {
        let values = self.store().with(|db| context::values(db, (self.number, &self.id), None))?;
        let applied =
            dispatch::dispatch(self, Source::Completion, None, completion::workflow(&self.definition, &values))?;
        match applied.refused {
            Some(error) => self.fail(error),
            None => self.ending(),
        }
    }

    fn fail(&self, error: String) -> Result<Ending, StoreError> {
        let tokens = self.store().with(|db| tokens::of_run(db, self.number))?;
        dispatch::dispatch(self, Source::Failure, None, lifecycle::fail(error, &tokens))?;
        self.ending()
    }

    fn ending(&self) -> Result<Ending, StoreError> {
        let ending = self.store().with(|db| runs::ending(db, self.number))?;
        Ok(ending.unwrap_or_else(|| Ending::Failed("the end of the run could not be noted".to_owned())))
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

/// The workflow that is the task of a token: one that an earlier process has left, or else a new one.
pub(crate) fn nested<'w>(
    outer: &'w Workflow,
    token: &'w Token,
    name: &'w str,
    input: &'w Value,
) -> Pin<Box<dyn Future<Output = Result<Value, TaskError>> + Send + 'w>> {
    Box::pin(async move {
        let workflow = open_nested(outer, token, name, input)?;
        run(workflow, Some(token)).await.map_err(|error| TaskError(format!("workflow `{name}`: {}", chain(&error))))
    })
}

fn open_nested(outer: &Workflow, token: &Token, name: &str, input: &Value) -> Result<Workflow, TaskError> {
    let failed = |error: StoreError| TaskError(chain(&error));
    if outer.depth >= DEEPEST {
        return Err(TaskError(format!("workflow `{name}` would be nested in {DEEPEST} others")));
    }
    let left = outer.store().with(|db| runs::unfinished(db, Some(&token.id))).map_err(failed)?;
    let row = match left.into_iter().next() {
        Some(row) => row,
        None => {
            let own_catalog = outer.definition.catalog.as_deref();
            let Text { file, text } =
                catalog::find(&outer.engine.library, outer.store(), own_catalog, name, &outer.file)
                    .map_err(TaskError)?;
            let definition = Definition::parse(&file, &text).map_err(|error| TaskError(error.to_string()))?;
            outer
                .store()
                .with(|db| runs::insert(db, (&definition.name, &file, &text), input, Some(&token.id)))
                .map_err(failed)?
        }
    };
    Workflow::new(&outer.engine, row, outer.depth + 1).map_err(|error| TaskError(error.to_string()))
}
