//! A span of tokens enters; its place in the file leaves.

use std::ops::Range;

use proc_macro2::Span;

/// Where something stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// From 1.
    pub(crate) line: usize,
    /// From 1, in characters.
    pub(crate) column: usize,
    /// Its bytes in the text.
    pub(crate) bytes: Range<usize>,
}

impl Place {
    pub(super) fn of(span: Span) -> Self {
        let start = span.start();
        Self { line: start.line, column: start.column + 1, bytes: span.byte_range() }
    }

    /// With the file that it is in, for a line to begin with.
    pub(crate) fn in_file<'f>(&self, file: &'f str) -> (&'f str, usize, usize) {
        (file, self.line, self.column)
    }

    /// From the beginning of this one to the end of another.
    pub(super) fn to(&self, last: &Place) -> Self {
        Self { bytes: self.bytes.start..last.bytes.end, ..self.clone() }
    }
}
