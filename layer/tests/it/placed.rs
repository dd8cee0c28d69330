//! `parent = ..`: what is below such a call goes on in that trace with all that came along, and stays there where the
//! call itself is not recorded. The file also runs on the direct way (`tests/direct.rs`).

#![allow(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

use std::cell::RefCell;
use std::pin::Pin;

use tense::{TraceContext, traced};
use tense_event::CleanEvent;

use crate::capture;

fn caller() -> TraceContext {
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
        .parse::<TraceContext>()
        .unwrap()
        .with_tracestate("congo=t61")
}

thread_local! {
    /// What leaves from a step is kept here, where no span has a field for it.
    static LEFT: RefCell<Vec<TraceContext>> = const { RefCell::new(Vec::new()) };
}

#[traced(operation.step.taken)]
fn step() {
    LEFT.with_borrow_mut(|left| left.extend(TraceContext::current()));
}

#[traced(operation.round.made)]
fn round(work: impl FnOnce()) {
    work();
    step();
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

async fn steps() {
    step();
    tokio::task::yield_now().await;
    step();
    // What is handed on goes with it.
    tense::spawn(async { step() }).await.unwrap();
}

struct Stepping;

impl Drop for Stepping {
    fn drop(&mut self) {
        step();
    }
}

/// The same in every form that a function may have; `$more` is said in each of the attributes.
macro_rules! jobs {
    ($name:ident, $($more:tt)*) => {
        mod $name {
            use super::*;

            #[traced(operation.job.run, parent = trace $($more)*)]
            pub(super) fn sync(trace: Option<&TraceContext>) {
                let _stepping = Stepping;
                step();
            }

            #[track_caller]
            #[traced(operation.job.run, parent = trace $($more)*)]
            pub(super) fn in_place(trace: Option<&TraceContext>) {
                step();
            }

            #[traced(operation.job.run, parent = trace $($more)*)]
            pub(super) async fn later(trace: Option<TraceContext>) {
                let _stepping = Stepping;
                steps().await;
            }

            #[traced(operation.job.run, parent = trace $($more)*)]
            pub(super) fn returned(trace: Option<&TraceContext>) -> impl Future<Output = ()> + use<> {
                let stepping = Stepping;
                async {
                    let _stepping = stepping;
                    steps().await;
                }
            }

            #[traced(operation.job.run, parent = trace $($more)*)]
            pub(super) fn boxed(trace: Option<&TraceContext>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
                Box::pin(steps())
            }

            pub(super) fn all(trace: Option<TraceContext>) {
                let trace = trace.as_ref();
                sync(trace);
                in_place(trace);
                block_on(later(trace.cloned()));
                block_on(returned(trace));
                block_on(boxed(trace));
                // Dropped before its end.
                block_on(async {
                    let mut cut = Box::pin(later(trace.cloned()));
                    tokio::select! { biased; () = cut.as_mut() => {}, () = std::future::ready(()) => {} }
                });
            }
        }
    };
}

jobs!(recorded,);
jobs!(refused, , level = "trace");

/// Steps that `all` takes.
const STEPS: usize = 2 + 1 + 4 + 4 + 3 + 2;

fn of<'a>(events: &'a [CleanEvent], name: &str) -> Vec<&'a CleanEvent> {
    events.iter().filter(|event| event.event_type.starts_with(name)).collect()
}

#[test]
fn what_leaves_from_below_says_all_that_came_with_the_trace() {
    let capture = capture();
    LEFT.take();
    round(|| recorded::all(Some(caller())));
    let left = LEFT.take();
    let (last, below) = left.split_last().unwrap();
    assert_eq!(below.len(), STEPS);
    for left in below {
        assert_eq!(
            (left.trace_id(), left.is_sampled(), left.tracestate()),
            (caller().trace_id(), false, Some("congo=t61"))
        );
    }
    assert_eq!((last.is_sampled(), last.tracestate()), (true, None), "behind it nothing is left of that");
    let events = capture.events();
    assert_eq!(of(&events, "operation.job").len(), 6);
    for job in of(&events, "operation.job") {
        assert_eq!(job.parent_span_id.unwrap().to_string(), caller().parent_span_id().unwrap());
    }
    let jobs: Vec<_> = of(&events, "operation.job").iter().map(|job| job.span_id).collect();
    let steps = of(&events, "operation.step");
    let below = steps.iter().filter(|step| step.parent_span_id.is_some_and(|above| jobs.contains(&above)));
    assert_eq!((below.count(), steps.len()), (STEPS, STEPS + 1));
    assert_eq!(TraceContext::current(), None);
}

#[test]
fn what_a_call_does_that_is_not_recorded_itself_is_below_its_place_all_the_same() {
    let capture = crate::capture_at_info();
    LEFT.take();
    round(|| {
        refused::all(Some(caller()));
        refused::all(None);
    });
    let events = capture.events();
    assert_eq!(of(&events, "operation.job").len(), 0);
    let caller_id = caller().parent_span_id();
    let is_below = |step: &&&CleanEvent| step.parent_span_id.map(|id| id.to_string()) == caller_id;
    let steps = of(&events, "operation.step");
    let below: Vec<_> = steps.iter().filter(is_below).collect();
    assert_eq!((below.len(), steps.len()), (STEPS, 2 * STEPS + 1));
    assert!(below.iter().all(|step| step.trace_id.to_string() == caller().trace_id()));
    let round = of(&events, "operation.round")[0].span_id;
    assert_eq!(steps.iter().filter(|step| step.parent_span_id == Some(round)).count(), STEPS + 1);
    let left = LEFT.take();
    let whole = left.iter().filter(|left| left.tracestate() == Some("congo=t61") && !left.is_sampled()).count();
    assert_eq!((whole, left.len()), (STEPS, 2 * STEPS + 1));
    assert_eq!(TraceContext::current(), None);
}

#[test]
fn what_such_a_call_sets_is_for_what_it_begins_and_goes_with_it() {
    #[traced(operation.job.run, level = "trace", parent = caller())]
    fn job(id: &str) {
        step();
        tense::context!(job_id = id);
        step();
    }
    #[traced(operation.job.run, level = "trace", parent = caller())]
    async fn job_later(id: &str) {
        tense::context!(job_id = id);
        tokio::task::yield_now().await;
        step();
        assert!(std::panic::catch_unwind(|| thrown("j3")).is_err());
        step();
    }
    #[traced(operation.job.run, level = "trace", parent = caller())]
    fn thrown(id: &str) {
        tense::context!(job_id = id);
        step();
        // Nobody has to print it.
        std::panic::resume_unwind(Box::new("thrown"));
    }
    let capture = crate::capture_at_info();
    round(|| {
        job("j1");
        block_on(job_later("j2"));
    });
    let events = capture.events();
    let jobs: Vec<_> = of(&events, "operation.step").iter().map(|step| step.job_id.as_deref().unwrap_or("-")).collect();
    assert_eq!(jobs, ["-", "j1", "j2", "j3", "j2", "-"]);
}

#[test]
fn the_place_is_looked_at_once() {
    #[traced(operation.job.run, parent = look(looked))]
    fn job(looked: &std::cell::Cell<u32>) {}
    fn look(looked: &std::cell::Cell<u32>) -> TraceContext {
        looked.set(looked.get() + 1);
        caller()
    }
    let looked = std::cell::Cell::new(0);
    let _capture = capture();
    job(&looked);
    assert_eq!(looked.get(), 1);
}
