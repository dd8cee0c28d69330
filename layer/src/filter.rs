//! A call site goes in; whether the layer wants to see it as a `tracing` span comes out.
//!
//! A plain layer cannot say "never for me, the others decide"; a layer with a filter of its own can. If ours is the
//! only one, `tracing` then has no interest in our call sites, and they go directly into the rings.

use std::cell::Cell;
use std::sync::Arc;

use tense::__private::layer as runtime;
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Event, Interest, LevelFilter, Metadata};
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

/// Whether a layer of ours records what is at that level, as far as it is not another version's.
pub(crate) fn is_below(mark: &Mark, metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= mark.max_level() && !is_point_of_another_version(metadata)
}

/// Whether a layer of ours wants to see that call site as a `tracing` span, when the program's own filter says that.
pub(crate) fn interest(
    mark: &Mark,
    metadata: &'static Metadata<'static>,
    given: impl FnOnce() -> Interest,
) -> Interest {
    if runtime::is_of_another_version(metadata) {
        crate::health::met_another_version();
    }
    if !is_below(mark, metadata) {
        return Interest::never();
    }
    let interest = given();
    // A filter that is undecided has to be asked at each call, with a real span; only one that has said yes once and
    // for all is not needed any more.
    let is_direct = interest.is_always() && mark.takes_direct_calls() && !ASKING.get() && runtime::is_ours(metadata);
    if is_direct { Interest::never() } else { interest }
}

/// The filter that a layer of ours is wrapped in, unless it has a subscriber to itself: its highest level, and the
/// filter of the program's own, if there is one.
pub struct OwnFilter<F = LevelFilter> {
    mark: Arc<Mark>,
    given: F,
}

impl<F> OwnFilter<F> {
    pub(crate) fn new(mark: Arc<Mark>, given: F) -> Self {
        Self { mark, given }
    }
}

impl<S, F: Filter<S>> Filter<S> for OwnFilter<F> {
    fn enabled(&self, metadata: &Metadata<'_>, context: &Context<'_, S>) -> bool {
        is_below(&self.mark, metadata) && self.given.enabled(metadata, context)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        interest(&self.mark, metadata, || {
            // It is the program's, and may call annotated functions, and panic: one that has is asked at each call.
            let _asked = runtime::Asked::begin();
            runtime::survive_asking(|| self.given.callsite_enabled(metadata)).unwrap_or_else(Interest::sometimes)
        })
    }

    fn event_enabled(&self, event: &Event<'_>, context: &Context<'_, S>) -> bool {
        self.given.event_enabled(event, context)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        // One that is switched off has no drainer, which would find out that the asking is over.
        if self.mark.has_number() {
            runtime::begin_rebuild();
        }
        let own = self.mark.max_level();
        Some(self.given.max_level_hint().map_or(own, |given| given.min(own)))
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        self.given.on_new_span(attributes, id, context);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        self.given.on_record(id, values, context);
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        self.given.on_enter(id, context);
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        self.given.on_exit(id, context);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        self.given.on_close(id, context);
    }
}

/// Its spans are foreign spans like any others; its points would be log lines without a word.
fn is_point_of_another_version(metadata: &Metadata<'_>) -> bool {
    metadata.is_event() && runtime::is_of_another_version(metadata)
}

impl<F> std::fmt::Debug for OwnFilter<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnFilter").field("max_level", &self.mark.max_level()).finish_non_exhaustive()
    }
}
