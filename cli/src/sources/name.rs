//! The tokens at the head of an annotation enter; the name that they write leaves, or that nobody can know it.
//!
//! It takes what the macros take: words between dots, or one string literal.

use std::ops::Range;

use proc_macro2::{Literal, TokenTree};

use super::place::Place;

/// A name as it stands in a source.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub(crate) segments: Vec<Segment>,
    /// All of it, with the quotes of a literal.
    pub(crate) place: Place,
    /// Where the words between the quotes stand, when it is a literal.
    pub(crate) in_quotes: Option<Place>,
}

/// A word between dots, `_` or `*`.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) text: String,
    pub(crate) place: Place,
}

/// What stands at the head of an annotation.
pub(super) enum Head {
    Name(Name),
    /// A name that a macro puts together, or that the compiler refuses.
    Unknown,
    /// No name at all, so that this is an annotation of somebody else.
    Nothing,
}

impl Name {
    /// The words with dots between them.
    pub(crate) fn dotted(&self) -> String {
        self.segments.iter().map(|segment| segment.text.as_str()).collect::<Vec<_>>().join(".")
    }

    /// Its first word.
    pub(crate) fn layer(&self) -> &str {
        self.segments.first().map(|segment| segment.text.as_str()).unwrap_or_default()
    }

    /// Where to write what, for this name to become another one. Only the words that differ are written anew where
    /// there are as many of them; else all of the name, unless something other than its words stands between them.
    pub(crate) fn pieces(&self, text: &str, new: &str) -> Option<Vec<(Range<usize>, String)>> {
        let words: Vec<&str> = new.split('.').collect();
        match &self.in_quotes {
            Some(inside) => Some(vec![(inside.bytes.clone(), new.to_owned())]),
            None if words.len() == self.segments.len() => {
                let pairs = self.segments.iter().zip(words).filter(|(segment, word)| segment.text != *word);
                Some(pairs.map(|(segment, word)| (segment.place.bytes.clone(), word.to_owned())).collect())
            }
            None => {
                let written = text.get(self.place.bytes.clone())?.replace("r#", "");
                (written == self.dotted()).then(|| vec![(self.place.bytes.clone(), new.to_owned())])
            }
        }
    }
}

/// Reads the tokens up to the first comma.
pub(super) fn read(head: &[TokenTree]) -> Head {
    match head {
        [] => Head::Nothing,
        [TokenTree::Literal(literal)] => literal_name(literal),
        _ if head.iter().any(|token| is_punct(token, '$') || is_punct(token, '#')) => Head::Unknown,
        [TokenTree::Ident(_)] => dotted(head).map_or(Head::Unknown, Head::Name),
        [TokenTree::Ident(_), second, ..] if is_punct(second, '.') => dotted(head).map_or(Head::Unknown, Head::Name),
        _ => Head::Nothing,
    }
}

fn dotted(head: &[TokenTree]) -> Option<Name> {
    let mut segments = Vec::new();
    for (index, token) in head.iter().enumerate() {
        let text = match token {
            dot if index % 2 == 1 => {
                is_punct(dot, '.').then_some(())?;
                continue;
            }
            TokenTree::Ident(word) => word.to_string(),
            star => is_punct(star, '*').then(|| "*".to_owned())?,
        };
        let text = text.strip_prefix("r#").unwrap_or(&text).to_owned();
        segments.push(Segment { text, place: Place::of(token.span()) });
    }
    let place = segments.first()?.place.to(&segments.last()?.place);
    // a dot at the end wants a word
    (head.len() % 2 == 1).then_some(Name { segments, place, in_quotes: None })
}

/// `"operation.tokens.created"`. One with an escape in it is left to the compiler.
fn literal_name(literal: &Literal) -> Head {
    let (written, place) = (literal.to_string(), Place::of(literal.span()));
    let Some((open, text)) = unquoted(&written) else { return Head::Nothing };
    if text.contains('\\') {
        return Head::Unknown;
    }
    let start = place.bytes.start + open;
    let inside = Place { bytes: start..start + text.len(), ..place.clone() };
    let segments = text.split('.').map(|text| Segment { text: text.to_owned(), place: place.clone() }).collect();
    Head::Name(Name { segments, place, in_quotes: Some(inside) })
}

/// How much opens a string literal, and what stands in it; nothing for a literal of another kind.
pub(super) fn unquoted(literal: &str) -> Option<(usize, &str)> {
    let hashes = literal.strip_prefix('r').map_or(0, |rest| rest.len() - rest.trim_start_matches('#').len());
    let open = usize::from(literal.starts_with('r')) + hashes + 1;
    let opens = literal.get(..open)?.ends_with('"');
    let end = literal.len().checked_sub(hashes + 1).filter(|end| *end >= open)?;
    opens.then(|| literal.get(open..end)).flatten().map(|text| (open, text))
}

pub(super) fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}
