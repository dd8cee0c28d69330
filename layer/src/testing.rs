//! Captures the events of a test, on the test's own thread.

use std::sync::{Arc, Mutex, PoisonError};

use tense::registry::{ReadError, TypedEvent};
use tense_event::CleanEvent;
use tracing_core::Dispatch;
use tracing_core::dispatcher::{self, DefaultGuard};
use tracing_subscriber::layer::SubscriberExt;

use crate::drainer;
use crate::mark::Mark;
use crate::outlet::Outlet;
use crate::setup::{Builder, builder};
use crate::typed::typed;

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
/// # Panics
/// When 255 captures are alive at one time.
pub fn capture() -> Capture {
    capture_with(builder())
}

/// The same with settings of the test's own: a registry, a service. Where they say that events go, and from which level on,
/// is left aside: they are kept here, all of them.
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
#[expect(clippy::expect_used, reason = "this is for tests, and a capture that captures nothing would let them pass")]
pub fn capture_with(settings: Builder) -> Capture {
    let events = Arc::new(Mutex::new(Vec::new()));
    let level = tracing_core::LevelFilter::TRACE;
    let mark = Mark::new(level, false).expect("at most 255 captures can be alive at one time");
    let layer = settings.or_service("test").layer_into(mark, Outlet::Memory(Arc::clone(&events)));
    let subscriber = tracing_subscriber::registry().with(layer);
    Capture { events, _default: dispatcher::set_default(&Dispatch::new(subscriber)) }
}

/// Made by [`capture`].
#[derive(Debug)]
#[must_use = "what is recorded after it is dropped is not captured"]
pub struct Capture {
    events: Arc<Mutex<Vec<CleanEvent>>>,
    _default: DefaultGuard,
}

impl Capture {
    /// What has been recorded until now, in the order in which it ended.
    pub fn events(&self) -> Vec<CleanEvent> {
        drainer::drain_now();
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
