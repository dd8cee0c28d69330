//! Fields that are set for a span and all below it, what is silenced, and work below a span of elsewhere. The file also
//! runs on the direct way (`tests/direct.rs`).

#![allow(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

use std::pin::pin;
use std::task::{Context as Waking, Poll, Waker};

use tense::{InContext, TraceContext, event, suppress, traced};
use tense_event::CleanEvent;

use crate::capture;

#[traced(operation.step.taken)]
fn step() {}

#[traced(operation.step.awaited)]
async fn step_later() {
    tokio::task::yield_now().await;
    step();
}

/// Every event by its name, with the ids that it got from its context.
fn jobs(events: &[CleanEvent]) -> Vec<String> {
    let job = |event: &CleanEvent| event.job_id.clone().unwrap_or_else(|| "-".to_owned());
    events.iter().map(|event| format!("{} {}", event.event_type, job(event))).collect()
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn poll_once<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Waking::from_waker(Waker::noop()))
}

#[traced(operation.jobs.processed)]
fn process(job: &str) {
    step();
    tense::context!(job_id = job);
    step();
    event!(operation.job.checked);
}

#[test]
fn what_is_set_holds_for_the_span_and_for_what_begins_below_from_then_on() {
    let capture = capture();
    process("j1");
    step();
    assert_eq!(
        jobs(&capture.events()),
        [
            "operation.step.taken -",
            "operation.step.taken j1",
            "operation.job.checked j1",
            "operation.jobs.processed j1",
            "operation.step.taken -",
        ]
    );
}

#[test]
fn the_innermost_span_is_the_one_and_the_last_word_counts() {
    #[traced(operation.batch.processed)]
    fn batch() {
        tense::context!(job_id = "batch", worker_id = 7, user_id = None::<&str>, tenant = "t1");
        process("j1");
        tense::context!(job_id = "batch again");
        step();
    }
    let capture = capture();
    batch();
    let events = capture.events();
    assert_eq!(
        jobs(&events),
        [
            "operation.step.taken batch",
            "operation.step.taken j1",
            "operation.job.checked j1",
            "operation.jobs.processed j1",
            "operation.step.taken batch again",
            "operation.batch.processed batch again",
        ]
    );
    for event in &events {
        assert_eq!((event.worker_id.as_deref(), &event.user_id), (Some("7"), &None), "{}", event.event_type);
        assert_eq!(event.data.get("tenant").unwrap(), "t1", "{}", event.event_type);
    }
}

#[test]
fn what_runs_side_by_side_in_a_trace_of_elsewhere_has_each_its_own() {
    async fn serve(job: &str) {
        tense::context!(job_id = job);
        tokio::task::yield_now().await;
        step();
    }
    let capture = capture();
    let order = TraceContext::begin("order-4711");
    let both = async || {
        tense::context!(job_id = "all");
        tokio::join!(serve("j1").in_current_context(), serve("j2").in_current_context());
        step();
    };
    // Which of the two comes first `join!` decides.
    let sorted = |events: &[CleanEvent]| {
        let mut jobs = jobs(events);
        jobs.sort_unstable();
        jobs
    };
    block_on(both().in_context(&order));
    let expected = ["operation.step.taken all", "operation.step.taken j1", "operation.step.taken j2"];
    assert_eq!(sorted(&capture.events()), expected);

    // A context may be used by many, on many threads.
    let context = order.in_scope(tense::current_context);
    let from = capture.events().len();
    block_on(async { tokio::join!(serve("j1").in_context(&context), serve("j2").in_context(&context)) });
    context.in_scope(|| tense::context!(job_id = "j3"));
    context.in_scope(step);
    let expected = ["operation.step.taken -", "operation.step.taken j1", "operation.step.taken j2"];
    assert_eq!(sorted(&capture.events()[from..]), expected);
}

#[test]
fn a_field_that_a_call_records_itself_is_its_own() {
    #[traced(operation.ids.compared, fields(job_id))]
    fn own(job_id: &str) {
        tense::context!(job_id = "given");
        step();
    }
    let capture = capture();
    own("own");
    assert_eq!(jobs(&capture.events()), ["operation.step.taken given", "operation.ids.compared own"]);
}

#[test]
fn outside_of_a_span_nothing_is_set_and_nothing_stays_behind() {
    let capture = capture();
    step();
    tense::context!(job_id = "nobody");
    step();
    assert_eq!(jobs(&capture.events()), ["operation.step.taken -", "operation.step.taken -"]);
}

#[test]
fn two_requests_on_one_thread_have_each_their_own() {
    #[traced(operation.requests.served)]
    async fn serve(job: &str) {
        tokio::task::yield_now().await;
        tense::context!(job_id = job);
        tokio::task::yield_now().await;
        step_later().await;
    }
    let capture = capture();
    let (mut a, mut b) = (pin!(serve("a")), pin!(serve("b")));
    while poll_once(a.as_mut()).is_pending() | poll_once(b.as_mut()).is_pending() {
        step();
    }
    let events = capture.events();
    let of = |wanted: &str| jobs(&events).into_iter().filter(|event| event.ends_with(wanted)).collect::<Vec<_>>();
    for job in ["a", "b"] {
        let named = |name: &str| format!("{name} {job}");
        let all = ["operation.step.taken", "operation.step.awaited", "operation.requests.served"].map(named);
        assert_eq!(of(&format!(" {job}")), all);
    }
    assert!(of("-").iter().all(|event| event == "operation.step.taken -"), "{:?}", of("-"));
}

#[test]
fn it_reaches_spans_and_lines_of_other_crates() {
    #[traced(operation.jobs.processed)]
    fn process() {
        tense::context!(job_id = "j1");
        tracing::info_span!("theirs").in_scope(|| {
            tense::context!(job_id = "j2");
            tracing::info!("said");
            step();
        });
        step();
    }
    let capture = capture();
    process();
    let own = |name: &str| name.starts_with("operation") || name.starts_with("log");
    let events: Vec<_> = jobs(&capture.events()).into_iter().filter(|event| own(event)).collect();
    assert_eq!(
        events,
        ["log.info j2", "operation.step.taken j2", "operation.step.taken j1", "operation.jobs.processed j1"]
    );
}

#[test]
fn values_are_not_looked_at_where_nobody_records() {
    let looked = std::cell::Cell::new(false);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            let looked = std::cell::Cell::new(false);
            tense::context!(
                job_id = {
                    looked.set(true);
                    "j"
                }
            );
            assert!(!looked.get());
        });
    });
    let capture = capture();
    tense::context!(
        job_id = {
            looked.set(true);
            "j"
        }
    );
    assert!(!looked.get(), "there is no span that it could be for");
    assert!(capture.events().is_empty());
}

#[test]
fn what_is_silenced_is_not_there_and_what_is_around_it_is() {
    #[traced(operation.round.made)]
    fn round() -> u32 {
        step();
        let seven = suppress(|| {
            step();
            process("j1");
            event!(operation.job.checked);
            tracing::info_span!("theirs").in_scope(|| {
                tracing::info!("said");
                step();
            });
            tense::context!(job_id = "nobody");
            block_on(step_later());
            7
        });
        step();
        seven
    }
    let capture = capture();
    assert_eq!(round(), 7);
    assert_eq!(jobs(&capture.events()), ["operation.step.taken -", "operation.step.taken -", "operation.round.made -"]);
}

#[test]
fn a_future_is_silenced_for_each_of_its_polls_alone() {
    #[traced(operation.round.made)]
    async fn round() {
        let mut silent = pin!(step_later().suppressed());
        assert!(poll_once(silent.as_mut()).is_pending());
        step();
        silent.await;
        step_later().await;
    }
    let capture = capture();
    block_on(round());
    let expected =
        ["operation.step.taken -", "operation.step.taken -", "operation.step.awaited -", "operation.round.made -"];
    assert_eq!(jobs(&capture.events()), expected);
}

#[test]
fn silence_holds_for_what_has_a_context_of_its_own_and_ends_with_a_panic() {
    let capture = capture();
    let context = tense::current_context();
    let trace = TraceContext::begin("order-7");
    let panicked = std::panic::catch_unwind(|| {
        suppress(|| {
            context.in_scope(step);
            trace.in_scope(step);
            assert_eq!(TraceContext::current(), None);
            panic!("out of it");
        })
    });
    assert!(panicked.is_err());
    step();
    assert_eq!(jobs(&capture.events()), ["operation.step.taken -"]);
}

fn caller() -> TraceContext {
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
        .parse::<TraceContext>()
        .unwrap()
        .with_tracestate("congo=t61")
}

#[test]
fn work_goes_on_below_a_span_of_another_process() {
    let capture = capture();
    #[traced(operation.orders.placed)]
    fn place() -> TraceContext {
        step();
        TraceContext::current().unwrap()
    }
    let out = caller().in_scope(|| {
        assert_eq!(TraceContext::current(), Some(caller()));
        event!(operation.job.checked);
        place()
    });
    assert_eq!(TraceContext::current(), None);
    let events = capture.events();
    let [checked, step, placed] = events.as_slice() else { panic!("{:?}", jobs(&events)) };
    assert!(events.iter().all(|event| event.trace_id.to_string() == "0af7651916cd43dd8448eb211c80319c"));
    for event in [checked, placed] {
        assert_eq!(event.parent_span_id.unwrap().to_string(), "b7ad6b7169203331");
    }
    assert_eq!(step.parent_span_id, Some(placed.span_id));
    // What leaves says where it came from.
    assert_eq!(out.parent_span_id(), Some(placed.span_id.to_string()));
    assert_eq!((out.trace_id(), out.is_sampled(), out.tracestate()), (caller().trace_id(), false, Some("congo=t61")));
}

#[test]
fn a_future_goes_on_below_it_at_each_poll_and_its_neighbour_does_not() {
    #[traced(operation.orders.placed)]
    async fn place() {
        tokio::task::yield_now().await;
        step_later().await;
    }
    let capture = capture();
    let (mut below, mut alone) = (pin!(place().in_context(caller())), pin!(step_later()));
    assert!(poll_once(below.as_mut()).is_pending() && poll_once(alone.as_mut()).is_pending());
    assert!(poll_once(below.as_mut()).is_pending() && poll_once(alone.as_mut()).is_ready());
    assert!(poll_once(below.as_mut()).is_ready());
    let events = capture.events();
    let of_caller = |event: &&CleanEvent| event.trace_id.to_string() == caller().trace_id();
    assert_eq!(events.iter().filter(of_caller).count(), 3, "{:?}", jobs(&events));
    assert_eq!(events.len(), 5);
}

#[test]
fn a_scope_has_fields_of_its_own_and_gives_them_to_what_begins_in_it() {
    async fn consume() {
        tense::context!(job_id = "j1");
        step_later().await;
        tense::context!(job_id = "j2");
        tokio::task::yield_now().await;
        event!(operation.job.checked);
        tracing::info_span!("theirs").in_scope(step);
    }
    let capture = capture();
    block_on(consume().in_context(caller()));
    step();
    let events = capture.events();
    let found: Vec<_> = jobs(&events).into_iter().filter(|event| event.starts_with("operation")).collect();
    assert_eq!(
        found,
        [
            "operation.step.taken j1",
            "operation.step.awaited j1",
            "operation.job.checked j2",
            "operation.step.taken j2",
            "operation.step.taken -",
        ]
    );
}

#[test]
fn a_trace_begun_with_an_id_of_the_callers_says_it_at_its_roots() {
    let capture = capture();
    let order = TraceContext::begin("order-4711");
    order.in_scope(|| process("j1"));
    order.in_scope(|| event!(operation.job.checked));
    let known = TraceContext::begin("0190163d-8694-739b-96b6-f0a7b0c1d2e3");
    known.in_scope(step);
    let events = capture.events();
    let [first, second, inner, processed, checked, own] = events.as_slice() else { panic!("{:?}", jobs(&events)) };
    for root in [processed, checked] {
        assert_eq!((root.parent_span_id, root.correlation_key.as_deref()), (None, Some("order-4711")));
    }
    for below in [first, second, inner] {
        assert_eq!((below.parent_span_id, &below.correlation_key), (Some(processed.span_id), &None));
    }
    assert!([first, processed, checked].iter().all(|event| event.trace_id.to_string() == order.trace_id()));
    assert_eq!(own.trace_id.to_string(), "0190163d8694739b96b6f0a7b0c1d2e3");
    assert_eq!((own.parent_span_id, &own.correlation_key), (None, &None));
}

#[test]
fn an_unsampled_parent_is_passed_on_and_recorded_all_the_same() {
    let capture = capture();
    let below = caller().in_scope(|| {
        #[traced(operation.orders.passed_on)]
        fn pass_on() -> String {
            TraceContext::current().unwrap().traceparent().unwrap()
        }
        pass_on()
    });
    let events = capture.events();
    assert_eq!(below, format!("00-{}-{}-00", caller().trace_id(), events[0].span_id));
}

mod below_a_parent {
    use super::*;

    #[traced(operation.job.run, parent = trace, fields(n))]
    fn run(trace: &TraceContext, n: u32) {
        step();
    }

    struct Job {
        name: String,
        trace: Option<TraceContext>,
    }

    impl Job {
        #[traced(operation.job.run, parent = self.trace, fields(self.name, done = _))]
        async fn run(&self) {
            tokio::task::yield_now().await;
            step();
            tense::record!(done = true);
        }

        #[traced(operation.job.run, parent = self.trace.as_ref(), fields(self.name))]
        fn boxed(&self) -> std::pin::Pin<Box<dyn Future<Output = ()> + '_>> {
            Box::pin(step_later())
        }
    }

    #[traced(operation.job.run, parent = job.trace)]
    async fn consumed(job: Job) {
        step_later().await;
        drop(job);
    }

    #[traced(operation.round.made)]
    fn round(work: impl FnOnce()) {
        work();
        step();
    }

    fn parents(events: &[CleanEvent]) -> Vec<(String, Option<String>)> {
        let named = events.iter().filter(|event| event.event_type.starts_with("operation.job"));
        named.map(|event| (event.trace_id.to_string(), event.parent_span_id.map(|id| id.to_string()))).collect()
    }

    #[test]
    fn a_call_and_an_event_are_below_it_and_what_comes_next_is_not() {
        let capture = capture();
        round(|| {
            run(&caller(), 1);
            event!(operation.job.checked, parent = caller(), n = 7, tags("saga"));
            block_on(Job { name: "a".into(), trace: Some(caller()) }.run());
            block_on(Job { name: "b".into(), trace: Some(caller()) }.boxed());
            block_on(consumed(Job { name: "c".into(), trace: Some(caller()) }));
        });
        let events = capture.events();
        let expected = (caller().trace_id(), caller().parent_span_id());
        assert_eq!(parents(&events), vec![expected; 5]);
        // What they call is below them, what the round calls below the round.
        for step in events.iter().filter(|event| event.event_type == "operation.step.taken") {
            let above = events.iter().find(|other| Some(other.span_id) == step.parent_span_id).unwrap();
            assert_eq!(above.trace_id, step.trace_id);
        }
        let [.., last, round] = events.as_slice() else { panic!() };
        assert_eq!((last.parent_span_id, last.trace_id == round.trace_id), (Some(round.span_id), true));
        assert_eq!(events.len(), 5 + 6 + 2, "{:?}", jobs(&events));
    }

    #[test]
    fn none_leaves_it_where_it_is() {
        let capture = capture();
        round(|| {
            block_on(Job { name: "a".into(), trace: None }.run());
            block_on(Job { name: "a".into(), trace: None }.boxed());
            event!(operation.job.checked, parent = None::<TraceContext>);
        });
        let events = capture.events();
        let round = events.last().unwrap();
        let expected = (round.trace_id.to_string(), Some(round.span_id.to_string()));
        assert_eq!(parents(&events), vec![expected; 3]);
    }
}

#[test]
fn what_an_attempt_sets_is_set_for_its_stage_and_the_attempts_behind_it() {
    use tense::{Pipeline, name, pipeline_stage};

    #[pipeline_stage(dispatch.notify, retry(when = |_: &String| true, attempts = 2))]
    async fn notify(job: &'static str) -> Result<(), String> {
        tense::context!(job_id = job);
        step();
        Err("busy".to_owned())
    }
    let capture = capture();
    let failed = block_on(Pipeline::named(name!(dispatch.loan)).stage(NotifyStage).run("j1"));
    assert!(failed.is_err());
    assert_eq!(
        jobs(&capture.events()),
        [
            "dispatch.loan.start -",
            "dispatch.notify.start -",
            "operation.step.taken j1",
            "dispatch.notify.attempt_fail j1",
            "operation.step.taken j1",
            "dispatch.notify.attempt_fail j1",
            "dispatch.notify.fail j1",
            "dispatch.loan.fail -",
        ]
    );
}
