//! Written names and what they stand for, or what is wrong with them.

use tense_grammar::{Form, Registry, Resolved, Violation, Written};

fn action(registry: &Registry, written: &Written<'_>) -> (String, String) {
    match registry.resolve(written) {
        Ok(Resolved::Action { event, failed, .. }) => (event, failed),
        other => panic!("{written:?}: {other:?}"),
    }
}

fn violations(registry: &Registry, written: &Written<'_>) -> Vec<Violation> {
    registry.resolve(written).unwrap_err()
}

fn only(registry: &Registry, written: &Written<'_>) -> Violation {
    let mut all = violations(registry, written);
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

fn coordinator() -> Registry {
    Registry::parse(include_str!("../../../ui-tests/coordinator/tense.toml")).unwrap()
}

#[test]
fn what_fails_is_another_event() {
    let table = [
        ("operation.tokens.created", "operation.tokens.create_failed"),
        ("operation.tokens.status_updated", "operation.tokens.status_update_failed"),
        ("operation.jobs.rolled_back", "operation.jobs.roll_back_failed"),
        ("operation.context.field_set", "operation.context.field_set_failed"),
        ("operation.tokens.written_to_disk", "operation.tokens.write_to_disk_failed"),
        ("operation.tokens.created_successfully", "operation.tokens.create_failed"),
        ("operation.sync.skipped_wrong_group", "operation.sync.skip_wrong_group_failed"),
        ("operation.jobs.initialized", "operation.jobs.initialize_failed"),
        ("dispatch.mapping.apply", "dispatch.mapping.apply_fail"),
        ("decision.sync.continuation", "decision.sync.continuation_fail"),
        ("sql.query", "sql.query_fail"),
        ("weather.changed", "weather.changed_fail"),
    ];
    for (name, expected) in table {
        let segments: Vec<&str> = name.split('.').collect();
        let (event, failed) = action(&Registry::builtin(), &Written::new(&segments, Form::Action));
        assert_eq!((event.as_str(), failed.as_str()), (name, expected));
    }
    let completed = Written::new(&["dispatch", "workflow", "completed"], Form::Action);
    assert_eq!(action(&coordinator(), &completed).1, "dispatch.workflow.failed", "the registry names another one");
}

#[test]
fn an_action_is_taken_from_the_function() {
    let table = [
        ("operation", "update_status", "status_updated"),
        ("operation", "create", "created"),
        ("operation", "created", "created"),
        ("operation", "create_token", "token_created"),
        ("operation", "r#yield", "yielded"),
        ("operation", "update_offset", "offset_updated"),
        ("operation", "set_input", "input_set"),
        ("operation", "roll_back", "rolled_back"),
        ("operation", "send_request", "request_sent"),
        ("operation", "acquire_lock", "lock_acquired"),
        ("operation", "log_request", "request_logged"),
        ("operation", "read", "read"),
        ("dispatch", "update_status", "update_status"),
        ("decision", "try_activate", "try_activate"),
        ("sql", "whatever", "whatever"),
    ];
    for (layer, function, expected) in table {
        let segments = [layer, "x", "_"];
        let written = Written::new(&segments, Form::Action).function(function);
        let (event, _) = action(&Registry::builtin(), &written);
        assert_eq!(event, format!("{layer}.x.{expected}"), "{function}");
    }

    let written = Written::new(&["operation", "x", "_"], Form::Action);
    assert_eq!(only(&Registry::builtin(), &written).rule, "name/function");
    for function in ["status", "_helper", "step_2", "new"] {
        let violation = only(&Registry::builtin(), &written.function(function));
        assert_eq!((violation.rule, violation.segment), ("name/function", 2), "{function}");
    }
    let past_in_present = Written::new(&["dispatch", "x", "_"], Form::Action).function("created");
    assert_eq!(only(&Registry::builtin(), &past_in_present).rule, "tense/present");
}

#[test]
fn a_life_speaks_in_its_layers_tense() {
    let present = "start complete fail attempt attempt_fail";
    let past = "started completed failed attempted attempt_failed";
    let table = [
        (Form::Action, &["dispatch", "batch", "*"][..], "dispatch.batch", present),
        (Form::Action, &["operation", "merge", "*"], "operation.merge", past),
        (Form::Action, &["weather", "storm", "*"], "weather.storm", present),
        (Form::Life, &["dispatch", "funding"], "dispatch.funding", present),
        (Form::Life, &["operation", "ledger", "booking"], "operation.ledger.booking", past),
    ];
    for (form, segments, name, words) in table {
        let ends: Vec<String> = words.split(' ').map(|word| format!("{name}.{word}")).collect();
        let expected = Resolved::Life {
            span_name: name.to_owned(),
            start: ends[0].clone(),
            complete: ends[1].clone(),
            fail: ends[2].clone(),
            attempted: ends[3].clone(),
            attempt_failed: ends[4].clone(),
            renamed: None,
        };
        assert_eq!(Registry::builtin().resolve(&Written::new(segments, form)), Ok(expected));
    }
}

#[test]
fn segments_and_wildcards() {
    let table = [
        (Form::Action, &["operation", "Tokens", "created"][..], "name/word", 1),
        (Form::Action, &["operation", "", "created"], "name/word", 1),
        (Form::Action, &["operation", "tokens", "_created"], "name/word", 2),
        (Form::Action, &["operation"], "name/too-short", 0),
        (Form::Action, &[], "name/too-short", 0),
        (Form::Action, &["dispatch", "*"], "name/too-short", 1),
        (Form::Life, &["dispatch"], "name/too-short", 0),
        (Form::Life, &["dispatch", "funding", "*"], "name/wildcard", 2),
        (Form::Life, &["dispatch", "_"], "name/wildcard", 1),
        (Form::Point, &["operation", "tokens", "_"], "name/wildcard", 2),
        (Form::Point, &["operation", "tokens", "*"], "name/wildcard", 2),
        (Form::Action, &["operation", "_", "created"], "name/wildcard", 1),
        (Form::Action, &["*", "tokens", "created"], "name/wildcard", 0),
    ];
    for (form, segments, rule, segment) in table {
        let violation = only(&Registry::builtin(), &Written::new(segments, form));
        assert_eq!((violation.rule, violation.segment), (rule, segment), "{segments:?}: {violation}");
    }
    let keyword = Written::new(&["operation", "r#type", "created"], Form::Action);
    assert_eq!(action(&Registry::builtin(), &keyword).0, "operation.type.created");
}

#[test]
fn all_mistakes_are_told_at_once() {
    let written = Written::new(&["operation", "tokenTable", "create"], Form::Action).exempt_tense("TODO");
    let rules: Vec<_> = violations(&Registry::builtin(), &written).iter().map(|v| (v.rule, v.segment)).collect();
    assert_eq!(rules, [("name/word", 1), ("exempt/reason", 2)]);
    let written = Written::new(&["operation", "tokenTable", "create"], Form::Action);
    let rules: Vec<_> = violations(&Registry::builtin(), &written).iter().map(|v| (v.rule, v.segment)).collect();
    assert_eq!(rules, [("name/word", 1), ("tense/past", 2)]);
}

#[test]
fn messages_give_the_rule_and_the_way_out() {
    let builtin = Registry::builtin();
    let table = [
        (
            &builtin,
            "operation.tokens.create",
            "`operation` events say what has happened, so their action is in the past tense: write `created` [tense/past]",
        ),
        (
            &builtin,
            "dispatch.branch.merged",
            "`dispatch` events say what is being done, so their action is in the present tense: write `merge`, \
             or `operation.branch.merged` if it reports a finished change [tense/present]",
        ),
        (
            &builtin,
            "operation.tokens.status",
            "`operation` events say what has happened, so their action is in the past tense, and `status` is not: close the \
             name with a participle (`created`, `status_updated`), or keep it with `exempt(tense, reason = \"..\")` [tense/past]",
        ),
        (
            &builtin,
            "operation.cacheTable.dropped",
            "a name is made of lower-case words joined by single underscores, each beginning with a letter: \
             write `cache_table` [name/word]",
        ),
    ];
    for (registry, name, expected) in table {
        let segments: Vec<&str> = name.split('.').collect();
        assert_eq!(only(registry, &Written::new(&segments, Form::Action)).message, expected);
    }
    // the moved name is spelt with the domain that the other layer has
    let text = "version = 1\n[events.\"operation.tokens.created\"]\n";
    let registry = Registry::parse(text).unwrap();
    let message = only(&registry, &Written::new(&["dispatch", "token", "created"], Form::Action)).message;
    assert!(message.contains("`operation.tokens.created` if it reports"), "{message}");
}

#[test]
fn exemptions_need_a_reason_and_a_need() {
    let builtin = Registry::builtin();
    let snapshot = Written::new(&["operation", "context", "snapshot"], Form::Action);
    let kept = action(&builtin, &snapshot.exempt_tense("readers of the stream key on it"));
    assert_eq!(kept, ("operation.context.snapshot".to_owned(), "operation.context.snapshot_failed".to_owned()));

    for weak in ["", "because", "TODO: find a reason", "fixme, not now please", "xxxxxxxxxxxxxxxxxxxx"] {
        assert_eq!(only(&builtin, &snapshot.exempt_tense(weak)).rule, "exempt/reason", "{weak}");
    }
    for good in ["none of its readers can change", "歴史的な理由でこの名前を残しておく必要がある"]
    {
        action(&builtin, &snapshot.exempt_tense(good));
    }
    let reason = "readers of the stream key on it";
    for segments in [&["operation", "context", "written"][..], &["sql", "query"], &["dispatch", "batch", "*"]] {
        let violation = only(&builtin, &Written::new(segments, Form::Action).exempt_tense(reason));
        assert_eq!(violation.rule, "exempt/stale", "{segments:?}");
    }
    let declared = only(&coordinator(), &snapshot.exempt_tense(reason));
    assert_eq!(declared.rule, "exempt/stale");
}

#[test]
fn a_closed_registry_knows_its_names() {
    let registry = coordinator();
    for event in registry.events() {
        let segments: Vec<&str> = event.name.split('.').collect();
        for form in [Form::Action, Form::Point] {
            let (resolved, failed) = action(&registry, &Written::new(&segments, form));
            assert_eq!(resolved, event.name);
            let failed: Vec<&str> = failed.split('.').collect();
            registry.resolve(&Written::new(&failed, Form::Point)).unwrap();
        }
        for old in &event.was {
            let segments: Vec<&str> = old.split('.').collect();
            let violation = only(&registry, &Written::new(&segments, Form::Action));
            assert_eq!((violation.rule, violation.suggestion), ("registry/renamed", Some(event.name.clone())), "{old}");
        }
    }
    let table = [
        ("dispatch.tokens.batch_created", "registry/removed", 2, None),
        ("operation.tokens.craeted", "registry/unknown-event", 2, Some("operation.tokens.created")),
        ("operation.token.created", "registry/unknown-event", 1, Some("operation.tokens.created")),
        ("operation.context.merge_it", "registry/unknown-event", 2, Some("operation.context.merged")),
        ("operation.context.validate", "registry/unknown-event", 2, Some("operation.context.validated")),
        ("weather.storm.approach_slowly", "registry/unknown-event", 2, None),
        // another word is no slip
        ("decision.sync.stop", "registry/unknown-event", 2, None),
        ("operation.tokens.deleted", "registry/unknown-event", 2, None),
        ("opration.tokens.created", "registry/unknown-event", 0, Some("operation.tokens.created")),
        ("operation.tokens_created", "registry/unknown-event", 1, Some("operation.tokens.created")),
    ];
    for (name, rule, segment, near) in table {
        let segments: Vec<&str> = name.split('.').collect();
        let violation = only(&registry, &Written::new(&segments, Form::Action));
        assert_eq!(
            (violation.rule, violation.segment, violation.suggestion.as_deref()),
            (rule, segment, near),
            "{name}"
        );
    }
}

#[test]
fn lines_are_built_in_and_need_no_declaration() {
    let registry = coordinator();
    for line in tense_grammar::built_in::LINES {
        let segments: Vec<&str> = line.split('.').collect();
        let (resolved, _) = action(&registry, &Written::new(&segments, Form::Point));
        assert_eq!(resolved, line);
    }
    assert_eq!(only(&registry, &Written::new(&["log", "note"], Form::Point)).rule, "registry/unknown-event");
}

#[test]
fn a_life_in_a_closed_registry_needs_both_ends() {
    let registry = coordinator();
    registry.resolve(&Written::new(&["dispatch", "batch"], Form::Life)).unwrap();
    registry.resolve(&Written::new(&["dispatch", "batch", "fail"], Form::Point)).unwrap();
    let violation = only(&registry, &Written::new(&["decision", "lifecycle", "*"], Form::Action));
    assert_eq!(violation.rule, "registry/unknown-event");
    assert_eq!(violation.judged, "decision.lifecycle.complete");
}

#[test]
fn while_migrating_old_names_stand_for_the_new_ones() {
    let text =
        "version = 1\nmigrating = true\n[events.\"operation.tokens.created\"]\nwas = [\"operation.tokens.create\"]\n";
    let registry = Registry::parse(text).unwrap();
    let old = Written::new(&["operation", "tokens", "create"], Form::Action);
    let Ok(Resolved::Action { event, failed, renamed: Some(renamed) }) = registry.resolve(&old) else { panic!() };
    assert_eq!((event.as_str(), failed.as_str()), ("operation.tokens.created", "operation.tokens.create_failed"));
    assert_eq!((renamed.rule, renamed.segment), ("registry/renamed", 2));
    assert_eq!(registry.successor("operation.tokens.create"), Some("operation.tokens.created"));
}

const OLD_LIFE: &str = r#"
[events."dispatch.batch.start"]
was = ["dispatch.batches.start"]
[events."dispatch.batch.complete"]
was = ["dispatch.batches.complete"]
"#;

#[test]
fn a_life_that_was_renamed_leads_to_the_new_one() {
    let old = Written::new(&["dispatch", "batches", "*"], Form::Action);
    let strict = Registry::parse(&format!("version = 1\n{OLD_LIFE}")).unwrap();
    let violation = only(&strict, &old);
    assert_eq!((violation.rule, violation.segment), ("registry/renamed", 1));
    assert_eq!(violation.suggestion.as_deref(), Some("dispatch.batch"));

    let migrating = Registry::parse(&format!("version = 1\nmigrating = true\n{OLD_LIFE}")).unwrap();
    let Ok(Resolved::Life { start, fail, renamed, .. }) = migrating.resolve(&old) else { panic!() };
    assert_eq!((start.as_str(), fail.as_str()), ("dispatch.batch.start", "dispatch.batch.fail"));
    assert!(renamed.is_some());

    // half of a life is none: its other end has nowhere to go
    let half = OLD_LIFE.replace("was = [\"dispatch.batches.complete\"]", "");
    let migrating = Registry::parse(&format!("version = 1\nmigrating = true\n{half}")).unwrap();
    assert_eq!(only(&migrating, &old).rule, "registry/renamed");
}

#[test]
fn one_operation_has_one_event() {
    let registry = Registry::parse("version = 1\n[events.\"operation.tokens.created\"]\n").unwrap();
    for name in ["dispatch.token.create", "dispatch.tokens.create", "decision.token.create"] {
        let segments: Vec<&str> = name.split('.').collect();
        let violation = only(&registry, &Written::new(&segments, Form::Action));
        assert_eq!((violation.rule, violation.segment), ("registry/owned", 0), "{name}");
        assert!(violation.message.contains("what `operation.tokens.created` reports already"), "{violation}");
    }
    // the tense is told first, and alone
    let created = Written::new(&["dispatch", "token", "created"], Form::Action);
    assert_eq!(only(&registry, &created).rule, "tense/present");
    for fine in ["dispatch.token.retry", "dispatch.account.create", "sql.token.create", "operation.token.created"] {
        let segments: Vec<&str> = fine.split('.').collect();
        registry.resolve(&Written::new(&segments, Form::Action)).unwrap();
    }
}

#[test]
fn a_layer_that_is_nearly_declared_is_a_slip() {
    let registry = Registry::parse("version = 1\n[layers.billing]\ntense = \"past\"\n").unwrap();
    let violation = only(&registry, &Written::new(&["biling", "invoices", "send"], Form::Action));
    assert_eq!((violation.rule, violation.suggestion.as_deref()), ("registry/unknown-layer", Some("billing")));
    registry.resolve(&Written::new(&["weather", "storms", "approach"], Form::Action)).unwrap();
    // without layers of its own a project takes them as they come
    Registry::builtin().resolve(&Written::new(&["operations", "x", "go"], Form::Action)).unwrap();
}
