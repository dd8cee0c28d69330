//! What a task gave back enters, and what becomes of it leaves; the values of a finished run enter, and its output
//! leaves.

use serde_json::{Map, Value, json};
use tense::prepared;

use crate::decision::{Decision, Plan};
use crate::definition::{Definition, Node, OnFailure};
use crate::token::{Status, Token};

/// A task has been done, or has failed for the last time.
pub(crate) fn task(node: &Node, token: &Token, outcome: Result<Value, String>) -> Plan {
    let output = match (outcome, node.on_failure) {
        (Ok(output), _) => output,
        (Err(error), OnFailure::Continue) => json!({ "error": error }),
        (Err(_), OnFailure::Fail) => {
            let failed = Decision::UpdateTokenStatus { token: token.id.clone(), to: Status::Failed };
            return Plan { decisions: vec![failed], events: Vec::new() };
        }
    };
    let has_branch_output = node.output.iter().any(|(target, _)| target.root() == "branch");
    let has_output = node.output.iter().any(|(target, _)| target.root() != "branch");
    let mut decisions = Vec::new();
    if has_branch_output {
        decisions.push(Decision::ApplyBranchOutput { token: token.id.clone(), output: output.clone() });
    }
    if has_output || !has_branch_output {
        decisions.push(Decision::ApplyOutput { token: token.id.clone(), output });
    }
    decisions.push(Decision::UpdateTokenStatus { token: token.id.clone(), to: Status::Completed });
    Plan { decisions, events: Vec::new() }
}

/// Nothing is left to be done in the run.
pub(crate) fn workflow(definition: &Definition, values: &Value) -> Plan {
    let mut plan = Plan::default();
    plan.events.push(prepared!(decision.completion.start));
    let mut output = Map::new();
    if definition.output.is_empty() {
        plan.events.push(prepared!(decision.completion.no_mapping));
    }
    for (name, source) in &definition.output {
        plan.events.push(prepared!(decision.completion.extract));
        let value = source.value(values);
        plan.decisions.push(Decision::SetContext { path: format!("output.{name}"), value: value.clone() });
        output.insert(name.clone(), value);
    }
    let output = if definition.output.is_empty() { Value::Null } else { output.into() };
    plan.decisions.push(Decision::CompleteWorkflow { output });
    plan.events.push(prepared!(decision.completion.complete));
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::told;

    fn definition(output: &str, node: &str) -> Definition {
        let text = format!(
            r#"{{"name": "w", "start": "a", "output": {output},
                "nodes": [{{"id": "a", "task": "wait", "input": {{"ms": 0}}{node}}}]}}"#
        );
        Definition::parse("w.json", &text).unwrap()
    }

    #[test]
    fn the_output_is_taken_from_the_context() {
        let values = json!({"state": {"total": 7}});
        let plan = workflow(&definition(r#"{"total": "$state.total"}"#, ""), &values);
        assert_eq!(
            plan.decisions,
            [
                Decision::SetContext { path: "output.total".to_owned(), value: json!(7) },
                Decision::CompleteWorkflow { output: json!({"total": 7}) },
            ]
        );
        let expected = ["decision.completion.start", "decision.completion.extract", "decision.completion.complete"];
        assert_eq!(told::events(&plan), expected);

        let plan = workflow(&definition("{}", ""), &values);
        assert_eq!(plan.decisions, [Decision::CompleteWorkflow { output: Value::Null }]);
        assert_eq!(told::events(&plan)[1], "decision.completion.no_mapping");
    }

    #[test]
    fn a_failure_ends_the_token_or_is_its_result() {
        let token = Token::new("w-1.t1".to_owned(), "a", None, None);
        let definition = |node| definition("{}", node);
        let plan = task(&definition("").nodes[0], &token, Err("no".to_owned()));
        let failed = Decision::UpdateTokenStatus { token: token.id.clone(), to: Status::Failed };
        assert_eq!(plan.decisions, [failed]);
        let plan = task(&definition(r#", "on_failure": "continue""#).nodes[0], &token, Err("no".to_owned()));
        assert_eq!(told::decisions(&plan), ["apply_output w-1.t1", "update_token_status w-1.t1"]);
    }
}
