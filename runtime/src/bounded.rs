//! Values that format themselves go in; at most 4 KiB of their text comes out, whatever their code does. A form that
//! panics is caught, and told in its place; not under `panic = "abort"`.

use std::fmt::{self, Debug, Display, Write as _};
use std::marker::PhantomData;
use std::ops::Deref;

use crate::panics;
use crate::shown::MOST_BYTES;
use crate::value::{Field, Raw};

/// A value that was formatted before the record was begun, because formatting runs the user's code.
#[derive(Debug)]
pub struct Formatted(Bounded);

impl Field for Formatted {
    fn raw(&self) -> Raw<'_> {
        self.0.raw()
    }
}

/// Its `Display` form.
pub fn display(value: &(impl Display + ?Sized)) -> Formatted {
    Formatted(Bounded::of(&format_args!("{value}")))
}

/// `?value`: its `Debug` form, also that of an `Option`.
pub fn debug(value: &(impl Debug + ?Sized)) -> Formatted {
    Formatted(Bounded::of(&format_args!("{value:?}")))
}

/// The same into a text of one's own, which stops it by an error.
pub fn show(into: &mut dyn fmt::Write, value: fmt::Arguments<'_>) {
    if let Err(unformed) = panics::form(|| into.write_fmt(value).ok()) {
        into.write_str(&unformed.text("formatted")).ok();
    }
}

/// `%value`: its `Display` form; that of an `Option` is absent when it is `None`.
///
/// The compiler takes the first `text` that fits, and looks through `Deref` for it: that of a type with a `Display`
/// form, that of an `Option`, and the last one, which tells what is missing.
#[derive(Debug)]
pub struct Percent<T: ?Sized, Last>(OptionOr<T, Last>);

/// What has no `Display` form may be an `Option`.
#[derive(Debug)]
pub struct OptionOr<T: ?Sized, Last>(Last, PhantomData<T>);

/// What is no `Option` either.
#[derive(Debug)]
pub struct Mute;

/// Knows the type of the value, for `.text(value)`.
#[inline]
pub fn percent<T: ?Sized>(_: &T) -> Percent<T, Mute> {
    Percent::or(Mute)
}

impl<T: ?Sized, Last> Percent<T, Last> {
    /// The last one says what becomes of a value that is neither.
    pub(crate) const fn or(last: Last) -> Self {
        Self(OptionOr(last, PhantomData))
    }
}

impl<T: Display + ?Sized, Last> Percent<T, Last> {
    /// Its form.
    pub fn text(&self, value: &T) -> Formatted {
        display(value)
    }
}

impl<T: Display, Last> OptionOr<Option<T>, Last> {
    /// Its form.
    pub fn text(&self, value: &Option<T>) -> Option<Formatted> {
        value.as_ref().map(display)
    }
}

impl<T: Display, Last> OptionOr<&Option<T>, Last> {
    /// Its form.
    pub fn text(&self, value: &&Option<T>) -> Option<Formatted> {
        value.as_ref().map(display)
    }
}

impl Mute {
    /// Never called. The bound is one of the argument's, so that the error stands there.
    pub fn text<U: Display + ?Sized>(&self, value: &U) -> Formatted {
        display(value)
    }
}

impl<T: ?Sized, Last> Deref for Percent<T, Last> {
    type Target = OptionOr<T, Last>;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T: ?Sized, Last> Deref for OptionOr<T, Last> {
    type Target = Last;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// A text that stops growing at its bound; formatting stops there too, however large the value is, unless its own code
/// does not heed the error.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Bounded {
    text: String,
    is_cut: bool,
}

impl Bounded {
    /// Formats, and survives a `Display` that fails or panics: the host would not have called it without us. A panic
    /// under `panic = "abort"` is the end of the host, because nobody can catch it there.
    pub(crate) fn of(value: &dyn Display) -> Self {
        let mut bounded = Self::default();
        if let Err(unformed) = panics::form(|| write!(bounded, "{value}").ok()) {
            bounded.text.push_str(&unformed.text("formatted"));
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

    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    pub(crate) fn raw(&self) -> Raw<'_> {
        if self.is_cut { Raw::CutStr(&self.text) } else { Raw::Str(&self.text) }
    }
}

impl fmt::Write for Bounded {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let room = if self.is_cut { 0 } else { MOST_BYTES - self.text.len().min(MOST_BYTES) };
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
    fn formatting_stops_at_the_bound_on_a_whole_character() {
        struct Endless;
        impl Debug for Endless {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                loop {
                    f.write_str("äö€")?;
                }
            }
        }
        let bounded = debug(&Endless).0;
        assert!(bounded.is_cut);
        let text = bounded.text;
        assert!(text.len() <= MOST_BYTES && text.len() > MOST_BYTES - 8, "{}", text.len());
    }

    #[test]
    fn a_form_that_fails_is_shown_as_far_as_it_came() {
        struct Failing;
        impl Display for Failing {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("so far")?;
                Err(fmt::Error)
            }
        }
        assert_eq!(display(&Failing).0, Bounded { text: "so far".to_owned(), is_cut: false });
    }

    #[test]
    fn a_display_that_panics_is_told_and_survived() {
        struct Broken;
        impl Display for Broken {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                panic!("no")
            }
        }
        assert_eq!(display(&Broken).0.text, "<panicked while it was formatted>");
    }

    #[test]
    fn what_a_panic_carries_may_panic_as_well_where_it_is_dropped() {
        struct Bomb(u8);
        impl Drop for Bomb {
            fn drop(&mut self) {
                if self.0 > 0 {
                    std::panic::resume_unwind(Box::new(Self(self.0 - 1)));
                }
            }
        }
        struct Broken;
        impl Display for Broken {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                std::panic::panic_any(Bomb(2))
            }
        }
        assert_eq!(display(&Broken).0.text, "<panicked while it was formatted>");
    }
}
