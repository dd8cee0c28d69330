//! A context goes onto the stack of a thread, and off again when the guard is dropped.

use super::given::Given;
use super::scope::{self, Base};
use super::{Context, Held};
use crate::routing;
use crate::stack::Hint;
use crate::thread::Local;

/// While it lives, this thread is in the context. It is never handed out: a guard that is kept across an `.await` would
/// stay on the thread that the task has left.
pub(super) struct Entered<'a> {
    context: &'a Context,
    /// What the work was given, before this and then: it is the work's, and stands with the scope meanwhile.
    given: &'a mut Given,
    put: Put,
}

/// That a context was put on the stack of this thread.
#[derive(Debug, Clone, Copy)]
pub(super) struct Put {
    /// Which scope it is of this thread.
    number: u64,
    /// Whether it has entries on the stack.
    is_on_stack: bool,
}

impl Context {
    /// Until the guard is dropped.
    pub(super) fn enter<'a>(&'a self, given: &'a mut Given) -> Entered<'a> {
        let put = self.put(given);
        Entered { context: self, given, put }
    }

    /// All entries are of one scope. What begins right below them is below the context's spans, and `context!` is for
    /// the scope: the spans are in other hands as well.
    pub(super) fn put(&self, given: &mut Given) -> Put {
        if let Some(real) = &self.real {
            real.0.enter();
        }
        // What is silenced stays so, whatever context somebody has in there.
        let is_silent = Local::existing().is_some_and(|local| local.stack.is_silent());
        let base = if is_silent { &Base::Silence } else { &self.base };
        let number = scope::push(base, given);
        let local = if routing::has_layer() { Local::current() } else { None };
        if let Some(local) = local {
            let hint = if matches!(base, Base::Silence) { Hint::SILENCE } else { Hint::NONE };
            local.stack.enter_scope(base.open(), number, hint);
            let spans = self.also.iter().rev().chain(&self.span).filter(|_| !is_silent);
            spans.for_each(|Held(open)| local.stack.enter_scope(*open, number, Hint::NONE));
            let lost = self.lost.iter().filter(|_| !is_silent);
            lost.for_each(|layer| local.stack.enter_scope_of_lost(*layer, number));
        }
        Put { number, is_on_stack: local.is_some() }
    }

    /// On the same thread; what came behind it has gone.
    pub(super) fn take_off(&self, put: Put, given: &mut Given) {
        if let Some(local) = Local::existing().filter(|_| put.is_on_stack) {
            local.stack.exit_scope(put.number);
        }
        if let Some(now) = scope::pop(put.number) {
            *given = now;
        }
        if let Some(real) = &self.real {
            real.0.exit();
        }
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.context.take_off(self.put, self.given);
    }
}
