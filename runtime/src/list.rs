//! Lists of values go in; JSON that ends on a whole element comes out.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet, VecDeque};
use std::fmt::{self, Write};
use std::rc::Rc;
use std::sync::Arc;

use crate::json;
use crate::shown::{Pieces, Room, Shown};
use crate::value::{Field, Raw};

/// Writes `[1,2,3]`. Elements that there is no room for are left out, from the first one on that does not fit; then the
/// list is closed all the same, and an error says so. An absent element is `null`, and so is one that has lost its end
/// itself.
pub(crate) fn write<T: Field>(values: impl IntoIterator<Item = T>, room: &mut Room<'_>) -> fmt::Result {
    if room.left() < "[]".len() {
        return Err(fmt::Error);
    }
    room.write_char('[')?;
    let (mut comma, mut is_whole) = ("", true);
    for value in values {
        let raw = match value.raw() {
            // What is left of a secret at its end could not be found in here.
            Raw::CutStr(_) => {
                is_whole = false;
                Raw::Absent
            }
            raw => raw,
        };
        is_whole &= !matches!(raw, Raw::CutJson(_));
        let fits = json::len(raw, room.left()).is_some_and(|len| comma.len() + len < room.left());
        if !fits {
            room.write_char(']').ok();
            return Err(fmt::Error);
        }
        room.write_str(comma)?;
        json::write(raw, room)?;
        comma = ",";
    }
    room.write_char(']')?;
    if is_whole { Ok(()) } else { Err(fmt::Error) }
}

/// The types that are lists, for a macro that implements something for each of them.
// A slice is one behind a pointer only: what is recorded has to have a known size, to be written later.
macro_rules! for_lists {
    ($implement:ident) => {
        $implement! {
            [T: Field] &[T];
            [T: Field] &mut [T];
            [T: Field] Box<[T]>;
            [T: Field] Arc<[T]>;
            [T: Field] Rc<[T]>;
            [T: Field + Clone] Cow<'_, [T]>;
            [T: Field] Vec<T>;
            [T: Field, const N: usize] [T; N];
            [T: Field] VecDeque<T>;
            [T: Field] BTreeSet<T>;
            [T: Field, S] HashSet<T, S>;
        }
    };
}
pub(crate) use for_lists;

macro_rules! written_in_pieces {
    ($([$($generics:tt)*] $type:ty;)*) => { $(
        impl<$($generics)*> Shown for $type {
            fn show(&self, room: &mut Room<'_>) -> fmt::Result {
                write(self.iter(), room)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Field for $type {
            #[inline]
            fn raw(&self) -> Raw<'_> {
                Raw::Pieces(Pieces::Json(self))
            }
        }
    )* };
}

for_lists! { written_in_pieces }
