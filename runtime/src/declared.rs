//! What `tense.toml` declares a field to be: a value enters, and the compiler lets it pass or says what it should have been.
//!
//! A pair of traits for each type of the file: one for a field that is always there, one for a field that may be absent,
//! which an `Option` fits as well.

use std::borrow::Cow;
use std::num::{NonZeroI64, NonZeroU32, NonZeroU64, NonZeroUsize};
use std::rc::Rc;
use std::sync::Arc;

use crate::value::{Field, Formatted, Raw};

/// The second trait of a pair is for values that may be absent.
macro_rules! kinds {
    ($($always:ident, $always_fn:ident, $message:literal, $note:literal;
       $maybe:ident, $maybe_fn:ident, $maybe_message:literal: $($type:ty),*;)*) => { $(
        /// What such a field takes.
        #[diagnostic::on_unimplemented(message = $message, label = "not what tense.toml declares", note = $note)]
        pub trait $always: Field {}

        /// What such a field takes, or nothing.
        #[diagnostic::on_unimplemented(message = $maybe_message, label = "not what tense.toml declares")]
        pub trait $maybe: Field {}

        $(
            impl $always for $type {}
            impl $maybe for $type {}
        )*
        impl<T: $maybe> $maybe for Option<T> {}
        through! { $always: &T, &mut T, Box<T>, Arc<T>, Rc<T>; }
        through! { $maybe: &T, &mut T, Box<T>, Arc<T>, Rc<T>; }
        impl<T: $always + ToOwned + ?Sized> $always for Cow<'_, T> {}
        impl<T: $maybe + ToOwned + ?Sized> $maybe for Cow<'_, T> {}

        /// Its plain value.
        #[inline]
        pub fn $always_fn(value: &(impl $always + ?Sized)) -> Raw<'_> {
            value.raw()
        }

        /// Its plain value, if there is one.
        #[inline]
        pub fn $maybe_fn(value: &(impl $maybe + ?Sized)) -> Raw<'_> {
            value.raw()
        }
    )* };
}

macro_rules! through {
    ($kind:ident: $($outer:ty),*;) => { $(
        impl<T: $kind + ?Sized> $kind for $outer {}
    )* };
}

kinds! {
    Text, text,
        "tense.toml declares this field as `string`, and `{Self}` is none [fields/type]",
        "`%` before the value records its `Display` form; a field that may be absent is declared as `string?`";
    MaybeText, maybe_text, "tense.toml declares this field as `string?`, and `{Self}` is none [fields/type]":
        str, String, Formatted;
    Integer, integer,
        "tense.toml declares this field as `integer`, and `{Self}` is none [fields/type]",
        "a field that may be absent is declared as `integer?`";
    MaybeInteger, maybe_integer, "tense.toml declares this field as `integer?`, and `{Self}` is none [fields/type]":
        u8, u16, u32, u64, usize, i8, i16, i32, i64, isize, NonZeroU32, NonZeroU64, NonZeroUsize, NonZeroI64;
    Float, float,
        "tense.toml declares this field as `float`, and `{Self}` is none [fields/type]",
        "`f64::from(..)` makes one of a smaller number; a field that may be absent is declared as `float?`";
    MaybeFloat, maybe_float, "tense.toml declares this field as `float?`, and `{Self}` is none [fields/type]":
        f32, f64;
    Bool, bool,
        "tense.toml declares this field as `bool`, and `{Self}` is none [fields/type]",
        "a field that may be absent is declared as `bool?`";
    MaybeBool, maybe_bool, "tense.toml declares this field as `bool?`, and `{Self}` is none [fields/type]":
        bool;
    Json, json,
        "tense.toml declares this field as `json`, and `{Self}` cannot be recorded as such [fields/type]",
        "`%` and `?` before the value record it as a text; a field that may be absent is declared as `json?`";
    MaybeJson, maybe_json, "tense.toml declares this field as `json?`, and `{Self}` cannot be recorded as such [fields/type]":
        str, String, Formatted, f32, f64, bool,
        u8, u16, u32, u64, usize, i8, i16, i32, i64, isize, NonZeroU32, NonZeroU64, NonZeroUsize, NonZeroI64;
}
