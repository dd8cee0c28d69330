//! What came of a case: events of ours as a tree, and the spans that another layer has seen.

#[path = "../kept/mod.rs"]
mod kept;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tracing_subscriber::layer::{Context, Layer};

pub(crate) use kept::Kept;

impl Kept {
    /// The tree of what has come since the last time.
    pub(crate) fn tree(&self) -> String {
        let report = tense_layer::flush(Duration::from_secs(10));
        assert!(report.is_complete, "{report:?}");
        assert!(!report.health.has_loss(), "{report:?}");
        assert_eq!(report.health.emitted, report.health.delivered);
        crate::tree::tree(&std::mem::take(&mut *self.0.lock().unwrap()))
    }
}

/// Another layer, which wants to see every span.
#[derive(Clone, Default)]
pub(crate) struct Names(Arc<Mutex<Vec<&'static str>>>);

impl<S: tracing::Subscriber> Layer<S> for Names {
    fn on_new_span(&self, attributes: &tracing::span::Attributes<'_>, _: &tracing::span::Id, _: Context<'_, S>) {
        self.0.lock().unwrap().push(attributes.metadata().name());
    }
}

impl Names {
    pub(crate) fn take(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// Again and again, while the drainer has its turns.
pub(crate) fn over_some_ticks(mut check: impl FnMut()) {
    let end = Instant::now() + Duration::from_millis(150);
    while Instant::now() < end {
        check();
    }
}
