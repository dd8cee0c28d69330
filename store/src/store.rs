//! The door of every store: batches of clean events enter, traces and their summaries leave.

use tense_event::{CleanEvent, Event, TraceId};

use crate::page::{Count, Cursor, Page, Tail};
use crate::query::Query;
use crate::{Found, Purged, Retention, Selector, StoreError, Trace, TraceFilter, TraceSummary};

/// Keeps events and finds traces again.
///
/// All calls are synchronous: a store lives on its sink's own thread, and one that needs the network owns its private
/// runtime.
pub trait Store: Send {
    /// Writes a batch: of each trace all events that are in it, or none. Nobody who reads sees a part of them.
    ///
    /// An event that is already there, by trace, span, type and status, is not written again: a sink may send a batch
    /// twice.
    ///
    /// # Errors
    ///
    /// The batch was not written, and can be sent again as it is; of a store that spreads traces over several places,
    /// some of its traces may be there already. To send it again helps after [`StoreError::Busy`], and after
    /// [`StoreError::Full`] once there is room; not after [`StoreError::ReadOnly`], and rarely after any other.
    fn append(&mut self, batch: &[CleanEvent]) -> Result<Appended, StoreError>;

    /// The traces that pass the filter, newest first: by when they began, and of those that began at the same moment
    /// the one first of which the store heard last, as in [`search`](Self::search).
    ///
    /// # Errors
    ///
    /// [`StoreError::Busy`] may pass when it is asked again; [`StoreError::Database`] says that the list cannot be
    /// read.
    fn traces(&self, filter: &TraceFilter) -> Result<Vec<TraceSummary>, StoreError>;

    /// Their ids alone, in the same order: 16 bytes each, so that there may be millions.
    ///
    /// # Errors
    ///
    /// As for [`Store::traces`].
    fn trace_ids(&self, filter: &TraceFilter) -> Result<Vec<TraceId>, StoreError>;

    /// The events of one trace as they were written, in no order that means anything; none when none is here.
    ///
    /// # Errors
    ///
    /// [`StoreError::Busy`] may pass when it is asked again; [`StoreError::Database`] says that the store cannot be
    /// read. A single event that cannot be read is no error: it is counted in [`TraceEvents::unreadable`].
    fn events(&self, id: TraceId) -> Result<TraceEvents, StoreError>;

    /// Everything that is known about one trace; `None` when no event of it is here.
    ///
    /// # Errors
    ///
    /// As for [`Store::events`]; what cannot be read is counted in [`Gaps::unreadable`](crate::Gaps::unreadable).
    fn trace(&self, id: TraceId) -> Result<Option<Trace>, StoreError> {
        let TraceEvents { events, unreadable } = self.events(id)?;
        let mut fold = Trace::folder(id);
        fold.unreadable(unreadable);
        let is_there = !events.is_empty() || unreadable > 0;
        events.into_iter().for_each(|event| fold.add(event));
        Ok(is_there.then(|| fold.finish()))
    }

    /// Looks up what a person typed. Of several traces that is the last one, or where the end of an id was typed, the
    /// first [`CANDIDATES`](crate::CANDIDATES), in the order of [`traces`](Self::traces). That nothing is
    /// found, or several traces are, is an answer and no error.
    ///
    /// # Errors
    ///
    /// [`StoreError::Busy`] may pass when it is asked again; [`StoreError::Database`] says that the store cannot be
    /// read.
    fn find(&self, selector: &Selector) -> Result<Found, StoreError>;

    /// The events that are asked for, behind the cursor, at most so many.
    ///
    /// The newest trace comes first, by when the store first heard of it, and within a trace events come in order of
    /// time. So pages are stable: whoever goes on from [`Page::next`] until there is none gets every event that was
    /// there at the begin, and none twice, whatever is written meanwhile.
    ///
    /// A call looks for about a tenth of a second, and then says how far it came: a page may have fewer events than
    /// were asked for, or none, and a `next`. It may take longer where a single trace does: one of a million events is
    /// looked through as a whole.
    ///
    /// # Errors
    ///
    /// [`StoreError::Cursor`]: the cursor is not from a search of this store. Else as for [`Store::traces`].
    fn search(&self, query: &Query, from: Option<&Cursor>, limit: usize) -> Result<Page, StoreError>;

    /// Counts the operations that the events tell of which are asked for, behind the cursor.
    ///
    /// Like a search, a call takes about a tenth of a second at most;
    /// [`Statistics::merge`](crate::statistics::Statistics::merge) puts parts together.
    ///
    /// # Errors
    ///
    /// [`StoreError::Cursor`]: the cursor is not from a count of this store. Else as for [`Store::traces`].
    fn statistics(&self, query: &Query, from: Option<&Cursor>) -> Result<Count, StoreError>;

    /// The events that have arrived behind the cursor, at most so many, in the order of arrival; without a cursor the
    /// last ones that have arrived, and with `limit` 0 none, so that its cursor means "from now on".
    ///
    /// Whoever goes on from [`Tail::next`] gets every event that arrives, by whatever connection it was written, and
    /// none twice; but for those that were purged before, or came so long ago that the store no longer knows in which
    /// order, which [`Tail::is_torn`] tells. Cheap when there is nothing new: it may be asked ten times a second.
    ///
    /// # Errors
    ///
    /// [`StoreError::Cursor`]: the cursor is not from a tail of this store. Else as for [`Store::traces`].
    fn tail(&self, from: Option<&Cursor>, limit: usize) -> Result<Tail, StoreError>;

    /// Removes some of what is to be forgotten: as much as keeps a writer waiting for a few milliseconds only, and at
    /// least something if there is anything. Call it again as long as it says that there is [`more`](Purged::more).
    ///
    /// Whole traces go, those first that ended first; a large one may take several calls.
    /// Whoever calls it again and again leaves a pause in between, as long as a call takes: other programs that write
    /// look now and then whether they can.
    ///
    /// # Errors
    ///
    /// Nothing was removed by this call; see [`Store::append`].
    fn purge(&mut self, retention: &Retention) -> Result<Purged, StoreError>;

    /// How much [`Store::purge`] would remove in all. What is to go by size is an estimate.
    ///
    /// # Errors
    ///
    /// As for [`Store::traces`].
    fn purgeable(&self, retention: &Retention) -> Result<Purged, StoreError>;
}

/// The events of a trace, as a store has them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TraceEvents {
    /// In no order that means anything.
    pub events: Vec<Event>,
    /// How many there are beside them that cannot be read.
    pub unreadable: usize,
}

/// What became of a batch: `stored + known` is its length.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[must_use]
pub struct Appended {
    /// Events that are new.
    pub stored: usize,
    /// Events that were there before.
    pub known: usize,
}
