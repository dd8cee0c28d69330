//! A token enters; its task is being done, and may be dropped with it; the token and the outcome leave.

use std::pin::Pin;
use std::task::{Context, Poll};

use serde_json::Value;

use super::Workflow;
use crate::task::{self, TaskError};
use crate::token::Token;

/// The task of a token, which says whose it is while it is being done.
pub(super) struct Work<'w> {
    pub(super) token: Token,
    outcome: Pin<Box<dyn Future<Output = Result<Value, TaskError>> + Send + 'w>>,
}

impl<'w> Work<'w> {
    pub(super) fn new(workflow: &'w Workflow, token: Token) -> Self {
        let of = token.clone();
        let outcome = Box::pin(async move {
            match workflow.definition.node(&of.node) {
                Some(node) => task::execute(workflow, node, &of).await,
                None => Err(TaskError::Failed(format!("there is no node `{}`", of.node))),
            }
        });
        Self { token, outcome }
    }
}

impl Future for Work<'_> {
    type Output = (Token, Result<Value, TaskError>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let outcome = self.outcome.as_mut().poll(cx);
        outcome.map(|outcome| (self.token.clone(), outcome))
    }
}
