//! A sink of somebody's goes in; nothing comes out when it keeps what [`Sink`] promises.

use tense_event::{CleanEvent, ErrorInfo, ErrorKind, Event, Sanitizer, SpanId, Status, Timestamp, TraceId};

use super::Sink;

/// Holds a sink to what [`Sink`] promises, for a test of it. `open` makes it, as a program does that starts; `read`
/// says which events have arrived, in the order of arrival where the sink has one.
///
/// It delivers nothing, one event, a thousand at once, events with every key, with line breaks and control characters,
/// with the longest texts and deepest data that the sanitizer lets pass; opens the sink again in between; and asks
/// after each batch that what was delivered is there once and unchanged. Beside that nothing else may be in there.
///
/// # Panics
/// When the sink breaks a promise; the message says which.
///
/// ```
/// use tense_layer::sink::{Memory, conformance};
///
/// let memory = Memory::new();
/// conformance(|| memory.clone(), || memory.events().iter().map(|event| (**event).clone()).collect());
/// ```
pub fn conformance<S: Sink>(mut open: impl FnMut() -> S, mut read: impl FnMut() -> Vec<Event>) {
    let mut expected: Vec<Event> = Vec::new();
    let mut sink = open();
    let name = sink.name().to_owned();
    assert!(!name.is_empty() && name.len() <= 64, "a sink has a short name: `{name}`");
    for (at, (what, batch)) in batches().into_iter().enumerate() {
        if at % 2 == 1 {
            drop(sink);
            sink = open();
        }
        let delivered = sink.deliver(&batch);
        assert!(delivered.is_ok(), "a healthy sink takes {what}: {delivered:?}");
        expected.extend(batch.iter().map(|event| (**event).clone()));
        let found = read();
        assert_eq!(found.len(), expected.len(), "events that are there after {what} was delivered");
        for event in &expected {
            let same = found.iter().filter(|found| found.span_id == event.span_id).collect::<Vec<_>>();
            assert_eq!(same, [event], "what there is of an event after {what} was delivered");
        }
    }
}

fn batches() -> Vec<(&'static str, Vec<CleanEvent>)> {
    let mut ids = 1..;
    let mut event = |name: &'static str| {
        let Some(id) = ids.next().and_then(SpanId::new) else { unreachable!("ids begin at 1") };
        let at = Timestamp::from_unix_nanos(1_763_719_200_000_000_000 + i64::from(id.get() as u32));
        Event::new(TraceId::from_bytes([7; 16]), id, name, Status::Success, at)
    };
    let clean = |event: Event| Sanitizer::default().clean(event);
    let mut full = event("operation.tokens.create_failed");
    full.parent_span_id = SpanId::new(1);
    full.status = Status::Failed;
    full.duration = Some(std::time::Duration::from_nanos(1_204_000));
    full.service = "conformance".into();
    full.source = "src/tokens.rs:12".into();
    full.tags = vec!["saga".into()];
    (full.job_id, full.worker_id) = (Some("j1".into()), Some("w1".into()));
    (full.machine_id, full.user_id) = (Some("m1".into()), Some("u1".into()));
    full.data.insert("count", 3);
    full.data.insert("ratio", 0.5);
    full.data.insert("list", serde_json::json!([1, "two", null, {"three": true}]));
    let mut error = ErrorInfo::new(ErrorKind::Error);
    error.error_type = "StoreError".into();
    error.error_message = "balance 120 < 5000".into();
    error.stack_frames = vec!["src/tokens.rs:12".into()];
    full.error = Some(error);
    full.left_out = 5;
    full.sample_weight = 4;
    let mut strange = event("log.info");
    strange.data.insert("message", "a line\nbreak, a \"quote\", \\, \0, \u{1b}[31m, \u{202e}, \u{2028}, 日本 and 🦀");
    strange.data.insert("a key\nwith a break", "");
    let mut large = event("log.info");
    for nth in 0..40 {
        large.data.insert(format!("text_{nth}"), "long ".repeat(100));
    }
    let mut deep = serde_json::json!(1);
    for _ in 0..100 {
        deep = serde_json::json!([deep]);
    }
    large.data.insert("deep", deep);
    let many = (0..1000).map(|_| clean(event("operation.tokens.created"))).collect();
    vec![
        ("nothing", Vec::new()),
        ("one event", vec![clean(event("operation.tokens.created"))]),
        ("an event with every key", vec![clean(full)]),
        ("strange characters", vec![clean(strange)]),
        ("large values", vec![clean(large)]),
        ("a thousand events", many),
    ]
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::sink::{Memory, SinkError};

    /// Keeps what is left of a batch.
    struct Odd(Memory, fn(&mut Vec<CleanEvent>));

    impl Sink for Odd {
        fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
            let mut batch = batch.to_vec();
            (self.1)(&mut batch);
            self.0.deliver(&batch)
        }
    }

    fn conforms(odd: fn(&mut Vec<CleanEvent>), on_open: fn(&Memory)) -> bool {
        let memory = Memory::new();
        let open = || {
            on_open(&memory);
            Odd(memory.clone(), odd)
        };
        let read = || memory.events().iter().map(|event| Event::clone(event)).collect();
        catch_unwind(AssertUnwindSafe(|| conformance(open, read))).is_ok()
    }

    #[test]
    fn what_a_sink_does_wrong_is_seen() {
        assert!(conforms(|_| {}, |_| {}));
        assert!(!conforms(|batch| drop(batch.pop()), |_| {}), "one is lost");
        assert!(!conforms(|batch| batch.truncate(999), |_| {}), "the last of a thousand is lost");
        assert!(!conforms(|batch| batch.extend(batch.first().cloned()), |_| {}), "one is there twice");
        let swapped = |batch: &mut Vec<CleanEvent>| {
            if let [first, .., last] = batch.as_mut_slice() {
                *first = last.clone();
            }
        };
        assert!(!conforms(swapped, |_| {}), "one is lost and another there twice");
        assert!(!conforms(|_| {}, |memory| drop(memory.take())), "what was there goes when it is opened");
    }
}
