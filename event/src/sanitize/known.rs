//! A text that stands in the program enters; whether it was looked at before and found clean leaves.
//!
//! Names of events and fields, the service, the places in the source: the same few come with every event. Such a text
//! is there for as long as the program runs and never changes, so where it stands says what it is, and what was found
//! out about it once holds for ever. Only what was clean is remembered.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::keys::Secret;

/// As what a text was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The name of an event or a span that holds nothing but words.
    Event = 0,
    /// A name of any kind.
    Name = 1,
    /// A place in the source, where home directories are hidden.
    Place = 2,
    /// The name of a field, which may say that its value is secret.
    Field = 3,
}

/// Places as a power of two: 8 KiB.
const PLACES: u32 = 10;
/// Longer ones are no names.
const LONGEST: u64 = 0xff;
/// Bits of an address; one that has more is not remembered.
const ADDRESS: u32 = 48;

/// Texts of the program that are clean, some of the last ones. The same for all clones of a sanitizer, since it depends
/// on its rules and limits.
///
/// Each is one number in one place, so threads need not agree about anything: what is read is whole, and what is lost
/// is found out again.
#[derive(Clone)]
pub(super) struct Known(Arc<[AtomicU64]>);

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known").finish_non_exhaustive()
    }
}

impl Default for Known {
    fn default() -> Self {
        Self((0..1 << PLACES).map(|_| AtomicU64::new(0)).collect())
    }
}

impl Known {
    /// What it says of a value, if it is a field's name; `None` when nothing is known of the text.
    #[inline]
    pub(super) fn find(&self, text: &'static str, role: Role) -> Option<Option<Secret>> {
        let (place, entry) = self.place(text, role)?;
        let found = place.load(Relaxed);
        (found & !SECRET == entry).then(|| secret((found & SECRET) as usize))
    }

    /// The text was found clean.
    pub(super) fn learn(&self, text: &'static str, role: Role, secret: Option<Secret>) {
        if let Some((place, entry)) = self.place(text, role) {
            place.store(entry | secret.map_or(0, |secret| secret as u64 + 1), Relaxed);
        }
    }

    #[inline]
    fn place(&self, text: &'static str, role: Role) -> Option<(&AtomicU64, u64)> {
        let (address, length) = (text.as_ptr() as usize as u64, text.len() as u64);
        if address >> ADDRESS != 0 || !(1..=LONGEST).contains(&length) {
            return None;
        }
        let entry = address << 16 | length << 8 | (role as u64) << 4;
        let place = entry.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - PLACES);
        Some((self.0.get(place as usize)?, entry))
    }
}

/// The bits in which a secret is told.
const SECRET: u64 = 0xf;

fn secret(number: usize) -> Option<Secret> {
    const ALL: [Secret; 5] = [Secret::TokenLike, Secret::Text, Secret::Compound, Secret::Always, Secret::Header];
    ALL.get(number.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_out_is_known_for_that_text_in_that_role() {
        let known = Known::default();
        assert_eq!(known.find("token_id", Role::Field), None);
        known.learn("token_id", Role::Field, None);
        assert_eq!(known.find("token_id", Role::Field), Some(None));
        assert_eq!(known.find("token_id", Role::Name), None);
        assert_eq!(known.find(&"token_id"[..5], Role::Field), None);
        for secret in [Secret::TokenLike, Secret::Text, Secret::Compound, Secret::Always, Secret::Header] {
            known.learn("a key", Role::Field, Some(secret));
            assert_eq!(known.clone().find("a key", Role::Field), Some(Some(secret)));
        }
        assert_eq!(Known::default().find("token_id", Role::Field), None);
    }

    #[test]
    fn what_has_no_place_is_not_known() {
        let known = Known::default();
        let long: &'static str = Box::leak("x".repeat(256).into_boxed_str());
        for text in ["", long] {
            known.learn(text, Role::Name, None);
            assert_eq!(known.find(text, Role::Name), None);
        }
        assert_eq!(known.find(&long[1..], Role::Name), None);
        known.learn(&long[1..], Role::Name, None);
        assert_eq!(known.find(&long[1..], Role::Name), Some(None));
    }
}
