//! What `tense.toml` declares a field to be: a value enters, and the compiler lets it pass or says what it should have
//! been.
//!
//! A pair of traits for each type of the file: one for a field that is always there, and one for a field that may be
//! absent, which an `Option` fits as well. They are written out, because the compiler shows whoever misses one where it
//! stands.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet, VecDeque};
use std::ffi::{OsStr, OsString};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroIsize, NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64,
    NonZeroUsize,
};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{
    AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicU8, AtomicU16, AtomicU32, AtomicU64,
    AtomicUsize,
};
use std::time::Duration;

use crate::bounded::Formatted;
use crate::value::{Field, Raw};

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
    note = "`f64::from(..)` makes one of a smaller number, and a `Duration` is one in milliseconds; a field that may be absent is declared as `float?`"
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
    note = "`tense::Json::new(..)` takes a JSON text, and `tense::Json::of(&..)` what serde knows (feature `serde`)",
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
    note = "`tense::Json::new(..)` takes a JSON text, and `tense::Json::of(&..)` what serde knows (feature `serde`)"
)]
pub trait MaybeJson: Field {
    /// Its plain value.
    #[inline]
    fn plain(&self) -> Raw<'_> {
        self.raw()
    }
}

// So few that the compiler shows where each of them stands.
impl Float for f32 {}
impl Float for f64 {}
impl Float for Duration {}
impl MaybeFloat for f32 {}
impl MaybeFloat for f64 {}
impl MaybeFloat for Duration {}
impl Bool for bool {}
impl Bool for AtomicBool {}
impl MaybeBool for bool {}
impl MaybeBool for AtomicBool {}

// Every plain value is JSON.
macro_rules! fits {
    ($($type:ty),*: $($kind:ident)*) => { fits!(@each ($($type)*) $($kind)*); };
    (@each $types:tt $($kind:ident)*) => { $( fits!(@one $kind $types); )* };
    (@one $kind:ident ($($type:ty)*)) => { $( impl $kind for $type {} )* };
}

fits! { str, String, Formatted, char: Text MaybeText Json MaybeJson }
fits! { IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6: Text MaybeText Json MaybeJson }
fits! { Path, PathBuf, OsStr, OsString: Text MaybeText Json MaybeJson }
#[cfg(feature = "uuid")]
fits! { uuid::Uuid: Text MaybeText Json MaybeJson }
fits! { f32, f64, Duration, bool, AtomicBool: Json MaybeJson }
fits! { u8, u16, u32, u64, usize, i8, i16, i32, i64, isize: Integer MaybeInteger Json MaybeJson }
fits! { NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64, NonZeroUsize: Integer MaybeInteger Json MaybeJson }
fits! { NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroIsize: Integer MaybeInteger Json MaybeJson }
fits! { AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize: Integer MaybeInteger Json MaybeJson }
fits! { AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize: Integer MaybeInteger Json MaybeJson }
// These are integers or texts, as it comes.
fits! { u128, i128, crate::Json: Json MaybeJson }

macro_rules! fit_as_json {
    ($([$($generics:tt)*] $type:ty;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Json for $type {}
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> MaybeJson for $type {}
    )* };
}

crate::list::for_lists! { fit_as_json }

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

/// What every plain value is, whatever else it may be declared as.
#[cfg(test)]
pub(crate) fn is_json<T: Json + MaybeJson + ?Sized>(_: &T) {}
