//! A text of an event enters; whether it was found clean a moment ago leaves.
//!
//! The events of a trace repeat most of their texts: the ids of its job, of its user, of what is worked on. To compare
//! one costs a tenth of what it takes to look for secrets in it. Only what was clean is remembered, as a whole, so what
//! is found here is what would have been found again.

use std::fmt;
use std::sync::{Mutex, MutexGuard};

/// How many are remembered, as a power of two.
const PLACES: u32 = 6;
/// Bytes of the longest. Ids are shorter, and what is longer rarely comes twice.
const LONGEST: usize = 64;

/// Texts that were found clean, one in each place.
pub(super) struct Recent([Place; 1 << PLACES]);

#[derive(Clone, Copy)]
struct Place {
    /// None is empty: nobody asks for an empty text.
    length: u8,
    bytes: [u8; LONGEST],
}

impl Recent {
    /// Whether it was found clean.
    #[inline]
    pub(super) fn holds(&self, text: &str) -> bool {
        let text = text.as_bytes();
        number(text)
            .and_then(|number| self.0.get(number))
            .is_some_and(|place| usize::from(place.length) == text.len() && place.bytes.get(..text.len()) == Some(text))
    }

    /// It was. Which texts have one place nobody outside gains anything by knowing: one makes the other be looked at.
    pub(super) fn learn(&mut self, text: &str) {
        let text = text.as_bytes();
        if let Some(place) = number(text).and_then(|number| self.0.get_mut(number))
            && let Some(bytes) = place.bytes.get_mut(..text.len())
        {
            bytes.copy_from_slice(text);
            place.length = text.len() as u8;
        }
    }
}

/// The number of its place: ids differ at one end or the other.
#[inline]
fn number(text: &[u8]) -> Option<usize> {
    if !(1..=LONGEST).contains(&text.len()) {
        return None;
    }
    let mixed = match (text.first_chunk(), text.last_chunk()) {
        (Some(first), Some(last)) => u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(29),
        _ => text.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)),
    };
    Some(((mixed ^ text.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - PLACES)) as usize)
}

/// Of one sanitizer, since it depends on its rules and limits. Each clone has its own, because each is on a thread of
/// its own, most often; where two threads meet, one goes without.
pub(super) struct Shared(Box<Mutex<Recent>>);

impl Shared {
    /// `None` while somebody else has it, because nobody waits here; and for ever when somebody has panicked with it.
    pub(super) fn try_lock(&self) -> Option<MutexGuard<'_, Recent>> {
        self.0.try_lock().ok()
    }
}

impl Default for Shared {
    fn default() -> Self {
        Self(Box::new(Mutex::new(Recent([Place { length: 0, bytes: [0; LONGEST] }; 1 << PLACES]))))
    }
}

impl Clone for Shared {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recent").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Event, Limits, Sanitizer, SpanId, Status, Timestamp, TraceId};

    #[test]
    fn what_was_clean_is_known_until_another_one_takes_its_place() {
        let shared = Shared::default();
        let mut recent = shared.try_lock().unwrap();
        let texts = ["x", "job-7", "1234567", "12345678", "0190163d-8694-739b-96b6-f0a7b0c1d2e3", &"y".repeat(64)];
        for text in texts {
            assert!(!recent.holds(text), "{text}");
            recent.learn(text);
            assert!(recent.holds(text), "{text}");
            assert!(!recent.holds(&text[1..]) && !recent.holds(&format!("{text}.")), "{text}");
        }
        for text in ["", &"y".repeat(65)] {
            recent.learn(text);
            assert!(!recent.holds(text));
        }
        for nth in 0..10_000 {
            recent.learn(&format!("job-{nth}"));
        }
        assert!(recent.holds("job-9999") && !recent.holds("job-7"));
        assert!(shared.try_lock().is_none() && shared.clone().try_lock().is_some());
    }

    /// What is known of a text holds only where it was found: as a value that the author named, whole, and no longer
    /// than it may be.
    #[test]
    fn a_text_that_was_clean_elsewhere_is_looked_at_all_the_same() {
        let sanitizer = Sanitizer::with_limits(Limits { name_chars: 24, ..Limits::default() });
        let text = "/home/jane/notes-of-last-week.txt";
        for _ in 0..2 {
            let mut event = Event::new(
                TraceId::from_bytes([7; 16]),
                SpanId::new(1).unwrap(),
                "operation.files.read",
                Status::Failed,
                Timestamp::from_unix_nanos(0),
            );
            event.data.insert("path", text);
            event.data.insert("torn", text);
            event.torn.push("torn".to_owned());
            event.job_id = Some(text.to_owned());
            let mut error = crate::ErrorInfo::new(crate::ErrorKind::Error);
            error.error_message = text.to_owned();
            event.error = Some(error);
            let whole = event.clone();
            let clean = sanitizer.clean(event);
            assert_eq!(clean.data.get("path").unwrap(), text);
            assert_eq!(clean.data.get("torn").unwrap(), "");
            assert_eq!(clean.job_id.as_deref(), Some(&text[..24]));
            assert_eq!(clean.error.as_ref().unwrap().error_message, "~/notes-of-last-week.txt");
            // The same without anything torn is looked up.
            let mut event = whole;
            event.torn.clear();
            let clean = sanitizer.clean(event);
            assert_eq!(
                (clean.data.get("torn").unwrap().as_str(), clean.cut.as_slice()),
                (Some(text), &["job_id".to_owned()][..])
            );
            assert_eq!(clean.error.as_ref().unwrap().error_message, "~/notes-of-last-week.txt");
        }
    }
}
