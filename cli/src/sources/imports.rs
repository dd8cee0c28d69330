//! The tokens of a source enter; the names that it gives to macros of ours by `use .. as ..`, or to the crate itself,
//! leave, and whether `instrument` is that of `tracing`.
//!
//! They hold for all of the file: who shadows one of them in another module has two meanings of a word in one file.

use std::collections::HashMap;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::arguments::split;
use super::instrument::INSTRUMENT;
use super::name::is_punct;
use super::site::{CONTEXT, is_word};

/// What a file imports.
#[derive(Default)]
pub(super) struct Imports {
    /// New name to the name in our crate, or to `tense`.
    renamed: HashMap<String, String>,
    /// `use tracing::instrument`, by this name.
    is_named: bool,
    /// `use tracing::*`, or `#[macro_use] extern crate tracing`: all names that nobody else gives.
    has_all: bool,
    /// `use other::instrument`
    is_of_others: bool,
    /// `use tense::context`, or `use tense::*`.
    has_context: bool,
}

/// Where the path of an import has led so far.
#[derive(Clone, Copy, Default)]
struct Path {
    is_begun: bool,
    is_ours: bool,
    is_tracing: bool,
}

impl Imports {
    pub(super) fn of(tokens: &TokenStream) -> Self {
        let mut imports = Self::default();
        let mut waiting = vec![tokens.clone()];
        while let Some(tokens) = waiting.pop() {
            let tokens: Vec<TokenTree> = tokens.into_iter().collect();
            let rest = |from| tokens.get(from..).unwrap_or_default();
            for (at, token) in tokens.iter().enumerate() {
                match token {
                    TokenTree::Group(group) => waiting.push(group.stream()),
                    // `+ use<'a>` in a type imports nothing
                    token if is_word(token, "use") && !rest(at + 1).first().is_some_and(|next| is_punct(next, '<')) => {
                        let tree = rest(at + 1).split(|token| is_punct(token, ';')).next().unwrap_or_default();
                        imports.collect(tree);
                    }
                    // all between the last item and the name may be attributes and `pub`
                    token if is_word(token, "extern") && is_of(rest(at + 1), &["crate", "tracing"]) => {
                        let before = tokens.get(..at).unwrap_or_default();
                        let before = before.rsplit(|token| is_punct(token, ';') || is_braced(token)).next();
                        imports.has_all |= before.unwrap_or_default().iter().any(is_macro_use);
                    }
                    _ => {}
                }
            }
        }
        imports
    }

    /// The name in our crate of what has this name here.
    pub(super) fn renamed(&self, name: &str) -> Option<&str> {
        self.renamed.get(name).map(String::as_str)
    }

    /// Whether a bare `instrument` can only be that of `tracing`.
    pub(super) fn has_instrument(&self) -> bool {
        self.is_named || self.has_all && !self.is_of_others
    }

    /// Whether a bare `context!` is ours: crates of templates have one as well.
    pub(super) fn has_context(&self) -> bool {
        self.has_context
    }

    /// Takes a tree apart: `tense::{event as e, traced as t}`.
    fn collect(&mut self, tree: &[TokenTree]) {
        // not by recursion: brackets may be nested deeper than a stack is
        let mut waiting: Vec<(Path, Vec<TokenTree>)> = vec![(Path::default(), tree.to_vec())];
        while let Some((mut path, tree)) = waiting.pop() {
            let mut last = None;
            let mut tokens = tree.iter();
            while let Some(token) = tokens.next() {
                match token {
                    TokenTree::Ident(word) if word == "as" => {
                        if let (Some(TokenTree::Ident(new)), Some(name)) = (tokens.next(), last.take()) {
                            self.alias(path, name, new.to_string());
                        }
                    }
                    TokenTree::Ident(word) => {
                        path.is_ours |= word == "tense";
                        path.is_tracing |= !path.is_begun && (word == "tracing" || word == "tracing_attributes");
                        path.is_begun = true;
                        last = Some(word.to_string());
                    }
                    TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                        let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                        waiting.extend(split(&inside).map(|tree| (path, tree.to_vec())));
                        last = None;
                    }
                    star if is_punct(star, '*') => {
                        self.has_all |= path.is_tracing;
                        self.has_context |= path.is_ours;
                        last = None;
                    }
                    _ => {}
                }
            }
            match last.as_deref() {
                Some(INSTRUMENT) => self.instrument(path),
                Some(CONTEXT) => self.has_context |= path.is_ours,
                _ => {}
            }
        }
    }

    fn alias(&mut self, path: Path, name: String, new: String) {
        if new == INSTRUMENT {
            self.instrument(Path { is_tracing: path.is_tracing && name == INSTRUMENT, ..path });
        }
        if path.is_ours {
            self.renamed.insert(new, name);
        }
    }

    fn instrument(&mut self, path: Path) {
        self.is_named |= path.is_tracing;
        self.is_of_others |= !path.is_tracing;
    }
}

fn is_of(tokens: &[TokenTree], words: &[&str]) -> bool {
    tokens.len() >= words.len() && tokens.iter().zip(words).all(|(token, word)| is_word(token, word))
}

fn is_braced(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

/// What stands between the brackets of `#[macro_use]`.
fn is_macro_use(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else { return false };
    group.delimiter() == Delimiter::Bracket
        && group.stream().into_iter().next().is_some_and(|first| is_word(&first, "macro_use"))
}
