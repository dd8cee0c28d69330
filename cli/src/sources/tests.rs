//! The tokens between two brackets enter; which of them are compiled for tests alone leaves.

use proc_macro2::{Delimiter, Group, TokenTree};

use super::arguments::split;
use super::name::is_punct;

/// A mark for each token; all of them where what is around them is a test.
pub(super) fn marks(tokens: &[TokenTree], all: bool) -> Vec<bool> {
    let mut marks = vec![all; tokens.len()];
    let mut at = 0;
    while at < tokens.len() && !all {
        if let [hash, not, TokenTree::Group(group), ..] = &tokens[at..]
            && is_punct(hash, '#')
            && is_punct(not, '!')
            && is_of_tests(group)
        {
            return vec![true; tokens.len()];
        }
        // the attributes of an item, in whatever order
        let (begin, mut is_test) = (at, false);
        while let [hash, TokenTree::Group(group), ..] = &tokens[at..]
            && is_punct(hash, '#')
            && group.delimiter() == Delimiter::Bracket
        {
            is_test |= is_of_tests(group);
            at += 2;
        }
        if is_test {
            let length = tokens[at..].iter().position(ends_an_item).map_or(tokens.len() - at, |last| last + 1);
            at += length;
            marks[begin..at].fill(true);
        } else if at == begin {
            at += 1;
        }
    }
    marks
}

fn ends_an_item(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        token => is_punct(token, ';'),
    }
}

/// `#[cfg(test)]`, `#[test]`, `#[tokio::test]`, `#[bench]`
fn is_of_tests(attribute: &Group) -> bool {
    let tokens: Vec<TokenTree> = attribute.stream().into_iter().collect();
    match tokens.as_slice() {
        [TokenTree::Ident(cfg), TokenTree::Group(asked)] if cfg == "cfg" => {
            is_asked_for(&asked.stream().into_iter().collect::<Vec<_>>())
        }
        [.., TokenTree::Ident(last)] | [.., TokenTree::Ident(last), TokenTree::Group(_)] => {
            last == "test" || last == "bench"
        }
        _ => false,
    }
}

/// Whether what a `cfg` asks for holds in tests alone.
pub(super) fn is_asked_for(asked: &[TokenTree]) -> bool {
    // conditions are nested a few deep; whoever nests more is taken to mean no test
    is_asked_within(asked, 16)
}

fn is_asked_within(asked: &[TokenTree], depth: usize) -> bool {
    match asked {
        [TokenTree::Ident(word)] => word == "test",
        [TokenTree::Ident(how), TokenTree::Group(group)] if depth > 0 => {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            let mut parts = split(&inner).map(|part| is_asked_within(part, depth - 1));
            match how.to_string().as_str() {
                "all" => parts.any(|is_test| is_test),
                "any" => !inner.is_empty() && parts.all(|is_test| is_test),
                _ => false,
            }
        }
        _ => false,
    }
}
