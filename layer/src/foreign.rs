//! Spans and events that reach the layer through `tracing` go in; records in this thread's ring come out.
//!
//! Of foreign spans the names and times are recorded, of events (`info!` and its like) the message; nothing else, because
//! nobody has named it. What `[foreign]` of the program's registry names is a `Mapping`, which says what of it is recorded
//! instead. A real span of one of our own call sites was made by the runtime, which keeps its record itself;
//! here it is only claimed, and tied to that record for spans that are put below it.

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock};

use tense::__private::layer::{self as runtime, Tie};
use tense::__private::{Formatted, debug, display};
use tense::Field as _;
use tense::registry::Registry;
use tracing_core::callsite::Identifier;
use tracing_core::field::{Field, Visit};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Dispatch, Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use crate::mapping::{Mapping, Taken};
use crate::mark::Mark;

/// The layer's part that `tracing` calls. It stands inside of [`Layer`](crate::Layer).
pub struct Recorder {
    mark: Arc<Mark>,
    /// Only one with rules for other crates.
    registry: Option<&'static Registry>,
    /// The foreign call sites that were seen.
    sites: RwLock<HashMap<Identifier, Seen>>,
    /// One of them is mapped; until then nobody looks what values a span gets.
    has_mapped: AtomicBool,
}

/// What is known of a foreign call site, once and for all.
#[derive(Clone, Copy)]
struct Seen {
    number: u32,
    mapping: Option<&'static Mapping>,
}

/// Kept beside a real span.
#[derive(Clone, Copy)]
struct Tied {
    tie: Tie,
    /// Made by the runtime, which writes its records.
    ours: bool,
    mapping: Option<&'static Mapping>,
}

/// All that is kept beside one, by the number of the layer: two layers of ours may stand in one subscriber.
#[derive(Default)]
struct Ties(Vec<(u8, Tied)>);

thread_local! {
    /// Set on our own threads, and while a message is formatted: what is traced meanwhile is not the host's work.
    static DEAF: Cell<bool> = const { Cell::new(false) };
}

/// From now on this thread is one of ours, and nothing that happens on it is recorded.
pub(crate) fn deafen_thread() {
    DEAF.set(true);
}

impl Recorder {
    pub(crate) fn new(mark: Arc<Mark>, registry: Option<&'static Registry>) -> Self {
        let registry = registry.filter(|registry| !registry.foreign.is_empty());
        Self { mark, registry, sites: RwLock::new(HashMap::new()), has_mapped: AtomicBool::new(false) }
    }

    pub(crate) fn mark(&self) -> &Arc<Mark> {
        &self.mark
    }

    fn site(&self, metadata: &'static Metadata<'static>) -> Seen {
        let key = metadata.callsite();
        if let Some(site) = self.sites.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return *site;
        }
        let mut sites = self.sites.write().unwrap_or_else(PoisonError::into_inner);
        *sites.entry(key).or_insert_with(|| {
            let mapping = self.registry.and_then(|registry| Mapping::of(metadata, registry));
            self.has_mapped.fetch_or(mapping.is_some(), Relaxed);
            Seen { number: runtime::enlist_foreign(metadata, mapping.map(Mapping::spec)), mapping }
        })
    }
}

impl Recorder {
    fn keep<'a>(&self, span: &SpanRef<'a, impl LookupSpan<'a>>, tied: Tied) {
        let mut extensions = span.extensions_mut();
        match extensions.get_mut::<Ties>() {
            Some(ties) => ties.0.push((self.mark.id, tied)),
            None => extensions.insert(Ties(vec![(self.mark.id, tied)])),
        }
    }

    fn kept<'a>(&self, span: &SpanRef<'a, impl LookupSpan<'a>>) -> Option<Tied> {
        let extensions = span.extensions();
        extensions.get::<Ties>()?.0.iter().find(|(layer, _)| *layer == self.mark.id).map(|(_, tied)| *tied)
    }

    fn tied<S: Subscriber + for<'a> LookupSpan<'a>>(&self, context: &Context<'_, S>, id: &Id) -> Option<Tied> {
        self.kept(&context.span(id)?)
    }

    /// What a span or event is under: the nearest span that we record above the given parent, or what this thread is in.
    fn above<S>(&self, is_root: bool, parent: Option<&Id>, context: &Context<'_, S>) -> Option<Tie>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        match parent {
            _ if is_root => None,
            Some(parent) => context.span_scope(parent)?.find_map(|span| self.kept(&span)).map(|tied| tied.tie),
            None => runtime::current(self.mark.id),
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        self.mark.met(dispatch.downgrade());
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        // A span that is not there is somebody else's bug; it is not ours to make worse.
        let Some(span) = context.span(id) else { return };
        let metadata = attributes.metadata();
        if runtime::is_ours(metadata)
            && let Some(tie) = runtime::claim(self.mark.id)
        {
            self.keep(&span, Tied { tie, ours: true, mapping: None });
            return;
        }
        if DEAF.try_with(Cell::get).unwrap_or(true) {
            return;
        }
        let above = self.above(attributes.is_root(), attributes.parent(), &context);
        let Seen { number, mapping } = self.site(metadata);
        let taken = mapping.map(|mapping| take(mapping, |visitor| attributes.record(visitor))).unwrap_or_default();
        if let Some(tie) = runtime::begin(number, self.mark.id, above, &taken.raws()) {
            self.keep(&span, Tied { tie, ours: false, mapping });
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        // A span that was made is one whose call site was seen before.
        if self.has_mapped.load(Relaxed)
            && let Some(Tied { tie, mapping: Some(mapping), .. }) = self.tied(&context, id)
        {
            let taken = take(mapping, |visitor| values.record(visitor));
            if !taken.is_empty() {
                runtime::fill(tie, self.mark.id, &taken.raws());
            }
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        if runtime::is_ours(metadata) && runtime::claim(self.mark.id).is_some() {
            return;
        }
        // A message belongs to the span that it is said in; outside of one there is no run that it could explain.
        let above = self.above(event.is_root(), event.parent(), &context);
        if above.is_none() && self.registry.is_none() {
            return;
        }
        let Seen { number, mapping } = self.site(metadata);
        if let Some(mapping) = mapping {
            if DEAF.try_with(Cell::get).unwrap_or(true) {
                return;
            }
            let taken = take(mapping, |visitor| event.record(visitor));
            runtime::point(number, self.mark.id, above, &taken.raws());
        } else if above.is_some()
            && let Some(message) = Message::of(event)
        {
            runtime::point(number, self.mark.id, above, &[message.raw()]);
        }
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        // The runtime keeps the stack itself for its own spans. Somebody else's handle of one is entered like a foreign one.
        if !runtime::is_own_move()
            && let Some(tied) = self.tied(&context, id)
        {
            runtime::enter(tied.tie, self.mark.id);
        }
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        if !runtime::is_own_move()
            && let Some(tied) = self.tied(&context, id)
        {
            runtime::exit(tied.tie);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if let Some(tied) = self.tied(&context, &id)
            && !tied.ours
        {
            runtime::end(tied.tie, self.mark.id);
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.mark.leave();
    }
}

impl Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").field("number", &self.mark.id).finish_non_exhaustive()
    }
}

/// The values that a mapping names, of those that a span or an event has; none while a value is being formatted.
fn take(mapping: &'static Mapping, record: impl FnOnce(&mut dyn Visit)) -> Taken {
    let mut taken = Taken::new(mapping);
    if let Some(_deaf) = Deaf::new() {
        record(&mut taken);
    }
    taken
}

/// The message of an event, at most 4 KiB of it.
struct Message(Option<Formatted>);

impl Message {
    /// Formats it; `None` on a thread of ours, and while another message is being formatted.
    fn of(event: &Event<'_>) -> Option<Formatted> {
        let _deaf = Deaf::new()?;
        let mut message = Self(None);
        event.record(&mut message);
        Some(message.0.unwrap_or_else(|| display("")))
    }
}

/// While it lives, this thread is deaf.
struct Deaf;

impl Deaf {
    fn new() -> Option<Self> {
        let was_deaf = DEAF.try_with(|deaf| deaf.replace(true)).unwrap_or(true);
        (!was_deaf).then_some(Self)
    }
}

impl Drop for Deaf {
    fn drop(&mut self) {
        DEAF.set(false);
    }
}

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.0 = Some(debug(value));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            self.0 = Some(display(value));
        }
    }
}
