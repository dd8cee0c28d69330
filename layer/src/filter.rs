//! A call site goes in; whether the layer wants to see it as a `tracing` span comes out.
//!
//! A plain layer cannot say "never for me, the others decide"; a layer with a filter of its own can. If ours is the only
//! one, `tracing` then has no interest in our call sites, and they go directly into the rings.

use std::cell::Cell;
use std::sync::Arc;

use tracing_core::{Interest, LevelFilter, Metadata};
use tracing_subscriber::layer::{Context, Filter};

use crate::mark::Mark;

thread_local! {
    static ASKING: Cell<bool> = const { Cell::new(false) };
}

/// While it lives, the filter answers for this thread as if our call sites were foreign ones.
pub(crate) struct Asking(bool);

impl Asking {
    pub(crate) fn new() -> Self {
        Self(ASKING.replace(true))
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        ASKING.set(self.0);
    }
}

/// Whether a layer of ours wants to see that call site as a `tracing` span.
pub(crate) fn interest(mark: &Mark, metadata: &'static Metadata<'static>) -> Interest {
    let direct = mark.takes_direct_calls() && !ASKING.get() && tense::__private::layer::is_ours(metadata);
    if direct || *metadata.level() > mark.max_level { Interest::never() } else { Interest::always() }
}

/// The filter that a layer of ours is wrapped in, unless it has a subscriber to itself.
pub struct OwnFilter(pub(crate) Arc<Mark>);

impl<S> Filter<S> for OwnFilter {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        *metadata.level() <= self.0.max_level
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        interest(&self.0, metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.0.max_level)
    }
}

impl std::fmt::Debug for OwnFilter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnFilter").field("max_level", &self.0.max_level).finish_non_exhaustive()
    }
}
