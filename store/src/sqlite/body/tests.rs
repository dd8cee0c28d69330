//! Whatever an event says comes back; whatever bytes there are, reading them ends.

use proptest::prelude::*;
use serde_json::{Value, json};
use tense_event::Status;

use super::super::schema;
use super::*;
use crate::fixture;

/// A file and what one trace has in it.
struct Desk {
    db: Connection,
    names: Names,
    words: Words,
    found: Found,
}

impl Desk {
    fn new() -> Self {
        let mut db = Connection::open_in_memory().unwrap();
        schema::migrate(&mut db).unwrap();
        Self { db, names: Names::default(), words: Words::default(), found: Found::default() }
    }

    fn pack(&mut self, event: &Event) -> Vec<u8> {
        let mut out = Vec::new();
        let Self { db, names, words, found } = self;
        Packer::new(db, names, found).pack(event, 7, words, &mut out).unwrap();
        out
    }

    /// Into an event that has the columns of `like`.
    fn unpack(&mut self, body: &[u8], like: &Event) -> Result<Event, Malformed> {
        let mut event = Event::new(like.trace_id, like.span_id, like.event_type.clone(), like.status, like.timestamp);
        event.span_name = like.span_name.clone();
        event.sample_weight = like.sample_weight;
        let row = self.words.row().unwrap_or_default().to_vec();
        let mut words = Vec::new();
        super::super::words::read(&row, |_, text, _| words.push(text.here().unwrap())).unwrap();
        let Self { db, names, .. } = self;
        unpack(body, &mut event, &mut |text| match text {
            Text::Word(at) => words.get(at).cloned().map(Cow::Owned).ok_or(Malformed),
            Text::Name(id) => names.text(db, id).unwrap().cloned().ok_or(Malformed),
            here => here.here().map(Cow::Owned).ok_or(Malformed),
        })?;
        Ok(event)
    }
}

fn full() -> Event {
    let mut event = fixture::event(1, "operation.tokens.create_failed", Status::Failed, 5);
    let mut error = ErrorInfo::new(ErrorKind::Panic);
    error.error_type = "StoreError".into();
    error.error_message = "no\nsuch \"node\"".to_owned();
    error.stack_frames = vec!["src/a.rs:1".to_owned(), "src/b.rs:2".to_owned()];
    error.processor = "shop::charge".into();
    error.input_preview = Some("{}".to_owned());
    event.schema_version = 2;
    event.level = Level::Error;
    event.data.insert("z", 1);
    event.data.insert("a", -0.5);
    event.data.insert("token_id", "0190163d-8694-739b-96b6-f0a7b0c1d2e3");
    event.data.insert("nested", json!({ "b": [1, null, { "c": "d" }], "a": u64::MAX }));
    event.indexed = &["token_id", "z"];
    event.tags.push("saga".into());
    event.job_id = Some("j".to_owned());
    event.worker_id = Some("w".to_owned());
    event.machine_id = Some("m".to_owned());
    event.user_id = Some("u".to_owned());
    event.correlation_key = Some("c".to_owned());
    event.error = Some(error);
    event.cut.push("z".to_owned());
    event.absent.push("token_id".into());
    event.left_out = 7;
    event.sample_weight = 10;
    event
}

#[test]
fn a_plain_event_packs_into_nothing() {
    let mut desk = Desk::new();
    let event = fixture::event(1, "operation.tokens.created", Status::Success, 5);
    assert_eq!(desk.pack(&event), Vec::<u8>::new());
    assert_eq!(desk.unpack(&[], &event), Ok(event));
}

#[test]
fn every_key_without_a_column_comes_back() {
    let (mut desk, event) = (Desk::new(), full());
    // Every key of an event is set here, or this shows nothing.
    let whole = serde_json::to_value(&event).unwrap();
    let plain = serde_json::to_value(Event::new(
        event.trace_id,
        event.span_id,
        event.event_type.clone(),
        event.status,
        event.timestamp,
    ));
    let columns = ["trace_id", "span_id", "event_type", "span_name", "timestamp", "status"];
    for (key, value) in whole.as_object().unwrap() {
        assert!(columns.contains(&key.as_str()) || plain.as_ref().unwrap().get(key) != Some(value), "{key}");
    }
    let first = desk.pack(&event);
    assert_eq!(desk.unpack(&first, &event), Ok(event.clone()));
    let again = desk.pack(&event);
    assert_eq!((desk.unpack(&again, &event), again), (Ok(event), first));
}

#[test]
fn what_a_trace_repeats_is_written_once() {
    let mut desk = Desk::new();
    let mut event = fixture::event(1, "operation.tokens.created", Status::Success, 5);
    event.job_id = Some("a job with a very long name that nobody can type".to_owned());
    assert_eq!(desk.pack(&event).len(), 3);
}

/// In the file there are numbers where the program has names: they must not change with the order of declarations.
#[test]
fn levels_and_kinds_keep_their_numbers() {
    let levels = [Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error];
    assert_eq!(levels.map(|level| level as u8), [0, 1, 2, 3, 4]);
    assert_eq!([ErrorKind::Error, ErrorKind::Panic, ErrorKind::Cancelled].map(|kind| kind as u8), [0, 1, 2]);
}

#[test]
fn more_words_than_there_is_room_for_stand_in_the_events() {
    let mut desk = Desk::new();
    for nth in 0..200 {
        let mut event = fixture::event(1, "operation.tokens.created", Status::Success, 5);
        event.job_id = Some(format!("job number {nth}"));
        event.data.insert("token", format!("token number {nth}"));
        event.data.insert("nth", nth);
        event.indexed = &["token", "nth"];
        let body = desk.pack(&event);
        assert_eq!(desk.unpack(&body, &event), Ok(event));
    }
    assert!(super::super::words::has_more(desk.words.row().unwrap()));
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![".{0,30}", "[a-z]{1,3}", "[0-9a-f]{16}", "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        text().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        prop::collection::vec(text(), 0..3).prop_map(|texts| json!({ "in": texts })),
    ]
}

prop_compose! {
    fn error()(
        kind in prop::sample::select(vec![ErrorKind::Error, ErrorKind::Panic, ErrorKind::Cancelled]),
        texts in [text(), text(), text()],
        frames in prop::collection::vec(text(), 0..3),
        preview in prop::option::of(text()),
    ) -> ErrorInfo {
        let mut error = ErrorInfo::new(kind);
        let [error_type, message, processor] = texts;
        error.error_type = error_type.into();
        error.error_message = message;
        error.processor = processor.into();
        error.stack_frames = frames;
        error.input_preview = preview;
        error
    }
}

prop_compose! {
    fn event()(
        numbers in (any::<u32>(), prop_oneof![Just(0), any::<u64>()], any::<u32>()),
        level in prop::sample::select(vec![Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error]),
        data in prop::collection::vec((text(), value()), 0..6),
        lists in prop::array::uniform3(prop::collection::vec(text(), 0..4)),
        context in prop::array::uniform5(prop::option::of(text())),
        error in prop::option::of(error()),
        indexed in prop::sample::select(vec![&[][..], &["a", "b", "token"][..]]),
    ) -> Event {
        let mut event = fixture::event(1, "operation.tokens.created", Status::Success, 5);
        (event.schema_version, event.left_out, event.sample_weight) = numbers;
        event.level = level;
        event.data = data.into_iter().collect();
        event.data.insert("token", "t1");
        let [tags, cut, absent] = lists;
        event.tags = tags.into_iter().map(Into::into).collect();
        event.cut = cut;
        event.absent = absent.into_iter().map(Into::into).collect();
        let [job, worker, machine, user, correlation] = context;
        (event.job_id, event.worker_id, event.machine_id, event.user_id) = (job, worker, machine, user);
        event.correlation_key = correlation;
        event.error = error;
        event.indexed = indexed;
        event
    }
}

proptest! {
    #[test]
    fn any_event_comes_back(events in prop::collection::vec(event(), 1..4)) {
        let mut desk = Desk::new();
        for event in events {
            let body = desk.pack(&event);
            prop_assert_eq!(desk.unpack(&body, &event), Ok(event));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let event = fixture::event(1, "operation.tokens.created", Status::Success, 5);
        let mut desk = Desk::new();
        desk.unpack(&bytes, &event).ok();
        desk.unpack(&[&[VERSION], bytes.as_slice()].concat(), &event).ok();
    }

    #[test]
    fn a_body_that_was_changed_is_read_or_refused(at in 0_usize..400, to in any::<u8>()) {
        let (mut desk, event) = (Desk::new(), full());
        let mut body = desk.pack(&event);
        let at = at % body.len();
        body[at] = to;
        desk.unpack(&body, &event).ok();
        desk.unpack(&body[..at], &event).ok();
    }
}

/// A field is looked for among those before it, which in a file that somebody has made would take all day.
#[test]
fn more_fields_than_any_program_records_are_malformed() {
    let with = |fields: usize| {
        let mut event = fixture::event(1, "operation.tokens.created", Status::Success, 5);
        event.data = Fields::with_capacity(fields);
        (0..fields).for_each(|n| event.data.insert(format!("f{n}"), 1));
        event
    };
    for (fields, is_read) in [(MOST_FIELDS, true), (MOST_FIELDS + 1, false)] {
        let (mut desk, event) = (Desk::new(), with(fields));
        let body = desk.pack(&event);
        assert_eq!(desk.unpack(&body, &event), if is_read { Ok(event) } else { Err(Malformed) });
    }
}
