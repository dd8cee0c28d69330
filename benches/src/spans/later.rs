//! Futures without a runtime: one gives way once, and one is polled until it is ready, with a waker that nobody hears.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// Pending once.
pub fn once() -> Once {
    Once(false)
}

/// Made by [`once`].
#[derive(Debug)]
pub struct Once(bool);

impl Future for Once {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Polls until it is ready.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}
