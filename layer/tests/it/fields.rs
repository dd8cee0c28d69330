//! What a caller names goes in; what stands in the event's data comes out.

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
        (|| record!(plain = 1))();
        let text = String::from("moved");
        (move || record!(moved = text))();
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
