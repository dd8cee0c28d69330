//! A panic passes by; its message is kept until the span that it ends is written.
//!
//! A panic of the host's own passes; one in code that only we have called is caught. The hook is chained before the
//! host's own and is installed by the layer only.

use std::cell::{Cell, RefCell};
use std::mem::forget;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use crate::bounded::Bounded;
use crate::clock;

thread_local! {
    /// What the last panic on this thread said, and when.
    static LAST: RefCell<Option<(u64, Bounded)>> = const { RefCell::new(None) };
    /// Set while we call a `Display` or `Debug` of the host's: its panic is ours to swallow, so nobody prints it.
    static QUIET: Cell<bool> = const { Cell::new(false) };
    /// How many of the host's values are being formatted, each one within the form of the one before.
    static FORMING: Cell<u8> = const { Cell::new(0) };
}

/// How many may be. A form that records calls for the forms of others, and one that records itself would do so for
/// ever; this many are more than anybody means, and few enough if each calls for some more.
const DEEPEST: u8 = 4;

/// Why a value has no form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unformed {
    Panicked,
    TooDeep,
}

impl Unformed {
    /// What stands in its place; `verb` says what was done with it.
    pub(crate) fn text(self, verb: &str) -> String {
        match self {
            Self::Panicked => format!("<panicked while it was {verb}>"),
            Self::TooDeep => format!("<not {verb}: it is in the form of a value in the form of a value>"),
        }
    }
}

/// Runs what makes a form of a value of the host's, see [`survive`]; not if that happens within itself again and again.
pub(crate) fn form<T>(work: impl FnOnce() -> T) -> Result<T, Unformed> {
    let around = FORMING.try_with(Cell::get).unwrap_or(0);
    if around >= DEEPEST {
        return Err(Unformed::TooDeep);
    }
    let count = |forming| FORMING.try_with(|cell| cell.set(forming)).ok();
    count(around + 1);
    let formed = survive(work);
    count(around);
    formed.ok_or(Unformed::Panicked)
}

/// Runs the host's code where the host would not have run it without us: its panic is ours to swallow, and gives
/// `None`.
///
/// The host's panic hook does not hear of it, as long as ours is chained before it: a hook that the host sets later,
/// without calling the one before, hears every panic. Under `panic = "abort"` there is nothing to survive with: the
/// host ends there.
pub(crate) fn survive<T>(work: impl FnOnce() -> T) -> Option<T> {
    let _quiet = Quiet::new();
    // What a panic carries may panic itself where it is dropped, and so may what that one carries.
    let dropped = |payload| catch_unwind(AssertUnwindSafe(|| drop(payload))).map_err(forget);
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| dropped(payload).ok()).ok()
}

/// While it lives, a panic on this thread is not passed on to the host's panic hook.
struct Quiet {
    before: bool,
}

impl Quiet {
    fn new() -> Self {
        // A thread that is torn down has no such cell any more; then the hook hears of it.
        Self { before: QUIET.try_with(|quiet| quiet.replace(true)).unwrap_or(false) }
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        QUIET.try_with(|quiet| quiet.set(self.before)).ok();
    }
}

/// Chains our hook before the one that is installed now; a second call does nothing.
pub fn install_hook() {
    // A hook cannot be changed while this thread panics; a layer that is made in a destructor goes without.
    if std::thread::panicking() {
        return;
    }
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let host = take_hook();
        set_hook(Box::new(move |info| {
            if QUIET.try_with(Cell::get).unwrap_or(false) {
                return;
            }
            keep(info);
            host(info);
        }));
    });
}

/// What the panic said that unwinds a span of this thread that began then. Empty when no hook was installed to hear it,
/// or when what was heard is older than the span: a panic that is resumed (`resume_unwind`) runs no hook, and an old
/// message would be a false cause.
pub(crate) fn message_since(began: u64) -> Bounded {
    let heard = LAST.try_with(|last| last.try_borrow().ok().and_then(|last| last.clone())).ok().flatten();
    heard.filter(|(at, _)| *at >= began).map(|(_, message)| message).unwrap_or_default()
}

fn keep(info: &PanicHookInfo<'_>) {
    let said = info.payload().downcast_ref::<&str>().copied();
    let said = said.or_else(|| info.payload().downcast_ref::<String>().map(String::as_str));
    let said = said.unwrap_or("a value that is no text");
    let message = match info.location() {
        Some(at) => Bounded::of(&format_args!("{said} at {}:{}", at.file(), at.line())),
        None => Bounded::of(&said),
    };
    let heard = (clock::ticks(), message);
    // Neither a thread that is being torn down nor a borrow that is held may turn a panic into an abort.
    LAST.try_with(|last| last.try_borrow_mut().map(|mut last| *last = Some(heard)).ok()).ok();
}
