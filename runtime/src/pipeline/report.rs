//! What a run tells: the stage that failed, if one did, and what became of every stage.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use super::stage::BoxError;

/// Why a pipeline did not give its output, and what became of every stage.
#[derive(Debug)]
#[non_exhaustive]
pub struct PipelineError {
    /// The declared name of the stage that failed, or, with [`ToldToStop`] as the source, of the one that would have been next.
    pub stage: &'static str,
    /// Its error.
    pub source: BoxError,
    /// What became of every declared stage.
    pub report: Report,
    pub(super) error_type: &'static str,
}

impl fmt::Display for PipelineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.source.is::<ToldToStop>() {
            return write!(f, "stopped before stage {}", self.stage);
        }
        write!(f, "stage {} failed", self.stage)
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
pub struct ToldToStop;

impl fmt::Display for ToldToStop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("told to stop")
    }
}

impl Error for ToldToStop {}

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

/// The source of a [`PipelineError`] when a stage with a `timeout` runs where nothing measures time.
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
/// assert!(shown.starts_with("dispatch.parse  failed  "), "and how long that took: {shown}");
/// assert!(shown.ends_with("dispatch.double  never ran\n"));
/// # });
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Report {
    /// One entry for every declared stage. A pipeline that is a stage has one, and behind it those of its own stages.
    pub stages: Vec<StageReport>,
}

impl Report {
    /// Names of the stages that were undone.
    pub fn compensated(&self) -> impl Iterator<Item = &'static str> {
        self.names(|ending| matches!(ending, StageEnding::Compensated))
    }

    /// Names of the stages whose compensation failed.
    pub fn not_compensated(&self) -> impl Iterator<Item = &'static str> {
        self.names(|ending| matches!(ending, StageEnding::NotCompensated(_)))
    }

    /// Names of the stages that did not begin.
    pub fn never_ran(&self) -> impl Iterator<Item = &'static str> {
        self.names(|ending| matches!(ending, StageEnding::NeverRan))
    }

    /// Names of the stages that were left out, because their condition did not hold.
    pub fn skipped(&self) -> impl Iterator<Item = &'static str> {
        self.names(|ending| matches!(ending, StageEnding::Skipped))
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
#[derive(Debug)]
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

/// What can become of a stage.
#[derive(Debug)]
#[non_exhaustive]
pub enum StageEnding {
    /// It finished, and nothing undid it: the run went well, or nothing is declared that would undo it.
    Ran,
    /// It failed.
    Failed,
    /// It was dropped while it ran, because a stage beside it failed.
    Cancelled,
    /// It finished, and was undone.
    Compensated,
    /// It finished, and undoing it failed with this error.
    NotCompensated(BoxError),
    /// It was left out, because its condition did not hold.
    Skipped,
    /// It did not begin.
    NeverRan,
}

impl fmt::Display for StageEnding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotCompensated(error) => write!(f, "not compensated: {error}"),
            Self::Ran => f.write_str("ran"),
            Self::Failed => f.write_str("failed"),
            Self::Cancelled => f.write_str("cancelled"),
            Self::Compensated => f.write_str("compensated"),
            Self::Skipped => f.write_str("skipped"),
            Self::NeverRan => f.write_str("never ran"),
        }
    }
}
