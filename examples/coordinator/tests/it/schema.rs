//! What the shipped workflows tell is what `tense schema` promises its readers.

use boon::{Compiler, Schemas};
use serde_json::Value;

use crate::command::{REGISTRY, ask};
use crate::events::stored;
use crate::program::Desk;

#[test]
fn every_event_of_the_shipped_workflows_is_as_the_schema_says() {
    let desk = Desk::new();
    let printed = ask(&desk, &["schema", "--registry", REGISTRY]);
    let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
    compiler.add_resource("coordinator.json", serde_json::from_str(&printed).unwrap()).unwrap();
    let schema = compiler.compile("coordinator.json", &mut schemas).unwrap();
    let validate = |event: &Value| schemas.validate(event, schema).map_err(|error| format!("{error:#}\n{event:#}"));

    assert_eq!(desk.run(&[]).code, Some(0));
    let events: Vec<Value> = stored(&desk).into_iter().map(|event| serde_json::to_value(event).unwrap()).collect();
    assert_eq!(events.len() as i64, desk.event_count());
    for event in &events {
        validate(event).unwrap_or_else(|error| panic!("{error}"));
    }

    // It says no as well: a token is known by a text.
    let mut of_token = events.into_iter().filter(|event| event["event_type"] == "operation.tokens.created");
    let mut wrong = of_token.next().unwrap();
    wrong["data"]["token_id"] = 7.into();
    assert!(validate(&wrong).is_err(), "{wrong:#}");
}
