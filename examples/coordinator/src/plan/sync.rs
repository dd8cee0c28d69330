//! A token that comes to a fan-in enters, with its siblings; whether it waits, or goes on for all, leaves. Or a token
//! that has fanned out into nothing enters, and goes on behind the fan-in itself.
//!
//! Branches are waited for, not tokens. A branch that splits without a fan-out has several: it has come with the first
//! of them that comes. Once all branches have, they are over, and so is whatever else is at work in them.

use std::collections::{BTreeMap, HashSet};
use std::iter;

use tense::prepared;

use super::TokenIds;
use crate::decision::{Decision, Plan};
use crate::definition::{FanIn, Transition};
use crate::token::{Branch, Status, Token};

/// Whether the last of the branches has come with a token of this one. `siblings` may be others as well.
pub(crate) fn all_have_come(branch: &Branch, siblings: &[Token]) -> bool {
    come(branch, siblings).len() as u64 >= branch.total
}

/// The branches that have come, in their order: this one, and those of the siblings that wait.
fn come<'t>(branch: &'t Branch, siblings: &'t [Token]) -> BTreeMap<u64, &'t str> {
    let waiting = siblings.iter().filter(|token| token.status == Status::Waiting);
    let of_group = waiting
        .filter_map(|token| token.branch.as_deref())
        .filter(|other| (&other.opened_by, &other.group) == (&branch.opened_by, &branch.group));
    of_group.chain([branch]).map(|branch| (branch.index, branch.id.as_str())).collect()
}

/// Decides about the arrival. A token of another group is let be: the plan then has no decisions.
///
/// `siblings` are those that wait; when [all have come](all_have_come), every token of their branches.
pub(crate) fn arrive(
    transition: &Transition,
    fan_in: &FanIn,
    token: &Token,
    siblings: &[Token],
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
    if !all_have_come(branch, siblings) {
        plan.events.push(prepared!(decision.sync.wait, token_id, node_id));
        return plan;
    }
    plan.events.push(prepared!(decision.sync.activate, token_id, node_id));
    let come: Vec<&str> = come(branch, siblings).into_values().collect();
    let outer = branch.outer.as_deref();
    plan.decisions.extend(activate(transition, fan_in, outer, come.iter().map(|id| (*id).to_owned())));

    let is_within = |one: &&Token| one.branches().any(|branch| come.contains(&branch.id.as_str()));
    let within: Vec<&Token> = siblings.iter().filter(is_within).collect();
    let unfinished = within.iter().filter(|one| one.status.is_unfinished() && one.id != token.id);
    let merged = |one: &Token| Decision::UpdateTokenStatus { token: one.id.clone(), to: Status::Merged };
    plan.decisions.extend(unfinished.copied().chain([token]).map(merged));
    // Those that were opened within them, and never came to a fan-in, end as well.
    let inner = open_branches(within.iter().copied()).into_iter().filter(|id| !come.contains(id));
    let branches = come.iter().copied().chain(inner).map(str::to_owned).collect();
    plan.decisions.push(Decision::DropBranchTables { branches });

    let next = Token::new(ids.next(), &transition.to, Some(token), branch.outer.clone());
    plan.events.push(prepared!(decision.sync.continuation, token_id = next.id, node_id = next.node));
    plan.decisions.push(Decision::CreateToken { token: next });
    plan
}

/// The branches that some of the tokens have opened, and that are not over. One is when a token of it was merged, or of
/// one that is around it.
pub(super) fn open_branches<'t>(tokens: impl Iterator<Item = &'t Token> + Clone) -> Vec<&'t str> {
    let merged = tokens.clone().filter(|token| token.status == Status::Merged);
    let over: HashSet<&str> = merged.filter_map(Token::branch_id).collect();
    let is_open = |token: &&Token| token.opens_branch() && !token.branches().any(|one| over.contains(one.id.as_str()));
    tokens.filter(is_open).map(|token| token.id.as_str()).collect()
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
