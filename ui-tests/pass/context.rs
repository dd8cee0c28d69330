//! What goes along with work, where nobody records it: everything does what it would without.

#![deny(warnings)]

use tense::{InContext as _, TraceContext, traced};

struct Job {
    id: String,
    trace: Option<TraceContext>,
}

#[traced(operation.job.run, parent = job.trace)]
fn run(job: &Job) -> usize {
    tense::context!(job_id = job.id, user_id = None::<&str>, anything = %job.id);
    tense::event!(operation.job.checked, parent = job.trace.as_ref(), n = 1);
    job.id.len()
}

#[traced(operation.job.run, parent = job.trace, fields(job.id))]
async fn run_later(mut job: Job) -> usize {
    job.id.push('!');
    tense::context!(crate = tense, job_id = job.id);
    job.id.len()
}

fn parents(parent: Option<TraceContext>) {
    let folder = ["a"];
    // The variable of that name is a field, as any other.
    let n = folder.len();
    tense::event!(operation.folder.moved, n);
    tense::event!(operation.folder.moved, parent = parent, n);
}

fn main() {
    let job = || Job { id: "j1".to_owned(), trace: Some(TraceContext::begin("order-4711")) };
    assert_eq!(run(&job()), 2);
    assert_eq!(tense::suppress(|| run(&job())), 2);
    assert_eq!(tense::current_context().in_scope(|| run(&job())), 2);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(run_later(job()).in_current_context()), 3);
    assert_eq!(runtime.block_on(run_later(job()).in_context(TraceContext::begin("a")).suppressed()), 3);
    // Without a layer a place in a trace is passed on all the same.
    let above: TraceContext = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse().unwrap();
    assert_eq!(above.in_scope(TraceContext::current), Some(above.clone()));
    parents(Some(above));
}
