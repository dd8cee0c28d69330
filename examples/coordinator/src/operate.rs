//! One decision enters; the state is changed, and `operation.*` says so, once.
//!
//! A decision has steps, and a step is one transaction that ends with its own mark in the log. An event is recorded
//! behind the commit. So a process that is killed between the two loses an event; what comes after it neither changes
//! anything a second time nor says so.

pub(crate) mod tokens;
pub(crate) mod context;
pub(crate) mod output;
pub(crate) mod branches;

use std::cell::Cell;

use crate::store::{Db, Store, StoreError, log};

/// Why an operation was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OperationError {
    /// It makes no sense: the workflow cannot go on.
    #[error("{0}")]
    Refused(String),
    /// It could not be written down: the engine cannot go on.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The steps of one decision, in their order.
pub(crate) struct Steps<'s> {
    store: &'s Store,
    /// Its number in the log.
    decision: i64,
    done: u32,
    next: Cell<u32>,
}

/// The right to do one step.
pub(crate) struct Step<'s> {
    store: &'s Store,
    decision: i64,
    number: u32,
}

impl<'s> Steps<'s> {
    /// Of a decision of which so many steps have been done already.
    pub(crate) const fn new(store: &'s Store, decision: i64, done: u32) -> Self {
        Self { store, decision, done, next: Cell::new(1) }
    }

    /// Takes the next step, unless an earlier process has taken it.
    pub(crate) fn once<T>(
        &self,
        operation: impl FnOnce(&Step<'s>) -> Result<T, OperationError>,
    ) -> Result<Option<T>, OperationError> {
        let number = self.next.replace(self.next.get() + 1);
        if number <= self.done {
            return Ok(None);
        }
        operation(&Step { store: self.store, decision: self.decision, number }).map(Some)
    }

    /// Looks something up, without a step.
    pub(crate) fn ask<T>(&self, ask: impl FnOnce(&Db<'_>) -> Result<T, StoreError>) -> Result<T, OperationError> {
        Ok(self.store.with(ask)?)
    }
}

impl Step<'_> {
    /// Does it and marks it, or does nothing.
    pub(crate) fn commit<T>(
        &self,
        work: impl FnOnce(&Db<'_>) -> Result<T, OperationError>,
    ) -> Result<T, OperationError> {
        self.store.transaction(|db| {
            let out = work(db)?;
            log::step(db, self.decision, self.number)?;
            Ok(out)
        })
    }

    /// Marks a step that changes nothing and is only told.
    pub(crate) fn mark(&self) -> Result<(), OperationError> {
        self.commit(|_| Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tense_layer::testing::capture;

    use super::*;
    use crate::decision::Decision;

    /// Sets a field; the second step of two, so that it can be killed between them.
    fn apply(store: &Store, decision: i64, done: u32) {
        let steps = Steps::new(store, decision, done);
        steps.once(|step| context::set_field(step, 1, "output.a", &json!(1))).unwrap();
        steps.once(|step| context::set_field(step, 1, "output.b", &json!(2))).unwrap();
    }

    #[test]
    fn a_step_that_was_done_is_neither_done_nor_told_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("state.db")).unwrap();
        let planned = vec![Decision::SetContext { path: "output.a".to_owned(), value: json!(1) }];
        let (batch, logged) = store.with(|db| log::write(db, 1, "completion", None, planned)).unwrap();
        let decision = logged[0].id;
        store.with(|db| crate::store::tables::create(db, "context_1_output")).unwrap();

        let told = || {
            let capture = capture();
            // As a process does that begins: how much has been done is what the log says.
            let done = store.with(|db| log::read(db, batch)).unwrap()[0].steps;
            apply(&store, decision, done);
            let events = capture.events();
            events.iter().filter(|event| event.event_type.starts_with("operation.")).count()
        };
        assert_eq!(told(), 2);
        assert_eq!(told(), 0);
        store.with(|db| log::step(db, decision, 1)).unwrap();
        assert_eq!(told(), 1, "killed behind the first step, the second is done");
    }

    #[test]
    fn a_step_that_is_refused_leaves_neither_its_change_nor_its_mark() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("state.db")).unwrap();
        let planned = vec![Decision::SetContext { path: "output.a".to_owned(), value: json!(1) }];
        let (batch, logged) = store.with(|db| log::write(db, 1, "completion", None, planned)).unwrap();
        let steps = Steps::new(&store, logged[0].id, 0);
        let refused = steps.once(|step| {
            step.commit(|db| {
                db.execute("UPDATE batches SET applied = 1", [])?;
                Err::<(), _>(OperationError::Refused("no".to_owned()))
            })
        });
        assert_eq!(refused.unwrap_err().to_string(), "no");
        assert_eq!(store.with(|db| log::read(db, batch)).unwrap()[0].steps, 0);
        assert_eq!(store.with(|db| log::open(db, 1)).unwrap().len(), 1);
    }
}
