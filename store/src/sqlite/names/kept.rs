//! A name of a file enters; the same text leaves, which is there for as long as the program runs.
//!
//! A trace of a million spans has a few dozen names, each some hundred thousand times. Handed out like this they take
//! no room in an event, and nobody counts who has them. A file has [`MOST`](super::MOST) names at most, and the same
//! ones stand in all files of a program; whoever reads files of others, any number of them, comes to an end here: what
//! is beyond it is copied, which is slower and nothing else.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// Bytes of names that are kept.
const LARGEST: usize = 16 << 20;
/// What a name takes besides its text.
const EACH: usize = 32;

static KEPT: Mutex<Kept> = Mutex::new(Kept { texts: None, bytes: 0 });

struct Kept {
    texts: Option<HashSet<&'static str>>,
    bytes: usize,
}

/// The name, which is kept from now on if there is room.
pub(super) fn keep(name: &str) -> Cow<'static, str> {
    // Nothing in here panics half way.
    KEPT.lock().unwrap_or_else(PoisonError::into_inner).keep(name)
}

impl Kept {
    fn keep(&mut self, name: &str) -> Cow<'static, str> {
        let texts = self.texts.get_or_insert_default();
        if let Some(known) = texts.get(name) {
            return Cow::Borrowed(known);
        }
        if self.bytes + name.len() + EACH > LARGEST {
            return Cow::Owned(name.to_owned());
        }
        self.bytes += name.len() + EACH;
        let name: &'static str = Box::leak(name.into());
        texts.insert(name);
        Cow::Borrowed(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_once() {
        let [one, again] = [keep("operation.names.kept"), keep(&String::from("operation.names.kept"))];
        let (Cow::Borrowed(one), Cow::Borrowed(again)) = (one, again) else { panic!("there was room") };
        assert!(std::ptr::eq(one, again));
    }

    #[test]
    fn names_that_find_no_room_are_copied() {
        let mut kept = Kept { texts: None, bytes: LARGEST - EACH - 3 };
        assert!(matches!(kept.keep("one"), Cow::Borrowed("one")));
        let two = kept.keep("two");
        assert!(matches!(&two, Cow::Owned(two) if two == "two"));
        assert!(matches!(kept.keep("one"), Cow::Borrowed("one")));
    }
}
