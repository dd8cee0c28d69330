//! What a run tells: the stage that failed, if one did, and what became of every stage.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use super::stage::BoxError;
use crate::outcome::Outcome;
use crate::record::Ending;

/// Why a pipeline did not give its output, and what became of every stage.
#[derive(Debug)]
#[non_exhaustive]
pub struct PipelineError {
    /// The declared name of the stage that failed; with [`Stopped`] as the source, of the one that would have begun, or
    /// would have been tried again.
    pub stage: &'static str,
    /// Its error.
    pub source: BoxError,
    /// What became of every declared stage.
    pub report: Report,
    /// How the pipeline's span ends.
    pub(super) outcome: Outcome,
}

impl fmt::Display for PipelineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.outcome.ending() {
            Ending::Cancelled => write!(f, "stopped at stage {}", self.stage),
            _ => write!(f, "stage {} failed", self.stage),
        }
    }
}

impl Error for PipelineError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

/// The source of a [`PipelineError`] when [`run_until`](crate::Pipeline::run_until) was told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("told to stop")
    }
}

impl Error for Stopped {}

/// The source of a [`PipelineError`] when a stage took longer than its `timeout`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimedOut {
    /// How long it might have taken.
    pub limit: Duration,
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "timed out after {:?}", self.limit)
    }
}

impl Error for TimedOut {}

/// The source of a [`PipelineError`] when a stage has a `timeout` and the run comes to it where nothing measures time.
/// The stage does not begin.
///
/// tokio does not tell whether a runtime has a timer, other than by a panic. So the first time that a pipeline comes to
/// such a stage in a runtime without one, a panic happens and is caught. The layer keeps it from the program's panic
/// hook; without the layer, tokio's advice to call `enable_time` is printed, once for a runtime. A program that is
/// built with `panic = "abort"` ends there: give it a runtime with `enable_time` (as `enable_all` and `#[tokio::main]`
/// do), or no stage with a `timeout` or a `backoff`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoTimer;

impl fmt::Display for NoTimer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("its timeout needs a tokio runtime with a timer: run the pipeline in one built with `enable_time`")
    }
}

impl Error for NoTimer {}

/// The declared stages in their order, and what became of each. Shown, it is one line a stage.
///
/// ```
/// # use tense::{Pipeline, name, pipeline_stage};
/// # #[pipeline_stage(dispatch.parse)]
/// # fn parse(text: String) -> Result<u32, std::num::ParseIntError> { text.parse() }
/// # #[pipeline_stage(dispatch.double)]
/// # fn double(number: u32) -> Result<u32, String> { Ok(number * 2) }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let pipeline = Pipeline::named(name!(dispatch.numbers)).stage(ParseStage).stage(DoubleStage);
/// let error = pipeline.run("many".to_owned()).await.unwrap_err();
/// let shown = error.report.to_string();
/// assert!(shown.starts_with("dispatch.parse  failed: invalid digit found in string  "), "and how long it took: {shown}");
/// assert!(shown.ends_with("dispatch.double  never ran\n"));
/// # });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// One entry for every declared stage. A pipeline that is a stage has one, and behind it those of its own stages.
    pub stages: Vec<StageReport>,
}

impl Report {
    /// What became of the stage of that name; of the first one, when the pipeline has it more than once.
    ///
    /// ```
    /// # use tense::pipeline::StageEnding;
    /// # use tense::{Pipeline, name, pipeline_stage};
    /// # #[pipeline_stage(dispatch.parse)]
    /// # fn parse(text: String) -> Result<u32, std::num::ParseIntError> { text.parse() }
    /// # #[pipeline_stage(dispatch.double)]
    /// # fn double(number: u32) -> Result<u32, String> { Ok(number * 2) }
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let pipeline = Pipeline::named(name!(dispatch.numbers)).stage(ParseStage).stage(DoubleStage);
    /// let report = pipeline.run("many".to_owned()).await.unwrap_err().report;
    /// assert_eq!(report.stage("dispatch.double").unwrap().ending, StageEnding::NeverRan);
    /// assert!(report.stage("dispatch.parse").unwrap().duration.is_some());
    /// assert!(report.stage("dispatch.pack").is_none());
    /// # });
    /// ```
    pub fn stage(&self, name: &str) -> Option<&StageReport> {
        self.stages.iter().find(|stage| stage.name == name)
    }

    /// Names of the stages that finished, and were not undone.
    ///
    /// ```
    /// # use tense::{Pipeline, name, pipeline_stage};
    /// # #[pipeline_stage(dispatch.parse)]
    /// # fn parse(text: String) -> Result<u32, std::num::ParseIntError> { text.parse() }
    /// # #[pipeline_stage(dispatch.double)]
    /// # fn double(number: u32) -> Result<u32, &'static str> { number.checked_mul(2).ok_or("too large") }
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let pipeline = Pipeline::named(name!(dispatch.numbers)).stage(ParseStage).stage(DoubleStage);
    /// let report = pipeline.run("4000000000".to_owned()).await.unwrap_err().report;
    /// assert!(report.ran().eq(["dispatch.parse"]));
    /// assert!(report.failed().eq(["dispatch.double"]));
    /// # });
    /// ```
    pub fn ran(&self) -> impl Iterator<Item = &'static str> {
        self.names(|ending| *ending == StageEnding::Ran)
    }

    /// Names of the stages that failed: more than one when they failed side by side, or one within another.
    pub fn failed(&self) -> impl Iterator<Item = &'static str> {
        self.names(|ending| matches!(ending, StageEnding::Failed { .. }))
    }

    /// Names of the stages that were ended before they were done, because one beside them failed, or the run was told
    /// to stop.
    ///
    /// ```
    /// # use tense::{Pipeline, name};
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let wait = Pipeline::named(name!(dispatch.wait))
    ///     .stage_fn(name!(dispatch.listen), |()| std::future::pending::<Result<(), String>>());
    /// let refuse = Pipeline::named(name!(dispatch.refuse))
    ///     .stage_fn(name!(dispatch.answer), |()| async { Err::<(), _>("no") });
    /// let report = Pipeline::named(name!(dispatch.call)).parallel((wait, refuse)).run(()).await.unwrap_err().report;
    /// assert!(report.cancelled().eq(["dispatch.wait", "dispatch.listen"]));
    /// # });
    /// ```
    pub fn cancelled(&self) -> impl Iterator<Item = &'static str> {
        self.names(|ending| *ending == StageEnding::Cancelled)
    }

    /// Names of the stages that were undone.
    pub fn compensated(&self) -> impl Iterator<Item = &'static str> {
        self.names(|ending| *ending == StageEnding::Compensated)
    }

    /// Names of the stages that were to be undone, and were not: what undoes them failed, or was dropped.
    pub fn not_compensated(&self) -> impl Iterator<Item = &'static str> {
        self.names(|ending| matches!(ending, StageEnding::NotCompensated(_)))
    }

    /// Names of the stages that did not begin.
    pub fn never_ran(&self) -> impl Iterator<Item = &'static str> {
        self.names(|ending| *ending == StageEnding::NeverRan)
    }

    /// Names of the stages that were left out, because their condition did not hold.
    pub fn skipped(&self) -> impl Iterator<Item = &'static str> {
        self.names(|ending| *ending == StageEnding::Skipped)
    }

    fn names(&self, which: impl Fn(&StageEnding) -> bool) -> impl Iterator<Item = &'static str> {
        self.stages.iter().filter(move |stage| which(&stage.ending)).map(|stage| stage.name)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stages.iter().try_for_each(|stage| writeln!(f, "{stage}"))
    }
}

/// What became of one stage.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StageReport {
    /// Its declared name.
    pub name: &'static str,
    /// What became of it.
    pub ending: StageEnding,
    /// How long it ran, all of its attempts together; `None` when it never did.
    pub duration: Option<Duration>,
}

impl fmt::Display for StageReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {}", self.name, self.ending)?;
        self.duration.map_or(Ok(()), |duration| write!(f, "  {duration:.1?}"))
    }
}

/// What can become of a stage. Messages are those of the trace: with the sources of the error behind them, 4 KiB at
/// most.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StageEnding {
    /// It finished, and nothing undid it: the run went well, or nothing is declared that would undo it.
    Ran,
    /// It failed.
    Failed {
        /// What its error says.
        message: String,
    },
    /// It was ended before it was done: dropped, because a stage beside it failed, or not gone on with, because the run
    /// was told to stop.
    Cancelled,
    /// It finished, and was undone.
    Compensated,
    /// It finished, was to be undone, and was not.
    NotCompensated(NotUndone),
    /// It was left out, because its condition did not hold.
    Skipped,
    /// It did not begin.
    NeverRan,
}

impl fmt::Display for StageEnding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotCompensated(why) => write!(f, "not compensated: {why}"),
            Self::Failed { message } if !message.is_empty() => write!(f, "failed: {message}"),
            Self::Ran => f.write_str("ran"),
            Self::Failed { .. } => f.write_str("failed"),
            Self::Cancelled => f.write_str("cancelled"),
            Self::Compensated => f.write_str("compensated"),
            Self::Skipped => f.write_str("skipped"),
            Self::NeverRan => f.write_str("never ran"),
        }
    }
}

/// Why a stage that was to be undone was not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotUndone {
    /// What undoes it failed.
    Failed {
        /// What its error says.
        message: String,
    },
    /// What undoes it was dropped before it was done.
    Cancelled,
}

impl fmt::Display for NotUndone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { message } if message.is_empty() => f.write_str("failed"),
            Self::Failed { message } => f.write_str(message),
            Self::Cancelled => f.write_str("cancelled"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_says_nothing_is_told_as_one() {
        let mute = |message: &str| NotUndone::Failed { message: message.to_owned() };
        for (ending, shown) in [
            (StageEnding::Failed { message: String::new() }, "failed"),
            (StageEnding::NotCompensated(mute("")), "not compensated: failed"),
            (StageEnding::NotCompensated(mute("no answer")), "not compensated: no answer"),
            (StageEnding::NotCompensated(NotUndone::Cancelled), "not compensated: cancelled"),
        ] {
            assert_eq!(ending.to_string(), shown);
        }
    }
}
