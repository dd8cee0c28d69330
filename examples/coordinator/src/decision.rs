//! What a plan wants to be done. Decisions are plain values: they are compared in tests, and logged before they are
//! applied, so that a killed run knows where it was.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tense::Prepared;

use crate::token::{Status, Token};

/// One change that is to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Decision {
    InitializeContext { input: Value },
    CreateToken { token: Token },
    InitializeBranchTable { branch: String, transition: String },
    MarkForDispatch { token: String },
    UpdateTokenStatus { token: String, to: Status },
    MarkWaiting { token: String },
    ApplyOutput { token: String, output: Value },
    ApplyBranchOutput { token: String, output: Value },
    MergeBranches { transition: String, branches: Vec<String>, into: Option<String> },
    DropBranchTables { branches: Vec<String> },
    ActivateFanIn { node: String, path: String, merged: u64 },
    SetContext { path: String, value: Value },
    CompleteWorkflow { output: Value },
    FailWorkflow { error: String },
}

impl Decision {
    /// Its type, as events call it.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::InitializeContext { .. } => "initialize_context",
            Self::CreateToken { .. } => "create_token",
            Self::InitializeBranchTable { .. } => "initialize_branch_table",
            Self::MarkForDispatch { .. } => "mark_for_dispatch",
            Self::UpdateTokenStatus { .. } => "update_token_status",
            Self::MarkWaiting { .. } => "mark_waiting",
            Self::ApplyOutput { .. } => "apply_output",
            Self::ApplyBranchOutput { .. } => "apply_branch_output",
            Self::MergeBranches { .. } => "merge_branches",
            Self::DropBranchTables { .. } => "drop_branch_tables",
            Self::ActivateFanIn { .. } => "activate_fan_in",
            Self::SetContext { .. } => "set_context",
            Self::CompleteWorkflow { .. } => "complete_workflow",
            Self::FailWorkflow { .. } => "fail_workflow",
        }
    }

    /// The token that it is about.
    pub(crate) fn token_id(&self) -> Option<&str> {
        match self {
            Self::CreateToken { token } => Some(&token.id),
            Self::MarkForDispatch { token }
            | Self::UpdateTokenStatus { token, .. }
            | Self::MarkWaiting { token }
            | Self::ApplyOutput { token, .. }
            | Self::ApplyBranchOutput { token, .. } => Some(token),
            Self::InitializeBranchTable { branch, .. } => Some(branch),
            _ => None,
        }
    }
}

/// What a planning function returns.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Plan {
    pub(crate) decisions: Vec<Decision>,
    /// What there is to tell about how it was planned; emitted once the decisions are logged.
    pub(crate) events: Vec<Prepared>,
}
