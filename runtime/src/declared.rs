//! What `tense.toml` declares a field to be: a value enters, and the compiler lets it pass or says what it should have been.
//!
//! A pair of traits for each type of the file: one for a field that is always there, and one for a field that may be absent,
//! which an `Option` fits as well. They are written out, because the compiler shows whoever misses one where it stands.

use std::borrow::Cow;
use std::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroIsize, NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64,
    NonZeroUsize,
};
use std::rc::Rc;
use std::sync::Arc;

use crate::value::{Field, Formatted, Raw};

/// What a field of the type `string` takes.
#[diagnostic::on_unimplemented(
    message = "tense.toml declares this field as `string`, and `{Self}` is none [fields/type]",
    label = "not what tense.toml declares",
    note = "`%` before the value records its `Display` form; a field that may be absent is declared as `string?`"
)]
pub trait Text: Field {
    /// Its plain value.
    #[inline]
    fn plain(&self) -> Raw<'_> {
        self.raw()
    }
}

/// What a field of the type `string?` takes.
#[diagnostic::on_unimplemented(
    message = "tense.toml declares this field as `string?`, and `{Self}` is none [fields/type]",
    label = "not what tense.toml declares"
)]
pub trait MaybeText: Field {
    /// Its plain value.
    #[inline]
    fn plain(&self) -> Raw<'_> {
        self.raw()
    }
}

/// What a field of the type `integer` takes.
#[diagnostic::on_unimplemented(
    message = "tense.toml declares this field as `integer`, and `{Self}` is none [fields/type]",
    label = "not what tense.toml declares",
    note = "a field that may be absent is declared as `integer?`"
)]
pub trait Integer: Field {
    /// Its plain value.
    #[inline]
    fn plain(&self) -> Raw<'_> {
        self.raw()
    }
}

/// What a field of the type `integer?` takes.
#[diagnostic::on_unimplemented(
    message = "tense.toml declares this field as `integer?`, and `{Self}` is none [fields/type]",
    label = "not what tense.toml declares"
)]
pub trait MaybeInteger: Field {
    /// Its plain value.
    #[inline]
    fn plain(&self) -> Raw<'_> {
        self.raw()
    }
}

/// What a field of the type `float` takes.
#[diagnostic::on_unimplemented(
    message = "tense.toml declares this field as `float`, and `{Self}` is none [fields/type]",
    label = "not what tense.toml declares",
    note = "`f64::from(..)` makes one of a smaller number; a field that may be absent is declared as `float?`"
)]
pub trait Float: Field {
    /// Its plain value.
    #[inline]
    fn plain(&self) -> Raw<'_> {
        self.raw()
    }
}

/// What a field of the type `float?` takes.
#[diagnostic::on_unimplemented(
    message = "tense.toml declares this field as `float?`, and `{Self}` is none [fields/type]",
    label = "not what tense.toml declares"
)]
pub trait MaybeFloat: Field {
    /// Its plain value.
    #[inline]
    fn plain(&self) -> Raw<'_> {
        self.raw()
    }
}

/// What a field of the type `bool` takes.
#[diagnostic::on_unimplemented(
    message = "tense.toml declares this field as `bool`, and `{Self}` is none [fields/type]",
    label = "not what tense.toml declares",
    note = "a field that may be absent is declared as `bool?`"
)]
pub trait Bool: Field {
    /// Its plain value.
    #[inline]
    fn plain(&self) -> Raw<'_> {
        self.raw()
    }
}

/// What a field of the type `bool?` takes.
#[diagnostic::on_unimplemented(
    message = "tense.toml declares this field as `bool?`, and `{Self}` is none [fields/type]",
    label = "not what tense.toml declares"
)]
pub trait MaybeBool: Field {
    /// Its plain value.
    #[inline]
    fn plain(&self) -> Raw<'_> {
        self.raw()
    }
}

/// What a field of the type `json` takes.
#[diagnostic::on_unimplemented(
    message = "tense.toml declares this field as `json`, and `{Self}` cannot be recorded as such [fields/type]",
    label = "not what tense.toml declares",
    note = "`tense::Json::new(..)` takes a JSON text, `tense::Json::list(..)` plain values",
    note = "`%` and `?` before the value record it as a text; a field that may be absent is declared as `json?`"
)]
pub trait Json: Field {
    /// Its plain value.
    #[inline]
    fn plain(&self) -> Raw<'_> {
        self.raw()
    }
}

/// What a field of the type `json?` takes.
#[diagnostic::on_unimplemented(
    message = "tense.toml declares this field as `json?`, and `{Self}` cannot be recorded as such [fields/type]",
    label = "not what tense.toml declares",
    note = "`tense::Json::new(..)` takes a JSON text, `tense::Json::list(..)` plain values"
)]
pub trait MaybeJson: Field {
    /// Its plain value.
    #[inline]
    fn plain(&self) -> Raw<'_> {
        self.raw()
    }
}

impl Text for str {}
impl Text for String {}
impl Text for Formatted {}
impl MaybeText for str {}
impl MaybeText for String {}
impl MaybeText for Formatted {}
impl Float for f32 {}
impl Float for f64 {}
impl MaybeFloat for f32 {}
impl MaybeFloat for f64 {}
impl Bool for bool {}
impl MaybeBool for bool {}

macro_rules! fits {
    ($($type:ty),*: $($kind:ident)*) => { fits!(@each ($($type)*) $($kind)*); };
    (@each $types:tt $($kind:ident)*) => { $( fits!(@one $kind $types); )* };
    (@one $kind:ident ($($type:ty)*)) => { $( impl $kind for $type {} )* };
}

fits! { u8, u16, u32, u64, usize, i8, i16, i32, i64, isize: Integer MaybeInteger Json MaybeJson }
fits! { NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64, NonZeroUsize: Integer MaybeInteger Json MaybeJson }
fits! { NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroIsize: Integer MaybeInteger Json MaybeJson }
// Every plain value is JSON.
fits! { str, String, Formatted, f32, f64, bool, crate::Json: Json MaybeJson }

/// What a value fits, it fits behind a pointer as well.
macro_rules! through {
    ($($kind:ident)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<T: $kind + ?Sized> $kind for &T {}
        #[diagnostic::do_not_recommend]
        impl<T: $kind + ?Sized> $kind for &mut T {}
        #[diagnostic::do_not_recommend]
        impl<T: $kind + ?Sized> $kind for Box<T> {}
        #[diagnostic::do_not_recommend]
        impl<T: $kind + ?Sized> $kind for Arc<T> {}
        #[diagnostic::do_not_recommend]
        impl<T: $kind + ?Sized> $kind for Rc<T> {}
        #[diagnostic::do_not_recommend]
        impl<T: $kind + ToOwned + ?Sized> $kind for Cow<'_, T> {}
    )* };
}

through! { Text MaybeText Integer MaybeInteger Float MaybeFloat Bool MaybeBool Json MaybeJson }

macro_rules! may_be_none {
    ($($kind:ident)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<T: $kind> $kind for Option<T> {}
    )* };
}

may_be_none! { MaybeText MaybeInteger MaybeFloat MaybeBool MaybeJson }
