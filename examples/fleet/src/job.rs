//! A job enters with the worker that has it; that it was done leaves, or why not.

use tense::{event, record, traced};

/// A piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// What it is known by.
    pub id: String,
    /// What there is to do.
    pub kind: &'static str,
    /// Which run of it this is, from 1.
    pub attempt: u32,
}

/// Why a run came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// It goes well the second time.
    #[error("the {0} job lost its way")]
    Flaky(&'static str),
    /// Nobody will ever see a result.
    #[error("machine {0} is gone")]
    MachineLost(String),
}

/// Runs a job; in the trace this is a span, which ends as `job.finished` or as `job.failed`.
#[traced(job.finished, fields(job_id = job.id, worker_id = worker, machine_id = machine, attempt = job.attempt, steps = _))]
pub fn run(job: &Job, worker: &str, machine: &str, is_lost: bool) -> Result<(), JobError> {
    // whose it is comes down from the span
    event!(job.started, attempt = job.attempt);
    if is_lost {
        return Err(JobError::MachineLost(machine.to_owned()));
    }
    if job.kind == "flaky" && job.attempt == 1 {
        return Err(JobError::Flaky(job.kind));
    }
    if job.kind == "index" {
        record!(steps = 3);
    }
    Ok(())
}
