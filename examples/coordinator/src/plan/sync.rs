//! A token that comes to a fan-in enters, with its siblings that wait there; whether it waits, or goes on for all, leaves. Or
//! a token that has fanned out into nothing enters, and goes on behind the fan-in itself.

use std::iter;

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
    let outer = branch.outer.as_deref();
    plan.decisions.extend(activate(transition, fan_in, outer, siblings.iter().map(|(_, branch)| branch.id.clone())));
    let merged =
        |(token, _): &(&Token, &Branch)| Decision::UpdateTokenStatus { token: token.id.clone(), to: Status::Merged };
    plan.decisions.extend(siblings.iter().map(merged));
    let branches = siblings.iter().map(|(_, branch)| branch.id.clone()).collect();
    plan.decisions.push(Decision::DropBranchTables { branches });
    let next = Token::new(ids.next(), &transition.to, Some(token), branch.outer.clone());
    plan.events.push(prepared!(decision.sync.continuation, token_id = next.id, node_id = next.node));
    plan.decisions.push(Decision::CreateToken { token: next });
    plan
}

/// Goes on behind a fan-in for which there are no siblings: the token itself has fanned out, over nothing.
pub(crate) fn go_on_for_none(transition: &Transition, fan_in: &FanIn, token: &Token, ids: &mut TokenIds<'_>) -> Plan {
    let mut plan = Plan::default();
    plan.events.push(prepared!(decision.sync.activate, token_id = token.id, node_id = token.node));
    plan.decisions.extend(activate(transition, fan_in, token.branch.as_deref(), iter::empty()));
    let next = Token::new(ids.next(), &transition.to, Some(token), token.branch.clone());
    plan.events.push(prepared!(decision.sync.continuation, token_id = next.id, node_id = next.node));
    plan.decisions.push(Decision::CreateToken { token: next });
    plan
}

/// What becomes of what the branches have written; `outer` is the branch around them.
fn activate(
    transition: &Transition,
    fan_in: &FanIn,
    outer: Option<&Branch>,
    branches: impl Iterator<Item = String>,
) -> Vec<Decision> {
    let branches: Vec<String> = branches.collect();
    let mut decisions = vec![Decision::ActivateFanIn {
        node: transition.to.clone(),
        path: transition.id.clone(),
        merged: branches.len() as u64,
    }];
    if fan_in.merge.is_some() {
        let into = outer.map(|outer| outer.id.clone());
        decisions.push(Decision::MergeBranches { transition: transition.id.clone(), branches, into });
    }
    decisions
}
