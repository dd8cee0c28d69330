//! Tokens are created, and move from one status to another.

use serde_json::Value;
use tense::traced;

use super::{OperationError, Step};
use crate::store::tokens;
use crate::token::{Status, Token};

#[traced(operation.tokens.created, fields(
    token_id = token.id,
    node_id = token.node,
    task_id = task,
    parent_token_id = token.parent,
    fan_out_transition_id = token.branch.as_ref().filter(|_| token.opens_branch()).map(|branch| &branch.transition),
    branch_index = token.place().0,
    branch_total = token.place().1,
))]
pub(crate) fn create(step: &Step<'_>, run: i64, token: &Token, task: Option<&str>) -> Result<(), OperationError> {
    step.commit(|db| Ok(tokens::insert(db, run, token)?))
}

#[traced(operation.tokens.status_updated, fields(
    token_id = token.id,
    node_id = token.node,
    from = token.status.as_str(),
    to = to.as_str(),
))]
pub(crate) fn update_status(step: &Step<'_>, token: &Token, to: Status) -> Result<(), OperationError> {
    step.commit(|db| Ok(tokens::set_status(db, &token.id, to)?))
}

/// Its task has everything that it needs: what that is lies with the token from now on.
#[traced(operation.tokens.status_updated, fields(
    token_id = token.id,
    node_id = token.node,
    from = token.status.as_str(),
    to = Status::Dispatched.as_str(),
))]
pub(crate) fn dispatch(step: &Step<'_>, token: &Token, input: &Value) -> Result<(), OperationError> {
    step.commit(|db| {
        tokens::set_input(db, &token.id, input)?;
        Ok(tokens::set_status(db, &token.id, Status::Dispatched)?)
    })
}
