//! A panic passes by; its message is kept until the span that it ends is written.
//!
//! Nothing here catches an unwinding. The hook is chained before the host's own and is installed by the layer only.

use std::cell::{Cell, RefCell};
use std::panic::{PanicHookInfo, set_hook, take_hook};
use std::sync::Once;

use crate::clock;
use crate::value::Bounded;

thread_local! {
    /// What the last panic on this thread said, and when.
    static LAST: RefCell<Option<(u64, Bounded)>> = const { RefCell::new(None) };
    /// Set while we call a `Display` or `Debug` of the host's: its panic is ours to swallow, so nobody prints it.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// While it lives, a panic on this thread is not passed on to the host's panic hook.
pub(crate) struct Quiet {
    before: bool,
}

impl Quiet {
    pub(crate) fn new() -> Self {
        Self { before: QUIET.replace(true) }
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        QUIET.set(self.before);
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

/// What the panic said that unwinds a span of this thread that began then. Empty when no hook was installed to hear it, or
/// when what was heard is older than the span: a panic that is resumed (`resume_unwind`) runs no hook, and an old message
/// would be a false cause.
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
    let heard = (clock::now(), message);
    // Neither a thread that is being torn down nor a borrow that is held may turn a panic into an abort.
    LAST.try_with(|last| last.try_borrow_mut().map(|mut last| *last = Some(heard)).ok()).ok();
}
