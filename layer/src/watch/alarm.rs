//! What a hook is given.

use std::fmt;
use std::time::Duration;

use tense_event::{SpanId, Timestamp, TraceId};

/// Something that a program wants to be told of at once: see [`Watch`](crate::Watch).
///
/// It shows itself as a sentence, which holds the name of an event type, numbers and ids, and nothing that was recorded
/// of a call.
///
/// ```
/// use tense_layer::{Alarm, AlarmKind};
///
/// fn told(alarm: &Alarm) {
///     match alarm.kind {
///         AlarmKind::Slow { took, .. } if took.as_secs() < 10 => {}
///         _ => eprintln!("{alarm}"),
///     }
/// }
/// let builder = tense_layer::builder().watch(told);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Alarm {
    /// What it is about.
    pub kind: AlarmKind,
    /// The event that says that such a span went well: `operation.cards.charged`, `dispatch.batch.complete`. Of a span
    /// of another crate the name that its events have.
    pub event_type: String,
    /// The trace of the span, of which there may be nothing but this if it is not sampled.
    pub trace_id: TraceId,
    /// The slow span, or the last one that failed.
    pub span_id: Option<SpanId>,
    /// When it was found to be so.
    pub at: Timestamp,
    /// Further spans that it stands for, because there is at most one alarm of a kind and type a second. Of slow ones
    /// the slowest is told.
    pub more: u64,
}

/// What an [`Alarm`] is about.
///
/// ```
/// use tense_layer::{Alarm, AlarmKind};
///
/// /// Whether somebody should be woken.
/// fn is_grave(alarm: &Alarm) -> bool {
///     matches!(alarm.kind, AlarmKind::Failures { failed, ended, .. } if failed * 2 > ended)
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum AlarmKind {
    /// A span took longer than its type may.
    #[non_exhaustive]
    Slow {
        /// How long it took, or has taken so far.
        took: Duration,
        /// How long such a span takes at least that is slow.
        threshold: Duration,
        /// It has ended. One that goes on is told when it has been open for a second or, where it is
        /// slow later, is slow.
        is_over: bool,
    },
    /// Of the spans of a type that ended within the last minute too many have failed.
    #[non_exhaustive]
    Failures {
        /// So many.
        failed: u64,
        /// Of so many.
        ended: u64,
        /// The share from which on that is told.
        limit: f64,
    },
}

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, event_type, trace_id, more, .. } = self;
        match kind {
            AlarmKind::Slow { took, threshold, is_over } => {
                let has = if *is_over { "took" } else { "goes on for" };
                let (took, threshold) = (Rounded(*took), Rounded(*threshold));
                write!(f, "{event_type} {has} {took}, and is slow from {threshold} on")?;
                match more {
                    0 => {}
                    1 => write!(f, "; so is one more")?,
                    more => write!(f, "; so are {more} more")?,
                }
            }
            AlarmKind::Failures { failed, ended, limit } => {
                let percent = (limit * 1000.0).round() / 10.0;
                write!(f, "{event_type} failed {failed} of {ended} times within a minute, the limit is {percent} %")?;
            }
        }
        write!(f, " (trace {trace_id}")?;
        if let Some(span_id) = self.span_id {
            write!(f, ", span {span_id}")?;
        }
        f.write_str(")")
    }
}

/// As a person says it: `12.3 s`, `105 ms`, `40 µs`.
struct Rounded(Duration);

impl fmt::Display for Rounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            time if time >= Duration::from_secs(1) => write!(f, "{} s", (time.as_secs_f64() * 10.0).round() / 10.0),
            time if time >= Duration::from_millis(1) => write!(f, "{} ms", time.as_millis()),
            time => write!(f, "{} µs", time.as_micros()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarm(kind: AlarmKind, more: u64) -> String {
        let (trace_id, at) = (TraceId::from_bytes([0x1f; 16]), Timestamp::from_unix_nanos(0));
        Alarm { kind, event_type: "sql.query".to_owned(), trace_id, span_id: SpanId::new(7), at, more }.to_string()
    }

    #[test]
    fn a_person_can_read_it() {
        let threshold = Duration::from_millis(100);
        let slow = |took, is_over, more| {
            let alarm = alarm(AlarmKind::Slow { took: Duration::from_micros(took), threshold, is_over }, more);
            alarm.split_once(" (").unwrap().0.to_owned()
        };
        assert_eq!(slow(105_900, true, 0), "sql.query took 105 ms, and is slow from 100 ms on");
        assert_eq!(slow(1_250_000, true, 1), "sql.query took 1.3 s, and is slow from 100 ms on; so is one more");
        assert_eq!(
            slow(72_000_000, false, 12),
            "sql.query goes on for 72 s, and is slow from 100 ms on; so are 12 more"
        );
        assert_eq!(
            alarm(AlarmKind::Failures { failed: 12, ended: 40, limit: 0.1 }, 2),
            "sql.query failed 12 of 40 times within a minute, the limit is 10 % \
             (trace 1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f, span 0000000000000007)"
        );
    }
}
