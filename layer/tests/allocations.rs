//! What recording allocates on the caller's thread. A binary of its own, because its allocator counts; the layer is the
//! global one, and nobody else looks.

#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

mod route;

use std::error::Error;
use std::fmt::{self, Debug, Display};
use std::future::{poll_fn, ready};
use std::hint::black_box;
use std::mem::replace;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::pin::pin;
use std::sync::{Arc, Once};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use allocation_counter::{AllocationInfo, measure};
use route::wait_for;
use tense::__private::Route;
use tense::registry::{Foreign, Registry};
use tense::{InContext, Json, current_context, event, fail, log, record, span, suppress, traced};
use tense_event::CleanEvent;
use tense_layer::{Sink, SinkError};
use uuid::Uuid;

struct Nowhere;

impl Sink for Nowhere {
    fn deliver(&mut self, _: &[CleanEvent]) -> Result<(), SinkError> {
        Ok(())
    }
}

/// What is said of spans and events of other crates.
static REGISTRY: Registry = Registry::new().foreign(&[
    Foreign::new("allocations::query", "sql.query", &["rows", "ok", "table", "shown"]),
    Foreign::new("allocations", "sql.warned", &["code"]),
]);

/// Installs the layer, once for all tests, and waits until the direct way is open.
fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::mem::forget(tense_layer::builder().sink(Nowhere).registry(&REGISTRY).init().unwrap());
        wait_for(Route::Direct);
    });
}

/// What a call allocates once its thread and its call site are known.
fn allocated(mut call: impl FnMut()) -> AllocationInfo {
    install();
    call();
    measure(|| (0..10).for_each(|_| call()))
}

fn assert_none(allocated: AllocationInfo) {
    assert_eq!((allocated.count_total, allocated.bytes_total), (0, 0), "in ten calls");
}

#[traced(operation.values.seen, fields(a, b, c, d = a > 0, text, owned, opt, none, later = _))]
fn plain(a: u64, b: i8, c: f64, text: &str, owned: &String, opt: Option<u32>, none: Option<&str>) -> Result<(), ()> {
    record!(later = a);
    Ok(())
}

#[traced(operation.values.seen, fields(a, text, later = _))]
async fn plain_later(a: u64, text: &str) {
    record!(later = text);
}

#[test]
fn numbers_truth_values_and_texts_allocate_nothing() {
    let owned = "owned".repeat(20);
    assert_none(allocated(|| plain(1, -1, 0.5, "text", &owned, Some(1), None).unwrap()));
    assert_none(allocated(|| event!(operation.values.seen, a = 1, owned, shared = 'c')));
    assert_none(allocated(|| {
        let future = pin!(plain_later(1, "text"));
        assert_eq!(future.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(()));
    }));
}

#[test]
fn spans_of_blocks_allocate_nothing() {
    let (name, n) = ("orders".repeat(4), 7_u64);
    assert_none(allocated(|| span!(operation.values.seen, fields(name, n, last = _), || record!(last = n))));
    assert_none(allocated(|| span!(operation.values.seen, fields(name, n)).in_scope(|| ())));
    assert_none(allocated(|| {
        assert_eq!(span!(operation.values.seen, fields(name, n)).in_scope(|| Ok::<_, String>(n)), Ok(n));
    }));
    assert_none(allocated(|| {
        let span = span!(dispatch.values.*, fields(name, n, last = _)).start();
        span.in_scope(|| event!(operation.values.seen, n));
        drop(span.enter());
        record!(in span, last = name);
        span.end();
    }));
    assert_none(allocated(|| drop(span!(dispatch.values.*).start())));
    for poll_twice in [false, true] {
        assert_none(allocated(|| {
            let work = async || {
                if poll_twice {
                    ready(()).await;
                }
            };
            let future = pin!(span!(operation.values.seen, fields(n)).instrument(work()));
            assert_eq!(future.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(()));
            let future = pin!(span!(operation.values.seen, fields(n), async { ready(()).await }));
            assert_eq!(future.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(()));
        }));
    }
}

#[test]
fn a_line_without_values_allocates_nothing_and_a_text_with_values_no_more_than_itself() {
    let name = "orders".repeat(4);
    assert_none(allocated(|| {
        span!(operation.values.seen, || {
            log!(step, "reading", name = name);
            log!(data, name, n = 7);
        });
    }));
    assert_none(allocated(|| log!(step, "{name} outside of a span")));
    let text = allocated(|| span!(operation.values.seen, || log!(step, "{}", name)));
    assert_eq!(text.count_total, 10, "a text for each call");
}

#[test]
fn a_reason_costs_its_text() {
    #[traced(operation.values.seen, fields(n = _))]
    fn import() {
        fail!("no rows", n = 7);
    }
    assert_eq!(allocated(import).count_total, 10, "a text for each call");
    assert_bounded(|| {
        span!(operation.values.seen, || fail!("{}", Large));
    });
    assert_bounded(|| span!(operation.values.seen, || log!(info, "{}", Large)));
}

#[test]
fn what_comes_in_pieces_allocates_nothing() {
    let shared: Arc<str> = "shared".into();
    let (peer, ip): (SocketAddr, IpAddr) = ("[2001:db8::1]:80".parse().unwrap(), "::1".parse().unwrap());
    let (path, huge, id) = (Path::new("a/b"), u128::MAX, Uuid::from_u128(7));
    let (texts, ids, patience) = (vec!["a \"b\"".to_owned(); 1000], [Some(id), None], Duration::from_millis(7));
    assert_none(allocated(|| {
        event!(operation.values.seen, shared, peer, ip, path, huge, id, texts, ids, patience, floats = [0.5, f64::NAN]);
    }));
}

/// Gives way once.
async fn wait_once() {
    let mut has_waited = false;
    poll_fn(|_| if replace(&mut has_waited, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}

#[traced(operation.values.seen, fields(a, text))]
async fn plain_in_two_polls(a: u64, text: &str) {
    wait_once().await;
}

#[tracing::instrument(skip_all, fields(a = a, text = text))]
fn foreign(a: u64, text: &str) {}

#[tracing::instrument(skip_all, fields(a = a, text = text))]
async fn foreign_in_two_polls(a: u64, text: &str) {
    wait_once().await;
}

/// Polls twice, where it lies: a future that is boxed is the caller's allocation.
fn poll_twice(future: impl Future<Output = ()>) {
    let (mut future, mut context) = (pin!(future), Context::from_waker(Waker::noop()));
    assert_eq!(future.as_mut().poll(&mut context), Poll::Pending);
    assert_eq!(future.as_mut().poll(&mut context), Poll::Ready(()));
}

#[test]
fn a_future_that_gives_way_allocates_nothing() {
    assert_none(allocated(|| poll_twice(plain_in_two_polls(1, "text"))));
}

#[test]
fn spans_of_tracing_allocate_nothing() {
    assert_none(allocated(|| foreign(1, "text")));
    assert_none(allocated(|| poll_twice(foreign_in_two_polls(1, "text"))));
}

#[test]
fn what_is_not_recorded_allocates_nothing() {
    // below the level of the layer
    #[traced(operation.values.seen, level = "debug", fields(a, text, formatted = ?text))]
    fn unseen(a: u64, text: &str) {}
    #[traced(operation.values.seen, level = "debug", fields(a, text, formatted = ?text))]
    async fn unseen_in_two_polls(a: u64, text: &str) {
        wait_once().await;
    }
    assert_none(allocated(|| unseen(1, "text")));
    assert_none(allocated(|| poll_twice(unseen_in_two_polls(1, "text"))));
}

#[traced(operation.values.seen)]
fn given(job: &str) {
    tense::context!(job_id = job, n = 7);
    let context = current_context();
    context.in_scope(|| event!(operation.values.seen));
    suppress(|| plain(1, -1, 0.5, "text", &String::new(), None, None).unwrap());
    let future = pin!(plain_later(1, "text").in_current_context());
    assert_eq!(future.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(()));
}

#[test]
fn what_goes_along_with_work_allocates_nothing() {
    // The first one of a thread makes room for the scopes that it is in.
    assert_none(allocated(|| given("j1")));
}

#[test]
fn spans_and_events_of_other_crates_allocate_nothing() {
    use tracing::field::{Empty, debug};
    // With a function that has nothing to do with ours, and one below ours.
    let span = || tracing::info_span!(target: "elsewhere", "work", id = 7, name = "a name");
    assert_none(allocated(|| span().in_scope(|| span().in_scope(|| ()))));
    assert_none(allocated(|| {
        let (above, below) = (span(), span());
        let early = above.enter();
        let late = below.enter();
        drop(early);
        drop(tracing::info_span!(parent: &above, "third"));
        drop(late);
    }));
    #[traced(operation.values.seen)]
    fn ours(code: u32) {
        tracing::info!(code, "a line that says {code}");
        tracing::warn!(target: "allocations", code, table = "cards");
    }
    assert_none(allocated(|| span().in_scope(|| ours(7))));
    assert_none(allocated(|| {
        let query = tracing::info_span!(target: "allocations", "query", rows = Empty, ok = true, table = "cards", shown = ?[1, 2]);
        query.record("rows", 7).record("shown", debug("again"));
    }));
}

/// The most that a value may cost, formatted: a text of 4 KiB that grew to that size.
const KILOBYTES: u64 = 16 * 1024;

#[track_caller]
fn assert_bounded(mut call: impl FnMut()) {
    install();
    call();
    let allocated = measure(call);
    assert!(allocated.bytes_total <= KILOBYTES, "{} bytes", allocated.bytes_total);
}

const LARGE: usize = 100_000_000;

/// Shows a hundred megabytes, in pieces.
struct Large;

impl Display for Large {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..LARGE / 10).try_for_each(|_| f.write_str("0123456789"))
    }
}

impl Debug for Large {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

/// An error that says a hundred megabytes, and so does each of its causes.
#[derive(Debug)]
struct Chain(Option<Box<Self>>);

impl Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(&Large, f)
    }
}

impl Error for Chain {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

#[test]
fn formatting_stops_long_before_a_hundred_megabytes() {
    let (bytes, text) = (vec![7_u8; LARGE], "x".repeat(LARGE));
    assert_bounded(|| event!(operation.values.seen, ?bytes));
    assert_bounded(|| event!(operation.values.seen, k = ?Large));
    assert_bounded(|| event!(operation.values.seen, k = %Large));
    assert_bounded(|| event!(operation.values.seen, %text));
    assert_bounded(|| event!(operation.values.seen, text, k = ?text));
    assert_bounded(|| event!(operation.values.seen, bytes));
    assert_bounded(|| event!(operation.values.seen, k = Json::list(&bytes)));
    assert_bounded(|| event!(operation.values.seen, k = Json::of(&bytes)));
    assert_bounded(|| event!(operation.values.seen, k = Json::of(&text)));
    assert_bounded(|| event!(operation.values.seen, k = Json::of(&[&text, &text])));
    assert_bounded(|| {
        // It moves into a record of its own length at once, and is the caller's until then.
        black_box(tense::prepared!(operation.values.seen, bytes)).emit();
    });
    let json = Json::new(format!("[\"{text}\"]"));
    assert_bounded(|| event!(operation.values.seen, k = json));
    assert_bounded(|| black_box(tense::prepared!(operation.values.seen, text)).emit());
    assert_bounded(|| black_box(tense::prepared!(operation.values.seen, k = json)).emit());
    // What names them is over before the future is polled, so they are copied, as far as they are recorded.
    #[traced(operation.values.seen, fields(text))]
    fn text_later(text: &str) -> impl Future<Output = ()> + use<> {
        ready(())
    }
    #[traced(operation.values.seen, fields(json))]
    fn json_later(json: &Json) -> impl Future<Output = ()> + use<> {
        ready(())
    }
    #[traced(operation.values.seen, fields(last = _))]
    fn filled_in_later(json: &Json) -> impl Future<Output = ()> + use<> {
        record!(last = json);
        ready(())
    }
    assert_bounded(|| drop(black_box(text_later(&text))));
    assert_bounded(|| drop(black_box(json_later(&json))));
    assert_bounded(|| drop(black_box(filled_in_later(&json))));
}

#[test]
fn a_field_that_is_filled_in_again_and_again_is_kept_once() {
    #[traced(operation.values.seen, fields(n = _, done = _))]
    fn count(to: u64) -> impl Future<Output = ()> {
        for n in 0..to {
            record!(n = n);
            record!(done = n + 1 == to);
        }
        ready(())
    }
    let few = allocated(|| drop(black_box(count(1))));
    let many = allocated(|| drop(black_box(count(1000))));
    assert_eq!((many.count_total, many.bytes_total), (few.count_total, few.bytes_total));
}

#[test]
fn errors_are_shown_no_further_than_that() {
    #[traced(operation.values.refused)]
    fn refuse<E>(error: E) -> Result<(), E> {
        Err(error)
    }
    #[traced(operation.values.refused)]
    fn say(error: &str) -> Result<(), &str> {
        Err(error)
    }
    #[traced(operation.values.refused)]
    fn show(error: &Large) -> Result<(), &Large> {
        Err(error)
    }
    #[traced(operation.values.refused)]
    fn chain(error: Box<dyn Error>) -> Result<(), Box<dyn Error>> {
        Err(error)
    }
    let text = "x".repeat(LARGE);
    assert_bounded(|| assert!(say(&text).is_err()));
    assert_bounded(|| assert!(show(&Large).is_err()));
    assert_bounded(|| assert!(refuse(Large).is_err()));
    assert_bounded(|| {
        assert!(chain(Box::new((0..30).fold(Chain(None), |source, _| Chain(Some(Box::new(source)))))).is_err());
    });
}
