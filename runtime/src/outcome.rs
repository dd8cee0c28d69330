//! What a call returned goes in; whether that is a failure, and what the error says, comes out.
//!
//! The type is found by *dispatch over inherent methods*: a [`Probe`] has the method only for what is an error, and
//! lends a value of another type that has it for what can be shown, and so on; the compiler takes the first that fits.
//! So aliases of `Result` work, no bound is put on the user's types, and the return type is never read as text. Traits,
//! as autoref dispatch has them, would have to be in scope, and took three times as long to compile. In a generic
//! function, a `T` that happens to be a `Result` counts as "other", and of a `Result` with a generic error only the
//! type's name is known.

use std::any::type_name;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::ops::Deref;

use crate::bounded::Bounded;
use crate::panics;
use crate::record::Ending;

/// How a call ended, seen from what it returned. Two words, so that a success comes back in registers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is no failure.
    Success,
    /// Its future was dropped before it finished.
    Dropped,
    /// It ended in another way.
    Other(Box<Told>),
}

/// How a call ended that has something to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub(crate) ending: Ending,
    /// The full name of the error's type.
    pub(crate) error_type: &'static str,
    pub(crate) message: Bounded,
}

impl Told {
    /// What the error said.
    pub(crate) fn text(&self) -> &str {
        self.message.text()
    }
}

impl Outcome {
    fn told(ending: Ending, error_type: &'static str, message: Bounded) -> Self {
        Self::Other(Box::new(Told { ending, error_type, message }))
    }

    /// It unwinds. `began` is when the span did.
    #[cold]
    pub(crate) fn panicked(began: u64) -> Self {
        Self::told(Ending::Panic, "panic", panics::message_since(began))
    }

    /// It ended on purpose before it was done, because of that.
    pub(crate) fn cancelled(error_type: &'static str, message: Bounded) -> Self {
        Self::told(Ending::Cancelled, error_type, message)
    }

    /// It is an error of that type, saying that.
    pub(crate) fn error(error_type: &'static str, message: Bounded) -> Self {
        Self::told(Ending::Error, error_type, message)
    }

    pub(crate) fn ending(&self) -> Ending {
        match self {
            Self::Success => Ending::Success,
            Self::Dropped => Ending::Cancelled,
            Self::Other(told) => told.ending,
        }
    }
}

macro_rules! probes {
    ($($(#[$doc:meta])* $name:ident, $(<$life:lifetime>)? $error:ident: ($($bound:tt)*) => |$value:ident| $message:expr, else $next:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name<'a, T>($next<'a, T>);

        impl<'a, T> $name<'a, T> {
            /// Holds what a call returned while the right method is looked for.
            #[inline]
            pub fn of(out: &'a T) -> Self {
                Self($next::of(out))
            }
        }

        impl<'a, T> Deref for $name<'a, T> {
            type Target = $next<'a, T>;

            #[inline]
            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl<$($life,)? T, $error: $($bound)*> $name<'_, Result<T, $error>> {
            /// The outcome. No trait of a user has a method of that name, which would win over those further on.
            #[inline]
            pub fn __tense_outcome(&self) -> Outcome {
                match self.out() {
                    Ok(_) => Outcome::Success,
                    Err($value) => Outcome::error(type_name::<$error>(), caught(|| $message)),
                }
            }
        }
    )* };
}

probes! {
    /// An error with a source chain.
    Probe, E: (Error) => |error| chain(error, error.source()), else Holder;
    /// `Box<dyn Error>`, `anyhow::Error` and their like: not errors themselves, but they hold one, which may borrow.
    Holder, <'e> E: (AsRef<dyn Error + 'e> + Display) => |error| chain(error, error.as_ref().source()), else SyncHolder;
    /// `Box<dyn Error + Send + Sync>`.
    SyncHolder, <'e> E: (AsRef<dyn Error + Send + Sync + 'e> + Display) => |error| chain(error, error.as_ref().source()), else SendHolder;
    /// `Box<dyn Error + Send>`.
    SendHolder, <'e> E: (AsRef<dyn Error + Send + 'e> + Display) => |error| chain(error, error.as_ref().source()), else Shown;
    /// An error that can be shown.
    Shown, E: (Display) => |error| chain(error, None), else Debugged;
    /// An error that only a programmer can read.
    Debugged, E: (Debug) => |error| Bounded::of(&format_args!("{error:?}")), else Mute;
    /// An error that says nothing.
    Mute, E: () => |_error| Bounded::new(), else Other;
}

/// Anything else: no failure.
#[derive(Debug)]
pub struct Other<'a, T>(&'a T);

impl<'a, T> Other<'a, T> {
    fn of(out: &'a T) -> Self {
        Self(out)
    }

    fn out(&self) -> &'a T {
        self.0
    }

    /// The outcome.
    #[inline]
    pub const fn __tense_outcome(&self) -> Outcome {
        Outcome::Success
    }
}

/// What `none = failed` can be said of.
#[diagnostic::on_unimplemented(
    message = "`none = failed` is for a function that returns an `Option`, and this one returns `{Self}`",
    label = "there is no `None` in what it returns",
    note = "an `Err`, a panic and a cancelled future are failures anyway"
)]
pub trait MaybeNone {
    /// Whether there is nothing.
    fn is_none(&self) -> bool;
}

impl<T> MaybeNone for Option<T> {
    fn is_none(&self) -> bool {
        self.is_none()
    }
}

/// The outcome of a function for which `None` is a failure.
#[inline]
pub fn none_failed(out: &impl MaybeNone) -> Outcome {
    if out.is_none() { Outcome::error("None", Bounded::of(&"nothing was returned")) } else { Outcome::Success }
}

/// An error may panic where it is asked for its source, as it may where it is shown; the host would not have asked.
fn caught(message: impl FnOnce() -> Bounded) -> Bounded {
    panics::survive(message).unwrap_or_else(|| Bounded::of(&"<panicked while it was asked for its source>"))
}

/// The text of an error of any type, and those of its sources.
pub(crate) fn message_of(error: &(dyn Error + Send + Sync)) -> Bounded {
    caught(|| chain(error, error.source()))
}

/// The error's text, and behind it those of its sources that it does not repeat itself.
#[cold]
fn chain(error: &dyn Display, mut source: Option<&(dyn Error + 'static)>) -> Bounded {
    let mut text = Bounded::of(error);
    // A cycle in a chain of sources would have to be built on purpose; it ends here.
    for _ in 0..32 {
        let Some(cause) = source.filter(|_| !text.is_cut()) else { break };
        let more = Bounded::of(cause);
        if !text.text().ends_with(more.text()) {
            text.append(if text.text().is_empty() { "" } else { ": " });
            text.append(more.text());
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;

    /// As the macros write it.
    macro_rules! outcome_of {
        ($out:expr) => {
            Probe::of($out).__tense_outcome()
        };
    }

    fn of(outcome: &Outcome) -> (Ending, &str) {
        match outcome {
            Outcome::Other(told) => (told.ending, told.message.text()),
            _ => (outcome.ending(), ""),
        }
    }

    #[derive(Debug)]
    struct Low;
    impl Display for Low {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("disk full")
        }
    }
    impl Error for Low {}

    #[derive(Debug)]
    struct High(Low);
    impl Display for High {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("cannot save")
        }
    }
    impl Error for High {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    #[derive(Debug)]
    #[expect(dead_code, reason = "shown by Debug")]
    struct OnlyDebug(u8);
    struct Mute;
    type Alias<T> = Result<T, High>;

    #[test]
    fn every_kind_of_error_is_found_by_its_type() {
        let alias: Alias<()> = Err(High(Low));
        let outcome = outcome_of!(&alias);
        assert_eq!(of(&outcome), (Ending::Error, "cannot save: disk full"));
        assert!(matches!(outcome, Outcome::Other(told) if told.error_type.ends_with("High")));
        let boxed: Result<(), Box<dyn Error + Send + Sync>> = Err(Box::new(High(Low)));
        assert_eq!(of(&outcome_of!(&boxed)), (Ending::Error, "cannot save: disk full"));
        let boxed: Result<(), Box<dyn Error>> = Err(Box::new(High(Low)));
        assert_eq!(of(&outcome_of!(&boxed)), (Ending::Error, "cannot save: disk full"));
        assert_eq!(of(&outcome_of!(&Err::<(), _>("text"))), (Ending::Error, "text"));
        assert_eq!(of(&outcome_of!(&Err::<(), _>(OnlyDebug(1)))), (Ending::Error, "OnlyDebug(1)"));
        assert_eq!(of(&outcome_of!(&Err::<(), _>(Mute))), (Ending::Error, ""));
    }

    #[test]
    fn what_is_no_error_is_a_success() {
        assert_eq!(outcome_of!(&Ok::<_, High>(1)), Outcome::Success);
        assert_eq!(outcome_of!(&None::<u8>), Outcome::Success);
        assert_eq!(outcome_of!(&()), Outcome::Success);
        assert_eq!(outcome_of!(&"text"), Outcome::Success);
    }

    #[test]
    fn a_source_that_the_error_repeats_is_said_once() {
        #[derive(Debug)]
        struct Wrapper(Low);
        impl Display for Wrapper {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "cannot save: {}", self.0)
            }
        }
        impl Error for Wrapper {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                Some(&self.0)
            }
        }
        assert_eq!(of(&outcome_of!(&Err::<(), _>(Wrapper(Low)))), (Ending::Error, "cannot save: disk full"));
    }
}
