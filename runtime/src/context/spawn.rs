//! A future goes to the tokio runtime, together with what this thread is in.

use tokio::task::JoinHandle;

use super::InContext;

/// `tokio::spawn`, and the context goes along: what the task begins is below the span that was current here, also when
/// that span has ended since. (`Span::current()` of `tracing` does not know our spans, unless another layer wants
/// them.) What [`context!`](crate::context) sets right in the task is the task's alone.
///
/// ```
/// #[tense::traced(operation.orders.placed)]
/// async fn place() {
///     tense::spawn(notify()); // below `operation.orders.placed`, whenever it runs
///     for job in ["j1", "j2"] {
///         tense::spawn(async move {
///             tense::context!(job_id = job); // for what this task begins
///             notify().await;
///         });
///     }
/// }
///
/// #[tense::traced(operation.customer.notified)]
/// async fn notify() {}
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(place());
/// ```
///
/// # Panics
/// Where `tokio::spawn` does: outside of a runtime.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(future.in_current_context())
}
