//! A run enters, wherever it is; it is taken to its end, step by step: a plan is asked for, and handed to the dispatcher.

use std::pin::Pin;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde_json::Value;
use tense::event;

use super::{Workflow, nested};
use crate::decision::Decision;
use crate::definition::OnFailure;
use crate::dispatch::{self, Source};
use crate::operate::context;
use crate::plan::{TokenIds, completion, lifecycle, routing};
use crate::store::runs::Ending;
use crate::store::{StoreError, log, runs, tokens};
use crate::task::{self, TaskError};
use crate::token::{Status, Token};

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
    /// From wherever it is to its end.
    pub(super) async fn walk(&self) -> Result<Ending, StoreError> {
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
                working.clear();
                return self.fail(error);
            }
            for token in ready.drain(..) {
                working.push(Box::pin(self.work(token)));
            }
            let Some((token, outcome)) = working.next().await else { break };
            match self.finish(token, outcome, &mut ready, &mut working)? {
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
        let new = plan.decisions.iter().filter(|decision| matches!(decision, Decision::CreateToken { .. })).count();
        if taken + new as u64 > self.engine.most_tokens {
            return Ok(Err(self.too_many(taken + new as u64)?));
        }
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

    /// Why a run may have no more tokens.
    fn too_many(&self, tokens: u64) -> Result<String, StoreError> {
        let most = self.engine.most_tokens;
        let (node, visits) = self.store().with(|db| tokens::most_visited(db, self.number))?;
        Ok(format!(
            "the run would have {tokens} tokens, and {most} are the most: node `{node}` alone was visited {visits} times, \
             so look for a cycle whose exit is never taken; if it needs them, allow more with --most-tokens"
        ))
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
        working: &mut FuturesUnordered<Work<'_>>,
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
            working.clear();
            nested::cancel_all(self)?;
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

    pub(super) fn fail(&self, error: String) -> Result<Ending, StoreError> {
        nested::cancel_all(self)?;
        let tokens = self.store().with(|db| tokens::of_run(db, self.number))?;
        dispatch::dispatch(self, Source::Failure, None, lifecycle::fail(error, &tokens))?;
        self.ending()
    }

    fn ending(&self) -> Result<Ending, StoreError> {
        let ending = self.store().with(|db| runs::ending(db, self.number))?;
        Ok(ending.unwrap_or_else(|| Ending::Failed("the end of the run could not be noted".to_owned())))
    }
}
