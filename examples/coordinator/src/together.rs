//! Definitions and what is unfinished enter; they are run all at once, and the end of each leaves as a line, as it
//! comes.

use std::sync::Arc;

use anyhow::{Context, anyhow};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::catalog::{self, Text};
use crate::run::{self, Engine, RunError, Workflow};
use crate::store::runs::RunRow;
use crate::store::{Store, StoreError, runs};
use crate::terminal::Output;

/// Rows of what is to be run.
pub(crate) struct Rows {
    /// What an earlier process has left.
    pub(crate) resumed: Vec<RunRow>,
    /// What is begun.
    pub(crate) new: Vec<RunRow>,
}

impl Rows {
    /// Writes a row for each copy of each definition, beside what is unfinished; all of them, or none.
    pub(crate) fn insert(
        store: &Store,
        resumes: bool,
        definitions: &[(String, Text)],
        copies: u64,
        input: &Value,
    ) -> Result<Self, StoreError> {
        catalog::forget(store)?;
        let resumed = if resumes { store.with(|db| runs::unfinished(db, None))? } else { Vec::new() };
        let new = store.transaction(|db| {
            let every = (0..copies).flat_map(|_| definitions);
            every
                .map(|(name, Text { file, text })| runs::insert(db, (name, file, text), input, None))
                .collect::<Result<_, StoreError>>()
        })?;
        Ok(Self { resumed, new })
    }

    pub(crate) fn len(&self) -> usize {
        self.resumed.len() + self.new.len()
    }
}

/// Runs everything at once.
///
/// # Errors
/// The first of what stopped a run, when all the others have ended.
pub(crate) async fn run_all(engine: Engine, rows: Rows, output: &mut Output) -> anyhow::Result<()> {
    let engine = Arc::new(engine);
    let count = rows.len();
    let mut running = JoinSet::new();
    for row in rows.resumed.into_iter().chain(rows.new) {
        running.spawn(one(Arc::clone(&engine), row));
    }
    let (mut completed, mut failed) = (0, 0);
    let mut first = None;
    while let Some(joined) = running.join_next().await {
        // What stops one of them is no reason to drop the others.
        let error = match joined.context("a workflow panicked") {
            Ok((id, Ok(value))) => {
                completed += 1;
                output.line(&format!("{id}  completed  {value}"));
                continue;
            }
            Ok((id, Err(RunError::Failed(error)))) => {
                failed += 1;
                output.line(&format!("{id}  failed  {error}"));
                continue;
            }
            Ok((id, Err(RunError::Store(error)))) => {
                anyhow!("{id}: {:#}; --resume goes on with it", anyhow::Error::from(error))
            }
            Err(panic) => panic,
        };
        first.get_or_insert(error);
    }
    let stopped = match count - completed - failed {
        0 => String::new(),
        stopped => format!(", {stopped} could not go on"),
    };
    output.line(&format!("{count} workflows: {completed} completed, {failed} failed{stopped}"));
    first.map_or(Ok(()), Err)
}

/// One workflow, the root of a trace.
async fn one(engine: Arc<Engine>, row: RunRow) -> (String, Result<Value, RunError>) {
    let id = format!("{}-{}", row.name, row.number);
    match Workflow::new(&engine, row, Vec::new()) {
        Ok(workflow) => (id, run::run(workflow, None).await),
        Err(error) => (id, Err(error)),
    }
}
