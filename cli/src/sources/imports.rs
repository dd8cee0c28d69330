//! The tokens of a source enter; the names that it gives to macros of ours by `use .. as ..`, or to the crate itself, leave.
//!
//! They hold for all of the file: who shadows one of them in another module has two meanings of a word in one file.

use std::collections::HashMap;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::arguments::split;
use super::name::is_punct;
use super::site::is_word;

/// New name to the name in our crate, or to `tense`.
pub(super) type Imports = HashMap<String, String>;

pub(super) fn renamed(tokens: &TokenStream) -> Imports {
    let mut imports = Imports::new();
    let mut waiting = vec![tokens.clone()];
    while let Some(tokens) = waiting.pop() {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => waiting.push(group.stream()),
                // `+ use<'a>` in a type imports nothing
                token if is_word(token, "use") && !tokens.get(at + 1).is_some_and(|next| is_punct(next, '<')) => {
                    let tree = tokens.get(at + 1..).unwrap_or_default();
                    let tree = tree.split(|token| is_punct(token, ';')).next().unwrap_or_default();
                    collect(tree, &mut imports);
                }
                _ => {}
            }
        }
    }
    imports
}

/// Takes a tree apart: `tense::{event as e, traced as t}`.
fn collect(tree: &[TokenTree], imports: &mut Imports) {
    // not by recursion: brackets may be nested deeper than a stack is
    let mut waiting: Vec<(bool, Vec<TokenTree>)> = vec![(false, tree.to_vec())];
    while let Some((mut is_ours, tree)) = waiting.pop() {
        let mut last = None;
        let mut tokens = tree.iter();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Ident(word) if word == "as" => {
                    if let (Some(TokenTree::Ident(new)), Some(name), true) = (tokens.next(), last.take(), is_ours) {
                        imports.insert(new.to_string(), name);
                    }
                }
                TokenTree::Ident(word) => {
                    is_ours |= word == "tense";
                    last = Some(word.to_string());
                }
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                    waiting.extend(split(&inside).map(|tree| (is_ours, tree.to_vec())));
                }
                _ => {}
            }
        }
    }
}
