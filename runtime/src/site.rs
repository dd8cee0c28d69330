//! A call arrives at its static call site; one relaxed load says where it goes: nowhere, into our ring, or the slow way
//! because some other `tracing` layer wants to see it as well.
//!
//! The site **is** a `tracing` call site, so `tracing` itself tells us when somebody's interest changes; the next call
//! finds out what that means (`site/evaluated.rs`).

mod known;
mod evaluated;
mod asked;

use std::panic::Location;
use std::sync::atomic::Ordering::{Acquire, Relaxed, SeqCst};
use std::sync::atomic::{AtomicU32, AtomicU64};

use tracing_core::Metadata;

use crate::record::Header;
use crate::spec::{Form, More};

pub use asked::{
    Asked, ask_again, begin_rebuild, catch_up, panics_of_subscribers, put_off_asking, survive_asking, take_put_off,
};
pub(crate) use asked::{stand_first, survive_asking_all};
pub use evaluated::{changes_of_interest, is_any_wanted_elsewhere};
pub(crate) use known::Known;
pub use known::{is_of_another_version, is_ours};

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
        // Relaxed: a thread that reads a header needs nothing else of what was written before it. Whoever looks behind
        // the number in it finds the entry even so, see `listed.rs`.
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

    /// Whether a call has fields that its body fills in.
    pub(crate) const fn is_left_open(&self) -> bool {
        self.more.is_left_open
    }

    /// The function.
    pub(crate) const fn function(&self) -> &'static str {
        self.function
    }

    /// What `tracing` knows of it.
    pub fn metadata(&self) -> &'static Metadata<'static> {
        self.known().metadata()
    }
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site").field("name", &self.span_name()).field("state", &self.state).finish_non_exhaustive()
    }
}
