//! Collects the parts of a text that are secret, and takes them out.

use super::MARKER;
use super::kinds::Class;

/// A text, and what was found in it.
pub(super) struct Found<'t> {
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    spans: Vec<(usize, usize)>,
    /// The furthest end of what was found.
    until: usize,
    /// The last run of each class that was looked at. Without it, a long word in which a thousand tokens seem to begin
    /// would be read a thousand times.
    runs: Vec<(Class, usize, usize)>,
}

impl<'t> Found<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, bytes: text.as_bytes(), spans: Vec::new(), until: 0, runs: Vec::new() }
    }

    /// What stands from here to there is secret.
    pub(super) fn add(&mut self, start: usize, end: usize) {
        if start < end && self.text.get(start..end).is_some_and(|secret| secret != MARKER) {
            self.spans.push((start, end));
            self.until = self.until.max(end);
        }
    }

    /// Whether this place is in what was found already.
    pub(super) fn covers(&self, at: usize) -> bool {
        at < self.until
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    pub(super) fn before(&self, at: usize) -> Option<u8> {
        self.byte(at.checked_sub(1)?)
    }

    /// Where the characters of a class end that begin here.
    pub(super) fn run(&mut self, from: usize, class: Class) -> usize {
        let known = self.runs.iter_mut().find(|(known, ..)| *known == class);
        if let Some((_, start, end)) = &known
            && (*start..=*end).contains(&from)
        {
            return *end;
        }
        let rest = self.bytes.get(from..).unwrap_or_default();
        let end = from + rest.iter().take_while(|byte| class.has(**byte)).count();
        match known {
            Some(known) => *known = (class, from, end),
            None => self.runs.push((class, from, end)),
        }
        end
    }

    /// Where the characters of a class begin that end here, no further back than that.
    pub(super) fn back(&self, end: usize, class: Class, reach: usize) -> usize {
        let from = end.saturating_sub(reach);
        end - self.bytes[from..end].iter().rev().take_while(|byte| class.has(**byte)).count()
    }

    /// Whether a word may begin here: behind no letter or digit, or behind the escape of a line break (`\nAKIA..`) or
    /// a percent code (`%3DAKIA..`).
    pub(super) fn starts_word(&self, at: usize) -> bool {
        let before = |back: usize| self.byte(at.checked_sub(back)?);
        let Some(last) = before(1) else { return true };
        let escaped = matches!(last, b'n' | b'r' | b't') && before(2) == Some(b'\\');
        let coded = Class::ANY_HEX.has(last) && before(3) == Some(b'%');
        !last.is_ascii_alphanumeric() || escaped || coded
    }

    /// Whether a word ends here.
    pub(super) fn ends_word(&self, at: usize) -> bool {
        self.byte(at).is_none_or(|byte| !byte.is_ascii_alphanumeric())
    }

    /// The text without what was found; `None` when there was nothing.
    pub(super) fn redacted(mut self) -> Option<String> {
        if self.spans.is_empty() {
            return None;
        }
        self.spans.sort_unstable();
        let mut new = String::with_capacity(self.text.len());
        let mut copied = 0;
        let mut spans = self.spans.into_iter().peekable();
        while let Some((start, mut end)) = spans.next() {
            while let Some((_, further)) = spans.next_if(|(next, _)| *next < end) {
                end = end.max(further);
            }
            new.push_str(&self.text[copied..start]);
            new.push_str(MARKER);
            copied = end;
        }
        new.push_str(&self.text[copied..]);
        Some(new)
    }
}
