//! Placeholder.
use crate::Event;
/// An event that has passed the sanitizer.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct CleanEvent(Event);
impl std::ops::Deref for CleanEvent {
    type Target = Event;
    fn deref(&self) -> &Event {
        &self.0
    }
}
/// Cleans.
#[derive(Debug, Default)]
pub struct Sanitizer {}
impl Sanitizer {
    /// Cleans.
    pub fn clean(&self, event: Event) -> CleanEvent {
        CleanEvent(event)
    }
}
