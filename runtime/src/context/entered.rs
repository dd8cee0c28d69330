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
    /// Which scope it is of this thread.
    number: u64,
    /// The stack that it was put on.
    local: Option<&'static Local>,
}

impl Context {
    /// All entries are of one scope. What begins right below them is below the context's spans, and `context!` is for
    /// the scope: the spans are in other hands as well.
    pub(super) fn enter<'a>(&'a self, given: &'a mut Given) -> Entered<'a> {
        if let Some(real) = &self.real {
            real.0.enter();
        }
        // What is silenced stays so, whatever context somebody has in there.
        let is_silent = Local::existing().is_some_and(|local| local.stack.is_silent());
        let base = if is_silent { &Base::Silence } else { &self.base };
        let number = scope::push(base, given);
        let mut entered = Entered { context: self, given, number, local: None };
        if !routing::has_layer() {
            return entered;
        }
        entered.local = Local::current();
        if let Some(local) = entered.local {
            let hint = if matches!(base, Base::Silence) { Hint::SILENCE } else { Hint::NONE };
            local.stack.enter_scope(base.open(), number, hint);
            let spans = self.also.iter().rev().chain(&self.span).filter(|_| !is_silent);
            spans.for_each(|Held(open)| local.stack.enter_scope(*open, number, Hint::NONE));
        }
        entered
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        if let Some(local) = self.local {
            local.stack.exit_scope(self.number);
        }
        if let Some(given) = scope::pop(self.number) {
            *self.given = given;
        }
        if let Some(real) = &self.context.real {
            real.0.exit();
        }
    }
}
