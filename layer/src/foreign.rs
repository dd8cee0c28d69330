//! Spans and events that reach the layer through `tracing` go in; records in this thread's ring come out.
//!
//! Of foreign spans the names and times are recorded, of events (`info!` and its like) the message; nothing else,
//! because nobody has named it. What `[foreign]` of the program's registry names is a `Mapping`, which says what of it
//! is recorded instead. A real span of one of our own call sites was made by the runtime, which keeps its record
//! itself; here it is only claimed, and tied to that record for spans that are put below it.

mod sites;
mod tied;
pub(crate) mod text;

use std::cell::Cell;
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use tense::__private::Raw;
use tense::__private::layer::{self as runtime, Tie};
use tense::registry::Registry;
use tracing_core::field::{Field, Visit};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Dispatch, Event, Interest, LevelFilter, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use crate::filter::{interest, is_below};
use crate::mapping::{Mapping, Taken};
use crate::mark::Mark;
use sites::{Seen, Sites};
use text::{Text, Texts};
use tied::{AllTied, Tied};

/// The layer's part that `tracing` calls. It stands inside of [`Layer`](crate::Layer).
pub struct Recorder {
    mark: Arc<Mark>,
    /// It has its subscriber to itself. Then it may say for all that nobody wants a call site, and needs no filter of
    /// its own, for which the registry looks every span up once more at every step.
    is_alone: bool,
    /// Only one with rules for other crates.
    registry: Option<&'static Registry>,
    /// The call sites that were seen.
    sites: Sites,
    /// One of them is mapped; until then nobody looks what values a span gets.
    has_mapped: AtomicBool,
    /// The spans that are open.
    tied: AllTied,
}

thread_local! {
    /// Set on our own threads, and while a message is formatted: what is traced meanwhile is not the host's work.
    static DEAF: Cell<bool> = const { Cell::new(false) };
}

/// From now on this thread is one of ours, and nothing that happens on it is recorded.
pub(crate) fn deafen_thread() {
    DEAF.set(true);
    // Annotated calls do not come through `tracing`.
    runtime::close_thread();
}

impl Recorder {
    pub(crate) fn new(mark: Arc<Mark>, registry: Option<&'static Registry>, is_alone: bool) -> Self {
        let registry = registry.filter(|registry| !registry.foreign.is_empty());
        let has_mapped = AtomicBool::new(false);
        Self { mark, is_alone, registry, sites: Sites::default(), has_mapped, tied: AllTied::default() }
    }

    pub(crate) fn mark(&self) -> &Arc<Mark> {
        &self.mark
    }

    #[inline]
    fn site(&self, metadata: &'static Metadata<'static>) -> Seen {
        self.sites.get(metadata, || self.find_out(metadata))
    }

    #[cold]
    fn find_out(&self, metadata: &'static Metadata<'static>) -> Seen {
        let mapping = self.registry.and_then(|registry| Mapping::of(metadata, registry));
        self.has_mapped.fetch_or(mapping.is_some(), Relaxed);
        let number = runtime::enlist_foreign(metadata, mapping.map(Mapping::spec));
        Seen { number, is_ours: runtime::is_ours(metadata), mapping }
    }
}

impl Recorder {
    /// What a span or event is under: the nearest span that we record above the given parent, or what this thread is
    /// in.
    fn above<S>(&self, is_root: bool, parent: Option<&Id>, context: &Context<'_, S>) -> Option<Tie>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        match parent {
            _ if is_root => None,
            Some(parent) => self.tied_above(parent, context).find(|tied| !tied.is_lost).map(|tied| tied.tie),
            None => runtime::current(self.mark.id),
        }
    }

    /// Whether what has nothing above it that we record would have, had there been room for its begin.
    #[cold]
    fn is_in_lost<S>(&self, is_root: bool, parent: Option<&Id>, context: &Context<'_, S>) -> bool
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        match parent {
            _ if is_root => false,
            Some(parent) => self.tied_above(parent, context).next().is_some(),
            None => runtime::is_in_lost(self.mark.id),
        }
    }

    /// What is kept of that span and those around it, from within.
    fn tied_above<S>(&self, parent: &Id, context: &Context<'_, S>) -> impl Iterator<Item = Tied>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let scope = context.span_scope(parent).into_iter().flatten();
        scope.filter_map(|span| self.tied.get(span.id().into_u64()))
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        self.mark.met(dispatch.downgrade());
    }

    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.is_alone { interest(&self.mark, metadata, Interest::always) } else { Interest::always() }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        !self.is_alone || is_below(&self.mark, metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        runtime::begin_rebuild();
        self.is_alone.then(|| self.mark.max_level())
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Seen { number, is_ours, mapping } = self.site(attributes.metadata());
        let (id, is_mapped) = (id.into_u64(), mapping.is_some());
        if is_ours && let Some(tie) = runtime::claim(self.mark.id) {
            self.tied.keep(id, Tied { tie, ours: true, is_mapped: false, is_lost: false });
            return;
        }
        if DEAF.try_with(Cell::get).unwrap_or(true) {
            return;
        }
        let above = self.above(attributes.is_root(), attributes.parent(), &context);
        let begin = |values: &[Raw<'_>]| runtime::begin(number, self.mark.id, above, values);
        let tie = match mapping {
            Some(mapping) => take(mapping, |visitor| attributes.record(visitor)).with_raws(begin),
            None => begin(&[]),
        };
        if let Some((tie, is_lost)) = tie {
            self.tied.keep(id, Tied { tie, ours: false, is_mapped, is_lost });
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        // A span that was made is one whose call site was seen before.
        if self.has_mapped.load(Relaxed)
            && let Some(Tied { tie, is_mapped: true, is_lost: false, .. }) = self.tied.get(id.into_u64())
            && let Some(span) = context.span(id)
            && let Some(mapping) = self.site(span.metadata()).mapping
        {
            let taken = take(mapping, |visitor| values.record(visitor));
            if !taken.is_empty() {
                taken.with_raws(|values| runtime::fill(tie, self.mark.id, values));
            }
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Seen { number, is_ours, mapping } = self.site(event.metadata());
        if is_ours && runtime::claim(self.mark.id).is_some() {
            return;
        }
        // A message belongs to the span that it is said in; outside of one there is no run that it could explain.
        let above = self.above(event.is_root(), event.parent(), &context);
        if let Some(mapping) = mapping {
            if DEAF.try_with(Cell::get).unwrap_or(true) {
                return;
            }
            let taken = take(mapping, |visitor| event.record(visitor));
            taken.with_raws(|values| runtime::point(number, self.mark.id, above, values));
        } else if above.is_some() {
            if let Some(message) = Message::of(event) {
                runtime::point(number, self.mark.id, above, &[message.raw()]);
            }
        } else if self.is_in_lost(event.is_root(), event.parent(), &context) && Deaf::new().is_some() {
            runtime::lose_point(self.mark.id);
        }
    }

    fn on_enter(&self, id: &Id, _: Context<'_, S>) {
        // The runtime keeps the stack itself for its own spans. Somebody else's handle of one is entered like a foreign
        // one.
        if !runtime::is_own_move()
            && let Some(tied) = self.tied.get(id.into_u64())
        {
            if tied.is_lost {
                runtime::enter_lost(tied.tie, self.mark.id);
            } else {
                runtime::enter(tied.tie, self.mark.id);
            }
        }
    }

    fn on_exit(&self, id: &Id, _: Context<'_, S>) {
        if !runtime::is_own_move()
            && let Some(tied) = self.tied.get(id.into_u64())
        {
            if tied.is_lost {
                runtime::exit_lost(tied.tie);
            } else {
                runtime::exit(tied.tie);
            }
        }
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        if let Some(tied) = self.tied.remove(id.into_u64())
            && !tied.ours
            && !tied.is_lost
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
struct Message {
    texts: Texts,
    text: Option<Text>,
}

impl Message {
    /// Formats it; `None` on a thread of ours, and while another message is being formatted.
    fn of(event: &Event<'_>) -> Option<Self> {
        let _deaf = Deaf::new()?;
        let mut message = Self { texts: Texts::new(), text: None };
        event.record(&mut message);
        Some(message)
    }

    fn raw(&self) -> Raw<'_> {
        self.text.as_ref().map_or(Raw::Str(""), |text| self.texts.raw(text))
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
            self.text = Some(self.texts.debug(value));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            self.text = Some(self.texts.plain(value));
        }
    }
}
