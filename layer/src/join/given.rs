//! What `context!` named goes in; the spans that it was given to hand it down.
//!
//! A span that is open has it at once. For one that is right below a scope it comes just before the span's begin, and
//! is kept until that is taken.

use std::collections::HashMap;

use tense::__private::layer::{Kind, Listed, Record, SAMPLED, Value, listed};

use super::spread::table;
use super::{Decided, Inherited, UNDECIDED};

/// How long a begin may take that comes behind, in nanoseconds.
const PATIENCE: u64 = 1_000_000_000;

/// What waits for a begin, by the span.
#[derive(Default)]
pub(super) struct Given(HashMap<u64, Waiting>);

struct Waiting {
    /// When it was written, in nanoseconds.
    since: u64,
    inherited: Inherited,
    words: u32,
    /// The span above it need not be known here.
    is_announced: bool,
    decided: Decided,
}

impl Given {
    /// Keeps it for a span whose begin comes next.
    pub(super) fn keep(&mut self, record: &Record<'_>) {
        let since = record.moment;
        let new =
            || Waiting { since, inherited: Inherited::default(), words: 0, is_announced: false, decided: UNDECIDED };
        let waiting = self.0.entry(record.span).or_insert_with(new);
        if record.kind == Kind::Announced {
            waiting.is_announced = true;
            waiting.decided = decided(record);
        }
        waiting.words = waiting.words.saturating_add(hand_down(&mut waiting.inherited, record));
    }

    /// What the table takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        table::<u64, Waiting>(self.0.capacity())
    }

    /// Whether the span was announced; then the one above it need not be known here.
    pub(super) fn announces(&self, span: u64) -> bool {
        self.0.get(&span).is_some_and(|waiting| waiting.is_announced)
    }

    /// Puts what was kept for that span on top of what comes from above. Says how many words that are, and what has
    /// been decided about its trace.
    #[inline]
    pub(super) fn take(&mut self, span: u64, inherited: &mut Inherited) -> (u32, Decided) {
        // Nearly always there is none.
        if self.0.is_empty() {
            return (0, UNDECIDED);
        }
        let Some(waiting) = self.0.remove(&span) else { return (0, UNDECIDED) };
        let indexed = waiting.inherited.indexed();
        for (name, valued) in waiting.inherited.iter() {
            inherited.hand_down(name, valued, indexed);
        }
        (waiting.words, waiting.decided)
    }

    /// Gives up those whose begins have not come: they found no room in their ring. Not after so and so many passes,
    /// because a flush is several of them, and they may all come between the one record and the other. Those that have
    /// come, and wait for the span above, keep what they were given.
    pub(super) fn forget(&mut self, now: u64, has_come: impl Fn(u64) -> bool) {
        self.0.retain(|span, waiting| now.saturating_sub(waiting.since) < PATIENCE || has_come(*span));
    }
}

/// What the record of a scope says of its trace. It is no field of anything.
fn decided(record: &Record<'_>) -> Decided {
    let names = listed(record.site).and_then(Listed::spec).map_or(&[][..], |spec| spec.fields);
    let mut values = record.values.filter(|valued| names.get(usize::from(valued.field)) == Some(&SAMPLED));
    match values.next().map(|valued| valued.value) {
        Some(Value::U64(decided)) => decided,
        _ => UNDECIDED,
    }
}

/// Puts the values of the record to what is handed down, and says how many words those are. A text that had to be cut
/// is left out: it may end in half a secret.
pub(super) fn hand_down(inherited: &mut Inherited, record: &Record<'_>) -> u32 {
    let Some(spec) = listed(record.site).and_then(Listed::spec) else { return 0 };
    let mut words = 0;
    for valued in record.values.filter(|valued| !valued.is_cut) {
        if let Some(name) = spec.fields.get(usize::from(valued.field)).filter(|name| **name != SAMPLED) {
            inherited.hand_down(name, valued, spec.more.indexed);
            words += valued.words.len() as u32;
        }
    }
    words
}
