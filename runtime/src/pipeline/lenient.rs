//! A value of any type goes in; what can be recorded of it comes out, or nothing.
//!
//! The span of a stage that may be tried again has the fields that its function names. What is wrong with one is told
//! where the function records it, and must not be told a second time; so nothing here asks for a bound. Which
//! implementation fits is found as in `outcome.rs`.

use std::cell::OnceCell;
use std::fmt;

use crate::bounded::{self, Formatted, Percent};
use crate::value::{Field, Raw};

/// Holds a reference to a value while the right implementation is looked for.
#[derive(Debug)]
pub struct Plain<'a, T: ?Sized>(pub &'a T);

/// A value that can be recorded.
pub trait ViaField<'a> {
    /// What is recorded.
    fn __tense_raw(&self) -> Raw<'a>;
}

/// Any other.
pub trait ViaNothing<'a> {
    /// Nothing.
    fn __tense_raw(&self) -> Raw<'a>;
}

impl<'a, T: Field + ?Sized> ViaField<'a> for &Plain<'a, T> {
    fn __tense_raw(&self) -> Raw<'a> {
        self.0.raw()
    }
}

impl<'a, T: ?Sized> ViaNothing<'a> for Plain<'a, T> {
    fn __tense_raw(&self) -> Raw<'a> {
        Raw::Absent
    }
}

/// The same names as outside, for what the macro writes where a sigil stands.
pub mod __private {
    use super::{Debugged, Nothing, OnceCell, Percent};

    /// `%value`
    pub fn percent<T: ?Sized>(_: &T) -> Percent<T, Nothing> {
        Percent::or(Nothing)
    }

    /// `?value`
    pub fn debug<T: ?Sized>(value: &T) -> Debugged<'_, T> {
        Debugged(value, OnceCell::new())
    }
}

/// What `%` finds where there is no such form.
#[derive(Debug)]
pub struct Nothing;

impl Nothing {
    /// No field.
    pub fn text<T: ?Sized>(&self, _: &T) -> Self {
        Self
    }
}

/// `?value`, if it has such a form.
pub struct Debugged<'a, T: ?Sized>(&'a T, OnceCell<Formatted>);

impl<T: fmt::Debug + ?Sized> Field for Debugged<'_, T> {
    fn raw(&self) -> Raw<'_> {
        self.1.get_or_init(|| bounded::debug(self.0)).raw()
    }
}
