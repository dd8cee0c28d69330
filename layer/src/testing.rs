//! Captures the events of a test, on the test's own thread.

use std::sync::{Arc, Mutex, PoisonError};

use tense_event::CleanEvent;
use tracing_core::Dispatch;
use tracing_core::dispatcher::{self, DefaultGuard};
use tracing_subscriber::layer::SubscriberExt;

use crate::drainer;
use crate::mark::Mark;
use crate::outlet::Outlet;
use crate::setup::builder;

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
#[expect(clippy::expect_used, reason = "this is for tests, and a capture that captures nothing would let them pass")]
pub fn capture() -> Capture {
    let events = Arc::new(Mutex::new(Vec::new()));
    let level = tracing_core::LevelFilter::TRACE;
    let mark = Mark::new(level, false).expect("at most 255 captures can be alive at one time");
    let layer = builder().service("test").layer_into(mark, Outlet::Memory(Arc::clone(&events)));
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
}
