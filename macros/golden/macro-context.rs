//! Fields for the span around it and all below.
fn process(job: &Job) {
    tense::context!(job_id = job.id, user_id = %job.user);
}
