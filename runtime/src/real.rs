//! A span or a moment of ours goes in; a real one of `tracing` comes out, which the layers of this thread's subscriber
//! see. What comes late of a span is shown to them as well.

use std::cell::Cell;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use tracing_core::field::{Field, Value, ValueSet};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Dispatch, Event, LevelFilter, dispatcher};

use crate::foreign::Tie;
use crate::outcome::{Outcome, Told};
use crate::panics;
use crate::record::Ending;
use crate::routing::{as_own_move, claims};
use crate::site::{Asked, Site, survive_asking};
use crate::value::Raw;

/// Up to so many fields, those of [`LATE`] and our mark among them, a real span takes no memory of its own for them.
const FEW: usize = 20;

/// What a real span has behind its own fields: how it ended, where that is not well. The first is for people who read a
/// log; the others are what OpenTelemetry calls them, and `tracing-opentelemetry` makes the status of a span of the
/// last two. A text behind a code keeps both.
pub(crate) const LATE: [&str; 4] = ["outcome", "error.type", "otel.status_code", "otel.status_description"];

/// Whether other layers get the texts of errors too.
static SHOWS_ERROR_TEXTS: AtomicBool = AtomicBool::new(false);

/// From now on layers of others get the texts of errors of real spans, not only their types; or no more.
pub fn show_error_texts(on: bool) {
    SHOWS_ERROR_TEXTS.store(on, Relaxed);
}

thread_local! {
    /// Set while the thread is torn down, when what a registry keeps of it may be gone.
    static IS_CLOSED: Cell<bool> = const { Cell::new(false) };
    static CLOSING: Closing = const { Closing };
}

/// A registry keeps something of every thread, and panics when it is asked after that is gone, which in a destructor of
/// a thread-local is the end of the host. Destructors run in the reverse order in which the thread-locals were made; so
/// this one is made behind the first real span, and runs before that of the registry.
struct Closing;

impl Drop for Closing {
    fn drop(&mut self) {
        IS_CLOSED.set(true);
    }
}

/// A real `tracing` span beside ours. Dropping it closes the span.
pub(crate) struct Real {
    dispatch: Dispatch,
    id: Id,
}

impl Real {
    /// Makes one when this thread's subscriber wants it, and says which layers of ours claim it.
    pub(crate) fn open(site: &'static Site, span: Tie, values: &[Raw<'_>]) -> Option<(Self, impl Iterator<Item = u8>)> {
        let ((dispatch, id), claims) = offer(site, span, values, |dispatch, values| {
            let id = dispatch.new_span(&Attributes::new(site.metadata(), values));
            (dispatch.clone(), id)
        })?;
        Some((Self { dispatch, id }, claims))
    }

    /// Another handle of the real span that this thread is in, ours or not; it stays open as long as there is one.
    pub(crate) fn current() -> Option<Self> {
        if IS_CLOSED.get() {
            return None;
        }
        dispatcher::get_default(|dispatch| {
            let id = dispatch.current_span().id().map(|id| dispatch.clone_span(id))?;
            Some(Self { dispatch: dispatch.clone(), id })
        })
    }

    /// A real event instead of a span.
    pub(crate) fn emit(site: &'static Site, values: &[Raw<'_>]) -> Option<impl Iterator<Item = u8>> {
        // Nothing is put below a point, so its ids are not looked at; that there are some says that it is ours.
        offer(site, Tie { trace: (0, 0), span: 0 }, values, |dispatch, values| {
            dispatch.event(&Event::new(site.metadata(), values));
        })
        .map(|((), claims)| claims)
    }

    pub(crate) fn enter(&self) {
        if !IS_CLOSED.get() {
            as_own_move(|| self.dispatch.enter(&self.id));
        }
    }

    pub(crate) fn exit(&self) {
        if !IS_CLOSED.get() {
            as_own_move(|| self.dispatch.exit(&self.id));
        }
    }

    /// Shows a value of the field of that number, which was open until now.
    pub(crate) fn fill(&self, site: &'static Site, field: u8, value: Raw<'_>) {
        let text = value.text();
        if let Some(field) = site.metadata().fields().iter().nth(field.into()) {
            self.show(site, &[(&field, value.as_value(text.as_ref()))]);
        }
    }

    /// Shows how it ended. A success says nothing, as in OpenTelemetry.
    pub(crate) fn ended(&self, site: &'static Site, outcome: &Outcome) {
        let (ending, told) = match outcome {
            Outcome::Success => return,
            Outcome::Dropped => (Ending::Cancelled, None),
            Outcome::Other(told) => (told.ending, Some(&**told)),
        };
        let (word, code) = match ending {
            Ending::Success => return,
            Ending::Error => ("failed", Some("ERROR")),
            Ending::Panic => ("panicked", Some("ERROR")),
            // Nobody waits for it any more, which need not be an error.
            Ending::Cancelled => ("cancelled", None),
        };
        let text = told.filter(|_| code.is_some() && SHOWS_ERROR_TEXTS.load(Relaxed)).map(Told::text);
        let values = [Some(word), told.map(|told| told.error_type), code, text];
        // A field of the author's own that is called so is the author's.
        let own = site.fields().len();
        let fields = LATE.map(|name| site.metadata().fields().iter().skip(own).find(|field| field.name() == name));
        let [Some(mark)] = [site.metadata().fields().iter().last()] else { return };
        let shown: [(&Field, Option<&dyn Value>); LATE.len()] = std::array::from_fn(|at| {
            let value = values.get(at).and_then(Option::as_ref).map(|value| value as &dyn Value);
            match fields.get(at) {
                Some(Some(field)) => (field, value),
                _ => (&mark, None),
            }
        });
        self.show(site, &shown);
    }

    /// The host would not have asked its layers without us, so a panic of theirs is ours to swallow.
    fn show<const N: usize>(&self, site: &'static Site, values: &[(&Field, Option<&dyn Value>); N]) {
        if !IS_CLOSED.get() {
            let values = site.metadata().fields().value_set(values);
            panics::survive(|| self.dispatch.record(&self.id, &Record::new(&values)));
        }
    }
}

/// Shows it to this thread's subscriber, when that wants it, and collects the claims of our layers in it.
fn offer<T>(
    site: &'static Site,
    span: Tie,
    values: &[Raw<'_>],
    show: impl FnOnce(&Dispatch, &ValueSet<'_>) -> T,
) -> Option<(T, impl Iterator<Item = u8>)> {
    let metadata = site.metadata();
    if *metadata.level() > LevelFilter::current() || IS_CLOSED.get() {
        return None;
    }
    // Most have no text in pieces and few fields; those take no memory from the heap.
    let has_pieces = values.iter().any(|raw| matches!(raw, Raw::Pieces(_)));
    let texts: Vec<_> = if has_pieces { values.iter().map(Raw::text).collect() } else { Vec::new() };
    let (mut here, mut heap) = ([None; FEW], Vec::new());
    let fields = metadata.fields().len();
    let all: &mut [Option<&dyn Value>] = match here.get_mut(..fields) {
        Some(here) => here,
        None => {
            heap.resize(fields, None);
            &mut heap
        }
    };
    for (place, (at, raw)) in all.iter_mut().zip(values.iter().enumerate()) {
        *place = raw.as_value(texts.get(at).and_then(Option::as_ref));
    }
    let values = metadata.fields().value_set_all(all);
    let mut show = Some(show);
    let (made, claims) = dispatcher::get_default(|dispatch| {
        // Filters are asked, and may call annotated functions themselves. What a layer calls that sees the span is
        // seen.
        let asked = Asked::begin()?;
        let is_wanted = survive_asking(|| dispatch.enabled(metadata));
        drop(asked);
        if !is_wanted.unwrap_or(false) {
            return None;
        }
        let show = show.take()?;
        let made = claims(span, || show(dispatch, &values));
        CLOSING.try_with(|_| ()).ok();
        Some(made)
    })?;
    Some((made, claims.into_iter().filter(|layer| *layer != 0)))
}

impl Clone for Real {
    fn clone(&self) -> Self {
        Self { dispatch: self.dispatch.clone(), id: self.dispatch.clone_span(&self.id) }
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        if !IS_CLOSED.get() {
            self.dispatch.try_close(self.id.clone());
        }
    }
}

impl Raw<'_> {
    /// The text of a value that comes in pieces, because `tracing` takes whole ones.
    fn text(&self) -> Option<String> {
        if let Self::Pieces(pieces) = self { Some(pieces.text().0) } else { None }
    }

    fn as_value<'a>(&'a self, text: Option<&'a String>) -> Option<&'a dyn Value> {
        match self {
            Self::Absent => None,
            Self::Bool(value) => Some(value),
            Self::I64(value) => Some(value),
            Self::U64(value) => Some(value),
            Self::F64(value) => Some(value),
            Self::Str(value) | Self::CutStr(value) | Self::Json(value) | Self::CutJson(value) => Some(value),
            Self::Pieces(_) => text.map(|text| text as &dyn Value),
        }
    }
}
