//! Futures within futures: each is in its own span whatever the one within it does in its first poll. Also run on the
//! direct way (`direct`).

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use tense::{TraceContext, event, traced};

use crate::capture;
use crate::tree::tree;

fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Not ready at the first poll.
async fn later() {
    let mut is_polled = false;
    poll_fn(|_| if std::mem::replace(&mut is_polled, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}

#[traced(operation.step.taken)]
fn step() {}

#[traced(operation.bombs.exploded, fields(early))]
async fn bomb(early: bool) {
    step();
    if !early {
        later().await;
    }
    panic!("boom");
}

/// What `bomb` leaves in the tree.
fn bombed(tree: &str) -> usize {
    tree.matches("operation.bombs.explode_failed").count()
}

#[test]
fn a_future_whose_inner_one_panics_goes_on_in_its_own_span() {
    #[traced(operation.bombs.survived)]
    async fn survive() {
        for early in [true, false] {
            let mut inner = pin!(bomb(early));
            let mut polls = 0;
            poll_fn(|_| {
                polls += 1;
                match catch_unwind(AssertUnwindSafe(|| poll(inner.as_mut()))) {
                    Ok(Poll::Pending) => Poll::Pending,
                    Ok(Poll::Ready(())) | Err(_) => Poll::Ready(()),
                }
            })
            .await;
            assert_eq!(polls, 2 - usize::from(early));
            event!(operation.bomb.cleared);
        }
    }
    let capture = capture();
    let mut all = pin!(survive());
    assert!(poll(all.as_mut()).is_pending());
    step();
    assert!(poll(all.as_mut()).is_ready());
    step();
    let all = tree(&capture.events());
    assert_eq!(bombed(&all), 2, "{all}");
    assert_eq!(all.matches("\n    operation.step.taken\n").count(), 2, "{all}");
    assert_eq!(all.matches("\n  operation.bomb.cleared\n").count(), 2, "{all}");
    let roots: Vec<_> = all.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(roots, ["operation.step.taken", "operation.bombs.survived", "operation.step.taken"], "{all}");
}

#[test]
fn futures_that_are_polled_in_turn_do_not_mix_whichever_way_they_begin() {
    #[traced(operation.requests.served, fields(n))]
    async fn serve(n: u32) {
        for _ in 0..3 {
            nested(n).await;
            step();
        }
    }
    #[traced(operation.request.parsed, fields(n))]
    async fn nested(n: u32) {
        later().await;
        step();
    }
    #[traced(operation.requests.served, fields(n), parent = above)]
    async fn serve_elsewhere(n: u32, above: &TraceContext) {
        serve(n).await;
    }
    let capture = capture();
    let above: TraceContext = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse().unwrap();
    let mut requests: Vec<Pin<Box<dyn Future<Output = ()>>>> =
        vec![Box::pin(serve(0)), Box::pin(serve_elsewhere(1, &above)), Box::pin(serve(2))];
    while !requests.is_empty() {
        requests.retain_mut(|request| poll(request.as_mut()).is_pending());
    }
    step();
    let served = |n: u32, depth: usize| {
        let (here, within) = ("  ".repeat(depth), "  ".repeat(depth + 1));
        let part = format!(
            "{within}operation.request.parsed n={n}\n{within}  operation.step.taken\n{within}operation.step.taken\n"
        );
        format!("{here}operation.requests.served n={n}\n{}", part.repeat(3))
    };
    let all = tree(&capture.events());
    let expected = format!(
        "{}operation.requests.served n=1\n{}{}operation.step.taken\n",
        served(0, 0),
        served(1, 1),
        served(2, 0)
    );
    assert_eq!(all, expected);
}

#[test]
fn deeper_than_a_thread_is_followed_every_future_ends_once() {
    #[traced(operation.rooms.entered, fields(left))]
    fn enter(left: u32) -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(inner(left))
    }
    #[traced(operation.rooms.seen, fields(left))]
    async fn inner(left: u32) {
        if left > 0 {
            enter(left - 1).await;
        } else {
            later().await;
        }
    }
    let capture = capture();
    // Each room is two spans, and 512 have room; the stack of a test's thread has room for this many as well.
    let mut all = pin!(enter(300));
    assert!(poll(all.as_mut()).is_pending());
    step();
    assert!(poll(all.as_mut()).is_ready());
    step();
    let events = capture.events();
    let of = |event_type: &str| events.iter().filter(|event| event.event_type == event_type).count();
    assert_eq!((of("operation.rooms.entered"), of("operation.rooms.seen"), of("operation.step.taken")), (301, 301, 2));
    assert_eq!(events.len(), 604);
    assert!(
        events
            .iter()
            .filter(|event| event.event_type == "operation.step.taken")
            .all(|step| step.parent_span_id.is_none())
    );
    assert!(events.iter().all(|event| event.error.is_none()), "none was cancelled");
}
