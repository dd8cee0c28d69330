//! Applications enter; so many at once go through the declared pipeline, each in a task of its own, and leave with an
//! ending.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tense::{Pipeline, PipelineError, name};
use tokio::task::JoinSet;

use crate::applications::Application;
use crate::stages::{Approved, Bank, CreditStage, FundStage, NotifyStage, Request, ValidateStage};

/// What became of an application.
#[derive(Debug)]
pub(crate) enum Ending {
    Approved,
    /// A stage failed, and what the earlier ones had done was undone.
    Refused(PipelineError),
    /// A bug. The panic unwound through the pipeline, so nothing could be undone.
    Panicked(String),
    /// The run was dropped in the middle, so nothing could be undone.
    Cancelled(Duration),
}

/// Runs all applications, and calls for each when it has ended.
pub(crate) async fn run(
    applications: Vec<Application>,
    bank: &Arc<Bank>,
    at_once: usize,
    mut ended: impl FnMut(String, Ending),
) {
    let mut waiting = applications.into_iter();
    let mut running = JoinSet::new();
    // A task that has panicked can only be recognized by its number.
    let mut ids = HashMap::new();
    loop {
        while running.len() < at_once
            && let Some(application) = waiting.next()
        {
            let id = application.id.clone();
            let task = running.spawn(decide(Request { application, bank: Arc::clone(bank) }));
            ids.insert(task.id(), id);
        }
        let Some(joined) = running.join_next_with_id().await else { return };
        let (task, ending) = match joined {
            Ok(finished) => finished,
            Err(error) => (error.id(), Ending::Panicked(panic_message(error))),
        };
        ended(ids.remove(&task).unwrap_or_default(), ending);
    }
}

/// One application from the first stage to the last.
async fn decide(request: Request) -> Ending {
    let pipeline =
        Pipeline::named(name!(dispatch.loan, |request: &Request| fields(application = request.application.id)))
            .stage(ValidateStage)
            .stage(CreditStage)
            .stage(FundStage)
            .stage(NotifyStage);
    let deadline = request.application.deadline;
    let run = pipeline.run(request);
    let decided = match deadline {
        None => run.await,
        Some(deadline) => match tokio::time::timeout(deadline, run).await {
            Ok(decided) => decided,
            Err(_) => return Ending::Cancelled(deadline),
        },
    };
    match decided {
        Ok(Approved) => Ending::Approved,
        Err(error) => Ending::Refused(error),
    }
}

fn panic_message(error: tokio::task::JoinError) -> String {
    match error.try_into_panic() {
        Ok(payload) => match payload.downcast::<String>() {
            Ok(text) => *text,
            Err(payload) => payload.downcast_ref::<&str>().map_or("no message", |text| text).to_owned(),
        },
        // Nobody aborts these tasks.
        Err(error) => error.to_string(),
    }
}
