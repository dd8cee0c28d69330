//! A call arrives at its static call site; one relaxed load says where it goes: nowhere, into our ring, or the slow way
//! because some other `tracing` layer wants to see it as well.
//!
//! The site **is** a `tracing` call site, so `tracing` itself tells us when somebody's interest changes. It does so
//! under its own lock; there we only note that the state is stale, and the next call finds out.

use std::cell::Cell;
use std::panic::Location;
use std::sync::atomic::Ordering::{Acquire, Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64};
use std::sync::{Mutex, Once, PoisonError};

use tracing_core::field::FieldSet;
use tracing_core::metadata::Kind;
use tracing_core::{Interest, LevelFilter, Metadata, identify_callsite};

use crate::listed::{Listed, enlist, listed};
use crate::real::LATE;
use crate::record::Header;
use crate::routing;
use crate::spec::{Form, MARK, MARKS, More, Spec};

/// The static behind an annotated function.
///
/// The compiler makes one for every annotated function. It looks several times whether what comes out can change, which
/// means a walk through all types that hold an atomic or a lock, and it evaluates the whole. So there is little in
/// here, and all else is made when the first call arrives: that took a tenth off what a thousand annotations cost to
/// compile.
pub struct Site {
    /// One of the states below, or the header of the records that its calls begin with on the direct way.
    state: AtomicU64,
    /// The number that records carry; 0 before the first call.
    id: AtomicU32,
    /// The static itself.
    this: &'static Self,
    form: Form,
    names: [&'static str; 4],
    function: &'static str,
    marked_fields: &'static [&'static str],
    more: &'static More,
    module: &'static str,
    place: &'static Location<'static>,
}

/// What there is of a call site from its first call on.
#[derive(Debug)]
pub struct Known {
    registered: Once,
    wanted_elsewhere: AtomicBool,
    /// How often `tracing` has told of its interest.
    changes: AtomicU32,
    metadata: Metadata<'static>,
    spec: Spec,
}

impl Known {
    /// What the site says about its calls.
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// What `tracing` knows of it.
    pub fn metadata(&self) -> &Metadata<'static> {
        &self.metadata
    }

    fn set_wanted_elsewhere(&self, is_wanted: bool) {
        match (self.wanted_elsewhere.swap(is_wanted, SeqCst), is_wanted) {
            (false, true) => WANTED_ELSEWHERE.fetch_add(1, SeqCst),
            (true, false) => WANTED_ELSEWHERE.fetch_sub(1, SeqCst),
            (true, true) | (false, false) => 0,
        };
    }
}

/// Call sites of ours that somebody else wants to see.
static WANTED_ELSEWHERE: AtomicU32 = AtomicU32::new(0);
/// How often `tracing` has told any of them of its interest.
static CHANGES: AtomicU32 = AtomicU32::new(0);

/// Whether somebody else wants to see a call site of ours.
pub fn is_any_wanted_elsewhere() -> bool {
    WANTED_ELSEWHERE.load(SeqCst) > 0
}

/// A number that is another one when `tracing` has told a call site of ours of its interest since.
pub fn changes_of_interest() -> u32 {
    CHANGES.load(Relaxed)
}

thread_local! {
    /// Set while this thread registers a call site.
    static REGISTERING: Cell<bool> = const { Cell::new(false) };
}

/// While it lives, this thread registers a call site, and no other.
struct Registering;

impl Registering {
    fn begin() -> Option<Self> {
        // A thread that is torn down has no such cell any more.
        (!REGISTERING.try_with(|here| here.replace(true)).unwrap_or(true)).then_some(Self)
    }
}

impl Drop for Registering {
    fn drop(&mut self) {
        REGISTERING.try_with(|here| here.set(false)).ok();
    }
}

/// No header is one of these, because it says what kind of record it is.
const OFF: u64 = 0;
const SLOW: u64 = 1;
/// Something has changed, and nobody has found out what it means.
const STALE: u64 = 2;

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
    /// One event, when the call ends. For statics that the macros write: the static itself and the module that it
    /// stands in; the function, what it is called when it is done, and when it failed; names of fields, by number, and
    /// a place for [`MARK`] behind them. The file and the line are those of the call of this function.
    #[track_caller]
    pub const fn action(
        this: &'static Self,
        module: &'static str,
        function: &'static str,
        done: &'static str,
        failed: &'static str,
        marked_fields: &'static [&'static str],
    ) -> Self {
        Self::new(this, module, Form::Action, function, [done, "", done, failed], marked_fields)
    }

    /// A life: the name of the span, the event when it starts, when it is done, and when it failed.
    #[track_caller]
    pub const fn life(
        this: &'static Self,
        module: &'static str,
        function: &'static str,
        names: [&'static str; 4],
        marked_fields: &'static [&'static str],
    ) -> Self {
        Self::new(this, module, Form::Life, function, names, marked_fields)
    }

    /// A moment.
    #[track_caller]
    pub const fn point(
        this: &'static Self,
        module: &'static str,
        done: &'static str,
        failed: &'static str,
        marked_fields: &'static [&'static str],
    ) -> Self {
        Self::new(this, module, Form::Point, "", [done, "", done, failed], marked_fields)
    }

    #[track_caller]
    const fn new(
        this: &'static Self,
        module: &'static str,
        form: Form,
        function: &'static str,
        names: [&'static str; 4],
        marked_fields: &'static [&'static str],
    ) -> Self {
        Self {
            state: AtomicU64::new(STALE),
            id: AtomicU32::new(0),
            this,
            form,
            names,
            function,
            marked_fields,
            more: &More::NONE,
            module,
            place: Location::caller(),
        }
    }

    /// The same, with what most say nothing of.
    pub const fn with(mut self, more: &'static More) -> Self {
        self.more = more;
        self
    }

    /// Where a call goes now.
    #[inline(always)]
    pub fn route(&'static self) -> Route {
        self.way().0
    }

    /// The same, and the header of the record that it begins with on the direct way.
    #[inline(always)]
    pub(crate) fn way(&'static self) -> (Route, Header) {
        if cfg!(tense_off) {
            return (Route::Off, Header::NONE);
        }
        match self.state.load(Relaxed) {
            OFF => (Route::Off, Header::NONE),
            SLOW => (Route::Slow, Header::NONE),
            STALE => self.evaluate(),
            header => (Route::Direct, Header(header)),
        }
    }

    #[cold]
    #[inline(never)]
    fn evaluate(&'static self) -> (Route, Header) {
        let is_registered = matches!(self.listed(), Some(known) if known.registered.is_completed());
        if !is_registered {
            // A layer that calls annotated functions where `tracing` asks it about a call site: to wait for another
            // thread here could be to wait for oneself. Such a call goes unseen.
            let Some(_here) = Registering::begin() else { return (Route::Off, Header::NONE) };
            let known = self.known();
            known.registered.call_once_force(|before| match before.is_poisoned() {
                // Calls `set_interest`.
                false => tracing_core::callsite::register(self),
                // A subscriber has panicked when it was asked, in the call that came first. `tracing` has the call site
                // all the same; who is interested nobody has said, so every call asks.
                true => known.set_wanted_elsewhere(true),
            });
        }
        self.find_out(true, || ())
    }

    /// `look_again` and `meanwhile` are there for the test that shows what looking again is good for.
    fn find_out(&'static self, look_again: bool, meanwhile: impl FnOnce()) -> (Route, Header) {
        let known = self.known();
        let seen = known.changes.load(SeqCst);
        // Of a scoped default `tracing` does not always know: a call site that is first met on a thread without one is
        // told that nobody is interested. As long as a layer of ours may stand in a scoped default, every call looks
        // itself.
        let (route, state, header) = if known.wanted_elsewhere.load(SeqCst) || routing::may_be_scoped() {
            (Route::Slow, SLOW, Header::NONE)
        } else if !routing::global_wants(&known.metadata) {
            (Route::Off, OFF, Header::NONE)
        } else if *known.metadata.level() <= LevelFilter::current() {
            let header = Header::of_begin(routing::global_layer(), self.id());
            (Route::Direct, header.0, header)
        } else {
            // `tracing` tells the call sites of a change before it raises the highest level that anybody wants, so this
            // one may be on its way: the next call asks again.
            (Route::Off, STALE, Header::NONE)
        };
        meanwhile();
        self.state.store(state, SeqCst);
        // Who is told of a change here has perhaps been overtaken by somebody who found out before it. The next call
        // finds out again; this one's answer was right when it asked.
        if look_again && known.changes.load(SeqCst) != seen {
            self.state.store(STALE, SeqCst);
        }
        (route, header)
    }

    /// The number that records carry. From 1 on: whoever reads a record finds the call site by it.
    pub(crate) fn id(&self) -> u32 {
        match self.id.load(Acquire) {
            0 => {
                // The state is read with a relaxed load, so another thread's may be seen before the number that was
                // written first.
                self.this.get_known();
                self.id.load(SeqCst)
            }
            id => id,
        }
    }

    /// The name of its spans.
    pub(crate) const fn span_name(&self) -> &'static str {
        let [span_name, ..] = self.names;
        span_name
    }

    /// The event that says that a call is done.
    pub(crate) const fn done(&self) -> &'static str {
        let [_, _, done, _] = self.names;
        done
    }

    /// Names of the fields, by number.
    pub(crate) const fn fields(&self) -> &'static [&'static str] {
        match self.marked_fields.split_last() {
            Some((_mark, fields)) => fields,
            None => &[],
        }
    }

    /// The function.
    pub(crate) const fn function(&self) -> &'static str {
        self.function
    }

    /// What `tracing` knows of it.
    pub fn metadata(&self) -> &'static Metadata<'static> {
        &self.known().metadata
    }

    fn known(&self) -> &'static Known {
        self.listed().unwrap_or_else(|| self.this.get_known())
    }

    /// What there is of it, if it has been called before.
    fn listed(&self) -> Option<&'static Known> {
        match listed(self.id.load(SeqCst)) {
            Some(Listed::Ours(known)) => Some(known),
            _ => None,
        }
    }

    /// Makes the site known, once; it is as long in memory as the static is.
    #[cold]
    fn get_known(&'static self) -> &'static Known {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = self.listed() {
            return known;
        }
        let Self { form, names: [span_name, start, done, failed], function, more, module, place, .. } = *self;
        let fields = self.fields();
        // What only comes when a span ends has its place from the beginning on. A field of the author's own that is
        // called so stays the author's.
        let late = LATE.into_iter().filter(|name| form != Form::Point && !fields.contains(name));
        let marked: Vec<&'static str> = fields.iter().copied().chain(late).chain([MARK]).collect();
        let metadata = Metadata::new(
            span_name,
            if more.target.is_empty() { module } else { more.target },
            more.level,
            Some(place.file()),
            Some(place.line()),
            Some(module),
            FieldSet::new(marked.leak(), identify_callsite!(self)),
            if form == Form::Point { Kind::EVENT } else { Kind::SPAN },
        );
        let known = Box::leak(Box::new(Known {
            registered: Once::new(),
            wanted_elsewhere: AtomicBool::new(false),
            changes: AtomicU32::new(0),
            metadata,
            spec: Spec { form, span_name, start, done, failed, fields, function, more: *more },
        }));
        self.id.store(enlist(Listed::Ours(known)), SeqCst);
        known
    }
}

impl tracing_core::Callsite for Site {
    fn set_interest(&self, interest: Interest) {
        // Under the lock of tracing's call sites: to trace, register or ask for a default here would deadlock.
        let known = self.known();
        known.set_wanted_elsewhere(!interest.is_never());
        known.changes.fetch_add(1, SeqCst);
        CHANGES.fetch_add(1, Relaxed);
        self.state.store(STALE, SeqCst);
    }

    fn metadata(&self) -> &Metadata<'_> {
        Self::metadata(self)
    }
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site").field("name", &self.span_name()).field("state", &self.state).finish_non_exhaustive()
    }
}

/// Whether that is the metadata of a call site of ours.
pub fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.fields().field(MARK).is_some()
}

/// Whether it is one of another version of this crate, which a program may have beside it.
pub fn is_of_another_version(metadata: &Metadata<'_>) -> bool {
    let fields = metadata.fields();
    fields
        .iter()
        .nth(fields.len().wrapping_sub(1))
        .is_some_and(|last| last.name().starts_with(MARKS) && last.name() != MARK)
}

// Where calls are compiled out, no route but off is left to be tested.
#[cfg(all(test, not(tense_off)))]
mod tests {
    use tracing_core::Callsite;

    use super::*;

    macro_rules! site {
        () => {{
            static SITE: Site = Site::action(&SITE, module_path!(), "", "operation.sites.raced", "", &[MARK]);
            &SITE
        }};
    }

    /// Nobody is interested, a call finds that out, and before it has written it down somebody else becomes interested.
    fn route_after_a_change_in_between(site: &'static Site, look_again: bool) -> Route {
        site.route();
        site.set_interest(Interest::never());
        let (answer, _) = site.find_out(look_again, || site.set_interest(Interest::always()));
        assert_eq!(answer, Route::Off, "it was right when it asked");
        site.route()
    }

    #[test]
    fn a_change_of_interest_in_between_is_not_forgotten() {
        assert_eq!(route_after_a_change_in_between(site!(), true), Route::Slow);
    }

    #[test]
    fn a_number_is_there_as_soon_as_a_state_is_seen() {
        let site = site!();
        let header = Header::of_begin(1, 0);
        site.state.store(header.0, Relaxed);
        assert_eq!(site.way(), (Route::Direct, header));
        assert!(listed(site.id()).is_some_and(|listed| listed.metadata().name() == "operation.sites.raced"));
    }

    #[test]
    fn the_test_sees_a_change_that_is_forgotten() {
        assert_eq!(route_after_a_change_in_between(site!(), false), Route::Off, "the seeded bug was not seen");
    }
}
