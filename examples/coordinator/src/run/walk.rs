//! A run enters, wherever it is; it is taken to its end, step by step: a plan is asked for, and handed to the
//! dispatcher.

use std::collections::HashSet;
use std::mem;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde_json::Value;
use tense::{event, prepared};

use super::work::Work;
use super::{Workflow, nested};
use crate::decision::Decision;
use crate::definition::OnFailure;
use crate::dispatch::{self, Source};
use crate::operate::context;
use crate::plan::{TokenIds, completion, lifecycle, routing, sync};
use crate::store::runs::Ending;
use crate::store::tables::SECTIONS;
use crate::store::{StoreError, log, runs, tokens};
use crate::task::TaskError;
use crate::token::{Status, Token};

/// A run on its way.
struct Walk<'w> {
    workflow: &'w Workflow,
    /// Tokens that something can be done with.
    ready: Vec<Token>,
    /// Tasks that are being done.
    working: FuturesUnordered<Work<'w>>,
    /// How many tokens the run has.
    tokens: u64,
    /// Branches that were merged: a token in one of them is late.
    merged: HashSet<String>,
}

/// How it stands with a run when a task has ended.
enum After {
    GoesOn,
    /// Something that was decided makes no sense.
    Refused(String),
    /// The run has failed with the task.
    Over,
}

impl Workflow {
    /// From wherever it is to its end.
    pub(super) async fn walk(&self) -> Result<Ending, StoreError> {
        let mut refused = dispatch::resume(self)?.into_iter().find_map(|applied| applied.refused);
        if let Some(ending) = self.store().with(|db| runs::ending(db, self.number))? {
            return Ok(ending);
        }
        let tokens = self.start_or_go_on(&mut refused)?;
        let mut walk = Walk::new(self, tokens)?;
        loop {
            if refused.is_none() {
                refused = walk.advance()?;
            }
            if let Some(error) = refused {
                // What is being done is dropped where it is.
                walk.working.clear();
                return self.fail(error);
            }
            walk.begin_tasks();
            let Some((token, outcome)) = walk.working.next().await else { break };
            match walk.finish(token, outcome)? {
                After::GoesOn => {}
                After::Refused(error) => refused = Some(error),
                After::Over => return self.ending(),
            }
        }
        self.complete()
    }

    /// The tokens that the run has.
    fn start_or_go_on(&self, refused: &mut Option<String>) -> Result<Vec<Token>, StoreError> {
        if !self.store().with(|db| log::has(db, self.number, Source::Start.as_str(), None))? {
            let plan = lifecycle::start(&self.definition, self.input.clone(), &mut TokenIds::new(&self.id, 0));
            let applied = dispatch::dispatch(self, Source::Start, None, plan)?;
            *refused = applied.refused;
            return Ok(applied.created);
        }
        self.store().with(|db| tokens::of_run(db, self.number))
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

    /// Why a run may have no more tokens.
    fn too_many(&self, tokens: u64) -> Result<String, StoreError> {
        let most = self.engine.most_tokens;
        let (node, visits) = self.store().with(|db| tokens::most_visited(db, self.number))?;
        Ok(format!(
            "the run would have {tokens} tokens, and {most} are the most: node `{node}` alone was visited {visits} times, \
             so look for a cycle whose exit is never taken; if it needs them, allow more with --most-tokens"
        ))
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

impl<'w> Walk<'w> {
    /// With all tokens that there are.
    fn new(workflow: &'w Workflow, tokens: Vec<Token>) -> Result<Self, StoreError> {
        let merged = || tokens.iter().filter(|token| token.status == Status::Merged);
        let branches = merged().filter_map(Token::branch_id).map(str::to_owned).collect();
        // An earlier process may have been killed before it came to that.
        nested::cancel_late(workflow, merged())?;
        Ok(Self {
            workflow,
            working: FuturesUnordered::new(),
            tokens: tokens.len() as u64,
            merged: branches,
            ready: tokens,
        })
    }

    fn is_late(&self, token: &Token) -> bool {
        token.branches().any(|branch| self.merged.contains(&branch.id))
    }

    /// Everything that can be done without waiting; what is left in `ready` are tokens whose task is to be done. Gives
    /// the reason when the run cannot go on.
    fn advance(&mut self) -> Result<Option<String>, StoreError> {
        let mut tasks = Vec::new();
        while !self.ready.is_empty() {
            let mut pending = Vec::new();
            let mut created = Vec::new();
            for token in mem::take(&mut self.ready) {
                match token.status {
                    Status::Pending => pending.push(token),
                    Status::Dispatched => tasks.push(token),
                    Status::Completed if self.is_late(&token) => {}
                    Status::Completed => match self.route(&token)? {
                        Ok(tokens) => created.extend(tokens),
                        Err(error) => return Ok(Some(error)),
                    },
                    Status::Waiting | Status::Merged | Status::Failed | Status::Cancelled => {}
                }
            }
            pending.retain(|token| !self.is_late(token));
            if !pending.is_empty() {
                let about = if let [token] = pending.as_slice() { Some(token) } else { None };
                let applied = dispatch::dispatch(self.workflow, Source::SendOff, about, lifecycle::send_off(&pending))?;
                if applied.refused.is_some() {
                    return Ok(applied.refused);
                }
                for token in pending {
                    tasks.extend(self.workflow.store().with(|db| tokens::get(db, &token.id))?);
                }
            }
            self.ready = created;
        }
        tasks.retain(|token| !self.is_late(token));
        self.ready = tasks;
        let is_stuck = self.ready.is_empty() && self.working.is_empty();
        if is_stuck { self.workflow.stuck() } else { Ok(None) }
    }

    fn begin_tasks(&mut self) {
        self.working.extend(self.ready.drain(..).map(|token| Work::new(self.workflow, token)));
    }

    /// The ways out of a node. Gives the tokens that go them.
    fn route(&mut self, token: &Token) -> Result<Result<Vec<Token>, String>, StoreError> {
        let Workflow { number, id, definition, engine, .. } = self.workflow;
        let (run, store) = (*number, self.workflow.store());
        if store.with(|db| log::has(db, run, Source::Routing.as_str(), Some(&token.id)))? {
            return Ok(Ok(Vec::new()));
        }
        let values = store.with(|db| context::values(db, (run, id), Some(token)))?;
        let is_fan_in = definition.leaving(&token.node).any(|transition| transition.fan_in.is_some());
        let siblings = match &token.branch {
            Some(branch) if is_fan_in => {
                let waiting = store.with(|db| tokens::waiting_siblings(db, &branch.opened_by, &branch.group))?;
                let are_all = sync::all_have_come(branch, &waiting);
                if are_all { store.with(|db| tokens::behind(db, run, &branch.opened_by))? } else { waiting }
            }
            _ => Vec::new(),
        };
        if is_fan_in {
            event!(debug.fan_in.start, token_id = token.id, node_id = token.node);
        }
        let plan = routing::route(definition, token, &values, &siblings, &mut TokenIds::new(id, self.tokens));
        let mut plan = match plan {
            Ok(plan) => plan,
            Err(error) => return Ok(Err(error)),
        };
        let new = plan.decisions.iter().filter(|decision| matches!(decision, Decision::CreateToken { .. })).count();
        let tokens = self.tokens + new as u64;
        if tokens > engine.most_tokens {
            return Ok(Err(self.workflow.too_many(tokens)?));
        }
        if is_fan_in {
            let activated = plan.events.iter().any(|event| event.name() == "decision.sync.activate");
            event!(debug.fan_in.try_activate_result, token_id = token.id, node_id = token.node, activated);
        }
        // What was read is told with the plan, once that is logged: whoever resumes before reads again, and tells it
        // once.
        let (token_id, node_id) = (&token.id, &token.node);
        let sections = SECTIONS.iter().filter(|section| values.get(section).is_some()).count();
        let snapshot = prepared!(operation.context.snapshot, token_id, node_id, section_count = sections);
        plan.events.insert(0, snapshot);
        let over = plan.decisions.iter().filter_map(|decision| match decision {
            Decision::DropBranchTables { branches } => Some(branches.clone()),
            _ => None,
        });
        let over: Vec<String> = over.flatten().collect();
        let applied = dispatch::dispatch(self.workflow, Source::Routing, Some(token), plan)?;
        if let Some(why) = applied.refused {
            return Ok(Err(why));
        }
        self.tokens = tokens;
        if !over.is_empty() {
            self.merged.extend(over);
            self.break_off(&siblings)?;
        }
        Ok(Ok(applied.created))
    }

    /// Drops what is being done for tokens that are late by now.
    fn break_off(&mut self, siblings: &[Token]) -> Result<(), StoreError> {
        let working = mem::take(&mut self.working);
        self.working = working.into_iter().filter(|work| !self.is_late(&work.token)).collect();
        let late = siblings.iter().filter(|token| token.status == Status::Dispatched && self.is_late(token));
        nested::cancel_late(self.workflow, late)
    }

    /// A task has ended. That it has failed, and what becomes of the run then, is one batch.
    fn finish(&mut self, mut token: Token, outcome: Result<Value, TaskError>) -> Result<After, StoreError> {
        let node = match self.workflow.node(&token) {
            Ok(node) => node,
            Err(error) => return Ok(After::Refused(error.to_string())),
        };
        let outcome = match outcome {
            Ok(output) => Ok(output),
            Err(TaskError::Failed(why)) => Err(why),
            Err(TaskError::Store(error)) => return Err(error),
        };
        let failure = outcome.as_ref().err().filter(|_| node.on_failure == OnFailure::Fail);
        let failure = failure.map(|error| format!("node `{}`: {error}", node.id));
        let mut plan = completion::task(node, &token, outcome);
        let is_over = failure.is_some();
        if let Some(error) = failure {
            self.working.clear();
            nested::cancel_all(self.workflow)?;
            let mut tokens = self.workflow.store().with(|db| tokens::of_run(db, self.workflow.number))?;
            // As they will be when that decision is applied.
            tokens.iter_mut().filter(|one| one.id == token.id).for_each(|one| one.status = Status::Failed);
            plan.decisions.extend(lifecycle::fail(error, &tokens).decisions);
        }
        let applied = dispatch::dispatch(self.workflow, Source::Task, Some(&token), plan)?;
        if let Some(why) = applied.refused {
            return Ok(After::Refused(why));
        }
        if is_over {
            return Ok(After::Over);
        }
        token.status = Status::Completed;
        self.ready.push(token);
        Ok(After::GoesOn)
    }
}
