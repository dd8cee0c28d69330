//! Traces of some thousand spans, and of eight times as many: whatever is asked of them takes about eight times as
//! long.
//!
//! What counts is how long the thread was on a processor, the least of several tries, and the limit is three times what
//! would be expected: what is quadratic takes sixty-four times as long.

use std::hint::black_box;
use std::time::Duration;

use tense_event::{ErrorInfo, ErrorKind, Event, SpanId, Status, Timestamp, TraceId};
use tense_store::{SqliteStore, Store as _, Trace};

const TRACE: TraceId = TraceId::from_bytes([7; 16]);
const SPANS: u64 = 3_000;
const TIMES: u64 = 8;
/// So many times as long may eight times as many take.
const MOST: u32 = 3 * TIMES as u32;
/// What takes a moment is measured badly, and does no harm.
const MOMENT: Duration = Duration::from_millis(2);
const TRIES: usize = 5;

/// Who is above a span; the first is above all.
type Shape = fn(u64) -> u64;

const SHAPES: [(&str, Shape); 4] = [
    ("sixteen below each", |span| (span + 14) / 16),
    ("a chain", |span| span - 1),
    ("all below one", |_| 1),
    // Every second one goes on down, and beside it is one that was dropped.
    (
        "a chain with one beside each",
        |span| if span.is_multiple_of(2) { span - 1 } else { span - 1 - u64::from(span > 2) },
    ),
];

/// Each is open from its number on until as long before the end; every second one was dropped, and the others failed.
fn events(shape: Shape, spans: u64) -> Vec<Event> {
    let event = |span: u64| {
        let (began, ended) = (span * 1_000, (3 * spans - span) * 1_000);
        let name = ["operation.tokens.created", "dispatch.batch", "operation.cards.charged"][span as usize % 3];
        let id = SpanId::new(span).unwrap();
        let mut event = Event::new(TRACE, id, name, Status::Failed, Timestamp::from_unix_nanos(ended as i64));
        event.duration = Some(Duration::from_nanos(ended - began));
        event.parent_span_id = SpanId::new(if span == 1 { 0 } else { shape(span) });
        event.data.insert("item", span % 7);
        let mut error = ErrorInfo::new(if span.is_multiple_of(2) { ErrorKind::Cancelled } else { ErrorKind::Error });
        error.error_message = "declined".to_owned();
        event.error = Some(error);
        event
    };
    // The last ones come first.
    (1..=spans).rev().map(event).collect()
}

/// How long this thread was at work until now.
fn worked() -> Duration {
    // The system brings the figure up to date when it takes the thread off its processor.
    std::thread::yield_now();
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(stat.split(' ').next().unwrap().parse().unwrap())
}

/// A question about a trace, whose answer is of no interest.
type Question = (&'static str, fn(&Trace));

fn ask<T>(answer: T) {
    black_box(answer);
}

const QUESTIONS: [Question; 14] = [
    ("tree", |trace| ask(trace.tree())),
    ("why", |trace| ask(trace.why())),
    ("critical path", |trace| ask(trace.critical_path(&trace.spans()[0]))),
    ("own times", |trace| ask(trace.self_times())),
    ("timeline", |trace| ask(trace.timeline())),
    ("idle", |trace| ask(trace.idle(Duration::ZERO))),
    ("waterfall", |trace| ask(trace.waterfall(40))),
    ("concurrency", |trace| ask(trace.concurrency())),
    ("concurrency by name", |trace| ask(trace.concurrency_by(|span| &span.name))),
    ("hand-offs", |trace| ask(trace.handoffs())),
    ("performance", |trace| ask(trace.performance().over(Duration::ZERO))),
    ("errors", |trace| ask(trace.errors())),
    ("compensations", |trace| ask((trace.compensations(), trace.never_ran()))),
    ("compare", |trace| ask(trace.compare(trace))),
];

/// The least that it takes.
fn least(mut work: impl FnMut()) -> Duration {
    let mut once = || {
        let before = worked();
        work();
        worked() - before
    };
    (0..TRIES).map(|_| once()).min().unwrap()
}

/// Whether so many more take longer than they may.
fn is_too_long(few: Duration, many: Duration) -> bool {
    many > few * MOST && many > MOMENT
}

/// How long few and many take.
fn both(traces: &[Trace; 2], question: impl Fn(&Trace)) -> [Duration; 2] {
    traces.each_ref().map(|trace| least(|| question(trace)))
}

/// The bug that all of this is about: it looks for each span among all.
fn quadratic(trace: &Trace) {
    for span in trace.spans() {
        ask(trace.spans().iter().find(|other| other.id == span.id));
    }
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs Linux to say how long a thread worked")]
fn a_step_that_is_quadratic_would_be_seen() {
    // A tenth of the spans: with all of them it would take its time.
    let traces = [SPANS / 10, SPANS / 10 * TIMES].map(|spans| Trace::from_events(TRACE, events(SHAPES[0].1, spans)));
    let [few, many] = both(&traces, quadratic);
    assert!(is_too_long(few, many), "{few:?}, then {many:?}");
    // Going through all of them once is not seen, so it is not the size that is.
    let [few, many] = both(&traces, |trace| ask(trace.walk().count()));
    assert!(!is_too_long(few, many), "{few:?}, then {many:?}");
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs Linux to say how long a thread worked")]
fn eight_times_as_many_spans_take_about_eight_times_as_long() {
    let mut too_long = Vec::new();
    for (shape, above) in SHAPES {
        let few = events(above, SPANS);
        let many = events(above, SPANS * TIMES);
        let traces = [&few, &many].map(|events| Trace::from_events(TRACE, events.clone()));
        let mut compare = |what: &str, few: Duration, many: Duration| {
            let line = format!("{shape}, {what}: {few:.1?}, then {many:.1?}");
            println!("{line}");
            too_long.extend(is_too_long(few, many).then_some(line));
        };
        let fold = |events: &[Event]| least(|| ask(Trace::from_events(TRACE, events.to_vec())));
        compare("fold", fold(&few), fold(&many));
        for (name, question) in QUESTIONS {
            let [few, many] = both(&traces, question);
            compare(name, few, many);
        }
    }
    assert!(too_long.is_empty(), "{too_long:#?}");
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs Linux to say how long a thread worked")]
fn reading_eight_times_as_many_spans_takes_about_eight_times_as_long() {
    let sanitizer = tense_event::Sanitizer::default();
    let folder = tempfile::tempdir().unwrap();
    let [few, many] = [SPANS, SPANS * TIMES].map(|spans| {
        let mut store = SqliteStore::open(folder.path().join(spans.to_string())).unwrap();
        let clean: Vec<_> = events(SHAPES[0].1, spans).into_iter().map(|event| sanitizer.clean(event)).collect();
        assert_eq!(store.append(&clean).unwrap().stored as u64, spans);
        least(|| ask(store.trace(TRACE).unwrap()))
    });
    assert!(!is_too_long(few, many), "{few:?}, then {many:?}");
}
