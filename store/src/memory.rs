//! A store that forgets everything with its program: events enter a list, and every answer is worked out from the list
//! in the most obvious way.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tense_event::{CleanEvent, Event, SpanId, Status, TraceId};

use crate::CANDIDATES;
use crate::page::{Count, Cursor, Page, Progress, Tail};
use crate::query::Query;
use crate::{
    Appended, Found, Purged, Retention, Selector, Store, StoreError, TraceEvents, TraceFilter, TraceStatus,
    TraceSummary,
};

/// So many events are looked at in one call.
const LOOKS: u64 = 10_000;
/// So many traces are removed in one call.
const REMOVES: usize = 100;
/// A [`Store`] in memory, for tests: of what a program writes, and of other stores, to which it is the reference.
///
/// Its clones are connections to the same events. Every answer walks over all of them, and nothing keeps their number
/// within bounds but [`Store::purge`].
///
/// ```
/// use tense_event::{Event, Sanitizer, SpanId, Status, Timestamp, TraceId};
/// use tense_store::{MemoryStore, Store};
/// use tense_store::query::Query;
///
/// let mut store = MemoryStore::default();
/// let at = Timestamp::from_unix_nanos(1_795_255_200_000_123_000);
/// let event = Event::new(TraceId::from_bytes([7; 16]), SpanId::new(1).unwrap(), "sql.query", Status::Failed, at);
/// store.append(&[Sanitizer::default().clean(event)])?;
/// assert_eq!(store.search(&Query::new().with("status:failed".parse()?), None, 10)?.events.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    kept: Arc<Mutex<Kept>>,
}

/// What the store holds.
#[derive(Debug, Default)]
struct Kept {
    /// In the order of arrival, each with its number.
    events: Vec<(u64, Event)>,
    known: HashSet<(TraceId, SpanId, String, Status)>,
    /// How many have ever arrived: numbers are not given twice.
    arrived: u64,
    /// The highest number that was purged.
    purged: u64,
}

/// Where an event stands in a search: the later trace, the earlier moment, the earlier arrival come first.
type Place = (Reverse<u64>, i64, u64);

impl Kept {
    /// When each trace came here: the number of its first event.
    fn heard_of(&self) -> HashMap<TraceId, u64> {
        let mut heard_of = HashMap::new();
        for (number, event) in &self.events {
            heard_of.entry(event.trace_id).or_insert(*number);
        }
        heard_of
    }

    /// All events with their places, in the order of a search.
    fn in_order(&self) -> Vec<(Place, &Event)> {
        let heard_of = self.heard_of();
        let place = |(number, event): &(u64, Event)| {
            let first = heard_of.get(&event.trace_id).copied().unwrap_or_default();
            (Reverse(first), event.timestamp.unix_nanos(), *number)
        };
        let mut all: Vec<(Place, &Event)> = self.events.iter().map(|one| (place(one), &one.1)).collect();
        all.sort_unstable_by_key(|(place, _)| *place);
        all
    }

    /// Hands on the events behind the cursor until `take` has enough or it took long; says where it came to.
    fn walk(
        &self,
        kind: char,
        from: Option<&Cursor>,
        mut take: impl FnMut(&Event) -> bool,
    ) -> Result<(Option<Cursor>, Progress), StoreError> {
        let from = match from {
            Some(cursor) => Some(read(cursor, kind)?),
            None => None,
        };
        let mut progress = Progress::default();
        for (place, event) in self.in_order() {
            if from.is_some_and(|from| place <= from) {
                continue;
            }
            progress.looked_at += 1;
            progress.reached = Some(event.timestamp);
            if !take(event) || progress.looked_at == LOOKS {
                return Ok((Some(write(place, kind)), progress));
            }
        }
        Ok((None, progress))
    }

    /// The events of each trace, in the order of arrival.
    fn traces(&self) -> BTreeMap<TraceId, Vec<&Event>> {
        let mut traces = BTreeMap::<_, Vec<_>>::new();
        for (_, event) in &self.events {
            traces.entry(event.trace_id).or_default().push(event);
        }
        traces
    }

    fn is_of_job(&self, id: TraceId, job: &str) -> bool {
        self.events.iter().any(|(_, event)| event.trace_id == id && event.job_id.as_deref() == Some(job))
    }

    fn summaries(&self) -> Vec<TraceSummary> {
        let mut all: Vec<TraceSummary> =
            self.traces().into_iter().map(|(id, events)| TraceSummary::of(id, &events)).collect();
        let heard_of = self.heard_of();
        all.sort_unstable_by_key(|summary| Reverse((summary.began, heard_of.get(&summary.id).copied())));
        all
    }

    /// The traces that are to be forgotten, those first that ended first, each with its events and their bytes.
    fn too_much(&self, retention: &Retention) -> Vec<(TraceId, u64, u64)> {
        let size = |event: &Event| serde_json::to_vec(event).map_or(0, |json| json.len() as u64);
        let mut all: Vec<_> = self.traces().into_iter().collect();
        let ended = |events: &[&Event]| events.iter().map(|event| event.timestamp).max();
        all.sort_by_key(|(id, events)| (ended(events), *id));
        let mut left: u64 = self.events.iter().map(|(_, event)| size(event)).sum();
        let mut gone = Vec::new();
        for (id, events) in all {
            let is_old = retention.before.is_some_and(|before| ended(&events).is_some_and(|ended| ended < before));
            let is_too_much = retention.bytes.is_some_and(|bytes| left > bytes);
            if is_old || is_too_much {
                let bytes = events.iter().map(|event| size(event)).sum();
                left -= bytes;
                gone.push((id, events.len() as u64, bytes));
            }
        }
        gone
    }
}

impl MemoryStore {
    /// A store without events.
    pub fn new() -> Self {
        Self::default()
    }

    /// Every change is made as a whole, so a thread that panicked has left nothing half done.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn append(&mut self, batch: &[CleanEvent]) -> Result<Appended, StoreError> {
        let mut kept = self.kept();
        let mut appended = Appended::default();
        for event in batch {
            let key = (event.trace_id, event.span_id, event.event_type.to_string(), event.status);
            if !kept.known.insert(key) {
                appended.known += 1;
                continue;
            }
            kept.arrived += 1;
            let number = kept.arrived;
            kept.events.push((number, Event::clone(event)));
            appended.stored += 1;
        }
        Ok(appended)
    }

    fn traces(&self, filter: &TraceFilter) -> Result<Vec<TraceSummary>, StoreError> {
        let kept = self.kept();
        let mut list = kept.summaries();
        list.retain(|summary| {
            filter.lets_pass(summary) && filter.job.as_ref().is_none_or(|job| kept.is_of_job(summary.id, job))
        });
        list.truncate(filter.limit);
        Ok(list)
    }

    fn trace_ids(&self, filter: &TraceFilter) -> Result<Vec<TraceId>, StoreError> {
        Ok(self.traces(filter)?.into_iter().map(|summary| summary.id).collect())
    }

    fn events(&self, id: TraceId) -> Result<TraceEvents, StoreError> {
        let kept = self.kept();
        let events = kept.events.iter().map(|(_, event)| event).filter(|event| event.trace_id == id);
        Ok(TraceEvents { events: events.cloned().collect(), unreadable: 0 })
    }

    fn find(&self, selector: &Selector) -> Result<Found, StoreError> {
        let kept = self.kept();
        let is_meant = |summary: &TraceSummary| match selector {
            Selector::Id(id) => summary.id == *id,
            Selector::Suffix(digits) | Selector::SuffixOrJob { digits, .. } => {
                summary.id.to_string().ends_with(digits.as_str())
            }
            Selector::Last => true,
            Selector::LastFailed => summary.status == TraceStatus::Failed,
            Selector::Job(job) => kept.is_of_job(summary.id, job),
        };
        let mut found: Vec<TraceSummary> = kept.summaries().into_iter().filter(is_meant).collect();
        found.truncate(if matches!(selector, Selector::Suffix(_) | Selector::SuffixOrJob { .. }) {
            CANDIDATES
        } else {
            1
        });
        Ok(match found.as_slice() {
            [] => Found::Nothing,
            [one] => Found::One(one.id),
            _ => Found::Many(found),
        })
    }

    fn search(&self, query: &Query, from: Option<&Cursor>, limit: usize) -> Result<Page, StoreError> {
        let mut events = Vec::new();
        if limit == 0 {
            return Ok(Page { next: from.cloned(), ..Page::default() });
        }
        let (next, progress) = self.kept().walk('s', from, |event| {
            events.extend(query.matches(event).then(|| event.clone()));
            events.len() < limit
        })?;
        Ok(Page { events, next, progress })
    }

    fn statistics(&self, query: &Query, from: Option<&Cursor>) -> Result<Count, StoreError> {
        let mut count = Count::default();
        (count.next, count.progress) = self.kept().walk('c', from, |event| {
            if query.matches(event) {
                count.statistics.add(event);
            }
            true
        })?;
        Ok(count)
    }

    fn tail(&self, from: Option<&Cursor>, limit: usize) -> Result<Tail, StoreError> {
        let kept = self.kept();
        let from = match from {
            Some(cursor) => {
                let [from] = cursor.numbers('t').ok_or_else(|| unknown(cursor))?;
                from
            }
            // The number of the last one that is not among them.
            None => match kept.events.len().checked_sub(limit.saturating_add(1)) {
                Some(before) => kept.events[before].0,
                None if limit == 0 => kept.arrived,
                None => kept.purged.min(kept.events.first().map_or(kept.arrived, |(number, _)| number - 1)),
            },
        };
        let behind = kept.events.iter().filter(|(number, _)| *number > from).take(limit);
        let mut tail = Tail::from(Cursor::of('t', &[from]));
        tail.is_torn = kept.purged > from;
        for (number, event) in behind {
            tail.events.push(event.clone());
            tail.next = Cursor::of('t', &[*number]);
        }
        if tail.is_torn && tail.events.len() < limit {
            // All that is left was told; what is gone is told once.
            tail.next = Cursor::of('t', &[kept.purged.max(kept.events.last().map_or(0, |(number, _)| *number))]);
        }
        Ok(tail)
    }

    fn purge(&mut self, retention: &Retention) -> Result<Purged, StoreError> {
        let mut kept = self.kept();
        let gone = kept.too_much(retention);
        let more = gone.len() > REMOVES;
        let now: HashSet<TraceId> = gone.iter().take(REMOVES).map(|(id, ..)| *id).collect();
        let last = kept.events.iter().filter(|(_, event)| now.contains(&event.trace_id)).map(|(number, _)| *number);
        kept.purged = last.max().unwrap_or(0).max(kept.purged);
        kept.events.retain(|(_, event)| !now.contains(&event.trace_id));
        kept.known.retain(|(trace, ..)| !now.contains(trace));
        Ok(Purged { more, ..sum(&gone[..gone.len().min(REMOVES)]) })
    }

    fn purgeable(&self, retention: &Retention) -> Result<Purged, StoreError> {
        Ok(sum(&self.kept().too_much(retention)))
    }
}

fn sum(gone: &[(TraceId, u64, u64)]) -> Purged {
    let all = |of: fn(&(TraceId, u64, u64)) -> u64| gone.iter().map(of).sum();
    Purged { traces: gone.len() as u64, events: all(|gone| gone.1), bytes: all(|gone| gone.2), more: false }
}

fn write((Reverse(first), at, number): Place, kind: char) -> Cursor {
    Cursor::of(kind, &[first, at as u64, number])
}

fn read(cursor: &Cursor, kind: char) -> Result<Place, StoreError> {
    let [first, at, number] = cursor.numbers(kind).ok_or_else(|| unknown(cursor))?;
    Ok((Reverse(first), at as i64, number))
}

fn unknown(cursor: &Cursor) -> StoreError {
    StoreError::Cursor { cursor: cursor.clone() }
}
