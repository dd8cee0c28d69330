//! Deeper on one thread than there are places for spans: what is silenced is silent, what runs in a context is below
//! it, and each span below its caller. The file also runs on the direct way (`tests/direct.rs`).

#![allow(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

use std::pin::Pin;

use tense::{InContext, TraceContext, current_context, suppress, traced};
use tense_event::{CleanEvent, Status};

use crate::capture;

/// On a thread whose stack is large enough for a recursion in a build that is not optimized.
fn on_a_large_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(1 << 30).spawn(work).unwrap().join().unwrap();
}

#[traced(operation.level.entered, fields(left))]
fn nested(left: u32, work: &mut dyn FnMut()) {
    if left == 0 { work() } else { nested(left - 1, work) }
}

#[traced(operation.level.entered, fields(left))]
fn nested_later<'a>(left: u32, work: Pin<Box<dyn Future<Output = ()> + 'a>>) -> Pin<Box<dyn Future<Output = ()> + 'a>> {
    if left == 0 { work } else { Box::pin(async move { nested_later(left - 1, work).await }) }
}

#[traced(operation.level.entered, fields(left))]
async fn nested_async(left: u32, work: Pin<Box<dyn Future<Output = ()> + '_>>) {
    if left == 0 { work.await } else { Box::pin(nested_async(left - 1, work)).await }
}

#[traced(operation.step.taken, fields(n))]
fn step(n: u32) {}

#[traced(operation.steps.taken)]
fn steps() {
    step(1);
    step(2);
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Those that are over: on a busy machine the outer ones are told of before, as still open.
fn of<'a>(events: &'a [CleanEvent], name: &str) -> Vec<&'a CleanEvent> {
    events.iter().filter(|event| event.event_type == name && event.status != Status::Pending).collect()
}

/// Each level is below the one around it, and `name` below the innermost; gives back those.
fn checked<'a>(events: &'a [CleanEvent], depth: u32, name: &str) -> Vec<&'a CleanEvent> {
    let mut levels = of(events, "operation.level.entered");
    levels.sort_by_key(|event| std::cmp::Reverse(event.data.get("left").and_then(serde_json::Value::as_u64)));
    assert_eq!(levels.len(), depth as usize + 1);
    for pair in levels.windows(2) {
        assert_eq!(pair[1].parent_span_id, Some(pair[0].span_id));
    }
    let innermost = levels.last().map(|event| event.span_id);
    let found = of(events, name);
    assert!(found.iter().all(|event| event.parent_span_id == innermost), "{name} is not below the innermost");
    found
}

#[test]
fn silence_holds_at_any_depth() {
    for depth in [600, 5_000] {
        on_a_large_stack(move || {
            let capture = capture();
            nested(depth, &mut || {
                suppress(|| {
                    steps();
                    tense::event!(operation.job.checked);
                    tracing::info_span!("theirs").in_scope(steps);
                    suppress(steps);
                    current_context().in_scope(steps);
                    block_on(async { tense::spawn(async { steps() }).await.unwrap() });
                });
                steps();
            });
            let events = capture.events();
            let rest: Vec<_> =
                ["operation.step.taken", "operation.steps.taken"].map(|name| of(&events, name).len()).into();
            assert_eq!(rest, [2, 1], "{depth}");
            checked(&events, depth, "operation.steps.taken");
        });
    }
}

#[test]
fn a_future_is_silenced_and_one_in_a_context_has_its_own_at_any_depth() {
    async fn work() {
        steps_later().suppressed().await;
        let one = async {
            tense::context!(job_id = "j1");
            tokio::task::yield_now().await;
            step(1);
        };
        let two = async {
            tokio::task::yield_now().await;
            step(2);
        };
        tokio::join!(one.in_current_context(), two.in_current_context());
        tokio::task::yield_now().await;
        steps_later().await;
    }
    #[traced(operation.steps.awaited)]
    async fn steps_later() {
        tokio::task::yield_now().await;
        tense::context!(job_id = "j3");
        steps();
    }
    for depth in [600, 5_000] {
        for is_returned in [false, true] {
            on_a_large_stack(move || {
                let capture = capture();
                if is_returned {
                    block_on(nested_later(depth, Box::pin(work())));
                } else {
                    block_on(nested_async(depth, Box::pin(work())));
                }
                let events = capture.events();
                let awaited = checked(&events, depth, "operation.steps.awaited");
                assert_eq!(awaited.len(), 1);
                let innermost = awaited[0].parent_span_id;
                let mut jobs: Vec<_> = of(&events, "operation.step.taken")
                    .iter()
                    .map(|event| (event.job_id.clone(), event.parent_span_id == innermost))
                    .collect();
                jobs.sort_unstable();
                let job = |job: &str, is_right_below| (Some(job.to_owned()), is_right_below);
                assert_eq!(jobs, [(None, true), job("j1", true), job("j3", false), job("j3", false)]);
            });
        }
    }
}

#[test]
fn a_trace_of_elsewhere_and_a_context_apply_at_any_depth_and_go_with_a_panic() {
    let caller: TraceContext = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse().unwrap();
    for depth in [600, 5_000] {
        let caller = caller.clone();
        on_a_large_stack(move || {
            let capture = capture();
            let outside = current_context();
            let mut panicked = false;
            nested(depth, &mut || {
                caller.in_scope(steps);
                outside.in_scope(steps);
                let thrown = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    caller.in_scope(|| {
                        suppress(|| {
                            steps();
                            // Nobody has to print it.
                            std::panic::resume_unwind(Box::new("thrown"));
                        })
                    });
                }));
                panicked = thrown.is_err();
                step(3);
            });
            assert!(panicked);
            steps();
            let events = capture.events();
            let parents: Vec<_> = of(&events, "operation.steps.taken")
                .iter()
                .map(|event| (event.trace_id.to_string() == caller.trace_id(), event.parent_span_id.is_some()))
                .collect();
            assert_eq!(parents, [(true, true), (false, false), (false, false)]);
            let third = |event: &&CleanEvent| event.data.get("n").is_some_and(|n| n == 3);
            let third: Vec<_> = events.iter().filter(third).cloned().collect();
            let levels = of(&events, "operation.level.entered").into_iter().cloned();
            let events: Vec<_> = levels.chain(third).collect();
            assert_eq!(checked(&events, depth, "operation.step.taken").len(), 1);
        });
    }
}

#[test]
fn deeper_than_a_thread_is_followed_spans_hang_under_the_last_that_fitted_and_that_is_counted() {
    let depth = 9_000;
    on_a_large_stack(move || {
        let capture = capture();
        let before = tense_layer::health().entered_too_deep;
        nested(depth, &mut || {
            suppress(steps);
            step(1);
        });
        step(2);
        let events = capture.events();
        let mut levels = of(&events, "operation.level.entered");
        levels.sort_by_key(|event| std::cmp::Reverse(event.data.get("left").and_then(serde_json::Value::as_u64)));
        let last = levels[8_191].span_id;
        assert!(levels[8_192..].iter().all(|event| event.parent_span_id == Some(last)));
        let mut steps: Vec<_> = of(&events, "operation.step.taken").iter().map(|event| event.parent_span_id).collect();
        steps.sort_unstable();
        assert_eq!(steps, [None, Some(last)]);
        let counted = tense_layer::health().entered_too_deep - before;
        assert!(counted >= u64::from(depth) + 1 - 8_192, "{counted}");
    });
}
