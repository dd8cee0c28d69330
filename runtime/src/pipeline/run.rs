//! A run under way: stages finish one after the other; when one fails, what the finished ones did is undone in reverse.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::time::Instant;

use super::report::{PipelineError, Report, StageEnding, StageReport};
use super::stage::{Failure, Out, Stage, StageOutput, Undo};
use crate::call::Open;
use crate::stack::Hint;
use crate::thread::Local;

/// A run that is under way.
#[doc(hidden)]
pub struct Run {
    open: Open,
    finished: Vec<Finished>,
    stages: Vec<StageReport>,
}

/// A stage that is done, and can be undone.
struct Finished {
    /// Its place in the report.
    stage: usize,
    span: u64,
    /// The function that undoes it.
    by: &'static str,
    undo: Undo,
}

/// A stage has failed.
#[doc(hidden)]
#[derive(Debug)]
pub struct Stopped {
    stage: &'static str,
    failure: Failure,
}

impl Run {
    pub(super) const fn new(open: Open) -> Self {
        Self { open, finished: Vec::new(), stages: Vec::new() }
    }

    pub(super) async fn stage<S: Stage>(&mut self, input: S::In) -> Result<Out<S>, Stopped> {
        // The id is chosen here, so that a compensation can say later which span it undoes.
        let span = if self.open.span == 0 { 0 } else { Local::current().map_or(0, Local::span_id) };
        let began = Instant::now();
        let result =
            told(self.open, Hint { to: Hint::addressee(S::NAME), span, undoes: 0 }, S::call(input)).await.into_result();
        let ending = if result.is_ok() { StageEnding::Ran } else { StageEnding::Failed };
        self.stages.push(StageReport { name: S::NAME, ending, duration: Some(began.elapsed()) });
        let out = result.map_err(|failure| Stopped { stage: S::NAME, failure })?;
        if let Some(undo) = S::undo(&out) {
            self.finished.push(Finished { stage: self.stages.len() - 1, span, by: S::COMPENSATION, undo });
        }
        Ok(out)
    }

    pub(super) async fn compensate(mut self, stopped: Stopped, declared: &[&'static str]) -> PipelineError {
        for Finished { stage, span, by, undo } in self.finished.into_iter().rev() {
            // One that fails is an event of its own, and does not keep the others from running.
            let undone = told(self.open, Hint { to: Hint::addressee(by), span: 0, undoes: span }, undo()).await;
            if let Some(stage) = self.stages.get_mut(stage) {
                stage.ending = match undone {
                    Ok(()) => StageEnding::Compensated,
                    Err(failure) => StageEnding::NotCompensated(failure.source),
                };
            }
        }
        let never = declared.iter().skip(self.stages.len());
        self.stages.extend(never.map(|name| StageReport { name, ending: StageEnding::NeverRan, duration: None }));
        PipelineError {
            stage: stopped.stage,
            source: stopped.failure.source,
            report: Report { stages: self.stages },
            error_type: stopped.failure.error_type,
        }
    }
}

/// Runs a future whose first span is told something by the pipeline.
async fn told<T>(pipeline: Open, mut hint: Hint, future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    poll_fn(move |context| {
        if pipeline.span == 0 || hint == Hint::NONE {
            return future.as_mut().poll(context);
        }
        let told = Told::new(pipeline, &mut hint);
        let out = future.as_mut().poll(context);
        drop(told);
        out
    })
    .await
}

/// The word stands on the stack during a poll; what nobody took goes with the next one.
struct Told<'a> {
    pipeline: Open,
    hint: &'a mut Hint,
}

impl<'a> Told<'a> {
    fn new(pipeline: Open, hint: &'a mut Hint) -> Self {
        if let Some(local) = Local::current() {
            local.stack.enter(pipeline.entry(*hint));
        }
        Self { pipeline, hint }
    }
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if let Some(local) = Local::current() {
            *self.hint = local.stack.take_hint(self.pipeline.layer);
            local.stack.exit(self.pipeline.span);
        }
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("stages", &self.stages).finish_non_exhaustive()
    }
}
