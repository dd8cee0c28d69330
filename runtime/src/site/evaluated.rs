//! A call whose site's state is stale goes in; where it goes comes out, and where the next ones go.
//!
//! `tracing` tells of somebody's interest under its own lock; there we only note that the state is stale, and the next
//! call finds out. The first call of all registers the site.

use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU32};

use tracing_core::{Callsite, Interest, LevelFilter, Metadata, callsite};

use crate::record::Header;
use crate::routing;
use crate::site::asked::{self, Asked};
use crate::site::known::Registration;
use crate::site::{OFF, Route, SLOW, STALE, Site};

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

/// What `tracing` has told a call site.
#[derive(Debug, Default)]
pub(super) struct Interests {
    is_wanted_elsewhere: AtomicBool,
    /// How often it has told.
    changes: AtomicU32,
}

impl Interests {
    fn set_wanted_elsewhere(&self, is_wanted: bool) {
        match (self.is_wanted_elsewhere.swap(is_wanted, SeqCst), is_wanted) {
            (false, true) => WANTED_ELSEWHERE.fetch_add(1, SeqCst),
            (true, false) => WANTED_ELSEWHERE.fetch_sub(1, SeqCst),
            (true, true) | (false, false) => 0,
        };
    }
}

impl Site {
    #[cold]
    #[inline(never)]
    pub(super) fn evaluate(&'static self) -> (Route, Header) {
        // A filter or a layer that calls annotated functions where it is asked: see there. Such a call goes unseen.
        let Some(_asked) = Asked::begin() else { return (Route::Off, Header::NONE) };
        let known = self.known();
        // Who is interested nobody can be asked now, so this call asks by itself, as it does where another thread is at
        // it. This one leaves it to the drainer.
        if !known.is_registered() && asked::leave_registering() {
            return (Route::Slow, Header::NONE);
        }
        match known.begin_registration() {
            Registration::Done => {}
            Registration::Others => return (Route::Slow, Header::NONE),
            // What is registered from here on, whoever asks everybody has not asked about beforehand.
            Registration::Mine if asked::is_anybody_asking_again() => {
                known.take_registration_back();
                return (Route::Slow, Header::NONE);
            }
            Registration::Mine => {
                // Calls `set_interest`, unless a subscriber panics. Then `tracing` has the call site all the same; who
                // is interested nobody has said, so every call asks.
                if asked::survive_asking_all(|| callsite::register(self)).is_none() {
                    known.interests.set_wanted_elsewhere(true);
                }
                known.end_registration();
            }
        }
        self.find_out(true, || ())
    }

    /// `look_again` and `meanwhile` are there for the test that shows what looking again is good for.
    fn find_out(&'static self, look_again: bool, meanwhile: impl FnOnce()) -> (Route, Header) {
        let known = self.known();
        let seen = known.interests.changes.load(SeqCst);
        // Of a scoped default `tracing` does not always know: a call site that is first met on a thread without one is
        // told that nobody is interested. As long as a layer of ours may stand in a scoped default, every call looks
        // itself.
        let is_slow = known.interests.is_wanted_elsewhere.load(SeqCst) || routing::may_be_scoped();
        // Where a subscriber panics instead of saying what it wants, every call asks.
        let wanted = if is_slow { None } else { routing::global_wants(known.metadata()) };
        let (route, state, header) = match wanted {
            None => (Route::Slow, SLOW, Header::NONE),
            Some(false) => (Route::Off, OFF, Header::NONE),
            Some(true) if *known.metadata().level() <= LevelFilter::current() => {
                let header = Header::of_begin(routing::global_layer(), self.id());
                (Route::Direct, header.0, header)
            }
            // `tracing` tells the call sites of a change before it raises the highest level that anybody wants, so this
            // one may be on its way: the next call asks again.
            Some(true) => (Route::Off, STALE, Header::NONE),
        };
        meanwhile();
        self.state.store(state, SeqCst);
        // Who is told of a change here has perhaps been overtaken by somebody who found out before it. The next call
        // finds out again; this one's answer was right when it asked.
        if look_again && known.interests.changes.load(SeqCst) != seen {
            self.state.store(STALE, SeqCst);
        }
        (route, header)
    }

    /// Something has changed; the next call finds out what that means.
    pub(super) fn grow_stale(&self) {
        self.known().interests.changes.fetch_add(1, SeqCst);
        CHANGES.fetch_add(1, Relaxed);
        self.state.store(STALE, SeqCst);
    }
}

/// `tracing` takes the metadata of a call site, asks everybody about that, and sets what came out, on one thread and
/// under its lock: to trace, register or ask for a default here would deadlock.
impl Callsite for Site {
    fn set_interest(&self, interest: Interest) {
        asked::end_by_tracing();
        self.known().interests.set_wanted_elsewhere(!interest.is_never());
        self.grow_stale();
    }

    fn metadata(&self) -> &Metadata<'_> {
        asked::begin_by_tracing();
        Self::metadata(self)
    }
}

// Where calls are compiled out, no route but off is left to be tested.
#[cfg(all(test, not(tense_off)))]
mod tests {
    use super::*;
    use crate::listed::listed;
    use crate::spec::MARK;

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
