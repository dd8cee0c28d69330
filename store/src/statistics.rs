//! Events of operations that have ended enter; how many there were of each, how many failed and how long they took
//! leaves, in bounded memory.

mod histogram;

use std::collections::HashMap;
use std::time::Duration;

use tense_event::{ErrorInfo, ErrorKind, Event, Status};

pub use histogram::Histogram;
pub(crate) use histogram::{PLACES, place_of};

/// So many operations are told apart; names that come after are counted together.
const MOST: usize = 4_096;

/// What stands in the place of names that came after the first 4,096.
pub const OTHERS: &str = "(others)";

/// What is known of the operations that have ended, by service, span name and event type.
///
/// An event that stands for `n` others ([`Event::sample_weight`]) counts `n` times, and one that is there for the sake
/// of another one not at all. What has not ended does not count; what has no duration, a point event, counts and has
/// none.
///
/// ```
/// use std::time::Duration;
/// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
/// use tense_store::statistics::Statistics;
///
/// let mut statistics = Statistics::default();
/// let at = Timestamp::from_unix_nanos(1_795_255_200_000_123_000);
/// let mut event = Event::new(TraceId::from_bytes([7; 16]), SpanId::new(1).unwrap(), "sql.query", Status::Failed, at);
/// event.duration = Some(Duration::from_millis(12));
/// event.sample_weight = 10;
/// statistics.add(&event);
///
/// let (operation, numbers) = statistics.operations().next().unwrap();
/// assert_eq!((operation.name.as_str(), numbers.count, numbers.failed), ("sql.query", 10, 10));
/// assert_eq!(numbers.durations.quantile(0.95), Some(Duration::from_millis(12)));
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Statistics {
    operations: HashMap<Operation, Numbers>,
}

/// What is counted by itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Operation {
    /// The program; empty when it did not say.
    pub service: String,
    /// The declared name of the span.
    pub name: String,
    /// What happened at its end.
    pub event_type: String,
}

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Ended {
    /// It went well.
    Success,
    /// With an error, or a panic.
    Failed,
    /// It was dropped before it was done: it lost a race, its time was up, or nobody waited any longer.
    Cancelled,
}

impl Ended {
    /// How an event says that; nothing where it has not ended.
    ///
    /// ```
    /// use tense_event::{ErrorInfo, ErrorKind, Status};
    /// use tense_store::statistics::Ended;
    ///
    /// let error = ErrorInfo::new(ErrorKind::Cancelled);
    /// assert_eq!(Ended::of(Status::Failed, Some(&error)), Some(Ended::Cancelled));
    /// assert_eq!(Ended::of(Status::Pending, None), None);
    /// ```
    pub fn of(status: Status, error: Option<&ErrorInfo>) -> Option<Self> {
        Self::by_kind(status, error.map(|error| error.kind))
    }

    pub(crate) fn by_kind(status: Status, kind: Option<ErrorKind>) -> Option<Self> {
        match status {
            Status::Pending => None,
            Status::Success => Some(Self::Success),
            Status::Failed if kind == Some(ErrorKind::Cancelled) => Some(Self::Cancelled),
            Status::Failed => Some(Self::Failed),
        }
    }
}

/// What is known of an operation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Numbers {
    /// How often it has ended.
    pub count: u64,
    /// How often it failed, with an error or a panic.
    pub failed: u64,
    /// How often it was dropped before it was done, which is no failure of its own.
    pub cancelled: u64,
    /// How many events say so: fewer than `count` where some stand for several.
    pub events: u64,
    /// How long it took, whenever that is known.
    pub durations: Histogram,
}

impl Numbers {
    /// The part of them that failed, from 0 to 1; 0 when there is none.
    pub fn error_rate(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.failed as f64 / self.count as f64 }
    }

    /// The part of them that was dropped before it was done, from 0 to 1; 0 when there is none.
    pub fn cancelled_rate(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.cancelled as f64 / self.count as f64 }
    }

    /// Takes those of another operation as well.
    pub fn merge(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.failed = self.failed.saturating_add(other.failed);
        self.cancelled = self.cancelled.saturating_add(other.cancelled);
        self.events = self.events.saturating_add(other.events);
        self.durations.merge(&other.durations);
    }

    /// Takes an event into account, by what of it counts.
    pub fn add(&mut self, ended: Ended, duration: Option<Duration>, sample_weight: u32) {
        if sample_weight == 0 {
            return;
        }
        let weight = u64::from(sample_weight);
        self.count_ended(ended, weight);
        self.events = self.events.saturating_add(1);
        if let Some(duration) = duration {
            self.durations.add(duration, weight);
        }
    }

    /// So many more ended like that.
    pub(crate) fn count_ended(&mut self, ended: Ended, count: u64) {
        self.count = self.count.saturating_add(count);
        match ended {
            Ended::Success => {}
            Ended::Failed => self.failed = self.failed.saturating_add(count),
            Ended::Cancelled => self.cancelled = self.cancelled.saturating_add(count),
        }
    }
}

impl Statistics {
    /// Takes an event into account.
    pub fn add(&mut self, event: &Event) {
        if let Some(ended) = Ended::of(event.status, event.error.as_ref()).filter(|_| event.sample_weight > 0) {
            let numbers = self.of(&event.service, &event.span_name, &event.event_type);
            numbers.add(ended, event.duration, event.sample_weight);
        }
    }

    /// The numbers of an operation, for stores that need not read whole events to add to them.
    pub fn of(&mut self, service: &str, name: &str, event_type: &str) -> &mut Numbers {
        let text = str::to_owned;
        self.place(Operation { service: text(service), name: text(name), event_type: text(event_type) })
    }

    /// Takes all that another one has counted. That order and parts do not matter holds up to the 4,096th operation.
    pub fn merge(&mut self, other: Self) {
        // In an order, so that where there are too many the same ones have a place each time.
        let mut others: Vec<_> = other.operations.into_iter().collect();
        others.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        for (operation, numbers) in others {
            self.place(operation).merge(&numbers);
        }
    }

    /// All operations, in no order that means anything.
    pub fn operations(&self) -> impl ExactSizeIterator<Item = (&Operation, &Numbers)> {
        self.operations.iter()
    }

    /// The numbers of those operations together that have the same `label`, sorted by it.
    ///
    /// ```
    /// # let statistics = tense_store::statistics::Statistics::default();
    /// let by_service = statistics.by(|operation| operation.service.clone());
    /// ```
    pub fn by<L: Ord>(&self, mut label: impl FnMut(&Operation) -> L) -> Vec<(L, Numbers)> {
        let mut together = std::collections::BTreeMap::<L, Numbers>::new();
        for (operation, numbers) in &self.operations {
            together.entry(label(operation)).or_default().merge(numbers);
        }
        together.into_iter().collect()
    }

    /// Whether no operation has ended.
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    fn place(&mut self, operation: Operation) -> &mut Numbers {
        let is_full = self.operations.len() >= MOST && !self.operations.contains_key(&operation);
        let others = || Operation { service: OTHERS.into(), name: OTHERS.into(), event_type: OTHERS.into() };
        self.operations.entry(if is_full { others() } else { operation }).or_default()
    }
}
