//! A plan enters; its decisions are logged, its events emitted, and each decision becomes the operations that it stands
//! for.

use std::time::{SystemTime, UNIX_EPOCH};

use tense::{event, traced};

use crate::decision::{Decision, Plan};
use crate::operate::{self, OperationError, Steps};
use crate::run::Workflow;
use crate::store::log::Logged;
use crate::store::runs::Ending;
use crate::store::{StoreError, log, runs, tokens};
use crate::token::{Status, Token};

/// Where a plan comes from. What a run has from a source about a token need not be planned again when it resumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Start,
    SendOff,
    Task,
    Routing,
    Completion,
    Failure,
}

impl Source {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::SendOff => "send_off",
            Self::Task => "task",
            Self::Routing => "routing",
            Self::Completion => "completion",
            Self::Failure => "failure",
        }
    }
}

/// What became of a batch.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    /// Tokens that are new.
    pub(crate) created: Vec<Token>,
    /// Why the rest of the batch was left.
    pub(crate) refused: Option<String>,
}

/// How much of each there was.
#[derive(Debug, Default)]
struct Counts {
    applied: usize,
    tokens_created: usize,
    tokens_dispatched: usize,
    errors: usize,
}

/// Logs a plan and applies it. `token` is the one that it is about, if it is about one.
pub(crate) fn dispatch(
    workflow: &Workflow,
    source: Source,
    token: Option<&Token>,
    plan: Plan,
) -> Result<Applied, StoreError> {
    let place = (token.map(|token| token.id.as_str()), token.map(|token| token.node.as_str()));
    batch(workflow, place, plan.decisions.len(), || {
        let kinds: Vec<_> =
            plan.decisions.iter().map(|decision| (decision.kind(), decision.token_id().map(str::to_owned))).collect();
        let logged = workflow
            .store()
            .transaction(|db| log::write(db, workflow.number, source.as_str(), place.0, plan.decisions))?;
        plan.events.into_iter().for_each(tense::Prepared::emit);
        for (decision_type, token_id) in kinds {
            let token_id = token_id.as_deref().or(place.0);
            event!(dispatch.decision.planned, decision_type, source = source.as_str(), token_id, timestamp = now());
        }
        Ok(logged)
    })
}

/// Applies what an earlier process has logged and not applied to its end.
pub(crate) fn resume(workflow: &Workflow) -> Result<Vec<Applied>, StoreError> {
    let open = workflow.store().with(|db| log::open(db, workflow.number))?;
    let mut applied = Vec::new();
    for left in open {
        let token = match &left.token {
            Some(id) => workflow.store().with(|db| tokens::get(db, id))?,
            None => None,
        };
        let place = (left.token.as_deref(), token.as_ref().map(|token| token.node.as_str()));
        let decisions = workflow.store().with(|db| log::read(db, left.id))?;
        applied.push(batch(workflow, place, decisions.len(), || Ok((left.id, decisions)))?);
    }
    Ok(applied)
}

/// A nested workflow that is cancelled is told of by the one around it: so each batch says whose it is.
#[traced(dispatch.batch.*, fields(
    job_id = workflow.id,
    token_id = place.0,
    node_id = place.1,
    decision_count,
    total_decisions = _,
    batched_decisions = _,
    applied = _,
    tokens_created = _,
    tokens_dispatched = _,
    errors = _,
))]
fn batch(
    workflow: &Workflow,
    place: (Option<&str>, Option<&str>),
    decision_count: usize,
    logged: impl FnOnce() -> Result<(i64, Vec<Logged>), StoreError>,
) -> Result<Applied, StoreError> {
    let (number, decisions) = logged()?;
    let mut counts = Counts::default();
    // Neighbours of one type count as one.
    let batched = decisions.chunk_by(|one, next| one.decision.kind() == next.decision.kind()).count();
    tense::record!(total_decisions = decisions.len(), batched_decisions = batched);
    let out = apply_all(workflow, decisions, &mut counts);
    tense::record!(applied = counts.applied, errors = counts.errors);
    tense::record!(tokens_created = counts.tokens_created, tokens_dispatched = counts.tokens_dispatched);
    let applied = out?;
    // One that was refused stays open: whoever resumes the run comes to the same end.
    if applied.refused.is_none() {
        workflow.store().with(|db| log::applied(db, number))?;
    }
    Ok(applied)
}

/// One after the other; the first that is refused is the last.
fn apply_all(workflow: &Workflow, decisions: Vec<Logged>, counts: &mut Counts) -> Result<Applied, StoreError> {
    let mut applied = Applied::default();
    for Logged { id, decision, steps } in decisions {
        let steps = Steps::new(workflow.store(), id, steps);
        match apply(workflow, &steps, &decision) {
            Ok(()) => counts.applied += 1,
            Err(OperationError::Store(error)) => return Err(error),
            Err(OperationError::Refused(why)) => {
                counts.errors += 1;
                event!(dispatch.error, decision_type = decision.kind(), error = why);
                applied.refused = Some(why);
                break;
            }
        }
        match decision {
            Decision::CreateToken { token } => {
                counts.tokens_created += 1;
                applied.created.push(token);
            }
            Decision::MarkForDispatch { .. } => counts.tokens_dispatched += 1,
            _ => {}
        }
    }
    Ok(applied)
}

/// One decision becomes its operations.
fn apply(workflow: &Workflow, steps: &Steps<'_>, decision: &Decision) -> Result<(), OperationError> {
    let (run, definition) = (workflow.number, &workflow.definition);
    match decision {
        Decision::InitializeContext { input } => {
            let fields = input.as_object().cloned().unwrap_or_default();
            steps.once(|step| operate::context::initialize(step, run, definition))?;
            if let Some(schema) = &definition.input_schema {
                steps.once(|step| operate::context::validate(step, "input", schema, &fields))?;
            }
            steps.once(|step| operate::context::replace_section(step, run, "input", &fields))?;
        }
        Decision::CreateToken { token } => {
            let task = definition.node(&token.node).map(|node| node.task.as_str());
            steps.once(|step| operate::tokens::create(step, run, token, task))?;
        }
        Decision::InitializeBranchTable { branch, transition } => {
            let schema =
                definition.transition(transition).and_then(|transition| transition.fan_out.as_ref()?.schema.as_ref());
            steps.once(|step| operate::branches::create_table(step, branch, schema))?;
        }
        Decision::MarkForDispatch { token } => workflow.send_off(steps, &find(steps, token)?)?,
        Decision::UpdateTokenStatus { token, to } => update(steps, token, *to)?,
        Decision::MarkWaiting { token } => update(steps, token, Status::Waiting)?,
        Decision::ApplyOutput { token, output } => {
            let node = workflow.node(&find(steps, token)?)?;
            operate::output::apply_mapping(steps, run, node, definition.context_schema.as_ref(), output)?;
        }
        Decision::ApplyBranchOutput { token, output } => {
            let token = find(steps, token)?;
            let transition = token.branch.as_ref().and_then(|branch| definition.transition(&branch.transition));
            let schema = transition.and_then(|transition| transition.fan_out.as_ref()?.schema.as_ref());
            operate::branches::apply_output(steps, &token, workflow.node(&token)?, schema, output)?;
        }
        Decision::MergeBranches { transition, branches, into } => {
            let merge =
                definition.transition(transition).and_then(|transition| transition.fan_in.as_ref()?.merge.as_ref());
            if let Some(merge) = merge {
                operate::branches::merge(steps, run, merge, branches, into.as_deref())?;
            }
        }
        Decision::DropBranchTables { branches } => {
            steps.once(|step| operate::branches::drop_tables(step, branches))?;
        }
        Decision::ActivateFanIn { node, path, merged } => {
            steps.once(|step| {
                step.mark()?;
                event!(dispatch.sync.fan_in_activated, node_id = node, fan_in_path = path, merged_count = *merged);
                Ok(())
            })?;
        }
        Decision::SetContext { path, value } => {
            steps.once(|step| operate::context::set_field(step, run, path, value))?;
        }
        Decision::CompleteWorkflow { output } => {
            let ending = Ending::Completed(output.clone());
            steps.once(|step| step.commit(|db| Ok(runs::end(db, run, &ending)?)))?;
        }
        Decision::FailWorkflow { error } => {
            let ending = Ending::Failed(error.clone());
            steps.once(|step| step.commit(|db| Ok(runs::end(db, run, &ending)?)))?;
        }
    }
    Ok(())
}

fn update(steps: &Steps<'_>, token: &str, to: Status) -> Result<(), OperationError> {
    let token = find(steps, token)?;
    steps.once(|step| operate::tokens::update_status(step, &token, to))?;
    Ok(())
}

fn find(steps: &Steps<'_>, id: &str) -> Result<Token, OperationError> {
    let token = steps.ask(|db| tokens::get(db, id))?;
    token.ok_or_else(|| OperationError::Refused(format!("there is no token {id}")))
}

/// Milliseconds since 1970.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
