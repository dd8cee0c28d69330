//! Filters and layers of the host's that panic where they are asked, as long as they are armed.

use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::thread;

use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Filter, Layer};

pub(crate) static ARMED: AtomicBool = AtomicBool::new(true);
/// But not where the drainer asks.
pub(crate) static IS_DRAINER_SPARED: AtomicBool = AtomicBool::new(false);

/// Whether one that panics does so on this thread now.
fn is_armed() -> bool {
    let is_spared = || IS_DRAINER_SPARED.load(SeqCst) && thread::current().name() == Some("tense-drainer");
    ARMED.load(SeqCst) && !is_spared()
}

/// Panics when it is asked about the call site of that name, as long as it is armed.
pub(crate) struct Panicking(&'static str);

impl Panicking {
    pub(crate) const fn in_callsite(name: &'static str) -> Self {
        Self(name)
    }

    fn interest(&self, metadata: &Metadata<'_>) -> Interest {
        assert!(metadata.name() != self.0 || !is_armed(), "a bug of somebody else");
        Interest::always()
    }
}

/// Does not want the call site of that name, and panics when it is asked for it as long as it is armed.
pub(crate) struct Never(pub(crate) &'static str);

/// How often it has been asked.
pub(crate) static NEVER_AGAIN: AtomicUsize = AtomicUsize::new(0);

impl<S> Filter<S> for Never {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        metadata.name() != self.0
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if metadata.name() != self.0 {
            return Interest::always();
        }
        NEVER_AGAIN.fetch_add(1, SeqCst);
        assert!(!is_armed(), "a bug of somebody else");
        Interest::never()
    }
}

impl<S> Filter<S> for Panicking {
    fn enabled(&self, _: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        true
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.interest(metadata)
    }
}

impl<S: Subscriber> Layer<S> for Panicking {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.interest(metadata)
    }
}
