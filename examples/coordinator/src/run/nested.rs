//! Workflows that are tasks: a token whose node names one enters, and it is run there; and when the workflow around it
//! fails, it ends with it.

use std::pin::Pin;

use serde_json::Value;

use super::{RunError, Workflow, run};
use crate::catalog::{self, Text};
use crate::definition::{Definition, Task};
use crate::dispatch;
use crate::store::runs::RunRow;
use crate::store::{StoreError, runs};
use crate::task::TaskError;
use crate::token::Token;

/// So deep may workflows be nested in each other.
const DEEPEST: usize = 16;

/// The workflow that is the task of a token: one that an earlier process has left, or else a new one.
pub(crate) fn nested<'w>(
    outer: &'w Workflow,
    token: &'w Token,
    name: &'w str,
    input: &'w Value,
) -> Pin<Box<dyn Future<Output = Result<Value, TaskError>> + Send + 'w>> {
    Box::pin(async move {
        // An earlier process may have been killed between its end and that of the token.
        if let Some(output) = outer.store().with(|db| runs::completed(db, &token.id))? {
            return Ok(output);
        }
        let workflow = open(outer, token, name, input)?;
        run(workflow, Some(token)).await.map_err(|error| match error {
            RunError::Failed(why) => TaskError::Failed(format!("workflow `{name}`: {why}")),
            RunError::Store(error) => TaskError::Store(error),
        })
    })
}

fn open(outer: &Workflow, token: &Token, name: &str, input: &Value) -> Result<Workflow, TaskError> {
    let left = outer.store().with(|db| runs::unfinished(db, Some(&token.id)))?;
    let row = match left.into_iter().next() {
        Some(row) => row,
        None => {
            let own_catalog = outer.definition.catalog.as_deref();
            let Text { file, text } =
                catalog::find(&outer.engine.library, outer.store(), own_catalog, name, &outer.file)
                    .map_err(TaskError::Failed)?;
            let definition = Definition::parse(&file, &text).map_err(|error| TaskError::Failed(error.to_string()))?;
            may_be_nested(outer, name, &definition.name)?;
            outer.store().with(|db| runs::insert(db, (&definition.name, &file, &text), input, Some(&token.id)))?
        }
    };
    Workflow::new(&outer.engine, row, outer.names()).map_err(|error| TaskError::Failed(error.to_string()))
}

/// Refused before it begins, where it is asked for: else every level would fail, and be tried again, on the way back.
fn may_be_nested(outer: &Workflow, name: &str, called: &str) -> Result<(), TaskError> {
    let names = outer.names();
    if let Some(first) = names.iter().position(|around| around == called) {
        let ring = names[first..].join(" > ");
        return Err(TaskError::Failed(format!("workflow `{name}` would be nested in itself: {ring} > {called}")));
    }
    if names.len() > DEEPEST {
        return Err(TaskError::Failed(format!(
            "workflow `{name}` would be nested in {DEEPEST} others: {}",
            names.join(" > ")
        )));
    }
    Ok(())
}

/// Ends what is nested in a workflow that fails: nobody would ever go on with it.
///
/// Before the failure itself is logged. Killed in between, the workflow goes on, and its tokens begin new ones.
pub(super) fn cancel_all(outer: &Workflow) -> Result<(), StoreError> {
    let rows = outer.store().with(|db| runs::unfinished_in(db, outer.number))?;
    rows.into_iter().try_for_each(|row| cancel(outer, row, "the workflow around it has failed"))
}

/// Ends what is the task of tokens that are late: their branch is over.
pub(super) fn cancel_late<'t>(outer: &Workflow, tokens: impl Iterator<Item = &'t Token>) -> Result<(), StoreError> {
    let nests = |token: &&Token| outer.definition.node(&token.node).is_some_and(|node| node.task == Task::Workflow);
    for token in tokens.filter(nests) {
        for row in outer.store().with(|db| runs::unfinished(db, Some(&token.id)))? {
            cancel(outer, row, "the branch that it is in has ended")?;
        }
    }
    Ok(())
}

fn cancel(outer: &Workflow, row: RunRow, why: &str) -> Result<(), StoreError> {
    // Its definition was read when it was begun; one that cannot be read has nothing that could be undone by it.
    let Ok(workflow) = Workflow::new(&outer.engine, row, outer.names()) else { return Ok(()) };
    dispatch::resume(&workflow)?;
    if outer.store().with(|db| runs::ending(db, workflow.number))?.is_none() {
        workflow.fail(format!("cancelled: {why}"))?;
    }
    Ok(())
}
