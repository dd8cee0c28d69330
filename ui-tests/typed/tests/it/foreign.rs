//! Spans and events of other crates, with `[foreign]` and without.

use tense::registry::{Event, Field, Foreign, Kind, Registry, TypedEvent};
use tense::traced;
use tense_event::{CleanEvent, Status};
use tense_layer::testing::{Capture, capture, capture_with};
use tense_layer::{builder, typed};
use tense_ui_typed::events::{REGISTRY, debug, dispatch, sql};
use tracing_subscriber::layer::SubscriberExt;

fn capturing() -> Capture {
    capture_with(builder().registry(&REGISTRY))
}

fn names(events: &[CleanEvent]) -> Vec<&str> {
    events.iter().map(|event| &*event.event_type).collect()
}

/// As a crate that talks to a database would have it.
#[tracing::instrument(target = "store", skip(secret), fields(secret_text = secret, cached = tracing::field::Empty))]
fn query(statement: &str, rows: u64, secret: &str) {
    tracing::Span::current().record("cached", rows > 1).record("secret_text", "still one");
}

#[test]
fn a_mapped_span_is_the_declared_event_with_the_listed_fields() {
    let capture = capturing();
    query("select 1", 7, "s3cret");
    let events = capture.events();
    let [event] = &*events else { panic!("{events:#?}") };
    assert_eq!((&*event.event_type, &*event.span_name, event.status), ("sql.query", "sql.query", Status::Success));
    assert!(event.duration.is_some() && event.source.starts_with("ui-tests/typed/tests/it/foreign.rs:"), "{event:#?}");
    assert_eq!(data_of(event), "statement=\"select 1\" rows=7 cached=true");
    let typed = capture.events_of::<sql::Query>().unwrap();
    let expected = sql::Query {
        cached: Some(true),
        rows: Some(7),
        statement: Some("select 1".to_owned()),
        token_id: None,
        took: None,
    };
    assert_eq!(typed, [expected]);
}

fn data_of(event: &CleanEvent) -> String {
    event.data.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_not_mapped_stays_as_it_was() {
    let capture = capturing();
    tracing::info_span!(target: "store", "insert", rows = 1).in_scope(|| {
        tracing::info!(target: "http::server", status = 200, "served");
    });
    tracing::info!(target: "http::server", "outside of every span");
    let events = capture.events();
    assert_eq!(names(&events), ["log.info", "foreign.store"]);
    assert_eq!(data_of(&events[0]), "message=\"served\"");
    assert_eq!(data_of(&events[1]), "name=\"insert\"");
}

#[test]
fn without_a_registry_nothing_is_mapped() {
    let capture = capture();
    query("select 1", 7, "s3cret");
    let events = capture.events();
    assert_eq!(names(&events), ["foreign.store"]);
    assert_eq!(data_of(&events[0]), "name=\"query\"");
}

#[test]
fn an_event_is_mapped_by_its_target_or_by_target_and_name() {
    let capture = capturing();
    tracing::info!(target: "http::client", status = 200, url = "http://a", "asked");
    tracing::info_span!("around").in_scope(|| {
        tracing::warn!(name: "slow", target: "http::server", status = 201_i64, "slow");
        tracing::warn!(name: "fast", target: "http::server", status = 202, "fast");
    });
    let events = capture.events();
    assert_eq!(names(&events), ["debug.http.request", "debug.http.request", "log.warn", "foreign.it.foreign"]);
    assert_eq!(events[0].parent_span_id, None, "outside of a span it is a trace of its own, as an event of ours");
    assert_eq!(events[1].parent_span_id, Some(events[3].span_id));
    assert_eq!((data_of(&events[0]), events[0].duration), ("status=200".to_owned(), None));
    let requests = capture.events_of::<debug::http::Request>().unwrap();
    assert_eq!(requests.iter().map(|request| request.status).collect::<Vec<_>>(), [Some(200), Some(201)]);
}

#[test]
fn a_formatted_value_is_taken_as_what_is_declared() {
    let capture = capturing();
    let query =
        |rows: &dyn std::fmt::Debug, took: &dyn std::fmt::Display, cached: &dyn std::fmt::Debug, statement: u8| {
            tracing::info_span!(target: "store", "query", rows = ?rows, took = %took, cached = ?cached, statement)
                .in_scope(|| {});
        };
    query(&u64::MAX, &"0.25", &false, 1);
    query(&i128::from(-7), &1, &true, 2);
    query(&"many", &"long", &"no", 3);
    let events = capture.events();
    let data: Vec<_> = events.iter().map(data_of).collect();
    assert_eq!(
        data,
        [
            r#"statement="1" rows=18446744073709551615 took=0.25 cached=false"#,
            r#"statement="2" rows=-7 took=1.0 cached=true"#,
            r#"statement="3" rows="\"many\"" took="long" cached="\"no\"""#,
        ]
    );
    let error = capture.events_of::<sql::Query>().unwrap_err();
    assert_eq!(error.found.as_deref(), Some("the integer 18446744073709551615"), "{error}");
    let error = typed::<sql::Query>(&events[2]).unwrap_err();
    assert_eq!(error.to_string(), "`cached` of sql.query should be true or false and is a text");
}

#[test]
fn a_field_that_is_required_and_absent_is_told() {
    let capture = capturing();
    tracing::info!(name: "served", target: "http", millis = 7, "served");
    let events = capture.events();
    assert_eq!(events[0].absent, ["path", "token_id"]);
    let error = capture.events_of::<dispatch::request::Served>().unwrap_err();
    assert_eq!(error.to_string(), "`path` of dispatch.request.served should be a text and is missing");
}

#[test]
fn a_value_that_is_recorded_again_counts() {
    let capture = capturing();
    let span = tracing::info_span!(target: "store", "query", rows = 1, statement = tracing::field::Empty);
    span.record("rows", 2);
    span.record("statement", "a").record("statement", "b");
    drop(span);
    assert_eq!(data_of(&capture.events()[0]), r#"statement="b" rows=2"#);
}

#[test]
fn what_a_mapped_span_hands_down_is_on_the_events_below() {
    #[traced(operation.rows.counted)]
    fn count() {}
    let capture = capturing();
    let span = tracing::info_span!(target: "store", "query", token_id = tracing::field::Empty, rows = 3);
    span.in_scope(count);
    span.record("token_id", "t1");
    span.in_scope(count);
    drop(span);
    let events = capture.events();
    let data: Vec<_> = events.iter().map(data_of).collect();
    assert_eq!(names(&events), ["operation.rows.counted", "operation.rows.counted", "sql.query"]);
    assert_eq!(data, ["", r#"token_id="t1""#, r#"rows=3 token_id="t1""#]);
}

#[test]
fn a_secret_in_a_listed_field_does_not_leave() {
    let capture = capturing();
    let token = ["ghp", "_", &"aB3".repeat(12)].concat();
    query(&format!("select '{token}'"), 0, "");
    let events = capture.events();
    let statement = events[0].data.get("statement").unwrap().to_string();
    assert!(statement.contains("[REDACTED]") && !statement.contains("aB3"), "{statement}");
}

#[test]
fn a_value_that_logs_while_it_is_formatted_is_no_recursion() {
    struct Chatty;
    impl std::fmt::Debug for Chatty {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            tracing::info!(target: "http::client", status = 1, "formatting");
            drop(tracing::info_span!(target: "store", "query"));
            f.write_str("Chatty")
        }
    }
    let capture = capturing();
    let span = tracing::info_span!(target: "store", "query", statement = ?Chatty, unlisted = ?Chatty);
    span.record("statement", tracing::field::debug(Chatty));
    drop(span);
    tracing::info!(target: "http::client", status = ?Chatty);
    let events = capture.events();
    assert_eq!(names(&events), ["sql.query", "debug.http.request"]);
    assert_eq!(data_of(&events[0]), r#"statement="Chatty""#);
}

const FIELDS: &[Field] = &[Field::new("rows", Kind::Text)];
const EVENTS: &[Event] = &[Event::new("operation.rows.read", "operation.rows.read_failed").fields(FIELDS)];
const RULES: &[Foreign] = &[Foreign::new("store::query", "operation.rows.read", &["rows"])];
static OTHER: Registry = Registry::new().events(EVENTS).foreign(RULES);

#[test]
fn two_registries_map_the_same_span_each_in_its_way() {
    for _ in 0..2 {
        let capture = capturing();
        query("select 1", 2, "");
        assert_eq!(names(&capture.events()), [sql::Query::NAME]);
        let other = capture_with(builder().registry(&OTHER));
        query("select 1", 2, "");
        let events = other.events();
        assert_eq!((names(&events), data_of(&events[0])), (vec!["operation.rows.read"], r#"rows="2""#.to_owned()));
        drop(other);
        query("select 1", 2, "");
        assert_eq!(names(&capture.events()), [sql::Query::NAME; 2]);
    }
}

#[test]
fn two_layers_in_one_subscriber_use_each_its_own() {
    use std::sync::{Arc, Mutex};
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<CleanEvent>>>);
    impl tense_layer::Sink for Kept {
        fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), tense_layer::SinkError> {
            self.0.lock().unwrap().extend_from_slice(batch);
            Ok(())
        }
    }
    let (ours, others) = (Kept::default(), Kept::default());
    let subscriber = tracing_subscriber::registry()
        .with(builder().registry(&REGISTRY).sink(ours.clone()).layer())
        .with(builder().registry(&OTHER).sink(others.clone()).layer());
    tracing::subscriber::with_default(subscriber, || query("select 1", 2, ""));
    assert!(tense_layer::flush(std::time::Duration::from_secs(10)).is_complete);
    assert_eq!(names(&ours.0.lock().unwrap()), ["sql.query"]);
    assert_eq!(names(&others.0.lock().unwrap()), ["operation.rows.read"]);
}
