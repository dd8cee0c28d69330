//! The values of a call whose span begins later go in; when its future is first polled, they come out.
//!
//! A function that only makes a future borrows its arguments no longer than it takes to make it, so what the fields say
//! is copied. That happens only when somebody wants the call.

use std::cell::RefCell;
use std::sync::OnceLock;

use crate::call::{Call, Open};
use crate::context::above::Above;
use crate::context::placed::Placed;
use crate::lasting::Lasting;
use crate::thread::Local;
use crate::value::Raw;

/// What is known of a call before its span begins.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// The id that its span will have; 0 when nothing has been kept.
    span: u64,
    values: Vec<Lasting>,
    /// Where its future is put.
    pub(crate) place: Place,
    /// Why it failed, if it has said so before it began.
    failed: Option<Lasting>,
}

/// What `parent = ..` says of a future that is being made.
#[derive(Debug, Default)]
pub(crate) struct Place(OnceLock<Box<Placed>>);

impl Place {
    #[cold]
    pub(crate) fn put(&self, parent: &(impl Above + ?Sized)) {
        if let Some(placed) = Placed::at(parent) {
            // It is said once.
            self.0.set(placed).ok();
        }
    }

    pub(crate) fn take(&mut self) -> Option<Box<Placed>> {
        self.0.take()
    }
}

/// Stands for the reason of a failure where fields are named by their number; none has this one.
const REASON: u8 = u8::MAX;

/// A span by its id, and fields of it by number.
type BeingMade = (u64, Vec<(u8, Lasting)>);

thread_local! {
    /// Calls whose futures are being made on this thread, with what `record!` has filled in meanwhile.
    static BEING_MADE: RefCell<Vec<BeingMade>> = const { RefCell::new(Vec::new()) };
}

impl Kept {
    /// Copies the values, and gives the span its id.
    #[cold]
    pub(crate) fn keep(&mut self, values: &[Raw<'_>]) -> Open {
        let Some(local) = Local::current() else { return Open::OFF };
        self.span = local.span_id();
        self.values = values.iter().map(|value| Lasting::of(*value)).collect();
        BEING_MADE.try_with(|calls| calls.borrow_mut().push((self.span, Vec::new()))).ok();
        Open::later(self.span)
    }

    /// Its future has been made: takes what was filled in until now.
    pub(crate) fn made(&mut self) {
        let filled_in = BEING_MADE.try_with(|calls| {
            let mut calls = calls.borrow_mut();
            let at = calls.iter().rposition(|(span, _)| *span == self.span)?;
            Some(calls.remove(at).1)
        });
        for (field, value) in filled_in.ok().flatten().unwrap_or_default() {
            if field == REASON {
                self.failed = Some(value);
            } else if let Some(place) = self.values.get_mut(usize::from(field)) {
                *place = value;
            }
        }
    }

    /// Begins the span, and enters it, in its place.
    #[cold]
    pub(crate) fn begin(&self, call: &mut Call) {
        if self.span != 0 {
            let values: Vec<Raw<'_>> = self.values.iter().map(Lasting::raw).collect();
            call.begin(self.span, &values);
            if let Some(reason) = &self.failed {
                call.span().failed_because(reason.raw());
            }
        }
    }
}

/// Fills in a field of a call whose future is being made; of others nothing is known here.
#[cold]
pub(crate) fn record(span: u64, field: u8, value: Raw<'_>) {
    BEING_MADE
        .try_with(|calls| {
            if let Some((_, values)) = calls.borrow_mut().iter_mut().rfind(|(other, _)| *other == span) {
                let value = Lasting::of(value);
                // Of a field that is filled in again and again the last value counts.
                match values.iter_mut().find(|(other, _)| *other == field) {
                    Some(place) => place.1 = value,
                    None => values.push((field, value)),
                }
            }
        })
        .ok();
}

/// A call whose future is being made says that it failed. The first reason stands.
#[cold]
pub(crate) fn fail(span: u64, reason: Raw<'_>) {
    let is_first = BEING_MADE.try_with(|calls| {
        let calls = calls.borrow();
        calls
            .iter()
            .rfind(|(other, _)| *other == span)
            .is_some_and(|(_, values)| values.iter().all(|of| of.0 != REASON))
    });
    if is_first.unwrap_or(false) {
        record(span, REASON, reason);
    }
}
