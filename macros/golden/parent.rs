//! A call below a span of another process.
#[tense::traced(operation.job.run, parent = job.trace, fields(job.id))]
async fn run(job: Job) {
    work(job).await;
}
