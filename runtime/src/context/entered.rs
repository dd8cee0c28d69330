//! A context goes onto the stack of a thread, and off again when the guard is dropped.

use super::Context;
use super::scope::{self, Base};
use crate::routing;
use crate::stack::Hint;
use crate::thread::Local;

/// While it lives, this thread is in the context. It is never handed out: a guard that is kept across an `.await` would
/// stay on the thread that the task has left.
pub(super) struct Entered<'a> {
    context: &'a Context,
    /// How many scopes this thread was in before.
    scopes: usize,
    /// The stack that it was put on, where there was room.
    local: Option<&'static Local>,
    /// How many of the context's spans found room as well.
    spans: usize,
}

impl Context {
    pub(super) fn enter(&self) -> Entered<'_> {
        if let Some(real) = &self.real {
            real.0.enter();
        }
        // What is silenced stays so, whatever context somebody has in there.
        let is_silent = Local::existing().is_some_and(|local| local.stack.is_silent());
        let base = if is_silent { &Base::Silence } else { &self.base };
        let (scopes, number) = scope::push(base);
        let mut entered = Entered { context: self, scopes, local: None, spans: 0 };
        if !routing::has_layer() {
            return entered;
        }
        let hint = match base {
            Base::Silence => Hint::SILENCE,
            // Which one it is, for whoever finds the entry.
            Base::Under(_) | Base::Nothing => Hint { span: number, ..Hint::NONE },
        };
        entered.local = Local::current().filter(|local| local.stack.enter_with(base.open(), hint));
        if let Some(local) = entered.local.filter(|_| !is_silent) {
            let spans = self.also.iter().rev().chain(&self.span);
            entered.spans = spans.take_while(|held| local.stack.enter_with(held.0, Hint::NONE)).count();
        }
        entered
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        if let Some(local) = self.local {
            let spans = self.context.also.iter().rev().chain(&self.context.span).take(self.spans);
            spans.for_each(|held| local.stack.exit(held.0.span));
            local.stack.exit_every();
        }
        scope::truncate(self.scopes);
        if let Some(real) = &self.context.real {
            real.0.exit();
        }
    }
}
