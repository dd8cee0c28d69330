//! The trace database enters; the events leave one by one, as they were delivered. (A `Trace` has put those of one span
//! together.)

use tense_event::Event;
use tense_store::query::Query;
use tense_store::{SqliteStore, Store};

use crate::program::Desk;

/// Everything that is stored, in the order in which it happened.
pub(crate) fn stored(desk: &Desk) -> Vec<Event> {
    let store = SqliteStore::open_read_only(desk.path("tense.db")).unwrap();
    let (mut events, mut from) = (Vec::new(), None);
    loop {
        let page = store.search(&Query::new(), from.as_ref(), 1_000).unwrap();
        events.extend(page.events);
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    events.sort_by_key(|event| event.timestamp);
    events
}
