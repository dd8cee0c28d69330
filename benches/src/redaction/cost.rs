//! What a clean event costs, and what memory the rules take.

use std::hint::black_box;
use std::time::{Duration, Instant};

use tense_benches::machine::resident_kib;
use tense_event::{Event, Sanitizer, SpanId, Status, Timestamp, TraceId};

/// What the usual span is: three fields, a parent, a duration, a place. Its neighbours have other values, because those
/// that have just been looked at are not looked at again.
pub(crate) fn event(nth: usize) -> Event {
    let letters = [b'a' + (nth % 26) as u8, b'a' + (nth / 26 % 26) as u8].map(char::from);
    let at = Timestamp::from_unix_nanos(1_795_255_200_000_123_000);
    let span = SpanId::new(0x96b6_f0a7_b0c1_d2e3).unwrap_or_else(|| unreachable!("it is not zero"));
    let mut event = Event::new(TraceId::from_bytes([7; 16]), span, "operation.tokens.created", Status::Success, at);
    event.duration = Some(Duration::from_micros(1204));
    event.service = "shop".into();
    event.data.insert("token_id", String::from_iter(letters));
    event.data.insert("branch", 3);
    event.data.insert("state", format!("wait{}{}g", letters[0], letters[1]));
    event
}

/// Its bytes of JSON and the nanoseconds that cleaning it takes, the best of many rounds.
pub(crate) fn clean_event(sanitizer: &Sanitizer) -> (usize, u64) {
    const ROUNDS: usize = 200;
    const EVENTS: usize = 1_000;
    let bytes = serde_json::to_string(&event(0)).map_or(0, |json| json.len());
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let events: Vec<_> = (0..EVENTS).map(event).collect();
        let mut clean = Vec::with_capacity(EVENTS);
        let begun = Instant::now();
        for event in events {
            clean.push(sanitizer.clean(black_box(event)));
        }
        best = best.min(begun.elapsed());
        black_box(clean);
    }
    (bytes, best.as_nanos() as u64 / EVENTS as u64)
}

/// Kilobytes of memory that come with the first use of every rule; nothing where the system does not tell.
pub(crate) fn memory_of_rules() -> u64 {
    let resident = || resident_kib().unwrap_or(0);
    let before = resident();
    let sanitizer = Sanitizer::default();
    black_box(
        sanitizer
            .redact("password=x /home/jane/x a@example.com 4111-1111 \"--token x\" https://a:b@c C:\\Users\\jane\\x"),
    );
    resident().saturating_sub(before)
}
