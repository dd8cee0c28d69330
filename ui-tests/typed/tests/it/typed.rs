//! Recorded by an annotated function, captured, and read back as a struct.

use tense::registry::{FieldValue, Kind, ReadError, TypedEvent};
use tense::{Json, traced};
use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
use tense_layer::testing::capture;
use tense_layer::typed;
use tense_ui_typed::events::{self, dispatch, operation};

#[traced(operation.tokens.created, fields(count, share, forced, node_id, token_id, parents = Json::list(parents)))]
fn create(
    token_id: &str,
    node_id: Option<&str>,
    count: u32,
    share: f64,
    forced: bool,
    parents: &[&str],
) -> Result<(), String> {
    if count == 0 { Err("none".to_owned()) } else { Ok(()) }
}

#[test]
fn every_kind_of_field_comes_back() {
    let capture = capture();
    create("t1", Some("n\"1\""), 2, 0.5, true, &["a", "b\\"]).unwrap();
    create("t2", None, u32::MAX, f64::NEG_INFINITY, false, &[]).unwrap();
    let created = capture.events_of::<operation::tokens::Created>().unwrap();
    assert_eq!(
        created,
        [
            operation::tokens::Created {
                count: 2,
                forced: true,
                node_id: Some("n\"1\"".to_owned()),
                parents: Json::new(r#"["a","b\\"]"#),
                share: 0.5,
                token_id: Some("t1".to_owned()),
            },
            operation::tokens::Created {
                count: i64::from(u32::MAX),
                forced: false,
                node_id: None,
                parents: Json::new("[]"),
                share: f64::NEG_INFINITY,
                token_id: Some("t2".to_owned()),
            },
        ]
    );
}

#[test]
fn a_failure_has_what_was_known() {
    let capture = capture();
    create("t1", None, 0, 1.0, false, &[]).unwrap_err();
    assert_eq!(capture.events_of::<operation::tokens::Created>().unwrap(), []);
    let [failed] = &*capture.events_of::<operation::tokens::CreateFailed>().unwrap() else { panic!() };
    assert_eq!((failed.count, failed.share, failed.node_id.as_deref()), (Some(0), Some(1.0), None));
}

#[traced(dispatch.batch.*, fields(size, mode, job_id = 7, done = _))]
fn run(size: usize, mode: &str) -> Result<(), String> {
    tense::record!(done = size - 1);
    if mode == "dry" { Err("dry".to_owned()) } else { Ok(()) }
}

#[test]
fn both_ends_of_a_life_are_read() {
    let capture = capture();
    run(3, "wet").unwrap();
    let mode = "wet".to_owned();
    let start = dispatch::batch::Start { mode: mode.clone(), size: 3 };
    assert_eq!(capture.events_of::<dispatch::batch::Start>().unwrap(), [start]);
    // The id is a text in an event, although the file says that it is an integer.
    let complete = dispatch::batch::Complete { done: 2, job_id: Some("7".to_owned()), mode };
    assert_eq!(capture.events_of::<dispatch::batch::Complete>().unwrap(), [complete]);
}

#[test]
fn the_failure_of_a_life_has_the_fields_of_its_end() {
    let capture = capture();
    run(2, "dry").unwrap_err();
    let fail = dispatch::batch::Fail { done: Some(1), job_id: Some("7".to_owned()), mode: Some("dry".to_owned()) };
    assert_eq!(capture.events_of::<dispatch::batch::Fail>().unwrap(), [fail]);
}

#[test]
fn what_is_handed_down_is_read_and_absent_where_nobody_set_it() {
    #[traced(sql.query, fields(rows))]
    fn query(rows: u8) {}
    #[traced(dispatch.token.*, fields(token_id))]
    fn advance(token_id: &str) {
        query(1);
    }
    let capture = capture();
    query(0);
    advance("t1");
    let queries = capture.events_of::<events::sql::Query>().unwrap();
    let ids: Vec<_> = queries.iter().map(|query| (query.rows, query.token_id.as_deref())).collect();
    assert_eq!(ids, [(Some(0), None), (Some(1), Some("t1"))]);
}

/// What our own macros refuse to compile can still come from elsewhere.
#[expect(clippy::unwrap_used, reason = "one is a number of a span")]
fn event(name: &'static str) -> Event {
    let (trace, span) = (TraceId::from_bytes([1; 16]), SpanId::new(1).unwrap());
    Event::new(trace, span, name, Status::Success, Timestamp::from_unix_nanos(0))
}

#[test]
fn a_missing_field_and_one_of_another_kind_are_named() {
    let mut some = event("std.option.some");
    some.data.insert("string", "1");
    some.data.insert("bool", "yes");
    let error = typed::<events::std::option::Some>(&some).unwrap_err();
    assert_eq!(error.to_string(), "`bool` of std.option.some should be true or false and is a text");
    assert_eq!((error.field, error.wanted, error.found.as_deref()), ("bool", Kind::Bool, Some("a text")));
    some.data.insert("bool", serde_json::Value::Null);
    assert_eq!(typed::<events::std::option::Some>(&some).unwrap().unwrap().bool, None);

    let mut ok = event("core.result.ok");
    let error = typed::<events::core::result::Ok>(&ok).unwrap_err();
    assert_eq!(error.to_string(), "`i64` of core.result.ok should be an integer and is missing");
    assert_eq!((error.event, error.found), ("core.result.ok", None));
    ok.data.insert("i64", u64::MAX);
    let error = typed::<events::core::result::Ok>(&ok).unwrap_err();
    assert_eq!(error.found.as_deref(), Some("the integer 18446744073709551615"));
}

#[test]
fn fields_that_are_words_of_rust_are_read() {
    use FieldValue::{Integer, Text};
    let values = ["self", "self_", "super", "crate", "Self"].map(|name| (name, Text(name)));
    let this = events::self_::super_::crate_::Self_::read(&values).unwrap();
    assert_eq!(
        [&*this.self__, &this.self_, &this.super_, &this.crate_, &this.Self_],
        ["self", "self_", "super", "crate", "Self"]
    );
    let this = events::r#type::r#match::r#async::Gen::read(&[("type", Text("t")), ("gen", Integer(1))]).unwrap();
    assert_eq!((&*this.r#type, this.r#gen, this.values), ("t", 1, None));
}

#[test]
fn one_event_is_read_when_it_is_the_one() {
    let capture = capture();
    tense::event!(tense.registry.event, json = Json::new(r#"{"b":[1,null],"a":"x"}"#));
    tense::event!(string.string.string);
    let captured = capture.events();
    let read: Result<Option<events::tense::registry::Event>, ReadError> = typed(&captured[0]);
    // Said in other words: the keys are in order.
    assert_eq!(read.unwrap().unwrap().json, Some(Json::new(r#"{"a":"x","b":[1,null]}"#)));
    assert_eq!(typed::<events::tense::registry::Event>(&captured[1]), Ok(None));
    assert_eq!(typed(&captured[1]), Ok(Some(events::string::string::String)));
}

#[test]
fn the_report_of_a_span_that_is_still_open_is_not_taken_for_its_event() {
    let mut string = event("string.string.string");
    assert!(typed::<events::string::string::String>(&string).unwrap().is_some());
    string.status = Status::Pending;
    assert_eq!(typed::<events::string::string::String>(&string), Ok(None));
}
