//! What `context!` sets in work of its own, a task or a future in a context: for what that begins from then on, and for
//! nobody else. The file also runs on the direct way (`tests/direct.rs`).

#![allow(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

use std::pin::pin;
use std::task::{Context as Waking, Poll, Waker};

use tense::{InContext, TraceContext, current_context, event, suppress, traced};
use tense_event::CleanEvent;

use crate::capture;

#[traced(operation.step.taken, fields(n))]
fn step(n: u32) {}

#[traced(operation.step.awaited, fields(n))]
async fn step_later(n: u32) {
    tokio::task::yield_now().await;
    step(n);
}

/// The last part of the name of every event, its number, and the ids that it got from its context, sorted.
fn jobs(events: &[CleanEvent]) -> Vec<String> {
    let job = |event: &CleanEvent| {
        let n = event.data.get("n").map_or_else(String::new, |n| format!(" {n}"));
        let action = event.event_type.rsplit('.').next().unwrap().to_owned();
        let ids = [&event.job_id, &event.worker_id].map(|id| id.clone().unwrap_or_else(|| "-".to_owned()));
        format!("{action}{n} {} {}", ids[0], ids[1])
    };
    let mut jobs: Vec<_> = events.iter().map(job).collect();
    jobs.sort_unstable();
    jobs
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn poll_once<F: Future + ?Sized>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Waking::from_waker(Waker::noop()))
}

#[test]
fn what_a_task_sets_holds_for_what_it_begins_from_then_on_and_for_nobody_else() {
    #[traced(operation.pages.queued)]
    async fn queue() {
        let first = tense::spawn(async {
            step(1);
            tense::context!(job_id = "j1");
            step_later(2).await;
            tokio::task::yield_now().await;
            step(3);
            event!(operation.job.checked, n = 4);
        });
        let second = tense::spawn(async {
            tokio::task::yield_now().await;
            step_later(5).await;
        });
        first.await.unwrap();
        second.await.unwrap();
        step(6);
    }
    let capture = capture();
    block_on(queue());
    assert_eq!(
        jobs(&capture.events()),
        [
            "awaited 2 j1 -",
            "awaited 5 - -",
            "checked 4 j1 -",
            "queued - -",
            "taken 1 - -",
            "taken 2 j1 -",
            "taken 3 j1 -",
            "taken 5 - -",
            "taken 6 - -",
        ]
    );
    let events = capture.events();
    let queued = events.iter().find(|event| event.event_type == "operation.pages.queued").unwrap();
    let below = events.iter().filter(|event| event.parent_span_id == Some(queued.span_id)).count();
    assert_eq!(below, 6, "each of them is still below the span that spawned it");
}

#[test]
fn it_is_put_on_top_of_what_the_spawner_has_set() {
    #[traced(operation.pages.queued)]
    async fn queue() {
        tense::context!(job_id = "all", worker_id = "w");
        let work = async |job: &'static str, n: u32| {
            tense::context!(job_id = job);
            step(n);
        };
        tokio::join!(work("j1", 1).in_current_context(), work("j2", 2).in_current_context());
        step(3);
    }
    let capture = capture();
    block_on(queue());
    assert_eq!(jobs(&capture.events()), ["queued all w", "taken 1 j1 w", "taken 2 j2 w", "taken 3 all w"]);
}

#[test]
fn it_holds_after_an_await_on_whichever_thread_and_not_on_the_thread_that_was_left() {
    #[traced(operation.page.kept, returns = value)]
    fn keep() -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        let work = async {
            tense::context!(job_id = "j1");
            tokio::task::yield_now().await;
            step(1);
        };
        Box::pin(work.in_current_context())
    }
    let capture = capture();
    let mut work = keep();
    assert!(poll_once(work.as_mut()).is_pending());
    step(2);
    assert!(poll_once(work.as_mut()).is_ready());
    assert_eq!(jobs(&capture.events()), ["kept - -", "taken 1 j1 -", "taken 2 - -"]);
}

#[test]
fn a_further_task_is_handed_what_was_set_until_then() {
    #[traced(operation.pages.queued)]
    async fn queue() {
        let task = tense::spawn(async {
            tense::context!(job_id = "j1");
            let inner = tense::spawn(async {
                tokio::task::yield_now().await;
                step(1);
                tense::context!(worker_id = "w");
                step(2);
            });
            tense::context!(job_id = "j2");
            let context = current_context();
            inner.await.unwrap();
            step(3);
            context.in_scope(|| step(4));
            context.in_scope(|| tense::context!(job_id = "j3"));
            context.in_scope(|| step(5));
        });
        task.await.unwrap();
    }
    let capture = capture();
    block_on(queue());
    let expected = ["queued - -", "taken 1 j1 -", "taken 2 j1 w", "taken 3 j2 -", "taken 4 j2 -", "taken 5 j2 -"];
    assert_eq!(jobs(&capture.events()), expected);
}

#[test]
fn within_a_span_of_the_task_it_is_for_that_span() {
    #[traced(operation.page.fetched)]
    async fn fetch() {
        tense::context!(worker_id = "w");
        step_later(1).await;
    }
    #[traced(operation.pages.queued)]
    async fn queue() {
        let task = tense::spawn(async {
            fetch().await;
            step(2);
            tense::context!(job_id = "j");
            fetch().await;
        });
        task.await.unwrap();
    }
    let capture = capture();
    block_on(queue());
    let expected = [
        "awaited 1 - w",
        "awaited 1 j w",
        "fetched - w",
        "fetched j w",
        "queued - -",
        "taken 1 - w",
        "taken 1 j w",
        "taken 2 - -",
    ];
    assert_eq!(jobs(&capture.events()), expected);
}

#[test]
fn a_task_that_is_below_no_span_has_its_own_as_well() {
    let capture = capture();
    block_on(async {
        let work = async |job: &'static str, n: u32| {
            tense::context!(job_id = job);
            step_later(n).await;
            tracing::info_span!("theirs").in_scope(|| step(n));
        };
        tense::spawn(work("j1", 1)).await.unwrap();
        tokio::join!(work("j2", 2).in_current_context(), step_later(3));
    });
    step(4);
    let events = capture.events();
    let own: Vec<_> = events.into_iter().filter(|event| event.event_type.starts_with("operation")).collect();
    let expected = [
        "awaited 1 j1 -",
        "awaited 2 j2 -",
        "awaited 3 - -",
        "taken 1 j1 -",
        "taken 1 j1 -",
        "taken 2 j2 -",
        "taken 2 j2 -",
        "taken 3 - -",
        "taken 4 - -",
    ];
    assert_eq!(jobs(&own), expected);
}

#[test]
fn what_is_silenced_in_a_task_stays_so_and_hands_nothing_on() {
    #[traced(operation.pages.queued)]
    async fn queue() {
        let task = tense::spawn(async {
            suppress(|| {
                tense::context!(job_id = "nobody");
                current_context().in_scope(|| {
                    tense::context!(job_id = "nobody");
                    step(1);
                });
            });
            step(2);
        });
        task.await.unwrap();
        let silent = pin!(
            async {
                tense::context!(job_id = "nobody");
                step(3);
            }
            .suppressed()
        );
        silent.await;
        step(4);
    }
    let capture = capture();
    block_on(queue());
    assert_eq!(jobs(&capture.events()), ["queued - -", "taken 2 - -", "taken 4 - -"]);
}

#[test]
fn below_a_span_in_a_trace_of_elsewhere_it_is_the_tasks_as_well() {
    #[traced(operation.pages.queued)]
    async fn queue() {
        let task = tense::spawn(async {
            tense::context!(job_id = "j1");
            step_later(1).await;
        });
        task.await.unwrap();
        step(2);
    }
    let capture = capture();
    block_on(queue().in_context(TraceContext::begin("order-4711")));
    let events = capture.events();
    assert_eq!(jobs(&events), ["awaited 1 j1 -", "queued - -", "taken 1 j1 -", "taken 2 - -"]);
    let queued = events.iter().find(|event| event.event_type == "operation.pages.queued").unwrap();
    let awaited = events.iter().find(|event| event.event_type == "operation.step.awaited").unwrap();
    assert_eq!((awaited.parent_span_id, &awaited.correlation_key), (Some(queued.span_id), &None));
}

#[test]
fn each_task_is_told_where_its_span_waits_for_the_one_above_that_another_thread_has_written() {
    #[traced(operation.pages.queued)]
    fn queue(threads: u32) {
        let context = current_context();
        std::thread::scope(|scope| {
            for n in 0..threads {
                let context = &context;
                scope.spawn(move || {
                    context.in_scope(|| {
                        tense::context!(job_id = n);
                        step(n);
                    });
                });
            }
        });
    }
    let capture = capture();
    for _ in 0..20 {
        queue(4);
    }
    // A capture looks at one thread only.
    for event in capture.events().iter().filter(|event| event.event_type == "operation.step.taken") {
        assert_eq!(event.job_id, event.data.get("n").map(ToString::to_string));
        assert!(event.parent_span_id.is_some());
    }
}
