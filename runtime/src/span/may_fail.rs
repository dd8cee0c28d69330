//! What a block returns goes in; whether that is a failure comes out, as far as its type says.

use std::any::type_name;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::fmt::Display;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};

/// A type of which is known whether a value of it is a failure: that of a [`NewSpan`](super::NewSpan)'s block, or of
/// the result that a [`StartedSpan`](super::StartedSpan) ends with.
///
/// A `Result` is, when it is an `Err` that has a `Display` form. The types of the standard library are none. Of a type
/// of yours say it yourself:
///
/// ```
/// use std::fmt::Display;
///
/// enum Verdict {
///     Approved,
///     Declined(String),
/// }
///
/// impl tense::MayFail for Verdict {
///     fn failure(&self) -> Option<impl Display> {
///         match self {
///             Verdict::Approved => None,
///             Verdict::Declined(reason) => Some(reason),
///         }
///     }
/// }
///
/// let verdict = tense::span!(operation.loans.judged).in_scope(|| Verdict::Declined("no income".to_owned()));
/// # assert!(verdict.failure().is_some());
/// # use tense::MayFail;
/// ```
#[diagnostic::on_unimplemented(
    message = "whether `{Self}` is a failure cannot be seen from here",
    label = "neither a `Result` with an error that has a `Display` form, nor of a type that never is one",
    note = "write the work into the macro, which looks at every type: `span!(.., || ..)`, or `span!(.., async move {{ .. }})`",
    note = "or say it of your type: `impl tense::MayFail for ..`"
)]
pub trait MayFail {
    /// Why it is a failure; `None` when it is none.
    fn failure(&self) -> Option<impl Display> {
        None::<&str>
    }

    /// The full name of the error's type.
    fn error_type() -> &'static str {
        type_name::<Self>()
    }
}

#[diagnostic::do_not_recommend]
impl<T, E: Display> MayFail for Result<T, E> {
    fn failure(&self) -> Option<impl Display> {
        self.as_ref().err()
    }

    fn error_type() -> &'static str {
        type_name::<E>()
    }
}

#[diagnostic::do_not_recommend]
impl<T: MayFail + ?Sized> MayFail for &T {
    fn failure(&self) -> Option<impl Display> {
        (**self).failure()
    }

    fn error_type() -> &'static str {
        T::error_type()
    }
}

macro_rules! never {
    ($([$($generics:tt)*] $type:ty;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> MayFail for $type {}
    )* };
}

never! {
    [] (); [] bool; [] char; [] str; [] String; [] Path; [] PathBuf; [] Duration; [] Instant; [] SystemTime;
    [] u8; [] u16; [] u32; [] u64; [] u128; [] usize; [] i8; [] i16; [] i32; [] i64; [] i128; [] isize; [] f32; [] f64;
    [] std::convert::Infallible; [] std::cmp::Ordering; [] crate::Json;
    [T] Option<T>; [T] Vec<T>; [T] VecDeque<T>; [T] [T]; [T, const N: usize] [T; N]; [T] Poll<T>; [B, C] ControlFlow<B, C>;
    [T: ?Sized] Box<T>; [T: ?Sized] Rc<T>; [T: ?Sized] Arc<T>; [T: ToOwned + ?Sized] Cow<'_, T>;
    [K, V, S] HashMap<K, V, S>; [K, V] BTreeMap<K, V>; [T, S] HashSet<T, S>; [T] BTreeSet<T>;
    [A, B] (A, B); [A, B, C] (A, B, C); [A, B, C, D] (A, B, C, D);
}
