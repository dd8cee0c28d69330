//! The tokens of a `#[tracing::instrument(..)]` enter; its settings leave, as far as they have a counterpart in
//! `#[traced]`.

use proc_macro2::{Delimiter, TokenTree};

use super::arguments::{Field, split};
use super::name::{is_punct, unquoted};
use super::place::Place;
use super::site::is_word;

/// A `#[tracing::instrument]`.
#[derive(Debug)]
pub(crate) struct Instrument {
    /// What stands between the brackets.
    pub(crate) place: Place,
    pub(crate) function: Option<String>,
    /// The module around it in this file.
    pub(crate) module: Option<String>,
    /// Nothing when one of them has no counterpart, or is not understood.
    pub(crate) settings: Option<Vec<Setting>>,
}

/// One setting between its commas.
#[derive(Debug)]
pub(crate) enum Setting {
    /// `skip(..)`, `skip_all`: what is not named is not recorded anyway.
    Skip,
    /// Its key: `name`, `err`, `ret`.
    Dropped(&'static str),
    /// The string literal of `target = ".."`.
    Target(String),
    /// `"debug"`, whatever it was written as.
    Level(&'static str),
    /// Fields to be taken as they are written: the place of each is all of it.
    Fields(Vec<Field>),
}

impl Setting {
    /// The fields that it records.
    pub(crate) fn fields(&self) -> &[Field] {
        match self {
            Setting::Fields(fields) => fields,
            _ => &[],
        }
    }
}

/// The attribute of `tracing`.
pub(super) const INSTRUMENT: &str = "instrument";

const LEVELS: [&str; 5] = ["trace", "debug", "info", "warn", "error"];

impl Instrument {
    pub(super) fn read(
        content: &[TokenTree],
        inner: &[TokenTree],
        function: Option<&str>,
        module: Option<&str>,
    ) -> Option<Self> {
        let (first, last) = (content.first()?, content.last()?);
        let place = Place::of(first.span()).to(&Place::of(last.span()));
        let settings = split(inner).map(setting).collect();
        Some(Self { place, function: function.map(str::to_owned), module: module.map(str::to_owned), settings })
    }
}

pub(super) fn is_of_tracing(path: &[TokenTree], is_imported: bool) -> bool {
    match path {
        [_] => is_imported,
        path => path.iter().any(|token| is_word(token, "tracing") || is_word(token, "tracing_attributes")),
    }
}

fn setting(tokens: &[TokenTree]) -> Option<Setting> {
    let (TokenTree::Ident(key), rest) = tokens.split_first()? else { return None };
    match (key.to_string().as_str(), rest) {
        ("skip_all", []) => Some(Setting::Skip),
        ("skip", [TokenTree::Group(_)]) => Some(Setting::Skip),
        ("name", [equals, TokenTree::Literal(_)]) if is_punct(equals, '=') => Some(Setting::Dropped("name")),
        ("err", [] | [TokenTree::Group(_)]) => Some(Setting::Dropped("err")),
        ("ret", [] | [TokenTree::Group(_)]) => Some(Setting::Dropped("ret")),
        ("target", [equals, TokenTree::Literal(target)]) if is_punct(equals, '=') => {
            let written = target.to_string();
            unquoted(&written).is_some().then_some(Setting::Target(written))
        }
        ("level", [equals, level @ ..]) if is_punct(equals, '=') => self::level(level).map(Setting::Level),
        ("fields", [TokenTree::Group(group)]) if group.delimiter() == Delimiter::Parenthesis => {
            let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
            split(&tokens).map(field).collect::<Option<_>>().map(Setting::Fields)
        }
        _ => None,
    }
}

/// `"debug"`, `Level::DEBUG`, `tracing::Level::DEBUG`, and the numbers from 1 (trace) to 5 (error).
fn level(tokens: &[TokenTree]) -> Option<&'static str> {
    let known = |word: &str| LEVELS.into_iter().find(|level| level.eq_ignore_ascii_case(word));
    match tokens {
        [TokenTree::Literal(literal)] => {
            let written = literal.to_string();
            match unquoted(&written) {
                Some((_, word)) => known(word),
                None => written.parse::<usize>().ok()?.checked_sub(1).and_then(|n| LEVELS.get(n).copied()),
            }
        }
        [path @ .., TokenTree::Ident(last)] if path.iter().any(|token| is_word(token, "Level")) => {
            known(&last.to_string())
        }
        _ => None,
    }
}

/// A field that means the same in `fields(..)` of `#[traced]`: one word, and a value that is there when the call
/// begins. One without a value, or with `Empty`, waits for `Span::record`, which finds no span of ours.
fn field(tokens: &[TokenTree]) -> Option<Field> {
    let (TokenTree::Ident(name), [equals, value @ ..]) = tokens.split_first()? else { return None };
    let value = match value {
        [sigil, value @ ..] if is_punct(sigil, '%') || is_punct(sigil, '?') => value,
        value => value,
    };
    let last = value.last()?;
    let is_plain = is_punct(equals, '=') && !leaves_or_waits(value);
    let place = Place::of(name.span()).to(&Place::of(last.span()));
    let name = name.to_string();
    is_plain.then(|| Field { name: name.strip_prefix("r#").unwrap_or(&name).to_owned(), later: false, place })
}

/// Whether a value has what a field of ours refuses, or what has a meaning of its own in `tracing`.
fn leaves_or_waits(value: &[TokenTree]) -> bool {
    const WORDS: [&str; 7] = ["Empty", "await", "break", "continue", "return", "yield", "_"];
    let mut waiting = value.to_vec();
    while let Some(token) = waiting.pop() {
        match &token {
            TokenTree::Group(group) => waiting.extend(group.stream()),
            TokenTree::Ident(word) if WORDS.iter().any(|known| word == known) => return true,
            token if is_punct(token, '?') || is_punct(token, '$') => return true,
            _ => {}
        }
    }
    false
}
