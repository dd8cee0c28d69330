//! A job over its traces, held against a reference that goes moment by moment.

use std::time::Duration;

use proptest::prelude::*;
use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
use tense_store::{Job, Trace};

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
}

fn drawn() -> impl Strategy<Value = Drawn> {
    (1..4_u8, 1..9_u64, 0..9_u64, 0..3_u8, 0..60_i64, 0..9_i64, any::<bool>()).prop_map(
        |(trace, span, parent, job, from, took, has_ended)| Drawn { trace, span, parent, job, from, took, has_ended },
    )
}

fn event(drawn: &Drawn) -> Event {
    let Drawn { trace, span, parent, job, from, took, has_ended } = *drawn;
    let (status, at) = if has_ended { (Status::Success, from + took) } else { (Status::Pending, from) };
    let id = TraceId::from_bytes([trace; 16]);
    let at = Timestamp::from_unix_nanos(at);
    let mut event = Event::new(id, SpanId::new(span).unwrap(), "operation.jobs.tried", status, at);
    event.parent_span_id = SpanId::new(parent);
    event.duration = has_ended.then(|| Duration::from_nanos(took.unsigned_abs()));
    event.job_id = (job > 0).then(|| format!("j{job}"));
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
