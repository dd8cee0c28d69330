//! One decision enters; the state is changed, and `operation.*` says so, once.
//!
//! A decision has steps, and a step is one transaction that ends with its own mark in the log. An event is recorded behind the
//! commit. So a process that is killed between the two loses an event; what comes after it neither changes anything a second
//! time nor says so.

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
