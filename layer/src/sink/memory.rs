//! Events go in and stay; a test looks at them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tense_event::CleanEvent;

use super::{Sink, SinkError};

/// Keeps all events, for tests; a clone sees the same ones.
///
/// ```
/// use tense_layer::{builder, sink::Memory};
///
/// let memory = Memory::new();
/// let _layer = builder().sink(memory.clone()).layer::<tracing_subscriber::Registry>();
/// assert!(memory.events().is_empty());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<Mutex<Vec<CleanEvent>>>);

impl Memory {
    /// With nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// What has been delivered, in the order of delivery.
    pub fn events(&self) -> Vec<CleanEvent> {
        self.kept().clone()
    }

    /// The same, which are then gone from here.
    pub fn take(&self) -> Vec<CleanEvent> {
        std::mem::take(&mut *self.kept())
    }

    fn kept(&self) -> MutexGuard<'_, Vec<CleanEvent>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Memory {
    fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
        self.kept().extend_from_slice(batch);
        Ok(())
    }

    fn name(&self) -> &str {
        "memory"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::conformance;

    #[test]
    fn it_conforms() {
        let memory = Memory::new();
        conformance(|| memory.clone(), || memory.events().iter().map(|event| (**event).clone()).collect());
    }
}
