//! A token whose task has been done enters, with the values that conditions look at; the ways that it goes leave.

use std::collections::BTreeMap;

use serde_json::Value;
use tense::prepared;

use super::{TokenIds, sync};
use crate::decision::{Decision, Plan};
use crate::definition::{Definition, FanOut, Transition, When};
use crate::token::{Branch, Token};

/// So many siblings may one token become: each that arrives looks at all that wait.
const MOST_SIBLINGS: usize = 1_000;

/// Looks at every transition that leaves the token's node. `siblings` are what [`sync::arrive`] wants to know.
///
/// # Errors
/// When a fan-out goes over something that is no list, or a list that is too long.
pub(crate) fn route(
    definition: &Definition,
    token: &Token,
    values: &Value,
    siblings: &[Token],
    ids: &mut TokenIds<'_>,
) -> Result<Plan, String> {
    let (token_id, node_id) = (&token.id, &token.node);
    let mut plan = Plan::default();
    plan.events.push(prepared!(decision.routing.start, token_id, node_id));
    let mut ways = Vec::new();
    let mut is_any_taken = false;
    let mut is_waiting = false;
    for transition in definition.leaving(&token.node) {
        plan.events.push(prepared!(decision.routing.evaluate_transition, token_id, node_id));
        let is_taken = match &transition.when {
            When::Always => true,
            When::Otherwise => !is_any_taken,
            When::Holds(condition) => condition.holds(values),
        };
        if !is_taken {
            continue;
        }
        plan.events.push(prepared!(decision.routing.transition_matched, token_id, node_id));
        match &transition.fan_in {
            None => ways.push(transition),
            // It can wait in one place only.
            Some(_) if is_waiting => continue,
            Some(fan_in) => {
                let arrival = sync::arrive(transition, fan_in, token, siblings, ids);
                is_waiting = !arrival.decisions.is_empty();
                plan.decisions.extend(arrival.decisions);
                plan.events.extend(arrival.events);
                if !is_waiting {
                    continue;
                }
            }
        }
        is_any_taken = true;
    }
    let left = leave(definition, token, &ways, values, ids)?;
    plan.decisions.extend(left.decisions);
    plan.events.extend(left.events);
    plan.events.push(prepared!(decision.routing.complete, token_id, node_id));
    Ok(plan)
}

/// One token for each way, and one for each item where a way fans out.
fn leave(
    definition: &Definition,
    token: &Token,
    ways: &[&Transition],
    values: &Value,
    ids: &mut TokenIds<'_>,
) -> Result<Plan, String> {
    let mut branches = Vec::new();
    let mut plan = Plan::default();
    for transition in ways {
        match &transition.fan_out {
            None => {
                let next = Token::new(ids.next(), &transition.to, Some(token), token.branch.clone());
                plan.decisions.push(Decision::CreateToken { token: next });
            }
            Some(fan_out) => {
                let items = items(transition, fan_out, values)?;
                branches.extend(items.into_iter().map(|item| (*transition, fan_out.group.as_str(), item)));
            }
        }
    }
    // Nobody would ever come to the fan-in of a group without branches.
    let mut empty: BTreeMap<&str, &Transition> = BTreeMap::new();
    for (transition, fan_out) in ways.iter().filter_map(|way| Some((way, way.fan_out.as_ref()?))) {
        if !branches.iter().any(|(_, group, _)| *group == fan_out.group) {
            empty.entry(&fan_out.group).or_insert(transition);
        }
    }
    for (group, transition) in empty {
        if let Some((behind, fan_in)) = definition.fan_in_behind(transition, group) {
            let arrival = sync::go_on_for_none(behind, fan_in, token, ids);
            plan.decisions.extend(arrival.decisions);
            plan.events.extend(arrival.events);
        }
    }
    // Several ways may lead into one group: a branch knows its place among all of them.
    let mut totals: BTreeMap<&str, u64> = BTreeMap::new();
    branches.iter().for_each(|(_, group, _)| *totals.entry(group).or_default() += 1);
    let mut taken: BTreeMap<&str, u64> = BTreeMap::new();
    let mut tables = Vec::new();
    for (transition, group, item) in branches {
        let id = ids.next();
        let index = taken.entry(group).or_default();
        let branch = Branch {
            id: id.clone(),
            transition: transition.id.clone(),
            group: group.to_owned(),
            opened_by: token.id.clone(),
            index: *index,
            total: totals.get(group).copied().unwrap_or_default(),
            item,
            outer: token.branch.clone(),
        };
        *index += 1;
        tables.push(Decision::InitializeBranchTable { branch: id.clone(), transition: transition.id.clone() });
        let next = Token::new(id, &transition.to, Some(token), Some(Box::new(branch)));
        plan.decisions.push(Decision::CreateToken { token: next });
    }
    plan.decisions.extend(tables);
    Ok(plan)
}

fn items(transition: &Transition, fan_out: &FanOut, values: &Value) -> Result<Vec<Value>, String> {
    let Some(over) = &fan_out.over else { return Ok(vec![Value::Null]) };
    match over.get(values) {
        Some(Value::Array(items)) if items.len() <= MOST_SIBLINGS => Ok(items.clone()),
        Some(Value::Array(items)) => {
            let count = items.len();
            Err(format!(
                "`{}` fans out over {count} items of `{over}`, and {MOST_SIBLINGS} are the most",
                transition.id
            ))
        }
        other => {
            let found = other.unwrap_or(&Value::Null);
            Err(format!("`{}` fans out over `{over}`, which is {found} and no list", transition.id))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::told;
    use crate::token::Status;

    /// `a` fans out over a list; or it goes to `c`; what comes to `b` waits for its siblings before `c`.
    fn definition() -> Definition {
        let wait = r#""task": "wait", "input": {"ms": 0}"#;
        let text = format!(
            r#"{{"name": "w", "start": "a",
                "nodes": [{{"id": "a", {wait}}}, {{"id": "b", {wait}}}, {{"id": "c", {wait}}}],
                "transitions": [
                    {{"id": "each", "from": "a", "to": "b", "when": "state.n > 0", "fan_out": {{"group": "g", "over": "state.list"}}}},
                    {{"id": "none", "from": "a", "to": "c", "when": "otherwise"}},
                    {{"id": "all", "from": "b", "to": "c", "fan_in": {{"group": "g"}}}}]}}"#
        );
        Definition::parse("w.json", &text).unwrap()
    }

    fn route_from_a(values: &Value) -> Result<Plan, String> {
        let token = Token::new("w-1.t1".to_owned(), "a", None, None);
        route(&definition(), &token, values, &[], &mut TokenIds::new("w-1", 1))
    }

    #[test]
    fn a_list_becomes_siblings_with_a_table_each() {
        let plan = route_from_a(&json!({"state": {"n": 2, "list": ["x", "y"]}})).unwrap();
        assert_eq!(
            told::decisions(&plan),
            [
                "create_token w-1.t2",
                "create_token w-1.t3",
                "initialize_branch_table w-1.t2",
                "initialize_branch_table w-1.t3",
            ]
        );
        let Decision::CreateToken { token } = &plan.decisions[1] else { panic!("{:?}", plan.decisions[1]) };
        let branch = token.branch.as_deref().unwrap();
        assert_eq!((branch.index, branch.total, &branch.item, branch.group.as_str()), (1, 2, &json!("y"), "g"));
        assert_eq!(
            told::events(&plan),
            [
                r#"decision.routing.start token_id="w-1.t1" node_id="a""#,
                r#"decision.routing.evaluate_transition token_id="w-1.t1" node_id="a""#,
                r#"decision.routing.transition_matched token_id="w-1.t1" node_id="a""#,
                r#"decision.routing.evaluate_transition token_id="w-1.t1" node_id="a""#,
                r#"decision.routing.complete token_id="w-1.t1" node_id="a""#,
            ]
        );
    }

    /// Nothing has changed yet when something is planned, so no plan can tell of an operation.
    #[test]
    fn a_plan_tells_of_decisions_alone() {
        let waiting = Token { status: Status::Waiting, ..sibling(2) };
        let arrive =
            |siblings: &[Token]| route(&definition(), &sibling(3), &json!({}), siblings, &mut TokenIds::new("w-1", 3));
        let plans = [
            route_from_a(&json!({"state": {"n": 2, "list": ["x", "y"]}})),
            route_from_a(&json!({"state": {"n": 1, "list": []}})),
            route_from_a(&json!({"state": {"n": 0}})),
            arrive(&[]),
            arrive(&[waiting]),
        ];
        for plan in plans {
            let events = plan.unwrap().events;
            assert!(events.len() > 2);
            assert!(events.iter().all(|event| event.name().starts_with("decision.")), "{events:?}");
        }
    }

    #[test]
    fn otherwise_is_taken_when_nothing_before_it_was() {
        let plan = route_from_a(&json!({"state": {"n": 0}})).unwrap();
        assert_eq!(told::decisions(&plan), ["create_token w-1.t2"]);
    }

    #[test]
    fn an_empty_list_goes_on_behind_the_fan_in() {
        let plan = route_from_a(&json!({"state": {"n": 1, "list": []}})).unwrap();
        assert_eq!(told::decisions(&plan), ["activate_fan_in -", "create_token w-1.t2"]);
        let Decision::CreateToken { token } = &plan.decisions[1] else { panic!("{:?}", plan.decisions[1]) };
        assert_eq!((token.node.as_str(), token.branch.as_deref()), ("c", None));
    }

    #[test]
    fn only_lists_fan_out() {
        let error = route_from_a(&json!({"state": {"n": 1, "list": "x"}})).unwrap_err();
        assert_eq!(error, "`each` fans out over `state.list`, which is \"x\" and no list");
    }

    fn sibling(number: u64) -> Token {
        let branch = Branch {
            id: format!("w-1.t{number}"),
            transition: "each".to_owned(),
            group: "g".to_owned(),
            opened_by: "w-1.t1".to_owned(),
            index: number - 2,
            total: 2,
            item: Value::Null,
            outer: None,
        };
        Token { status: Status::Completed, ..Token::new(branch.id.clone(), "b", None, Some(Box::new(branch))) }
    }

    #[test]
    fn the_first_sibling_waits_and_the_last_one_goes_on_for_all() {
        let first = route(&definition(), &sibling(2), &json!({}), &[], &mut TokenIds::new("w-1", 3)).unwrap();
        assert_eq!(told::decisions(&first), ["mark_waiting w-1.t2"]);
        let events = told::events(&first);
        assert!(events.iter().any(|event| event.starts_with("decision.sync.wait ")), "{events:?}");

        let waiting = Token { status: Status::Waiting, ..sibling(2) };
        let last = route(&definition(), &sibling(3), &json!({}), &[waiting], &mut TokenIds::new("w-1", 3)).unwrap();
        assert_eq!(
            told::decisions(&last),
            [
                "mark_waiting w-1.t3",
                "activate_fan_in -",
                "update_token_status w-1.t2",
                "update_token_status w-1.t3",
                "drop_branch_tables -",
                "create_token w-1.t4",
            ]
        );
        let events = told::events(&last);
        assert!(events.iter().any(|event| event.starts_with("decision.sync.activate ")), "{events:?}");
    }
    #[test]
    fn two_tokens_of_one_branch_are_one_branch() {
        let of_second = |number: u64, status| Token { id: format!("w-1.t{number}"), status, ..sibling(2) };
        let other = route(
            &definition(),
            &of_second(5, Status::Completed),
            &json!({}),
            &[of_second(4, Status::Waiting)],
            &mut TokenIds::new("w-1", 5),
        );
        assert_eq!(told::decisions(&other.unwrap()), ["mark_waiting w-1.t5"]);

        // With the other branch all have come; what is at work in the second one is late.
        let siblings = [sibling(2), of_second(4, Status::Waiting), of_second(5, Status::Dispatched), sibling(3)];
        let last = route(&definition(), &sibling(3), &json!({}), &siblings, &mut TokenIds::new("w-1", 5)).unwrap();
        assert_eq!(
            told::decisions(&last),
            [
                "mark_waiting w-1.t3",
                "activate_fan_in -",
                "update_token_status w-1.t4",
                "update_token_status w-1.t5",
                "update_token_status w-1.t3",
                "drop_branch_tables -",
                "create_token w-1.t6",
            ]
        );
        let branches = ["w-1.t2", "w-1.t3"].map(str::to_owned).into();
        assert_eq!(last.decisions[5], Decision::DropBranchTables { branches });
    }
}
