//! What `context!` named goes in; the spans that it was given to hand it down.
//!
//! A span that is open has it at once. For one that is right below a scope it comes just before the span's begin, and is kept
//! until that is taken.

use std::collections::HashMap;
use std::sync::Arc;

use tense::__private::layer::{Listed, Record, Value, listed};

use super::Inherited;

/// What waits for a begin, by the span, with the pass in which it came.
#[derive(Default)]
pub(super) struct Given(HashMap<u64, (u64, Inherited)>);

impl Given {
    /// Keeps it for a span whose begin comes next, or in the next pass.
    pub(super) fn keep(&mut self, record: Record, pass: u64) {
        let (_, inherited) = self.0.entry(record.span).or_insert_with(|| (pass, Inherited::default()));
        hand_down(inherited, record);
    }

    /// Whether the span was announced; then the one above it need not be known here.
    pub(super) fn announces(&self, span: u64) -> bool {
        self.0.contains_key(&span)
    }

    /// What was kept for that span, on top of what comes from above.
    pub(super) fn take(&mut self, span: u64, inherited: &mut Inherited) {
        // Nearly always there is none.
        if !self.0.is_empty()
            && let Some((_, given)) = self.0.remove(&span)
        {
            given.iter().for_each(|(name, value)| put(inherited, name, value.clone()));
        }
    }

    /// Gives up those whose begins have not come: they found no room in their ring.
    pub(super) fn forget(&mut self, passes: u64) {
        self.0.retain(|_, (pass, _)| *pass + 1 >= passes);
    }
}

/// Puts the values of the record to what is handed down. A text that had to be cut is left out: whoever inherits it could not
/// tell that it may end in half a secret.
pub(super) fn hand_down(inherited: &mut Inherited, record: Record) {
    let Some(spec) = listed(record.site).and_then(Listed::spec) else { return };
    for (field, value) in record.values {
        if let Some(name) = spec.fields.get(usize::from(field)).filter(|_| !record.cut.contains(&field)) {
            put(inherited, name, value);
        }
    }
}

fn put(inherited: &mut Inherited, name: &'static str, value: Value) {
    let inherited = Arc::make_mut(inherited);
    match inherited.iter_mut().find(|(known, _)| *known == name) {
        Some(known) => known.1 = value,
        None => inherited.push((name, value)),
    }
}
