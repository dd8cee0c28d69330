//! What a caller names goes in; what stands in the event's data comes out.

#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

use serde_json::{Value, json};
use tense::{event, record, traced};
use tense_layer::testing::capture;

/// The data of the one event that the call makes.
fn data(call: impl FnOnce()) -> Value {
    let capture = capture();
    call();
    let events = capture.events();
    let [event] = events.as_slice() else { panic!("{events:#?}") };
    serde_json::to_value(&event.data).unwrap()
}

fn block_on(future: impl Future) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future);
}

// --- names

struct Params {
    node_id: String,
    inner: (Inner,),
}

struct Inner {
    depth: u8,
    r#type: &'static str,
}

impl Params {
    fn new() -> Self {
        Self { node_id: "n4".to_owned(), inner: (Inner { depth: 3, r#type: "leaf" },) }
    }

    #[traced(operation.nodes.visited, fields(self.node_id, self.inner.0.depth))]
    fn visit(&self) {}

    #[traced(operation.nodes.visited, fields(%self.node_id, ?self.inner.0.r#type))]
    fn visit_shown(&self) {}

    #[traced(operation.nodes.visited, fields(self.node_id, kind = self.inner.0.r#type, first = self.inner.0.depth))]
    async fn visit_later(self) {}
}

#[traced(operation.nodes.visited, fields(params.node_id, %params.inner.0.depth))]
fn visit(params: &Params) {}

#[traced(operation.nodes.visited, fields(params.node_id, params.inner.0.r#type))]
async fn visit_later(params: Params) {}

#[traced(operation.nodes.visited, fields(r#type, match = 1, r#fn = _, loop = _, self = 2))]
fn keywords(r#type: &str) {
    record!(fn = 3);
    record!(r#loop = 4);
}

#[test]
fn a_path_is_recorded_under_its_last_word() {
    assert_eq!(data(|| Params::new().visit()), json!({"node_id": "n4", "depth": 3}));
    assert_eq!(data(|| Params::new().visit_shown()), json!({"node_id": "n4", "type": "\"leaf\""}));
    assert_eq!(data(|| block_on(Params::new().visit_later())), json!({"node_id": "n4", "kind": "leaf", "first": 3}));
    assert_eq!(data(|| visit(&Params::new())), json!({"node_id": "n4", "depth": "3"}));
    assert_eq!(data(|| block_on(visit_later(Params::new()))), json!({"node_id": "n4", "type": "leaf"}));
    let params = Params::new();
    assert_eq!(data(|| event!(operation.nodes.visited, params.node_id)), json!({"node_id": "n4"}));
}

#[test]
fn a_keyword_is_a_name_with_and_without_its_mark() {
    assert_eq!(data(|| keywords("leaf")), json!({"type": "leaf", "match": 1, "fn": 3, "loop": 4, "self": 2}));
}

// --- values that the body fills in

#[test]
fn what_is_filled_in_twice_has_its_last_value_and_what_never_was_is_absent() {
    #[traced(operation.tokens.created, fields(id = _, never = _))]
    fn create() {
        record!(id = 1);
        record!(id = "two");
    }
    assert_eq!(data(create), json!({"id": "two"}));
}

#[test]
fn a_value_that_may_be_none_is_filled_in_when_there_is_one() {
    #[traced(operation.tokens.created, fields(id = _, parent = _))]
    fn create(id: Option<u32>, parent: Option<&str>) {
        record!(id, parent);
    }
    assert_eq!(data(|| create(Some(7), None)), json!({"id": 7}));
}

#[test]
fn closures_and_async_blocks_fill_in_too() {
    #[traced(operation.tokens.created, fields(plain = _, moved = _, awaited = _, thread = _, task = _))]
    async fn create() {
        let plain = || record!(plain = 1);
        plain();
        let text = String::from("moved");
        let moved = move || record!(moved = text);
        moved();
        async { record!(awaited = 2) }.await;
        std::thread::spawn(move || record!(thread = 3)).join().unwrap();
        // On a thread of its own, as an executor would poll it there.
        let task = async move { record!(task = 4) };
        std::thread::spawn(|| block_on(task)).join().unwrap();
    }
    assert_eq!(
        data(|| block_on(create())),
        json!({"plain": 1, "moved": "moved", "awaited": 2, "thread": 3, "task": 4})
    );
}

#[test]
fn record_takes_paths_and_formats_where_it_is_asked_to() {
    #[traced(operation.tokens.created, fields(node_id = _, depth = _, shown = _))]
    fn create(params: &Params) {
        record!(params.node_id, %params.inner.0.depth, shown = ?params.node_id);
    }
    assert_eq!(data(|| create(&Params::new())), json!({"node_id": "n4", "depth": "3", "shown": "\"n4\""}));
}

// --- values

#[test]
fn every_value_of_the_standard_library_has_a_plain_form() {
    use std::borrow::Cow;
    use std::net::{Ipv6Addr, SocketAddr};
    use std::num::NonZeroU16;
    use std::path::{Path, PathBuf};
    use std::rc::Rc;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicI32};
    use std::time::Duration;

    let shared: Arc<str> = "shared".into();
    let boxed: Box<str> = "boxed".into();
    let counter = Rc::new(AtomicI32::new(-5));
    let peer: SocketAddr = "[2001:db8::1]:8080".parse().unwrap();
    let (some, none) = (Some(Duration::from_micros(1500)), None::<Duration>);
    let texts = || {
        event!(
            operation.values.seen,
            shared,
            boxed,
            cow = Cow::Borrowed("cow"),
            letter = 'ä',
            peer,
            local = Ipv6Addr::LOCALHOST,
            path = Path::new("a/b"),
            config = PathBuf::from("c"),
            huge = u128::MAX,
            deep = i128::MIN,
        );
    };
    assert_eq!(
        data(texts),
        json!({
            "shared": "shared", "boxed": "boxed", "cow": "cow", "letter": "ä", "peer": "[2001:db8::1]:8080",
            "local": "::1", "path": "a/b", "config": "c",
            "huge": "340282366920938463463374607431768211455", "deep": "-170141183460469231731687303715884105728",
        })
    );
    let numbers = || {
        event!(
            operation.values.seen,
            counter,
            ready = AtomicBool::new(true),
            port = NonZeroU16::MAX,
            small = 7_u128,
            negative = -7_i128,
            some,
            none,
            patience = &Duration::from_secs(2),
        );
    };
    assert_eq!(
        data(numbers),
        json!({
            "counter": -5, "ready": true, "port": 65535, "small": 7, "negative": -7, "some": 1.5, "patience": 2000.0,
        })
    );
}

#[cfg(unix)]
#[test]
fn a_path_that_is_no_text_is_shown_as_far_as_it_is_one() {
    use std::os::unix::ffi::OsStrExt;
    let path = std::path::Path::new(std::ffi::OsStr::from_bytes(b"notes/\xff.txt"));
    assert_eq!(data(|| event!(operation.values.seen, path)), json!({"path": "notes/\u{fffd}.txt"}));
}

#[test]
fn lists_are_lists() {
    use std::collections::{BTreeSet, VecDeque};
    use std::sync::Arc;

    #[traced(operation.values.seen, fields(slice, texts, array, shared, matrix, gaps, none, first = slice.first()))]
    fn see(
        slice: &[u8],
        texts: &Vec<String>,
        array: [f64; 2],
        shared: Arc<[&str]>,
        matrix: Vec<Vec<i8>>,
        gaps: &[Option<char>],
        none: Option<&[u8]>,
    ) {
    }
    let texts = vec!["a \"b\"".to_owned(), "ä\n".to_owned()];
    let call = || see(&[1, 2], &texts, [0.5, f64::NAN], ["c"].into(), vec![vec![1], vec![]], &[Some('d'), None], None);
    assert_eq!(
        data(call),
        json!({
            "slice": [1, 2], "texts": ["a \"b\"", "ä\n"], "array": [0.5, "NaN"], "shared": ["c"],
            "matrix": [[1], []], "gaps": ["d", null], "first": 1,
        })
    );
    let (queue, set) = (VecDeque::from([1, 2]), BTreeSet::from(["b", "a"]));
    assert_eq!(data(|| event!(operation.values.seen, queue, set)), json!({"queue": [1, 2], "set": ["a", "b"]}));
}

#[test]
fn a_list_that_is_too_long_is_a_shorter_list_and_named() {
    let capture = capture();
    let ids: Vec<String> = (0..100_000).map(|n| format!("id-{n:07}")).collect();
    event!(operation.values.seen, ids, behind = 1);
    let events = capture.events();
    let kept = events[0].data.get("ids").unwrap().as_array().unwrap();
    assert!(kept.len() > 50, "{}", kept.len());
    assert!(kept.iter().zip(&ids).all(|(kept, id)| kept == id), "whole elements from the head");
    assert!(events[0].cut.iter().any(|key| key == "ids"), "{:?}", events[0].cut);
    assert_eq!(events[0].data.get("behind").unwrap(), 1);
}

#[test]
fn an_option_under_a_sigil() {
    #[traced(operation.values.seen, fields(%some, %none, %borrowed, ?debug, ?nothing))]
    fn see(some: Option<char>, none: Option<char>, borrowed: &Option<u8>, debug: Option<u8>, nothing: Option<u8>) {}
    // `%` of an Option is absent when there is nothing to display; `?` is what `Debug` shows, also of `None`.
    assert_eq!(
        data(|| see(Some('a'), None, &Some(1), Some(2), None)),
        json!({"some": "a", "borrowed": "1", "debug": "Some(2)", "nothing": "None"})
    );
    #[traced(operation.values.seen, fields(id = _, inferred = _))]
    fn see_late(id: Option<&str>) -> u64 {
        record!(%id);
        // Its type is known only further down.
        let inferred = "7".parse().unwrap();
        record!(%inferred);
        inferred
    }
    assert_eq!(data(|| assert_eq!(see_late(Some("a")), 7)), json!({"id": "a", "inferred": "7"}));
}

#[test]
fn a_uuid_is_a_text() {
    let id = uuid::Uuid::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
    let ids = [Some(id), None];
    assert_eq!(
        data(|| event!(operation.values.seen, id, ids)),
        json!({"id": "01234567-89ab-cdef-0123-456789abcdef", "ids": ["01234567-89ab-cdef-0123-456789abcdef", null]})
    );
}

#[test]
fn what_serde_knows_is_json() {
    #[derive(serde::Serialize)]
    struct Policy<'a> {
        retries: u8,
        hosts: &'a [String],
    }
    #[traced(operation.values.seen, fields(policy = tense::Json::of(policy)))]
    fn apply(policy: &Policy<'_>) {}
    assert_eq!(
        data(|| apply(&Policy { retries: 3, hosts: &["a".to_owned()] })),
        json!({"policy": {"retries": 3, "hosts": ["a"]}})
    );
    let hosts: Vec<String> = (0..100_000).map(|n| format!("host-{n}")).collect();
    let capture = capture();
    apply(&Policy { retries: 3, hosts: &hosts });
    let event = &capture.events()[0];
    let policy = event.data.get("policy").unwrap();
    assert_eq!(policy["retries"], 3);
    let kept = policy["hosts"].as_array().unwrap();
    assert!(kept.len() > 50 && kept.iter().zip(&hosts).all(|(kept, host)| kept == host), "{policy}");
    assert!(event.cut.iter().any(|key| key == "policy"), "{:?}", event.cut);
}

#[test]
fn a_secret_stays_hidden() {
    use secrecy::{ExposeSecret, SecretBox, SecretString};

    #[traced(operation.values.seen, fields(?password, key = ?key, ?all))]
    fn sign_in(password: &SecretString, key: SecretBox<Vec<u8>>, all: Vec<SecretString>) -> usize {
        password.expose_secret().len() + key.expose_secret().len() + all.len()
    }
    let secret = || SecretString::from("correct horse");
    let capture = capture();
    assert_eq!(sign_in(&secret(), SecretBox::new(Box::new(vec![104, 111, 114])), vec![secret()]), 17);
    // Not of all of it: an id may have these digits by chance.
    let events = capture.events();
    let json = serde_json::to_string(&events.iter().map(|event| &event.data).collect::<Vec<_>>()).unwrap();
    assert!(json.contains("REDACTED"), "{json}");
    assert!(!json.contains("horse") && !json.contains("104"), "{json}");
}

#[test]
fn an_event_for_later_keeps_what_comes_in_pieces() {
    let (tables, peer) = (vec!["orders"], std::net::Ipv4Addr::LOCALHOST);
    let event =
        tense::prepared!(operation.values.seen, tables, peer, huge = u128::MAX, long = vec!["0123456789"; 10_000]);
    assert!(event.to_string().starts_with(r#"operation.values.seen tables=["orders"] peer="127.0.0.1" huge="34028"#));
    let capture = capture();
    event.emit();
    let event = &capture.events()[0];
    assert_eq!(event.data.get("tables").unwrap(), &json!(["orders"]));
    assert!(event.cut.iter().any(|key| key == "long"), "{:?}", event.cut);
}

#[test]
fn other_layers_see_the_same_values() {
    use std::fmt::Debug;
    use std::sync::{Arc, Mutex};
    use tracing::field::{Field, Visit};
    use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

    #[derive(Clone, Default)]
    struct Seen(Arc<Mutex<Vec<String>>>);
    impl Visit for Seen {
        fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
            self.0.lock().unwrap().push(format!("{}={value:?}", field.name()));
        }
    }
    impl<S: tracing::Subscriber> Layer<S> for Seen {
        fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
            event.record(&mut self.clone());
        }
    }
    let seen = Seen::default();
    let _default = tracing::subscriber::set_default(tracing_subscriber::registry().with(seen.clone()));
    event!(operation.values.seen, count = 1, list = ["a"], huge = u128::MAX, none = None::<u8>, behind = 'z');
    let huge = format!("huge=\"{}\"", u128::MAX);
    assert_eq!(*seen.0.lock().unwrap(), ["count=1", "list=\"[\\\"a\\\"]\"", &huge, "behind=\"z\""]);
}

#[test]
fn paths_stand_in_stages_and_in_names_of_pipelines() {
    use tense::{Pipeline, name, pipeline_stage};

    struct Loan {
        id: u32,
        inner: (Inner,),
    }
    #[pipeline_stage(dispatch.funding, fields(loan.id, %loan.inner.0.depth))]
    async fn fund(loan: Loan) -> Result<Loan, String> {
        Ok(loan)
    }
    let capture = capture();
    block_on(async {
        let pipeline = Pipeline::named(name!(dispatch.loan, |loan: &Loan| fields(loan.id))).stage(FundStage);
        pipeline.run(Loan { id: 7, inner: (Inner { depth: 3, r#type: "leaf" },) }).await.unwrap();
    });
    let events = capture.events();
    let started = |name: &str| events.iter().find(|event| event.event_type == name).unwrap().data.clone();
    assert_eq!(started("dispatch.funding.start").get("depth").unwrap(), "3");
    assert_eq!(started("dispatch.loan.start").get("id").unwrap(), 7);
}
