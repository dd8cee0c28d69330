//! A job over its traces, held against a reference that goes moment by moment.

use std::time::Duration;

use proptest::prelude::*;
use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
use tense_store::Trace;
use tense_store::idle::IdleKind::{self, BackOff, HandedOff, Queued, Unknown};
use tense_store::job::Job;

/// A span from and to so many moments after 1970; `job` 0 says nothing.
#[derive(Debug, Clone)]
struct Drawn {
    trace: u8,
    span: u64,
    parent: u64,
    job: u8,
    from: i64,
    took: i64,
    has_ended: bool,
    service: &'static str,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let service = prop::sample::select(vec!["", "web", "shop", "post"]);
    (1..4_u8, 1..9_u64, 0..9_u64, 0..3_u8, 0..60_i64, 0..9_i64, any::<bool>(), service).prop_map(
        |(trace, span, parent, job, from, took, has_ended, service)| Drawn {
            trace,
            span,
            parent,
            job,
            from,
            took,
            has_ended,
            service,
        },
    )
}

fn event(drawn: &Drawn) -> Event {
    let Drawn { trace, span, parent, job, from, took, has_ended, service } = *drawn;
    let (status, at) = if has_ended { (Status::Success, from + took) } else { (Status::Pending, from) };
    let id = TraceId::from_bytes([trace; 16]);
    let at = Timestamp::from_unix_nanos(at);
    let mut event = Event::new(id, SpanId::new(span).unwrap(), "operation.jobs.tried", status, at);
    event.parent_span_id = SpanId::new(parent);
    event.duration = has_ended.then(|| Duration::from_nanos(took.unsigned_abs()));
    event.job_id = (job > 0).then(|| format!("j{job}"));
    event.service = service.into();
    event
}

/// Whether a span belongs to the job: what it says, or what the first one above says that says something.
fn belongs(trace: &Trace, mut span: SpanId) -> bool {
    loop {
        let found = trace.get(span).unwrap();
        if let Some((_, job)) = found.context.iter().find(|(key, _)| *key == "job_id") {
            return job == "j1";
        }
        match trace.parent(found) {
            Some(parent) => span = parent.id,
            None => return false,
        }
    }
}

proptest! {
    #[test]
    fn a_job_pauses_when_nothing_of_it_runs(drawn in proptest::collection::vec(drawn(), 0..24)) {
        let traces: Vec<Trace> = (1..4_u8)
            .map(|number| {
                let id = TraceId::from_bytes([number; 16]);
                Trace::from_events(id, drawn.iter().map(event))
            })
            .collect();
        let job = Job::of("j1", &traces);

        let mut moments = Vec::new();
        let mut outermost = Vec::new();
        for trace in &traces {
            for span in trace.spans().iter().filter(|span| belongs(trace, span.id)) {
                let end = span.ended.map_or(span.began, |end| end.max(span.began));
                // A parent waits until the last one below it has ended; and it had begun when the first one had.
                let (mut above, mut began, mut ended) = (Some(span), span.began, end);
                while let Some(one) = above.filter(|one| belongs(trace, one.id)) {
                    began = began.min(one.began);
                    ended = ended.max(one.began);
                    above = trace.parent(one);
                }
                let end = ended;
                moments.push((began.unix_nanos(), end.unix_nanos()));
                if !trace.parent(span).is_some_and(|parent| belongs(trace, parent.id)) {
                    outermost.push((trace.id(), span.id));
                }
            }
        }
        outermost.sort();
        let mut parts: Vec<_> = job.parts.iter().map(|part| (part.trace.id(), part.span.id)).collect();
        parts.sort();
        prop_assert_eq!(parts, outermost);
        prop_assert!(job.parts.is_sorted_by_key(|part| part.since));
        prop_assert_eq!(job.ended().map(Timestamp::unix_nanos), moments.iter().map(|(_, end)| *end).max());

        let first = job.began().map_or(0, Timestamp::unix_nanos);
        let last = job.ended().map_or(0, Timestamp::unix_nanos);
        let runs = |at: i64| moments.iter().any(|(from, to)| (*from..*to).contains(&at));
        let pauses = |at: i64| {
            job.pauses.iter().any(|pause| (pause.from.unix_nanos()..pause.to.unix_nanos()).contains(&at))
        };
        for at in first..last {
            prop_assert_eq!(pauses(at), !runs(at), "at {} of {:?}", at, job.pauses);
        }
        prop_assert!(job.pauses.iter().all(|pause| pause.from < pause.to));
    }
}

proptest! {
    #[test]
    fn whoever_handed_over_was_the_last_at_work_elsewhere(drawn in proptest::collection::vec(drawn(), 0..24)) {
        let trace = |number: u8| Trace::from_events(TraceId::from_bytes([number; 16]), drawn.iter().map(event));
        let traces: Vec<Trace> = (1..4_u8).map(trace).collect();
        let job = Job::of("j1", &traces);

        // The order in which a store has the traces means nothing.
        let reversed: Vec<Trace> = (1..4_u8).rev().map(trace).collect();
        let again = Job::of("j1", &reversed);
        prop_assert_eq!(&again.handoffs, &job.handoffs);
        prop_assert_eq!(&again.pauses, &job.pauses);
        let taken: std::collections::HashSet<_> = job.handoffs.iter().map(|one| (one.to_trace, one.to.id)).collect();
        prop_assert_eq!(taken.len(), job.handoffs.len(), "what is taken over is taken over once");

        let of = |id: TraceId| traces.iter().find(|trace| trace.id() == id).unwrap();
        for handoff in &job.handoffs {
            let (from, to) = (handoff.from, handoff.to);
            prop_assert!(from.service != to.service && !from.service.is_empty() && !to.service.is_empty());
            prop_assert!(belongs(of(handoff.to_trace), to.id));
            if of(handoff.to_trace).parent(to).is_some_and(|above| above.id == from.id && handoff.from_trace == handoff.to_trace) {
                continue;
            }
            let part = job.parts.iter().find(|part| (part.trace.id(), part.span.id) == (handoff.to_trace, to.id)).unwrap();
            prop_assert!(belongs(of(handoff.from_trace), from.id) && handoff.since <= part.since);
            for trace in &traces {
                for span in trace.spans().iter().filter(|span| belongs(trace, span.id)) {
                    let elsewhere = !span.service.is_empty() && span.service != to.service;
                    let done = span.ended.map(|ended| ended.max(span.began)).filter(|_| elsewhere);
                    let done = done.filter(|at| *at < part.since);
                    // But for what only shows at the end of the whole part: that of a root is not its own.
                    let is_part = job.parts.iter().any(|part| (part.trace.id(), part.span.id) == (trace.id(), span.id));
                    prop_assert!(is_part || done.is_none_or(|at| at <= handoff.since), "{:?} of {:?}", span, handoff);
                }
            }
            for other in job.parts.iter().filter(|other| other.until < part.since) {
                prop_assert!(other.until <= handoff.since, "{:?}", other);
            }
        }
    }
}

/// What somebody did for the job, in a trace of its own, from and to so many moments; one that takes none is a point.
fn did(trace: u8, service: &'static str, worker: &str, name: &'static str, time: std::ops::Range<i64>) -> Event {
    let id = TraceId::from_bytes([trace; 16]);
    let span = SpanId::new(1).unwrap();
    let mut event = Event::new(id, span, name, Status::Success, Timestamp::from_unix_nanos(time.end));
    event.duration = (!time.is_empty()).then(|| Duration::from_nanos((time.end - time.start).unsigned_abs()));
    event.service = service.into();
    event.worker_id = (!worker.is_empty()).then(|| worker.to_owned());
    event.job_id = Some("j1".to_owned());
    event
}

/// The same below another span of its trace, from which it has the job.
fn below(span: u64, parent: u64, mut event: Event) -> Event {
    event.span_id = SpanId::new(span).unwrap();
    event.parent_span_id = SpanId::new(parent);
    event.job_id = None;
    event
}

fn failed(mut event: Event) -> Event {
    event.status = Status::Failed;
    event
}

/// Each hand-off as `service worker > service worker`, with when its wait began and ended, and the kind of it; then the
/// kinds of pauses.
#[track_caller]
fn check(
    events: impl IntoIterator<Item = Event>,
    handoffs: &[(&str, std::ops::Range<i64>, IdleKind)],
    pauses: &[IdleKind],
) {
    let events: Vec<Event> = events.into_iter().collect();
    let traces: Vec<Trace> =
        (1..9_u8).map(|trace| Trace::from_events(TraceId::from_bytes([trace; 16]), events.clone())).collect();
    let job = Job::of("j1", &traces);
    let side = |span: &tense_store::Span| {
        let worker = span.context.iter().find(|(key, _)| *key == "worker_id").map(|(_, worker)| worker.as_str());
        format!("{} {}", span.service, worker.unwrap_or_default()).trim().to_owned()
    };
    let told: Vec<_> = job
        .handoffs
        .iter()
        .map(|handoff| {
            assert!(handoff.skew().is_none() && handoff.delay().is_some());
            let way = format!("{} > {}", side(handoff.from), side(handoff.to));
            (way, handoff.since.unix_nanos()..handoff.to.began.unix_nanos(), handoff.kind)
        })
        .collect();
    let expected: Vec<_> = handoffs.iter().map(|(way, time, kind)| ((*way).to_owned(), time.clone(), *kind)).collect();
    assert_eq!(told, expected);
    assert_eq!(job.pauses.iter().map(|pause| pause.kind).collect::<Vec<_>>(), pauses);
}

#[test]
fn a_job_goes_from_one_trace_to_the_next() {
    check(
        [
            did(1, "api", "", "operation.job.accepted", 0..5),
            did(2, "worker", "w1", "job.run", 20..40),
            did(3, "mailer", "", "operation.mail.sent", 45..50),
        ],
        &[("api > worker w1", 5..20, Queued), ("worker w1 > mailer", 40..45, HandedOff)],
        &[Queued, HandedOff],
    );
}

#[test]
fn an_attempt_that_failed_is_waited_after_whoever_tries_again() {
    check(
        [
            failed(did(1, "worker", "w1", "job.run", 0..10)),
            failed(did(2, "worker", "w1", "job.run", 20..30)),
            did(3, "worker", "w2", "job.run", 50..60),
            did(4, "worker", "w2", "job.run", 90..95),
        ],
        &[("worker w1 > worker w2", 30..50, BackOff)],
        &[BackOff, BackOff, Unknown],
    );
}

#[test]
fn what_a_queue_hands_out_again_goes_from_worker_to_worker() {
    // The server that keeps the queue has no machine: nobody knows that it is another process, but the workers are.
    check(
        [
            did(1, "fleet", "", "job.queued", 0..0),
            failed(did(2, "fleet", "w1", "job.run", 10..20)),
            did(3, "fleet", "", "job.requeued", 25..25),
            did(4, "fleet", "w2", "job.run", 40..50),
        ],
        &[("fleet w1 > fleet w2", 25..40, Queued)],
        &[Queued, Unknown, Queued],
    );
}

#[test]
fn whoever_goes_on_beside_it_hands_over_what_it_has_put_into_a_queue() {
    // One trace coordinates from the begin to the end; two workers go on beside each other, one of them ends first.
    let queued = |span, at| below(span, 1, did(1, "api", "", "operation.job.queued", at..at));
    let inside = below(2, 1, did(2, "worker", "w1", "operation.page.read", 14..16));
    check(
        [
            did(1, "api", "", "dispatch.job", 0..100),
            queued(2, 5),
            queued(3, 6),
            did(2, "worker", "w1", "job.run", 10..90),
            inside,
            did(3, "worker", "w2", "job.run", 20..50),
            did(4, "mailer", "", "operation.mail.sent", 60..70),
        ],
        &[
            ("api > worker w1", 6..10, Queued),
            ("api > worker w2", 6..20, Queued),
            ("worker w2 > mailer", 50..60, HandedOff),
        ],
        &[],
    );
    // Without a word about queues the one that is in another service has called.
    check(
        [
            did(1, "api", "", "dispatch.job", 0..100),
            did(2, "worker", "w1", "job.run", 10..90),
            did(3, "worker", "w2", "job.run", 20..50),
        ],
        &[("api > worker w1", 0..10, HandedOff), ("api > worker w2", 0..20, HandedOff)],
        &[],
    );
}

#[test]
fn where_a_trace_says_who_called_nothing_is_guessed() {
    let mut other = below(3, 1, did(1, "mailer", "", "operation.mail.sent", 15..16));
    other.job_id = Some("j2".to_owned());
    check(
        [
            did(1, "api", "", "dispatch.job", 0..100),
            below(2, 1, did(1, "worker", "w1", "job.run", 10..20)),
            other,
            did(2, "mailer", "", "operation.mail.sent", 30..40),
        ],
        &[("api > worker w1", 0..10, HandedOff), ("worker w1 > mailer", 20..30, HandedOff)],
        &[],
    );
}
