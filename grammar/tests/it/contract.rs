//! The fields of a call: what its events carry and need, and how a mistake in them is told.

use tense_grammar::{Contract, FieldKind, Form, Registry, Resolved, Written, WrittenField};

const FILE: &str = r#"
version = 1
[context]
inherit = ["token_id"]
[events."operation.tokens.created"]
fields = { token_id = "string", node_id = "string", branch = "integer?" }
[events."operation.tokens.dropped"]
[events."dispatch.batch.start"]
fields = { count = "integer" }
[events."dispatch.batch.complete"]
fields = { applied = "integer", errors = "integer?" }
[events."dispatch.workflow.run"]
fields = { has_output = "bool" }
failed = "dispatch.workflow.error"
[events."dispatch.workflow.error"]
fields = { error = "string", code = "integer" }
"#;

fn resolved(registry: &Registry, name: &str) -> Resolved {
    let segments: Vec<&str> = name.split('.').collect();
    registry.resolve(&Written::new(&segments, Form::Action)).unwrap()
}

/// `a b=_ c`
fn contract(registry: &Registry, name: &str, fields: &str) -> Result<Contract, Vec<String>> {
    let fields: Vec<WrittenField<'_>> = fields
        .split_whitespace()
        .map(|field| WrittenField { name: field.trim_end_matches("=_"), later: field.ends_with("=_") })
        .collect();
    let contract = registry.contract(&resolved(registry, name), Form::Action, &fields);
    contract.map_err(|violations| violations.into_iter().map(|violation| violation.message).collect())
}

#[test]
fn mistakes_in_fields_are_told_together() {
    let registry = Registry::parse(FILE).unwrap();
    let table: &[(&str, &str, &[&str])] = &[
        ("operation.tokens.created", "node_id", &[]),
        ("operation.tokens.created", "node_id=_ token_id=_ branch", &[]),
        ("operation.tokens.created", "node_id job_id user_id", &[]),
        (
            "operation.tokens.created",
            "nodeid",
            &[
                "`operation.tokens.created` declares no field `nodeid`: write `node_id`, or declare it in tense.toml [fields/unknown]",
                "`node_id` (string) is missing, which `operation.tokens.created` declares: record it in `fields(..)`, or say in \
                 tense.toml that it may be absent, as in `\"string?\"` [fields/missing]",
            ],
        ),
        (
            "operation.tokens.created",
            "node_id weather",
            &[
                "`operation.tokens.created` declares no field `weather`: it has `branch`, `node_id`, `token_id`; declare it in \
               tense.toml, or leave it out [fields/unknown]",
            ],
        ),
        // nothing is said of its fields, and names are open
        ("operation.tokens.dropped", "weather", &[]),
        // nor of this event
        ("operation.tokens.moved", "weather", &[]),
        ("dispatch.batch.*", "count applied=_", &[]),
        (
            "dispatch.batch.*",
            "errors",
            &[
                "`count` (integer) is missing, which `dispatch.batch.start` declares: record it in `fields(..)`, or say in \
                 tense.toml that it may be absent, as in `\"integer?\"` [fields/missing]",
                "`applied` (integer) is missing, which `dispatch.batch.complete` declares: record it in `fields(..)`, or say in \
                 tense.toml that it may be absent, as in `\"integer?\"` [fields/missing]",
            ],
        ),
        (
            "dispatch.batch.*",
            "count=_ applied=_",
            &[
                "`count` belongs to `dispatch.batch.start`, which is emitted before the body could fill it in: give its value \
               here [fields/later]",
            ],
        ),
        // what only the failure has may be recorded, and need not be
        ("dispatch.workflow.run", "has_output=_", &[]),
        ("dispatch.workflow.run", "has_output=_ code", &[]),
        // a failure that follows from its event takes what that has
        ("operation.tokens.create_failed", "", &[]),
        ("operation.tokens.create_failed", "branch", &[]),
    ];
    for (name, fields, expected) in table {
        let told = contract(&registry, name, fields).err().unwrap_or_default();
        assert_eq!(told, *expected, "{name} with {fields}");
    }
}

#[test]
fn in_a_closed_registry_no_fields_are_none() {
    let registry = Registry::parse(&FILE.replace("version = 1", "version = 1\nclosed = true")).unwrap();
    assert_eq!(
        contract(&registry, "operation.tokens.dropped", "weather").unwrap_err(),
        [
            "`operation.tokens.dropped` declares no field `weather`, and no other: declare it in tense.toml, or leave it out \
          [fields/unknown]"
        ]
    );
    contract(&registry, "operation.tokens.dropped", "token_id user_id").unwrap();
}

#[test]
fn each_event_carries_what_it_declares() {
    let registry = Registry::parse(FILE).unwrap();
    let batch = contract(&registry, "dispatch.batch.*", "count applied=_ errors=_ token_id").unwrap();
    assert_eq!((batch.start.fields, batch.done.fields, batch.failed.fields), (0b1001, 0b1110, 0b1110));
    assert_eq!((batch.start.needed.len(), batch.failed.needed.len()), (0, 0));
    assert_eq!(batch.done.needed, ["applied"], "a body may forget to fill it in");

    let workflow = contract(&registry, "dispatch.workflow.run", "has_output=_ code").unwrap();
    assert_eq!((workflow.done.fields, workflow.failed.fields), (0b01, 0b10));
    assert!(workflow.failed_has_error);
    assert_eq!(workflow.failed.needed, ["code"]);

    let undeclared = contract(&registry, "operation.tokens.moved", "a b").unwrap();
    assert_eq!(undeclared.done.fields & 0b11, 0b11);
    assert_eq!(undeclared.fields, [None, None]);
}

#[test]
fn what_may_be_inherited_may_be_absent() {
    let registry = Registry::parse(FILE).unwrap();
    let created = contract(&registry, "operation.tokens.created", "node_id token_id branch").unwrap();
    let kinds: Vec<_> = created.fields.iter().flatten().map(|field| (field.kind, field.optional)).collect();
    assert_eq!(kinds, [(FieldKind::String, false), (FieldKind::String, true), (FieldKind::Integer, true)]);
    assert_eq!(created.done.needed, ["token_id"], "absent, it is counted at run time");
}

#[test]
fn what_happens_at_a_moment_has_no_failure() {
    let registry = Registry::parse(FILE).unwrap();
    let run = resolved(&registry, "dispatch.workflow.run");
    let fields = ["has_output", "code"].map(|name| WrittenField { name, later: false });
    assert!(registry.contract(&run, Form::Action, &fields).is_ok());
    let told = registry.contract(&run, Form::Point, &fields).unwrap_err();
    assert_eq!((told[0].rule, told[0].field), ("fields/unknown", Some(1)));
}
