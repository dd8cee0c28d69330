//! A token that comes to a fan-in enters, with its siblings that wait there; whether it waits, or goes on for all, leaves.

use tense::prepared;

use super::TokenIds;
use crate::decision::{Decision, Plan};
use crate::definition::{FanIn, Transition};
use crate::token::{Branch, Status, Token};

/// Decides about the arrival. A token of another group is let be: the plan then has no decisions.
pub(crate) fn arrive(
    transition: &Transition,
    fan_in: &FanIn,
    token: &Token,
    waiting: &[Token],
    ids: &mut TokenIds<'_>,
) -> Plan {
    let (token_id, node_id) = (&token.id, &token.node);
    let mut plan = Plan::default();
    plan.events.push(prepared!(decision.sync.start, token_id, node_id));
    plan.events.push(prepared!(decision.sync.sibling_group_check, token_id, node_id));
    let Some(branch) = token.branch.as_deref().filter(|branch| branch.group == fan_in.group) else {
        plan.events.push(prepared!(decision.sync.skipped_wrong_sibling_group, token_id, node_id));
        return plan;
    };
    plan.decisions.push(Decision::MarkWaiting { token: token.id.clone() });
    plan.events.push(prepared!(decision.sync.check_condition, token_id, node_id));
    let mut siblings: Vec<(&Token, &Branch)> =
        waiting.iter().chain([token]).filter_map(|token| Some((token, token.branch.as_deref()?))).collect();
    if (siblings.len() as u64) < branch.total {
        plan.events.push(prepared!(decision.sync.wait, token_id, node_id));
        return plan;
    }
    siblings.sort_by_key(|(_, branch)| branch.index);
    plan.events.push(prepared!(decision.sync.activate, token_id, node_id));
    plan.decisions.extend(activate(transition, fan_in, branch, &siblings));
    let next = Token::new(ids.next(), &transition.to, Some(token), branch.outer.clone());
    plan.events.push(prepared!(decision.sync.continuation, token_id = next.id, node_id = next.node));
    plan.decisions.push(Decision::CreateToken { token: next });
    plan
}

/// What becomes of the siblings and of what they have written.
fn activate(transition: &Transition, fan_in: &FanIn, branch: &Branch, siblings: &[(&Token, &Branch)]) -> Vec<Decision> {
    let branches: Vec<String> = siblings.iter().map(|(_, branch)| branch.id.clone()).collect();
    let mut decisions = vec![Decision::ActivateFanIn {
        node: transition.to.clone(),
        path: transition.id.clone(),
        merged: branch.total,
    }];
    if fan_in.merge.is_some() {
        let into = branch.outer.as_ref().map(|outer| outer.id.clone());
        decisions.push(Decision::MergeBranches { transition: transition.id.clone(), branches: branches.clone(), into });
    }
    let merged =
        |(token, _): &(&Token, &Branch)| Decision::UpdateTokenStatus { token: token.id.clone(), to: Status::Merged };
    decisions.extend(siblings.iter().map(merged));
    decisions.push(Decision::DropBranchTables { branches });
    decisions
}
