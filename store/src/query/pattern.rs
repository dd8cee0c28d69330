//! A text with `*` for any text enters; whether another text is meant by it leaves.

use std::fmt::{self, Write};

/// A text in which `*` stands for any text, also for none and for one with dots: `operation.tokens.*`.
///
/// Upper and lower case are told apart. `\*` is a star, `\\` a backslash, and `\"`, `\<`, `\>` and `\=` are what a
/// value must not begin with otherwise; a backslash before anything else is one.
///
/// ```
/// use tense_store::query::Pattern;
///
/// let tokens = Pattern::new("operation.tokens.*");
/// assert!(tokens.matches("operation.tokens.created") && !tokens.matches("operation.tokens"));
/// assert_eq!(tokens.prefix(), "operation.tokens.");
/// assert_eq!(Pattern::new("sql.query").as_exact(), Some("sql.query"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// What stands before, between and behind the stars: one more than there are stars.
    pieces: Vec<String>,
}

impl Pattern {
    /// Reads a text with stars.
    pub fn new(text: &str) -> Self {
        let (mut pieces, mut piece) = (Vec::new(), String::new());
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '*' => pieces.push(std::mem::take(&mut piece)),
                '\\' => piece.push(rest.next_if(|next| is_escaped(*next)).unwrap_or('\\')),
                other => piece.push(other),
            }
        }
        pieces.push(piece);
        Self { pieces }
    }

    /// This text and no other, whatever is in it.
    pub fn exactly(text: impl Into<String>) -> Self {
        Self { pieces: vec![text.into()] }
    }

    /// Any text that ends so.
    pub fn ends_with(text: impl Into<String>) -> Self {
        Self { pieces: vec![String::new(), text.into()] }
    }

    /// The only text that is meant; `None` when there is a star.
    pub fn as_exact(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// How every text begins that is meant: what stands before the first star.
    pub fn prefix(&self) -> &str {
        self.pieces.first().map_or("", String::as_str)
    }

    /// Whether every text is meant: `*`.
    pub fn is_any(&self) -> bool {
        self.pieces.len() > 1 && self.pieces.iter().all(String::is_empty)
    }

    /// Whether that text is meant. Linear in the text for each star.
    pub fn matches(&self, text: &str) -> bool {
        let (first, last, between) = match self.pieces.as_slice() {
            [] => return false,
            [only] => return only == text,
            [first, between @ .., last] => (first, last, between),
        };
        let Some(rest) = text.strip_prefix(first.as_str()) else { return false };
        let Some(mut rest) = rest.strip_suffix(last.as_str()) else { return false };
        // The first place that a piece can have is the best one: it leaves most to those behind it.
        for piece in between {
            let Some(at) = rest.find(piece.as_str()) else { return false };
            rest = &rest[at + piece.len()..];
        }
        true
    }
}

/// What a backslash takes its meaning from.
const fn is_escaped(c: char) -> bool {
    matches!(c, '*' | '\\' | '"' | '<' | '>' | '=')
}

impl fmt::Display for Pattern {
    /// As [`Pattern::new`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, piece) in self.pieces.iter().enumerate() {
            if nth > 0 {
                f.write_char('*')?;
            }
            for (at, c) in piece.char_indices() {
                let is_first = nth == 0 && at == 0;
                if matches!(c, '*' | '\\') || is_first && is_escaped(c) {
                    f.write_char('\\')?;
                }
                f.write_char(c)?;
            }
        }
        Ok(())
    }
}

impl From<&str> for Pattern {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}
