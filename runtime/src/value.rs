//! What a caller names to be recorded goes in; one of a few plain kinds of value comes out, unformatted where possible.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroIsize, NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64,
    NonZeroUsize,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;

/// A value as it is written into a record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Raw<'a> {
    /// Nothing is recorded: an `Option` that is `None`, or a field that the body fills in later.
    Absent,
    /// A truth value.
    Bool(bool),
    /// A signed integer.
    I64(i64),
    /// An unsigned integer.
    U64(u64),
    /// A floating point number; what is not finite becomes a text in the event.
    F64(f64),
    /// A text.
    Str(&'a str),
    /// A text whose end was cut off before: what a secret left there of itself has to go as well.
    CutStr(&'a str),
    /// A JSON text that is passed on as structure.
    Json(&'a str),
}

/// A type that can be recorded as a field without formatting on the caller's thread.
///
/// ```
/// # struct Params { node_id: String }
/// #[tense::traced(operation.tokens.created, fields(node_id = params.node_id, retries))]
/// fn create_token(params: &Params, retries: u32) {}
/// # create_token(&Params { node_id: "n4".into() }, 1);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be recorded as a field as it is",
    label = "no plain number, truth value or text",
    note = "write `%` before it to record its `Display` form, or `?` for its `Debug` form, or leave the field out"
)]
pub trait Field {
    /// The value in its plain kind. Does not allocate.
    fn raw(&self) -> Raw<'_>;
}

macro_rules! plain {
    ($($kind:ident as $wide:ty: $($from:ty),*;)*) => { $($(
        impl Field for $from {
            #[inline]
            fn raw(&self) -> Raw<'_> {
                Raw::$kind(*self as $wide)
            }
        }
    )*)* };
}

plain! {
    U64 as u64: u8, u16, u32, u64, usize;
    I64 as i64: i8, i16, i32, i64, isize;
    F64 as f64: f32, f64;
}

macro_rules! non_zero {
    ($($kind:ident as $wide:ty: $($from:ty),*;)*) => { $($(
        impl Field for $from {
            #[inline]
            fn raw(&self) -> Raw<'_> {
                Raw::$kind(self.get() as $wide)
            }
        }
    )*)* };
}

non_zero! {
    U64 as u64: NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64, NonZeroUsize;
    I64 as i64: NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroIsize;
}

impl Field for bool {
    #[inline]
    fn raw(&self) -> Raw<'_> {
        Raw::Bool(*self)
    }
}

impl Field for str {
    #[inline]
    fn raw(&self) -> Raw<'_> {
        Raw::Str(self)
    }
}

impl Field for String {
    #[inline]
    fn raw(&self) -> Raw<'_> {
        Raw::Str(self)
    }
}

macro_rules! through {
    ($([$($generics:tt)*] $outer:ty;)*) => { $(
        impl<$($generics)*> Field for $outer {
            #[inline]
            fn raw(&self) -> Raw<'_> {
                (**self).raw()
            }
        }
    )* };
}

through! {
    [T: Field + ?Sized] &T;
    [T: Field + ?Sized] &mut T;
    [T: Field + ?Sized] Box<T>;
    [T: Field + ?Sized] Arc<T>;
    [T: Field + ?Sized] Rc<T>;
    [T: Field + ToOwned + ?Sized] Cow<'_, T>;
}

impl<T: Field> Field for Option<T> {
    #[inline]
    fn raw(&self) -> Raw<'_> {
        self.as_ref().map_or(Raw::Absent, Field::raw)
    }
}

/// A value that was formatted before the record was begun, because formatting runs the user's code.
#[derive(Debug)]
pub struct Formatted(Bounded);

impl Field for Formatted {
    fn raw(&self) -> Raw<'_> {
        self.0.raw()
    }
}

/// `%value`: its `Display` form, at most 4 KiB of it.
pub fn display(value: &(impl fmt::Display + ?Sized)) -> Formatted {
    Formatted(Bounded::of(&format_args!("{value}")))
}

/// `?value`: its `Debug` form, at most 4 KiB of it.
pub fn debug(value: &(impl fmt::Debug + ?Sized)) -> Formatted {
    Formatted(Bounded::of(&format_args!("{value:?}")))
}

/// A text that stops growing at its bound; formatting stops there too, however large the value is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Bounded {
    text: String,
    is_cut: bool,
}

impl Bounded {
    const BYTES: usize = 4096;

    /// Formats, and survives a `Display` that fails or panics: the host would not have called it without us.
    pub(crate) fn of(value: &dyn fmt::Display) -> Self {
        let mut bounded = Self::default();
        let quiet = crate::panics::Quiet::new();
        let done = catch_unwind(AssertUnwindSafe(|| write!(bounded, "{value}")));
        drop(quiet);
        if done.is_err() {
            bounded.text.push_str("<panicked while it was formatted>");
        }
        bounded
    }

    /// Adds to it, as far as there is room.
    pub(crate) fn append(&mut self, more: &str) {
        // The error only says that the end was cut off, which is noted.
        self.write_str(more).ok();
    }

    pub(crate) const fn new() -> Self {
        Self { text: String::new(), is_cut: false }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn raw(&self) -> Raw<'_> {
        if self.is_cut { Raw::CutStr(&self.text) } else { Raw::Str(&self.text) }
    }
}

impl fmt::Write for Bounded {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let room = Self::BYTES - self.text.len().min(Self::BYTES);
        self.text.push_str(&more[..more.floor_char_boundary(room)]);
        self.is_cut |= more.len() > room;
        // The error ends the formatting of a value that would only be thrown away.
        if self.is_cut { Err(fmt::Error) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_kind() {
        assert_eq!(7_u8.raw(), Raw::U64(7));
        assert_eq!((-7_i32).raw(), Raw::I64(-7));
        assert_eq!(Some("a").raw(), Raw::Str("a"));
        assert_eq!(None::<u32>.raw(), Raw::Absent);
        assert_eq!(Arc::<str>::from("a").raw(), Raw::Str("a"));
    }

    #[test]
    fn formatting_stops_at_the_bound_on_a_whole_character() {
        struct Endless;
        impl fmt::Debug for Endless {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                loop {
                    f.write_str("äö€")?;
                }
            }
        }
        let bounded = debug(&Endless).0;
        assert!(bounded.is_cut);
        let text = bounded.text;
        assert!(text.len() <= Bounded::BYTES && text.len() > Bounded::BYTES - 8, "{}", text.len());
    }

    #[test]
    fn a_display_that_panics_is_told_and_survived() {
        struct Broken;
        impl fmt::Display for Broken {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                panic!("no")
            }
        }
        assert_eq!(display(&Broken).0.text, "<panicked while it was formatted>");
    }
}
