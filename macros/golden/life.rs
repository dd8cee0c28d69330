//! A span with a life, a field that the body fills in, and the crate at another path.
#[traced(dispatch.batch.*, fields(size, left = _), crate = crate::reexported::tense)]
async fn run_batch(size: u32) {
    let left = send(size).await;
    record!(left);
}
