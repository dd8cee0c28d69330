//! A token is one visit to one node. It carries the branch that it is in, and that branch the one around it.

use std::iter;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One visit to one node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Token {
    /// `orders-7.t3`: the run, and the number of the token in it.
    pub(crate) id: String,
    pub(crate) node: String,
    pub(crate) status: Status,
    /// The token that it came from; none for the first one of a run.
    pub(crate) parent: Option<String>,
    pub(crate) branch: Option<Box<Branch>>,
    /// What its task was given; null until it is dispatched.
    #[serde(default)]
    pub(crate) input: Value,
}

/// One of the siblings that a token became.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Branch {
    /// The id of its first token, after which its table is called.
    pub(crate) id: String,
    /// The transition that fanned out.
    pub(crate) transition: String,
    pub(crate) group: String,
    /// The token that fanned out: siblings have the group and this one in common.
    pub(crate) opened_by: String,
    pub(crate) index: u64,
    pub(crate) total: u64,
    pub(crate) item: Value,
    /// The branch in which it fanned out.
    pub(crate) outer: Option<Box<Self>>,
}

/// How far a token is. It only ever moves down this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// It is there, and nothing has been done.
    Pending,
    /// Its task has its input, and is being done.
    Dispatched,
    /// Its task has been done.
    Completed,
    /// It waits for its siblings.
    Waiting,
    /// The siblings of its branch have come, and one token goes on for all of them. It may have been at work still.
    Merged,
    /// Its task has failed for the last time.
    Failed,
    /// The workflow has failed elsewhere.
    Cancelled,
}

impl Status {
    const ALL: [Self; 7] =
        [Self::Pending, Self::Dispatched, Self::Completed, Self::Waiting, Self::Merged, Self::Failed, Self::Cancelled];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Dispatched => "dispatched",
            Self::Completed => "completed",
            Self::Waiting => "waiting",
            Self::Merged => "merged",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether something is to come of the token yet.
    pub(crate) const fn is_unfinished(self) -> bool {
        matches!(self, Self::Pending | Self::Dispatched | Self::Waiting)
    }
}

impl Token {
    /// A token that nothing has been done with.
    pub(crate) fn new(id: String, node: &str, parent: Option<&Self>, branch: Option<Box<Branch>>) -> Self {
        let parent = parent.map(|parent| parent.id.clone());
        Self { id, node: node.to_owned(), status: Status::Pending, parent, branch, input: Value::Null }
    }

    /// The ways out of a fan-out know which of them this is; a token in no branch is the one of one.
    pub(crate) fn place(&self) -> (u64, u64) {
        self.branch.as_ref().map_or((0, 1), |branch| (branch.index, branch.total))
    }

    pub(crate) fn branch_id(&self) -> Option<&str> {
        self.branch.as_ref().map(|branch| branch.id.as_str())
    }

    /// The branches that it is in, the innermost first.
    pub(crate) fn branches(&self) -> impl Iterator<Item = &Branch> {
        iter::successors(self.branch.as_deref(), |branch| branch.outer.as_deref())
    }

    /// Whether this is the first token of its branch.
    pub(crate) fn opens_branch(&self) -> bool {
        self.branch_id() == Some(self.id.as_str())
    }
}
