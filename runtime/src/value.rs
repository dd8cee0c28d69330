//! What a caller names to be recorded goes in; one of a few plain kinds of value comes out, unformatted where possible.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroIsize, NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64,
    NonZeroUsize,
};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{
    AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicU8, AtomicU16, AtomicU32, AtomicU64,
    AtomicUsize,
};
use std::time::Duration;

use crate::shown::Pieces;

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
    /// A JSON text from which something was left out.
    CutJson(&'a str),
    /// A text or JSON that is written piece by piece.
    Pieces(Pieces<'a>),
}

/// A type that can be recorded as a field as it is, without formatting on the caller's thread where possible.
///
/// | type | in the event |
/// |---|---|
/// | integers, their `NonZero` and atomic kin, `bool` | themselves; an atomic's value of this moment |
/// | `u128`, `i128` | a number if it fits into 64 bits, else a text |
/// | `f32`, `f64` | a number; the name of one that JSON does not have (`NaN`, `inf`) |
/// | `Duration` | a number: milliseconds, as in an event's `duration_ms` |
/// | `str`, `String`, `char`, addresses of `std::net`, `Uuid` (feature `uuid`) | a text |
/// | `Path`, `OsStr` and their owned kin | a text, with U+FFFD for what is not UTF-8 |
/// | slices, arrays, `Vec`, `VecDeque`, `BTreeSet`, `HashSet` of such types | a JSON list |
/// | [`Json`](crate::Json) | JSON: a text, a list, or what `serde` makes of a value (feature `serde`) |
/// | `Option` of such a type | absent when `None` |
/// | references, `Box`, `Rc`, `Arc`, `Cow` of such a type | what they hold |
///
/// Apart from what a `Json` holds, none of these allocates on the caller's thread, unless another layer of `tracing`
/// looks as well, or the function only makes a future, so that its fields have to outlive it. A slice needs its `&`, to
/// be one: `k = &ids[1..]`. Other types are recorded by their `Display` form (`%value`, of an `Option` absent when
/// `None`) or their `Debug` form (`?value`). Formatting stops at 4 KiB of text, however large the value is, and a list
/// ends there with the last element that fits as a whole; the event names the field in `cut`. A form that panics is
/// shown as `<panicked while it was formatted>`, and the caller does not notice; not under `panic = "abort"`, where
/// nobody can catch a panic.
///
/// It is not there to be implemented: a value is read while its record is written, and no code of the program runs
/// then. A type of your own is recorded by what is in it, or by one of its forms: of a `struct TokenId(u64)` that is
/// `token_id = id.0`, or `%id`.
///
/// Types that hide what they hold, as `secrecy::SecretString` does, have no plain value. `?secret` records what their
/// `Debug` form shows, which is not the secret.
///
/// ```
/// # use std::time::Duration;
/// # struct Params { node_id: String, parent: Option<u64>, tables: Vec<String> }
/// #[tense::traced(operation.tokens.created, fields(params.node_id, params.parent, params.tables, patience))]
/// fn create_token(params: &Params, patience: Duration) {}
/// # let params = Params { node_id: "n4".into(), parent: None, tables: vec![] };
/// # create_token(&params, Duration::from_secs(1));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be recorded as a field as it is",
    label = "no plain number, truth value or text",
    note = "write `%` before it to record its `Display` form, or `?` for its `Debug` form, or leave the field out",
    note = "a type of your own is recorded by what is in it, as in `token_id = id.0`: `Field` is not there to be implemented",
    note = "what hides a secret is never looked into: `?` records what its `Debug` form shows"
)]
pub trait Field {
    /// The value in its plain kind. Does not allocate. Nobody calls it but the macros.
    fn raw(&self) -> Raw<'_>;
}

/// Whoever adds a type here adds it to the tables of `declared` as well: a registry would refuse it otherwise. The
/// tests do not compile before.
macro_rules! declared {
    ($($type:ty),*) => { $(
        #[cfg(test)]
        const _: fn(&$type) = crate::declared::is_json;
    )* };
}

declared! { u128, i128, Duration, bool, str, String, Box<u8>, Arc<u8>, Rc<u8>, Cow<'static, str> }
declared! { &'static u8, &'static mut u8, crate::Json, crate::bounded::Formatted }

macro_rules! plain {
    ($($kind:ident as $wide:ty: $($from:ty),*;)*) => { $($(
        impl Field for $from {
            #[inline]
            fn raw(&self) -> Raw<'_> {
                Raw::$kind(*self as $wide)
            }
        }
        declared! { $from }
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
        declared! { $from }
    )*)* };
}

non_zero! {
    U64 as u64: NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64, NonZeroUsize;
    I64 as i64: NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroIsize;
}

macro_rules! atomic {
    ($($kind:ident as $wide:ty: $($from:ty),*;)*) => { $($(
        impl Field for $from {
            #[inline]
            fn raw(&self) -> Raw<'_> {
                Raw::$kind(self.load(Relaxed) as $wide)
            }
        }
        declared! { $from }
    )*)* };
}

atomic! {
    U64 as u64: AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize;
    I64 as i64: AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize;
    Bool as bool: AtomicBool;
}

impl Field for u128 {
    #[inline]
    fn raw(&self) -> Raw<'_> {
        u64::try_from(*self).map_or(Raw::Pieces(Pieces::Text(self)), Raw::U64)
    }
}

impl Field for i128 {
    #[inline]
    fn raw(&self) -> Raw<'_> {
        i64::try_from(*self).map_or(Raw::Pieces(Pieces::Text(self)), Raw::I64)
    }
}

/// Milliseconds, as in an event's `duration_ms`.
impl Field for Duration {
    #[inline]
    fn raw(&self) -> Raw<'_> {
        Raw::F64(self.as_secs_f64() * 1e3)
    }
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

macro_rules! piece_by_piece {
    ($($type:ty),*) => { $(
        impl Field for $type {
            #[inline]
            fn raw(&self) -> Raw<'_> {
                Raw::Pieces(Pieces::Text(self))
            }
        }
        declared! { $type }
    )* };
}

piece_by_piece! { char, IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6 }
#[cfg(feature = "uuid")]
piece_by_piece! { uuid::Uuid }

macro_rules! perhaps_text {
    ($($type:ty),*) => { $(
        impl Field for $type {
            #[inline]
            fn raw(&self) -> Raw<'_> {
                let text: &OsStr = self.as_ref();
                text.to_str().map_or(Raw::Pieces(Pieces::Lossy(text.as_encoded_bytes())), Raw::Str)
            }
        }
        declared! { $type }
    )* };
}

perhaps_text! { Path, PathBuf, OsStr, OsString }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_kind() {
        assert_eq!(7_u8.raw(), Raw::U64(7));
        assert_eq!((-7_i32).raw(), Raw::I64(-7));
        assert_eq!(7_u128.raw(), Raw::U64(7));
        assert_eq!(Duration::from_micros(1500).raw(), Raw::F64(1.5));
        assert_eq!(AtomicBool::new(true).raw(), Raw::Bool(true));
        assert_eq!(Some("a").raw(), Raw::Str("a"));
        assert_eq!(None::<u32>.raw(), Raw::Absent);
        assert_eq!(Arc::<str>::from("a").raw(), Raw::Str("a"));
        assert_eq!(Path::new("a/b").raw(), Raw::Str("a/b"));
    }

    #[test]
    fn a_value_is_three_words() {
        assert!(size_of::<Raw<'_>>() <= 24, "every call puts its values on the stack: {}", size_of::<Raw<'_>>());
    }
}
