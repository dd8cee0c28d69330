//! A sink for the test binaries that have a layer of their own. How it is waited for is each one's affair.

#![allow(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

use std::sync::{Arc, Mutex};

use tense_event::CleanEvent;
use tense_layer::{Sink, SinkError};

/// Keeps what it gets.
#[derive(Clone, Default)]
pub(crate) struct Kept(pub(crate) Arc<Mutex<Vec<CleanEvent>>>);

impl Sink for Kept {
    fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
        self.0.lock().unwrap().extend_from_slice(batch);
        Ok(())
    }
}
