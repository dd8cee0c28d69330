//! Captures the events of a test, on the test's own thread or of the whole program, and compares them as trees.

mod diff;
mod tree;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tense::registry::{ReadError, TypedEvent};
use tense_event::CleanEvent;
use tracing_core::Dispatch;
use tracing_core::dispatcher::{self, DefaultGuard};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::{Filter, SubscriberExt};

use crate::drainer;
use crate::mark::Mark;
use crate::outlet::Outlet;
use crate::setup::{Builder, Layer, builder};
use crate::typed::typed;

pub use tree::Tree;

/// Until it is dropped, what this thread records is kept here. Other threads, and other tests, are not seen.
///
/// ```
/// #[tense::traced(operation.tokens.created, fields(id))]
/// fn create(id: u32) {}
///
/// let capture = tense_layer::testing::capture();
/// create(7);
/// let events = capture.events();
/// assert_eq!(events[0].event_type, "operation.tokens.created");
/// assert_eq!(events[0].data.get("id").unwrap(), 7);
/// ```
///
/// Threads and tasks that the code under test starts are other threads: [`Capture::in_scope`] and [`Capture::dispatch`]
/// hand it on to one, and [`capture_global`] sees them all.
///
/// # Panics
/// When 255 captures are alive at one time.
pub fn capture() -> Capture {
    capture_with(builder())
}

/// The same with settings of the test's own: a registry, a service, a filter. Where they say that events go, and up to
/// which level, is left aside: they are kept here, on every level; and so are as many below one span as there are,
/// unless they say how many.
///
/// ```
/// mod events {
///     tense::registry!();
/// }
///
/// let capture = tense_layer::testing::capture_with(tense_layer::builder().registry(&events::REGISTRY));
/// assert!(capture.events().is_empty());
/// ```
///
/// # Panics
/// When 255 captures are alive at one time.
pub fn capture_with<F: Filter<Registry> + Send + Sync + 'static>(settings: Builder<F>) -> Capture {
    let (layer, _, events) = layer_with(settings);
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(layer));
    let hold = Hold::Thread(dispatcher::set_default(&dispatch));
    Capture { events, from: 0, dispatch, _hold: hold }
}

type Events = Arc<Mutex<Vec<CleanEvent>>>;

#[expect(clippy::expect_used, reason = "this is for tests, and a capture that captures nothing would let them pass")]
fn layer_with<F: Filter<Registry> + 'static>(settings: Builder<F>) -> (Layer<Registry, F>, Arc<Mark>, Events) {
    let events = Events::default();
    let mark = Mark::of_capture().expect("at most 255 captures can be alive at one time");
    let outlet = Outlet::Memory(Arc::clone(&events));
    (settings.or_service("test").or_without_limits().layer_into(Arc::clone(&mark), outlet, None), mark, events)
}

/// Until it is dropped, what **every** thread of this program records is kept here, on the way that a program takes
/// with [`init`](crate::init). For code under test that has threads or a runtime of its own. There is one at a time:
/// another test that asks for one waits. A test that asks for none, and runs meanwhile in the same process, is seen as
/// well, unless it has a [`capture`] of its own; with `cargo nextest`, where every test is a process, or in a test
/// binary in which all tests use this, there is nothing to mix up.
///
/// ```
/// #[tense::traced(operation.tokens.created, fields(id))]
/// fn create(id: u32) {}
///
/// let capture = tense_layer::testing::capture_global();
/// std::thread::spawn(|| create(7)).join().unwrap();
/// assert_eq!(capture.tree(), "operation.tokens.created id=7");
/// ```
///
/// # Panics
/// When something else is this program's global subscriber; add a [`layer`](crate::Builder::layer) with a
/// [`sink`](crate::Sink) to that, and compare with [`Tree::of`].
pub fn capture_global() -> Capture {
    static ALONE: Mutex<()> = Mutex::new(());
    static GLOBAL: OnceLock<(Dispatch, Events)> = OnceLock::new();
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (dispatch, events) = GLOBAL.get_or_init(install);
    // What another test has left behind.
    drainer::drain_now();
    let from = events.lock().unwrap_or_else(PoisonError::into_inner).len();
    Capture { events: Arc::clone(events), from, dispatch: dispatch.clone(), _hold: Hold::Program(alone) }
}

#[expect(clippy::expect_used, reason = "this is for tests, and a capture that captures nothing would let them pass")]
fn install() -> (Dispatch, Events) {
    let (layer, mark, events) = layer_with(builder());
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(layer));
    dispatcher::set_global_default(dispatch.clone())
        .expect("there is a global tracing subscriber already: add a layer with a sink to that one");
    mark.promote();
    (dispatch, events)
}

/// Made by [`capture`], [`capture_with`] and [`capture_global`].
#[derive(Debug)]
#[must_use = "what is recorded after it is dropped is not captured"]
pub struct Capture {
    events: Events,
    /// What was there before belongs to captures that are gone.
    from: usize,
    dispatch: Dispatch,
    _hold: Hold,
}

/// What it is that ends with the capture.
#[derive(Debug)]
#[expect(dead_code, reason = "held, and never looked at")]
enum Hold {
    Thread(DefaultGuard),
    Program(MutexGuard<'static, ()>),
}

impl Capture {
    /// What has been recorded until now, in the order in which it ended.
    pub fn events(&self) -> Vec<CleanEvent> {
        drainer::drain_now();
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.get(self.from..).unwrap_or_default().to_vec()
    }

    /// The same as a tree, to be compared with what is expected.
    ///
    /// ```
    /// #[tense::traced(operation.tokens.created, fields(id))]
    /// fn create(id: u32) {}
    ///
    /// let capture = tense_layer::testing::capture();
    /// create(7);
    /// assert_eq!(capture.tree(), "operation.tokens.created id=7");
    /// assert_eq!(capture.tree().only([]), "operation.tokens.created");
    /// ```
    pub fn tree(&self) -> Tree {
        Tree::of(&self.events())
    }

    /// Those of the [`events`](Self::events) that are called so.
    pub fn of_type(&self, event_type: &str) -> Vec<CleanEvent> {
        let mut events = self.events();
        events.retain(|event| event.event_type == event_type);
        events
    }

    /// The one event that is called so.
    ///
    /// # Panics
    /// When there is none or more than one; it then shows the tree.
    #[track_caller]
    #[expect(clippy::panic, reason = "this is for tests, where a panic is how a failure is told")]
    pub fn one(&self, event_type: &str) -> CleanEvent {
        let mut found = self.of_type(event_type);
        match (found.pop(), found.len()) {
            (Some(event), 0) => event,
            (None, _) => panic!("no `{event_type}` was recorded:\n{}", self.tree()),
            (_, more) => panic!("{} events `{event_type}` were recorded, not one:\n{}", more + 1, self.tree()),
        }
    }

    /// Runs something on another thread as if it were the capture's own. What was recorded stands in a tree of its own
    /// unless the code under test hands on its context.
    ///
    /// ```
    /// #[tense::traced(operation.tokens.created)]
    /// fn create() {}
    ///
    /// let capture = tense_layer::testing::capture();
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| capture.in_scope(create));
    /// });
    /// assert_eq!(capture.of_type("operation.tokens.created").len(), 1);
    /// ```
    pub fn in_scope<T>(&self, work: impl FnOnce() -> T) -> T {
        dispatcher::with_default(&self.dispatch, work)
    }

    /// What `tracing` hands on by: a task of a runtime with several threads is captured when its future is given
    /// `.with_subscriber(capture.dispatch())` (of `tracing::instrument::WithSubscriber`), and a whole runtime when each
    /// of its threads sets it as its default in `on_thread_start`.
    ///
    /// ```
    /// use tracing::instrument::WithSubscriber;
    ///
    /// #[tense::traced(operation.tokens.created)]
    /// async fn create() {}
    ///
    /// # let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    /// # runtime.block_on(async {
    /// let capture = tense_layer::testing::capture();
    /// tokio::spawn(create().with_subscriber(capture.dispatch())).await.unwrap();
    /// assert_eq!(capture.tree(), "operation.tokens.created");
    /// # });
    /// ```
    pub fn dispatch(&self) -> Dispatch {
        self.dispatch.clone()
    }

    /// Those of them that are called so, as the struct that `tense::registry!()` made for them.
    ///
    /// ```
    /// # mod made {
    /// #     use tense::registry::{FieldValue, Kind, ReadError, TypedEvent, Values};
    /// #     #[derive(Debug, PartialEq)]
    /// #     pub struct Created { pub count: i64 }
    /// #     impl TypedEvent for Created {
    /// #         const NAME: &'static str = "operation.tokens.created";
    /// #         fn read(values: &impl Values) -> Result<Self, ReadError> {
    /// #             match values.value("count") {
    /// #                 Some(FieldValue::Integer(count)) => Ok(Self { count }),
    /// #                 found => Err(ReadError::new(Self::NAME, "count", Kind::Integer, found.as_ref())),
    /// #             }
    /// #         }
    /// #     }
    /// # }
    /// # use made::Created;
    /// #[tense::traced(operation.tokens.created, fields(count))]
    /// fn create(count: u32) {}
    ///
    /// let capture = tense_layer::testing::capture();
    /// create(7);
    /// // with [events."operation.tokens.created"] fields = { count = "integer" }: events::operation::tokens::Created
    /// assert_eq!(capture.events_of::<Created>()?, [Created { count: 7 }]);
    /// # Ok::<(), tense::registry::ReadError>(())
    /// ```
    ///
    /// # Errors
    /// When one of them is not what its declaration says.
    pub fn events_of<T: TypedEvent>(&self) -> Result<Vec<T>, ReadError> {
        self.events().iter().filter_map(|event| typed(event).transpose()).collect()
    }
}
