//! What a run that did not give its output tells: the stage that failed, and what became of every stage.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use super::stage::BoxError;

/// Why a pipeline did not give its output, and what became of every stage.
#[derive(Debug)]
#[non_exhaustive]
pub struct PipelineError {
    /// The declared name of the stage that failed.
    pub stage: &'static str,
    /// Its error.
    pub source: BoxError,
    /// What became of every declared stage.
    pub report: Report,
    pub(super) error_type: &'static str,
}

impl fmt::Display for PipelineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stage {} failed", self.stage)
    }
}

impl Error for PipelineError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

/// The declared stages in their order, and what became of each.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report {
    /// One entry for every declared stage.
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

    fn names(&self, which: impl Fn(&StageEnding) -> bool) -> impl Iterator<Item = &'static str> {
        self.stages.iter().filter(move |stage| which(&stage.ending)).map(|stage| stage.name)
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
    /// How long its function ran; `None` when it never did.
    pub duration: Option<Duration>,
}

/// What can become of a stage.
#[derive(Debug)]
#[non_exhaustive]
pub enum StageEnding {
    /// It finished, and nothing undid it.
    Ran,
    /// It failed.
    Failed,
    /// It finished, and was undone.
    Compensated,
    /// It finished, and undoing it failed with this error.
    NotCompensated(BoxError),
    /// It did not begin.
    NeverRan,
}
