//! What the test binaries share whose every case is the only one of its process, because there is one global default in
//! each.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tense_event::CleanEvent;
use tense_layer::{Sink, SinkError};
use tracing_subscriber::layer::{Context, Layer};

/// Names the case to the process that is to run it.
pub(crate) const CASE: &str = "TENSE_TEST_CASE";

macro_rules! cases {
    ($($(#[$doc:meta])* fn $name:ident() $body:block)*) => { $(
        $(#[$doc])*
        #[test]
        fn $name() {
            if std::env::var($crate::alone::CASE).is_ok_and(|case| case == stringify!($name)) {
                $body
                return;
            }
            let me = std::env::current_exe().unwrap();
            let out = std::process::Command::new(me).args(["--exact", stringify!($name), "--nocapture"]).env($crate::alone::CASE, stringify!($name)).output();
            let out = out.unwrap();
            let said = String::from_utf8_lossy(&out.stdout);
            assert!(
                out.status.success() && said.contains("1 passed"),
                "{said}\n{}",
                String::from_utf8_lossy(&out.stderr)
            );
        }
    )* };
}

/// Keeps what it gets.
#[derive(Clone, Default)]
pub(crate) struct Kept(pub(crate) Arc<Mutex<Vec<CleanEvent>>>);

impl Sink for Kept {
    fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
        self.0.lock().unwrap().extend_from_slice(batch);
        Ok(())
    }
}

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
