//! What `parent = ..` is given goes in; one call or event begins below it.

use super::{Context, TraceContext};

/// A value of `parent = ..`: a [`TraceContext`], or an `Option` of one, whose `None` leaves the call below what its
/// thread is in.
#[diagnostic::on_unimplemented(
    message = "`{Self}` says of no place in a trace what `parent = ..` could be below",
    label = "no `TraceContext`, and no `Option` of one",
    note = "`TraceContext::current()` is the place that work leaves from, and `\"00-..\".parse::<TraceContext>()` reads a `traceparent`",
    note = "a field of that name is recorded in `fields(parent = ..)`, or in `event!` under another name"
)]
pub trait Above {
    /// The place, when there is one.
    fn above(&self) -> Option<&TraceContext>;
}

impl Above for TraceContext {
    fn above(&self) -> Option<&TraceContext> {
        Some(self)
    }
}

impl<T: Above + ?Sized> Above for &T {
    fn above(&self) -> Option<&TraceContext> {
        (**self).above()
    }
}

impl<T: Above> Above for Option<T> {
    fn above(&self) -> Option<&TraceContext> {
        self.as_ref()?.above()
    }
}

/// Begins something there: what is entered meanwhile stays, and the scope goes.
#[cold]
pub fn below<R>(parent: &(impl Above + ?Sized), begin: impl FnOnce() -> R) -> R {
    match parent.above() {
        Some(above) => Context::from(above).in_scope(begin),
        None => begin(),
    }
}

/// Holds the type of a parent where the call is compiled out.
pub const fn is_above(_: &(impl Above + ?Sized)) {}
