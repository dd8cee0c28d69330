//! A call with `parent = ..` goes in; all that it does comes out below the place that it says, and below its span where
//! that is recorded.
//!
//! The place is known at the head of its body, where it can be looked at, and holds until the body is done. So the head
//! puts it on the stack, and whoever runs the call takes it off again: it lies in a thread-local in between.

use std::cell::RefCell;
use std::pin::Pin;
use std::task::{Context as Waking, Poll};

use pin_project_lite::pin_project;

use super::Context;
use super::above::Above;
use super::entered::Put;
use super::given::Given;

thread_local! {
    /// The place of the innermost call that has one, and is being run or polled for the first time.
    static PLACED: RefCell<Option<Box<Placed>>> = const { RefCell::new(None) };
}

fn replace(placed: Option<Box<Placed>>) -> Option<Box<Placed>> {
    PLACED
        .try_with(|innermost| {
            innermost.try_borrow_mut().map(|mut innermost| std::mem::replace(&mut *innermost, placed))
        })
        .ok()?
        .ok()?
}

/// The place of a call. It is left when this is dropped.
#[derive(Debug)]
pub(crate) struct Placed {
    context: Context,
    /// What `context!` has given right there, where the call itself is not recorded.
    given: Given,
    /// While it is on the stack of a thread.
    put: Option<Put>,
}

impl Placed {
    /// The one that a value of `parent = ..` says, where it says one.
    pub(crate) fn at(parent: &(impl Above + ?Sized)) -> Option<Box<Self>> {
        Some(Box::new(Self { context: parent.above()?.into(), given: Given::default(), put: None }))
    }

    /// Until it is left, or dropped.
    pub(crate) fn enter(&mut self) {
        if self.put.is_none() {
            self.put = Some(self.context.put(&mut self.given));
        }
    }

    fn leave(&mut self) {
        if let Some(put) = self.put.take() {
            self.context.take_off(put, &mut self.given);
        }
    }

    /// Until the guard is dropped.
    pub(crate) fn within(&mut self) -> Within<'_> {
        self.enter();
        Within(self)
    }
}

impl Drop for Placed {
    fn drop(&mut self) {
        self.leave();
    }
}

/// While it lives, this thread is in that place.
pub(crate) struct Within<'a>(&'a mut Placed);

impl Drop for Within<'_> {
    fn drop(&mut self) {
        self.0.leave();
    }
}

/// For the head of a call that is run: puts the place on the stack, for whoever stands around it.
#[cold]
pub(crate) fn put(parent: &(impl Above + ?Sized)) {
    if let Some(mut placed) = Placed::at(parent) {
        placed.enter();
        drop(replace(Some(placed)));
    }
}

/// Stands around a function with `parent = ..`: its place is left when this is dropped.
#[derive(Debug)]
pub struct Placing(Option<Box<Placed>>);

impl Placing {
    /// None yet.
    #[expect(clippy::new_without_default, reason = "the macro makes it, and nobody else")]
    pub fn new() -> Self {
        Self(replace(None))
    }
}

impl Drop for Placing {
    fn drop(&mut self) {
        drop(replace(self.0.take()));
    }
}

pin_project! {
    /// The future of an async function with `parent = ..`: its place is found at the first poll, and is around each.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct PlacedFuture<F> {
        #[pin]
        inner: F,
        // Behind `inner`, so that what it drops is still there.
        placed: Option<Box<Placed>>,
    }

    impl<F> PinnedDrop for PlacedFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            if let Some(placed) = this.project().placed {
                placed.enter();
            }
        }
    }
}

/// Wraps the future of such a function.
pub fn placed<F: Future>(inner: F) -> PlacedFuture<F> {
    PlacedFuture { inner, placed: None }
}

impl<F: Future> Future for PlacedFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, waking: &mut Waking<'_>) -> Poll<F::Output> {
        let this = self.project();
        if let Some(placed) = this.placed {
            let _within = placed.within();
            return this.inner.poll(waking);
        }
        let _first = FirstPoll { placed: this.placed, _around: Placing::new() };
        this.inner.poll(waking)
    }
}

/// Takes the place that the head has found.
struct FirstPoll<'a> {
    placed: &'a mut Option<Box<Placed>>,
    _around: Placing,
}

impl Drop for FirstPoll<'_> {
    fn drop(&mut self) {
        if let Some(mut placed) = replace(None) {
            placed.leave();
            *self.placed = Some(placed);
        }
    }
}
