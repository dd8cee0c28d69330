//! Spans that somebody has a context of go in, and out again when it is dropped: what they hand down is kept meanwhile,
//! however long ago they ended.

use std::collections::HashMap;

/// As many as spans may be open. Of more than that the program keeps contexts that it will not use.
const HELD_LIMIT: usize = super::OPEN_LIMIT;

/// How many contexts there are of a span.
#[derive(Default)]
pub(super) struct Held(HashMap<u64, u32>);

impl Held {
    pub(super) fn hold(&mut self, span: u64) {
        if self.0.len() < HELD_LIMIT || self.0.contains_key(&span) {
            *self.0.entry(span).or_default() += 1;
        }
    }

    pub(super) fn release(&mut self, span: u64) {
        if let Some(count) = self.0.get_mut(&span) {
            *count -= 1;
            if *count == 0 {
                self.0.remove(&span);
            }
        }
    }

    pub(super) fn holds(&self, span: u64) -> bool {
        // Nearly always there is none.
        !self.0.is_empty() && self.0.contains_key(&span)
    }
}
