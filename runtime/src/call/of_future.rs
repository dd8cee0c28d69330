//! The call of a future: it may be anywhere between its polls, so what it needs is kept beside it.

use std::cell::RefCell;
use std::panic::{RefUnwindSafe, UnwindSafe};

use crate::call::written::{begin_direct, end};
use crate::call::{Open, Slow};
use crate::outcome::Outcome;
use crate::record;
use crate::site::{Route, Site};
use crate::thread::Local;
use crate::value::Raw;

/// The call of a future, on its way. Dropping it before it has ended is how a future is cancelled.
#[derive(Debug)]
pub(crate) struct Call(Standing);

/// Where a call stands. Its number has a byte of its own, in front, because it is looked at several times a poll:
/// hidden among the values of a `bool` it would have to be worked out each time.
#[derive(Debug)]
#[repr(u8)]
enum Standing {
    /// It has not begun.
    Waiting(&'static Site),
    /// It has ended, or nobody wanted it.
    Done,
    /// Its begin found no room, for that layer. It has no end; but its thread is in it.
    Lost {
        layer: u8,
        entered: bool,
        span: u64,
    },
    Direct {
        layer: u8,
        /// On this thread's stack: during a poll.
        entered: bool,
        trace: (u64, u64),
        span: u64,
        /// When it began, on our clock.
        began: u64,
    },
    Slow {
        entered: bool,
        slow: Box<Slow>,
    },
}

/// A call is ids and atomics; after a panic it is ended, and not looked into.
impl UnwindSafe for Call {}
impl RefUnwindSafe for Call {}

impl Call {
    #[inline]
    pub(crate) const fn of(site: &'static Site) -> Self {
        Self(Standing::Waiting(site))
    }

    /// The call site, as long as it has not begun.
    #[inline]
    pub(crate) const fn waiting(&self) -> Option<&'static Site> {
        if let Standing::Waiting(site) = self.0 { Some(site) } else { None }
    }

    /// Nobody wants it.
    #[inline]
    pub(crate) fn let_go(&mut self) {
        self.0 = Standing::Done;
    }

    /// Begins the span of one that waits, and enters it. `values` are the site's fields by number; the id is one that
    /// was given out before, or 0 for none.
    pub(crate) fn begin(&mut self, wish: u64, values: &[Raw<'_>]) {
        let Standing::Waiting(site) = self.0 else { return };
        self.0 = Standing::Done;
        match site.route() {
            Route::Off => {}
            Route::Direct => {
                if let Some(local) = Local::current() {
                    let at = local.ticks();
                    self.began(begin_direct(local, site, wish, at, values), at, true);
                }
            }
            Route::Slow => self.began_slow(Slow::begin(site, wish, values)),
        }
    }

    /// It has begun, if that is recorded, and is entered or has been left again.
    #[inline]
    pub(crate) fn began(&mut self, open: Open, at: u64, entered: bool) {
        let Open { trace, span, layer, .. } = open;
        self.0 = match open.lost_span() {
            _ if span != 0 => Standing::Direct { layer, entered, trace, span, began: at },
            Some(span) => Standing::Lost { layer, entered, span },
            None => Standing::Done,
        };
    }

    /// It has begun on the slow way, where somebody wanted it there, and is entered.
    pub(crate) fn began_slow(&mut self, slow: Option<Box<Slow>>) {
        self.0 = slow.map_or(Standing::Done, |slow| Standing::Slow { slow, entered: true });
    }

    /// Puts the span on this thread's stack, at every poll.
    #[inline]
    pub(crate) fn enter(&mut self) {
        match &mut self.0 {
            // By itself, so that one look tells all of it.
            Standing::Direct { trace, span, layer, entered, .. } => {
                *entered = true;
                if let Some(local) = Local::current() {
                    local.stack.enter(Open { trace: *trace, span: *span, layer: *layer, is_real: false });
                }
            }
            Standing::Slow { slow, entered } => {
                *entered = true;
                slow.enter();
            }
            Standing::Lost { layer, entered, span } => {
                *entered = true;
                enter_lost(*span, *layer);
            }
            Standing::Waiting(_) | Standing::Done => {}
        }
    }

    /// The same for a span that may be entered by several threads at a time: each leaves it by itself.
    #[inline]
    pub(crate) fn enter_here(&self) {
        match &self.0 {
            Standing::Direct { trace, span, layer, .. } => {
                if let Some(local) = Local::current() {
                    local.stack.enter(Open { trace: *trace, span: *span, layer: *layer, is_real: false });
                }
            }
            Standing::Slow { slow, .. } => slow.enter(),
            Standing::Lost { layer, span, .. } => enter_lost(*span, *layer),
            Standing::Waiting(_) | Standing::Done => {}
        }
    }

    /// Takes it off again.
    #[inline]
    pub(crate) fn exit(&mut self) {
        match &mut self.0 {
            Standing::Direct { span, entered, .. } => {
                if std::mem::take(entered)
                    && let Some(local) = Local::existing()
                {
                    local.stack.exit(*span);
                }
            }
            Standing::Lost { span, entered, .. } => {
                if std::mem::take(entered) {
                    exit_lost(*span);
                }
            }
            Standing::Slow { slow, entered } => {
                if std::mem::take(entered) {
                    slow.exit();
                }
            }
            Standing::Waiting(_) | Standing::Done => {}
        }
    }

    /// The same for this thread alone.
    #[inline]
    pub(crate) fn leave_here(&self) {
        match &self.0 {
            Standing::Direct { span, .. } => {
                if let Some(local) = Local::existing() {
                    local.stack.exit(*span);
                }
            }
            Standing::Lost { span, .. } => exit_lost(*span),
            Standing::Slow { slow, .. } => slow.exit(),
            Standing::Waiting(_) | Standing::Done => {}
        }
    }

    /// Its span, to be filled in, or to say that it failed.
    pub(crate) fn span(&self) -> Open {
        match &self.0 {
            Standing::Direct { trace, span, layer, .. } => {
                Open { trace: *trace, span: *span, layer: *layer, is_real: false }
            }
            Standing::Slow { slow, .. } => slow.handle(),
            Standing::Waiting(_) | Standing::Done | Standing::Lost { .. } => Open::OFF,
        }
    }

    /// Ends the span of a poll that unwinds.
    #[cold]
    #[inline(never)]
    pub(crate) fn end_panicked(&mut self) {
        let since = match &mut self.0 {
            Standing::Direct { began, .. } => *began,
            Standing::Slow { slow, .. } => slow.began,
            Standing::Waiting(_) | Standing::Done | Standing::Lost { .. } => return,
        };
        self.end_as(&Outcome::panicked(since));
    }

    /// Writes the end, once.
    #[inline]
    pub(crate) fn end(&mut self, outcome: Outcome) {
        if let Standing::Direct { span, layer, .. } = self.0
            && matches!(outcome, Outcome::Success)
            && let Some(local) = Local::existing()
            && record::easy_success(local, local.ticks(), span, layer).is_some()
        {
            self.0 = Standing::Done;
            return;
        }
        self.end_as(&outcome);
    }

    #[cold]
    #[inline(never)]
    fn end_as(&mut self, outcome: &Outcome) {
        match std::mem::replace(&mut self.0, Standing::Done) {
            Standing::Direct { span, layer, .. } => {
                Local::lend(|local| end(local, local.ticks(), span, layer, outcome));
            }
            Standing::Slow { slow, .. } => slow.end(outcome),
            Standing::Waiting(_) | Standing::Done | Standing::Lost { .. } => {}
        }
    }

    /// Whether it is recorded, and has not ended.
    #[inline]
    pub(crate) const fn is_open(&self) -> bool {
        matches!(self.0, Standing::Direct { .. } | Standing::Slow { .. })
    }

    /// Whether its thread can be in it: it is open, or lost.
    #[inline]
    pub(crate) const fn can_be_entered(&self) -> bool {
        matches!(self.0, Standing::Direct { .. } | Standing::Slow { .. } | Standing::Lost { .. })
    }
}

impl Drop for Call {
    #[inline]
    fn drop(&mut self) {
        if self.can_be_entered() {
            self.end_dropped();
        }
    }
}

impl Call {
    #[cold]
    #[inline(never)]
    fn end_dropped(&mut self) {
        self.exit();
        let span = match &mut self.0 {
            Standing::Direct { span, .. } => *span,
            Standing::Slow { slow, .. } => slow.handle().span,
            Standing::Waiting(_) | Standing::Done | Standing::Lost { .. } => return,
        };
        let given_up =
            GIVEN_UP.try_with(|given_up| Some(given_up.try_borrow_mut().ok()?.take_if(|of| of.0 == span)?.1));
        let given_up = given_up.ok().flatten();
        self.end_as(&given_up.unwrap_or(Outcome::Dropped));
    }
}

#[cold]
#[inline(never)]
fn enter_lost(span: u64, layer: u8) {
    if let Some(local) = Local::current() {
        local.stack.enter_lost(Open { trace: (0, 0), span, layer, is_real: false }.lost());
    }
}

#[cold]
#[inline(never)]
fn exit_lost(span: u64) {
    if let Some(local) = Local::existing() {
        local.stack.exit_lost(span);
    }
}

thread_local! {
    /// The span that is being dropped because it failed in the eyes of whoever waited for it, and how.
    static GIVEN_UP: RefCell<Option<(u64, Outcome)>> = const { RefCell::new(None) };
}

/// Drops what that span belongs to. It ends so, instead of as cancelled; what is dropped below it is cancelled.
pub(crate) fn give_up(span: u64, outcome: Outcome, drop: impl FnOnce()) {
    let before = GIVEN_UP.try_with(|given_up| given_up.replace(Some((span, outcome)))).ok().flatten();
    drop();
    GIVEN_UP.try_with(|given_up| given_up.replace(before)).ok();
}
