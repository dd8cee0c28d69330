//! Work that is handed to other threads, which a capture of one thread would not see.

use std::thread;

use tense::{InContext, TraceContext, current_context, event, traced};

use crate::capture;
use crate::tree::tree;

#[traced(operation.part.done, fields(n))]
fn part(n: u32) {}

#[traced(operation.part.awaited, fields(n))]
async fn part_later(n: u32) {
    tokio::task::yield_now().await;
    part(n);
}

#[test]
fn threads_work_in_the_context_that_they_are_given() {
    #[traced(operation.whole.split)]
    fn split() -> Vec<thread::JoinHandle<()>> {
        tense::context!(job_id = "j1");
        let context = current_context();
        let spawned = (1..=3).map(|n| {
            let context = context.clone();
            thread::spawn(move || {
                context.in_scope(|| part(n));
                part(0);
            })
        });
        spawned.collect()
    }
    let capture = capture();
    split().into_iter().for_each(|thread| thread.join().unwrap());
    let events = capture.events();
    let whole = events.iter().find(|event| event.event_type == "operation.whole.split").unwrap();
    for event in events.iter().filter(|event| event.event_type == "operation.part.done") {
        let is_below = event.data.get("n").unwrap() != 0;
        assert_eq!(event.parent_span_id, is_below.then_some(whole.span_id));
        assert_eq!(event.job_id.as_deref(), is_below.then_some("j1"));
    }
    assert_eq!(events.len(), 7);
}

#[test]
fn tasks_wander_between_threads_and_stay_where_they_belong() {
    #[traced(operation.job.run, fields(n))]
    async fn run(n: u32) {
        tense::context!(job_id = n);
        let tasks: Vec<_> = (0..8).map(|_| tense::spawn(part_later(n))).collect();
        for task in tasks {
            task.await.unwrap();
        }
    }
    let capture = capture();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
    runtime.block_on(async {
        let jobs: Vec<_> =
            (0..16).map(|n| tokio::spawn(run(n).in_context(TraceContext::begin(&format!("job-{n}"))))).collect();
        for job in jobs {
            job.await.unwrap();
        }
    });
    let events = capture.events();
    assert_eq!(events.len(), 16 * 17);
    for event in &events {
        let n = event.data.get("n").unwrap().to_string();
        assert_eq!(event.job_id.as_deref(), Some(n.as_str()), "{}", event.event_type);
        assert_eq!(event.trace_id.to_string(), TraceContext::begin(&format!("job-{n}")).trace_id());
        let parent = events.iter().find(|other| Some(other.span_id) == event.parent_span_id);
        let above = match event.event_type.as_ref() {
            "operation.job.run" => None,
            "operation.part.awaited" => Some("operation.job.run"),
            _ => Some("operation.part.awaited"),
        };
        assert_eq!(parent.map(|parent| parent.event_type.as_ref()), above);
    }
}

#[test]
fn a_queue_carries_the_place_in_the_trace_as_json() {
    #[traced(operation.job.queued)]
    fn queue() -> String {
        serde_json::to_string(&TraceContext::current()).unwrap()
    }
    let capture = capture();
    let job = queue();
    thread::spawn(move || {
        let above: TraceContext = serde_json::from_str(&job).unwrap();
        above.in_scope(|| part(1));
        above.in_scope(|| event!(operation.job.taken));
    })
    .join()
    .unwrap();
    assert_eq!(tree(&capture.events()), "operation.job.queued\n  operation.part.done n=1\n  operation.job.taken\n");
}
