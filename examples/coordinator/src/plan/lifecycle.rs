//! A run enters; how it begins, how its tokens are sent off, and how it fails leaves.

use serde_json::Value;
use tense::prepared;

use super::{TokenIds, sync};
use crate::decision::{Decision, Plan};
use crate::definition::Definition;
use crate::token::{Status, Token};

/// A run that nothing has been done for.
pub(crate) fn start(definition: &Definition, input: Value, ids: &mut TokenIds<'_>) -> Plan {
    let root = Token::new(ids.next(), &definition.start, None, None);
    let events = vec![
        prepared!(decision.lifecycle.start),
        prepared!(decision.lifecycle.root_token_planned, token_id = root.id, node_id = root.node),
    ];
    Plan { decisions: vec![Decision::InitializeContext { input }, Decision::CreateToken { token: root }], events }
}

/// Tokens that are new.
pub(crate) fn send_off(tokens: &[Token]) -> Plan {
    let mark = |token: &Token| Decision::MarkForDispatch { token: token.id.clone() };
    Plan { decisions: tokens.iter().map(mark).collect(), events: Vec::new() }
}

/// A run that cannot go on: its tokens are cancelled, what its branches have written goes.
pub(crate) fn fail(error: String, tokens: &[Token]) -> Plan {
    let cancel = |token: &Token| Decision::UpdateTokenStatus { token: token.id.clone(), to: Status::Cancelled };
    let mut decisions: Vec<_> = tokens.iter().filter(|token| token.status.is_unfinished()).map(cancel).collect();
    let branches: Vec<String> = sync::open_branches(tokens.iter()).into_iter().map(str::to_owned).collect();
    if !branches.is_empty() {
        decisions.push(Decision::DropBranchTables { branches });
    }
    decisions.push(Decision::FailWorkflow { error });
    Plan { decisions, events: Vec::new() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::told;

    #[test]
    fn a_run_begins_with_its_context_and_one_token() {
        let text = r#"{"name": "w", "start": "a", "nodes": [{"id": "a", "task": "fail", "input": {"message": "no"}}]}"#;
        let definition = Definition::parse("w.json", text).unwrap();
        let plan = start(&definition, json!({"n": 1}), &mut TokenIds::new("w-1", 0));
        assert_eq!(told::decisions(&plan), ["initialize_context -", "create_token w-1.t1"]);
        assert_eq!(
            told::events(&plan),
            ["decision.lifecycle.start", r#"decision.lifecycle.root_token_planned token_id="w-1.t1" node_id="a""#,]
        );
    }

    #[test]
    fn a_run_that_fails_cancels_what_is_unfinished() {
        let token = |id: &str, status| Token { status, ..Token::new(id.to_owned(), "a", None, None) };
        let tokens = [token("t1", Status::Completed), token("t2", Status::Dispatched), token("t3", Status::Failed)];
        let plan = fail("no".to_owned(), &tokens);
        assert_eq!(told::decisions(&plan), ["update_token_status t2", "fail_workflow -"]);
    }
}
