//! Everything is called; what was emitted has to be what the file declares, no more and no less.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use boon::{Compiler, Schemas};
use tense_grammar::Registry;
use tense_layer::testing::capture;
use tense_ui_coordinator::{decision, dispatch, operation, queries};

fn registry() -> Registry {
    Registry::parse(include_str!("../tense.toml")).unwrap()
}

#[test]
fn every_declared_event_is_emitted_and_no_other() {
    let capture = capture();
    operation::all();
    dispatch::all();
    decision::all();
    queries::all();
    let events = capture.events();
    let emitted: BTreeSet<&str> = events.iter().map(|event| event.event_type.as_ref()).collect();
    let registry = registry();
    let declared: BTreeSet<&str> = registry.events().map(|event| event.name.as_str()).collect();
    assert_eq!(emitted, declared);
}

#[test]
fn every_event_carries_the_fields_that_it_declares_and_no_other() {
    let capture = capture();
    operation::all();
    dispatch::all();
    decision::all();
    queries::all();
    let registry = registry();
    for event in capture.events() {
        let declared: BTreeSet<&str> =
            registry.event(&event.event_type).unwrap().fields.keys().map(String::as_str).collect();
        let carried: BTreeSet<&str> = event.data.iter().map(|(name, _)| name).collect();
        assert_eq!(carried, declared, "{}", event.event_type);
        assert_eq!(event.absent, [""; 0], "{}", event.event_type);
    }
}

#[test]
fn the_registry_is_closed_and_exempts_eleven_names() {
    let registry = registry();
    assert!(registry.is_closed());
    assert_eq!(registry.events().filter(|event| event.exempt.is_some()).count(), 11);
}

#[test]
fn a_named_failure_gets_the_message_as_its_field() {
    let capture = capture();
    dispatch::all();
    let events = capture.events();
    let failed = events.iter().find(|event| event.event_type == "dispatch.workflow.failed").unwrap();
    assert_eq!(failed.span_name, "dispatch.workflow.completed");
    assert_eq!(failed.data.get("error").unwrap(), "no output");
    assert_eq!(failed.data.len(), 1, "what only the success declares stays there: {:?}", failed.data);
}

#[test]
fn every_event_is_as_the_schema_of_the_command_says() {
    let schema = include_str!("../../../cli/tests/snapshots/coordinator.schema.json");
    let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
    compiler.add_resource("coordinator.json", serde_json::from_str(schema).unwrap()).unwrap();
    let schema = compiler.compile("coordinator.json", &mut schemas).unwrap();
    let capture = capture();
    operation::all();
    dispatch::all();
    decision::all();
    queries::all();
    for event in capture.events() {
        let event = serde_json::to_value(&event).unwrap();
        schemas.validate(&event, schema).unwrap_or_else(|error| panic!("{error:#}\n{event:#}"));
    }
}
