//! A panic passes by; its message is kept until the span that it ends is written.
//!
//! Nothing here catches an unwinding. The hook is chained before the host's own and is installed by the layer only.

use std::cell::{Cell, RefCell};
use std::panic::{PanicHookInfo, set_hook, take_hook};
use std::sync::Once;

use crate::value::Bounded;

thread_local! {
    /// The message of the panic that is unwinding this thread.
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
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

/// What the panic that unwinds this thread said; empty when no hook was installed to hear it.
pub(crate) fn last_message() -> String {
    LAST.try_with(|last| last.try_borrow().ok().and_then(|last| last.clone())).ok().flatten().unwrap_or_default()
}

fn keep(info: &PanicHookInfo<'_>) {
    let said = if let Some(text) = info.payload().downcast_ref::<&str>() {
        Some(Bounded::of(text).into_text())
    } else {
        info.payload().downcast_ref::<String>().map(|text| Bounded::of(text).into_text())
    };
    let place = info.location().map(|at| format!(" at {}:{}", at.file(), at.line())).unwrap_or_default();
    let message = format!("{}{place}", said.as_deref().unwrap_or("a value that is no text"));
    // Neither a thread that is being torn down nor a borrow that is held may turn a panic into an abort.
    LAST.try_with(|last| last.try_borrow_mut().map(|mut last| *last = Some(message)).ok()).ok();
}
