//! `REGISTRY` says what the file says, without the file.

use tense::registry::{Kind, Tense, TypedEvent};
use tense_ui_typed::events::{self, REGISTRY, operation};

#[test]
fn an_event_is_found_with_all_that_is_said_about_it() {
    let created = REGISTRY.event(operation::tokens::Created::NAME).unwrap();
    assert!(created.about.unwrap().starts_with("A token row was inserted."));
    assert_eq!(created.failed, operation::tokens::CreateFailed::NAME);
    assert_eq!(created.was, ["operation.tokens.inserted"]);
    assert_eq!((created.exempt, created.slow_ms), (None, Some(1500)));
    let fields: Vec<_> = created.fields.iter().map(|field| (field.name, field.kind, field.is_optional)).collect();
    assert_eq!(
        fields,
        [
            ("count", Kind::Integer, false),
            ("forced", Kind::Bool, false),
            ("node_id", Kind::Text, true),
            ("parents", Kind::Json, false),
            ("share", Kind::Float, false),
            ("token_id", Kind::Text, false),
        ]
    );
    assert!(created.field("token_id").unwrap().is_indexed && !created.field("count").unwrap().is_indexed);
    assert!(created.field("tokens").is_none());
    let snapshot = REGISTRY.event("operation.cache.snapshot").unwrap();
    assert_eq!(snapshot.exempt, Some("a noun that readers of the event stream already key on"));
}

#[test]
fn every_event_is_found_by_its_name_and_nothing_else_is() {
    assert!(REGISTRY.events.len() > 10);
    for event in REGISTRY.events {
        assert_eq!(REGISTRY.event(event.name), Some(event));
    }
    for name in ["", "operation.tokens", "operation.tokens.create_failed", "operation.tokens.inserted", "zebra"] {
        assert_eq!(REGISTRY.event(name), None, "{name}");
    }
}

#[test]
fn a_failure_leads_to_the_event_that_has_failed() {
    let failures = [
        ("operation.tokens.create_failed", "operation.tokens.created"),
        ("operation.tokens.lost", "operation.tokens.lost"),
        ("dispatch.batch.fail", "dispatch.batch.complete"),
    ];
    for (failure, event) in failures {
        assert_eq!(REGISTRY.declaring(failure).unwrap().name, event);
    }
    assert_eq!(REGISTRY.event("operation.tokens.deleted").unwrap().failed, "operation.tokens.lost");
    assert_eq!(REGISTRY.event("dispatch.batch.start").unwrap().failed, "dispatch.batch.fail");
}

#[test]
fn layers_removals_and_rules_are_there() {
    assert!(!REGISTRY.is_closed);
    assert_eq!(REGISTRY.inherit, ["token_id"]);
    let layer = REGISTRY.layer("operation").unwrap();
    assert_eq!((layer.tense, layer.outcomes), (Tense::Past, ["hit", "miss"].as_slice()));
    assert_eq!(layer.about, Some("What has happened in [the <world>."));
    assert_eq!(REGISTRY.layer("sql").unwrap().tense, Tense::Any, "the built-in layers are there as well");
    assert_eq!(
        REGISTRY.why_removed("dispatch.tokens.batch_created"),
        Some("covered by the count of operation.tokens.created")
    );
    let rule = REGISTRY.foreign_rule("http::client").unwrap();
    assert_eq!((rule.event, rule.fields), ("debug.http.request", ["status"].as_slice()));
}

#[test]
fn settings_are_there_as_they_would_stand_in_the_environment() {
    let settings: Vec<_> = REGISTRY.settings.iter().map(|setting| (setting.name, setting.value)).collect();
    assert_eq!(
        settings,
        [
            ("recording.level", "debug"),
            ("sampling.ratio", "1"),
            ("sampling.events", "cache.zebra=0,zebra.*=0.25"),
            ("sampling.keep_slow", "false"),
            ("delivery.queue_bytes", "16777216"),
            ("delivery.timeout", "1500ms"),
        ]
    );
}

#[test]
fn words_of_rust_are_names_like_others() {
    let names = [
        events::std::option::Some::NAME,
        events::core::result::Ok::NAME,
        events::tense::registry::Event::NAME,
        events::string::string::String::NAME,
        events::bool::bool::Bool::NAME,
        events::self_::super_::crate_::Self_::NAME,
        events::r#type::r#match::r#async::Gen::NAME,
    ];
    for name in names {
        assert!(REGISTRY.event(name).is_some(), "{name}");
    }
}
