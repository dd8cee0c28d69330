//! Work that is handed on: to tasks, to threads of its own, to later. The file also runs on the direct way
//! (`tests/direct.rs`).

#![allow(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

use std::cell::RefCell;

use tense::{InContext, current_context, traced};

use crate::capture;
use crate::tree::tree;

#[traced(operation.page.fetched, fields(n))]
async fn fetch(n: u32) {
    tokio::task::yield_now().await;
    parse();
}

#[traced(operation.page.parsed)]
fn parse() {}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[test]
fn a_spawned_task_is_below_the_span_that_spawned_it_also_when_that_has_ended() {
    #[traced(operation.pages.queued)]
    fn queue() -> tokio::task::JoinHandle<()> {
        tense::context!(job_id = "j1");
        tense::spawn(fetch(1))
    }
    let capture = capture();
    block_on(async {
        queue().await.unwrap();
    });
    let events = capture.events();
    let expected = "operation.pages.queued\n  operation.page.fetched n=1\n    operation.page.parsed\n";
    assert_eq!(tree(&events), expected);
    assert_eq!(events[0].event_type, "operation.pages.queued", "it ended first");
    assert!(events.iter().all(|event| event.job_id.as_deref() == Some("j1")));
}

#[test]
fn what_is_spawned_elsewhere_is_not_below_what_its_thread_is_in() {
    #[traced(operation.loop.turned)]
    fn turn(work: impl FnOnce()) {
        work();
    }
    let capture = capture();
    let outside = current_context();
    turn(|| {
        outside.in_scope(parse);
        parse();
    });
    assert_eq!(tree(&capture.events()), "operation.page.parsed\noperation.loop.turned\n  operation.page.parsed\n");
}

#[test]
fn a_closure_that_is_kept_for_later_runs_where_it_was_kept() {
    thread_local! {
        static LATER: RefCell<Vec<Box<dyn FnOnce()>>> = const { RefCell::new(Vec::new()) };
    }
    #[traced(operation.order.placed)]
    fn place() {
        let context = current_context();
        LATER.with_borrow_mut(|later| later.push(Box::new(move || context.in_scope(parse))));
    }
    #[traced(operation.later.done)]
    fn carry_out() {
        LATER.take().into_iter().for_each(|work| work());
        parse();
    }
    let capture = capture();
    place();
    carry_out();
    let expected = "operation.order.placed\n  operation.page.parsed\noperation.later.done\n  operation.page.parsed\n";
    assert_eq!(tree(&capture.events()), expected);
}

#[test]
fn what_a_span_hands_down_lasts_as_long_as_a_context_of_it() {
    #[traced(operation.job.accepted)]
    fn accept() -> tense::Context {
        tense::context!(job_id = "j1");
        current_context()
    }
    let capture = capture();
    let context = accept();
    // More spans than the drainer remembers of those that have ended, a few passes long.
    for _ in 0..5 {
        (0..6000).for_each(|_| parse());
        assert!(!capture.events().is_empty());
    }
    let again = context.clone();
    drop(context);
    again.in_scope(parse);
    let events = capture.events();
    let last = events.iter().max_by_key(|event| event.timestamp).unwrap();
    assert_eq!((last.event_type.as_ref(), last.job_id.as_deref()), ("operation.page.parsed", Some("j1")));
    assert_eq!(last.parent_span_id, Some(events[0].span_id));
}

#[test]
fn a_future_in_context_is_dropped_in_it_as_well() {
    struct Guard;
    impl Drop for Guard {
        fn drop(&mut self) {
            parse();
        }
    }
    async fn hold() {
        let _guard = Guard;
        std::future::pending::<()>().await;
    }
    #[traced(operation.hold.begun, returns = value)]
    fn begin() -> Box<tense::WithContext<impl Future<Output = ()>>> {
        Box::new(hold().in_current_context())
    }
    let capture = capture();
    let mut held = Box::into_pin(begin());
    assert!(held.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_pending());
    drop(held);
    assert_eq!(tree(&capture.events()), "operation.hold.begun\n  operation.page.parsed\n");
}

#[test]
fn spans_of_other_crates_are_carried_as_well() {
    let capture = capture();
    let context = tracing::info_span!("theirs").in_scope(current_context);
    context.in_scope(|| {
        parse();
        tracing::info_span!("inner").in_scope(parse);
    });
    drop(context);
    let expected = "foreign.it.spawned name=\"theirs\"\n  operation.page.parsed\n  \
                    foreign.it.spawned name=\"inner\"\n    operation.page.parsed\n";
    assert_eq!(tree(&capture.events()).replace("foreign.direct.", "foreign.it."), expected);
}
