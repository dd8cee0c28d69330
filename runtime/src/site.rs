//! A call arrives at its static call site; one relaxed load says where it goes: nowhere, into our ring, or the slow way
//! because some other `tracing` layer wants to see it as well.
//!
//! The site **is** a `tracing` call site, so `tracing` itself tells us when somebody's interest changes. It does so under
//! its own lock; there we only note that the state is stale, and the next call finds out.

use std::cell::Cell;
use std::panic::Location;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32};
use std::sync::{Mutex, Once, PoisonError};

use tracing_core::field::FieldSet;
use tracing_core::metadata::Kind;
use tracing_core::{Interest, Metadata, identify_callsite};

use crate::routing;
use crate::spec::{Form, MARK, Spec};

/// The static behind an annotated function.
pub struct Site {
    state: AtomicU8,
    wanted_elsewhere: AtomicBool,
    /// How often `tracing` has told of its interest.
    changes: AtomicU32,
    id: AtomicU32,
    once: Once,
    metadata: Metadata<'static>,
    spec: Spec,
}

thread_local! {
    /// Set while this thread registers a call site.
    static REGISTERING: Cell<bool> = const { Cell::new(false) };
}

const OFF: u8 = 0;
const DIRECT: u8 = 1;
const SLOW: u8 = 2;
/// Something has changed, and nobody has found out what it means.
const STALE: u8 = 0x80;

/// Where a call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// Nobody wants it.
    Off,
    /// Into the ring, for the global layer of ours; nobody else wants it.
    Direct,
    /// A real `tracing` span as well, which the layers of this thread's subscriber see.
    Slow,
}

impl Site {
    /// For statics that the macros write: the static itself, the module that it stands in, and what it says. The file and
    /// the line are those of the call of this function.
    #[track_caller]
    pub const fn new(this: &'static Self, module: &'static str, spec: Spec) -> Self {
        let place = Location::caller();
        let kind = if matches!(spec.form, Form::Point) { Kind::EVENT } else { Kind::SPAN };
        let target = if spec.target.is_empty() { module } else { spec.target };
        Self {
            state: AtomicU8::new(STALE),
            wanted_elsewhere: AtomicBool::new(false),
            changes: AtomicU32::new(0),
            id: AtomicU32::new(0),
            once: Once::new(),
            metadata: Metadata::new(
                spec.span_name,
                target,
                spec.level,
                Some(place.file()),
                Some(place.line()),
                Some(module),
                FieldSet::new(spec.marked_fields, identify_callsite!(this)),
                kind,
            ),
            spec,
        }
    }

    /// Where a call goes now.
    #[inline(always)]
    pub fn route(&'static self) -> Route {
        if cfg!(tense_off) {
            return Route::Off;
        }
        match self.state.load(Relaxed) {
            OFF => Route::Off,
            DIRECT => Route::Direct,
            SLOW => Route::Slow,
            _ => self.evaluate(),
        }
    }

    #[cold]
    #[inline(never)]
    fn evaluate(&'static self) -> Route {
        if !self.once.is_completed() {
            // A layer that calls annotated functions where `tracing` asks it about a call site: to wait for another thread
            // here could be to wait for oneself. Such a call goes unseen.
            if REGISTERING.try_with(|here| here.replace(true)).unwrap_or(true) {
                return Route::Off;
            }
            self.once.call_once(|| {
                self.id.store(enlist(Listed::Ours(self)), SeqCst);
                // Calls `set_interest`.
                tracing_core::callsite::register(self);
            });
            REGISTERING.set(false);
        }
        self.find_out(true, || ())
    }

    /// `look_again` and `meanwhile` are there for the test that shows what looking again is good for.
    fn find_out(&'static self, look_again: bool, meanwhile: impl FnOnce()) -> Route {
        let seen = self.changes.load(SeqCst);
        // Of a scoped default `tracing` does not always know: a call site that is first met on a thread without one is told
        // that nobody is interested. As long as a layer of ours may stand in a scoped default, every call looks itself.
        let (state, route) = if self.wanted_elsewhere.load(SeqCst) || routing::may_be_scoped() {
            (SLOW, Route::Slow)
        } else if routing::global_wants(&self.metadata) {
            (DIRECT, Route::Direct)
        } else {
            (OFF, Route::Off)
        };
        meanwhile();
        self.state.store(state, SeqCst);
        // Who is told of a change here has perhaps been overtaken by somebody who found out before it. The next call finds
        // out again; this one's answer was right when it asked.
        if look_again && self.changes.load(SeqCst) != seen {
            self.state.store(STALE, SeqCst);
        }
        route
    }

    /// The number that records carry; 0 before the first call.
    #[inline]
    pub(crate) fn id(&self) -> u32 {
        self.id.load(Relaxed)
    }

    /// What the site says about its calls.
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// What `tracing` knows of it.
    pub fn metadata(&'static self) -> &'static Metadata<'static> {
        &self.metadata
    }
}

impl tracing_core::Callsite for Site {
    fn set_interest(&self, interest: Interest) {
        // Under the lock of tracing's call sites: to trace, register or ask for a default here would deadlock.
        self.wanted_elsewhere.store(!interest.is_never(), SeqCst);
        self.changes.fetch_add(1, SeqCst);
        self.state.store(STALE, SeqCst);
    }

    fn metadata(&self) -> &Metadata<'_> {
        &self.metadata
    }
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site").field("name", &self.spec.span_name).field("state", &self.state).finish_non_exhaustive()
    }
}

/// Whether that is the metadata of a call site of ours.
pub fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.fields().field(MARK).is_some()
}

/// A call site that records refer to by number.
#[derive(Debug, Clone, Copy)]
pub enum Listed {
    /// One of ours.
    Ours(&'static Site),
    /// One of `tracing`'s own.
    Foreign(&'static Metadata<'static>),
    /// One of `tracing`'s own that a registry maps to an event of ours.
    Mapped(&'static Spec, &'static Metadata<'static>),
}

impl Listed {
    /// What it says about its calls; a foreign one says nothing.
    pub fn spec(self) -> Option<&'static Spec> {
        match self {
            Self::Ours(site) => Some(site.spec()),
            Self::Foreign(_) => None,
            Self::Mapped(spec, _) => Some(spec),
        }
    }

    /// What `tracing` knows of it.
    pub fn metadata(self) -> &'static Metadata<'static> {
        match self {
            Self::Ours(site) => site.metadata(),
            Self::Foreign(metadata) | Self::Mapped(_, metadata) => metadata,
        }
    }
}

static LIST: Mutex<Vec<Listed>> = Mutex::new(Vec::new());

/// Puts a call site on the list; its number is from 1 on.
pub(crate) fn enlist(site: Listed) -> u32 {
    let mut list = LIST.lock().unwrap_or_else(PoisonError::into_inner);
    list.push(site);
    list.len() as u32
}

/// The call site of a number.
pub fn listed(id: u32) -> Option<Listed> {
    let list = LIST.lock().unwrap_or_else(PoisonError::into_inner);
    list.get((id as usize).checked_sub(1)?).copied()
}

// Where calls are compiled out, no route but off is left to be tested.
#[cfg(all(test, not(tense_off)))]
mod tests {
    use tracing_core::Callsite;

    use super::*;

    macro_rules! site {
        () => {{
            static SITE: Site =
                Site::new(&SITE, module_path!(), Spec::action("", "operation.sites.raced", "", &[MARK]));
            &SITE
        }};
    }

    /// Nobody is interested, a call finds that out, and before it has written it down somebody else becomes interested.
    fn route_after_a_change_in_between(site: &'static Site, look_again: bool) -> Route {
        site.route();
        site.set_interest(Interest::never());
        let answer = site.find_out(look_again, || site.set_interest(Interest::always()));
        assert_eq!(answer, Route::Off, "it was right when it asked");
        site.route()
    }

    #[test]
    fn a_change_of_interest_in_between_is_not_forgotten() {
        assert_eq!(route_after_a_change_in_between(site!(), true), Route::Slow);
    }

    #[test]
    fn the_test_sees_a_change_that_is_forgotten() {
        assert_eq!(route_after_a_change_in_between(site!(), false), Route::Off, "the seeded bug was not seen");
    }
}
