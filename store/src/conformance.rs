//! A store of somebody's goes in; nothing comes out when it keeps what [`Store`] promises.

mod events;
mod reading;
mod searching;
mod writing;

use std::fmt::Debug;

use tense_event::{CleanEvent, Event, Sanitizer};

use crate::query::Query;
use crate::{Cursor, MemoryStore, Store, StoreError};

/// Holds a store to what [`Store`] promises, for a test of it.
///
/// `fresh` makes a place for a store that holds nothing yet, and gives back how to open it: each time that is called,
/// it is one more connection to the same place, and several are used at once, from several threads.
///
/// It asks of empty stores, sends batches twice and in part, reads while others write, walks through searches page by
/// page while more arrives, follows tails, counts, purges by age and by size, and does all of that with ids, texts,
/// times and data that nobody should send. [`MemoryStore`] is what the answers are held against.
///
/// # Panics
/// When the store breaks a promise; the message says which.
///
/// ```
/// use tense_store::{MemoryStore, conformance};
///
/// conformance(|| {
///     let store = MemoryStore::new();
///     move || store.clone()
/// });
/// ```
pub fn conformance<S, O>(mut fresh: impl FnMut() -> O)
where
    S: Store,
    O: FnMut() -> S,
{
    writing::nothing_is_there_at_the_begin(fresh());
    writing::a_batch_is_written_once(fresh());
    writing::a_batch_is_seen_whole(fresh());
    writing::what_nobody_should_send_comes_back(fresh());
    writing::old_traces_go_by_age(fresh());
    writing::too_many_traces_go_by_size(fresh());
    reading::traces_are_found(fresh());
    reading::the_one_heard_of_last_comes_first(fresh());
    reading::traces_are_told_by_what_is_here(fresh());
    searching::searches_find_what_is_meant(fresh());
    searching::pages_are_stable(fresh());
    searching::counts_agree(fresh());
    searching::a_tail_misses_nothing(fresh());
    searching::cursors_of_others_are_refused(fresh());
}

/// What came of a call that has no reason to fail.
#[track_caller]
fn done<T>(what: &str, result: Result<T, StoreError>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("a healthy store can {what}: {error:?}"),
    }
}

fn clean(events: impl IntoIterator<Item = Event>) -> Vec<CleanEvent> {
    let sanitizer = Sanitizer::default();
    events.into_iter().map(|event| sanitizer.clean(event)).collect()
}

/// A store and the reference with the same events in the same order of arrival; the oldest traces arrived last.
fn filled<S: Store>(store: &mut S) -> MemoryStore {
    let mut reference = MemoryStore::new();
    for number in (10..60).chain(0..10) {
        let batch = clean(events::trace(number));
        assert_eq!(done("write", store.append(&batch)).stored, 8);
        assert_eq!(done("write", reference.append(&batch)).stored, 8);
    }
    reference
}

/// All pages of a search, so many events a page; `between` is done after each.
fn pages(store: &impl Store, query: &Query, most: usize, mut between: impl FnMut()) -> Vec<Event> {
    let (mut events, mut from): (Vec<Event>, Option<Cursor>) = (Vec::new(), None);
    loop {
        let page = done("search", store.search(query, from.as_ref(), most));
        assert!(page.events.len() <= most, "a page has at most as many events as were asked for");
        events.extend(page.events);
        between();
        match page.next {
            Some(next) => {
                assert_ne!(Some(&next), from.as_ref(), "a search goes on");
                // As somebody passes it on who has only its text.
                from = next.to_string().parse().ok();
                assert_eq!(from.as_ref(), Some(&next), "a cursor is what its text says");
            }
            None => return events,
        }
    }
}

/// That two lists agree, told by the first difference: the lists may be long.
#[track_caller]
fn same<T: Debug + PartialEq>(what: &str, found: &[T], expected: &[T]) {
    let first = found.iter().zip(expected).position(|(found, expected)| found != expected);
    let at = first.unwrap_or(found.len().min(expected.len()));
    assert_eq!((found.get(at), found.len()), (expected.get(at), expected.len()), "{what}: number {at}, and how many");
    assert_eq!(first, None, "{what}");
}
