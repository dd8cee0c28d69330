//! The tokens of a name go in, its segments with the place of each come out.
//!
//! A name is dotted tokens, not a string, so that an error underlines the one wrong word. A string literal is taken as
//! well, for names that a `macro_rules!` puts together.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::format_ident;
use syn::ext::IdentExt;

use crate::errors::{self, Errors};

/// A name as it was written.
pub(crate) struct WrittenName {
    pub(crate) segments: Vec<String>,
    pub(crate) spans: Vec<Span>,
    /// The first token, for errors about the whole.
    pub(crate) span: Span,
    /// As it was written: one literal, or segments and dots.
    tokens: Vec<TokenTree>,
}

impl WrittenName {
    /// Takes the name from the head of the arguments, up to the first comma, and gives back the tokens behind that
    /// comma. `None` when no name could be read; the mistakes are in `errors` then.
    pub(crate) fn take(args: TokenStream, errors: &mut Errors) -> (Option<Self>, TokenStream) {
        let mut tokens = args.clone().into_iter();
        let head: Vec<TokenTree> =
            tokens.by_ref().take_while(|token| !is_punct(token, ',')).flat_map(visible).collect();
        if let [TokenTree::Ident(key), next, ..] = head.as_slice()
            && (is_punct(next, '=') || matches!(next, TokenTree::Group(_)))
        {
            if key == "name" && is_punct(next, '=') {
                errors.push(errors::name_with_key(key.span()));
                return (None, tokens.collect());
            }
            // An argument stands where the name should; it is read as one.
            errors.push(errors::no_name(key.span()));
            return (None, args);
        }
        (Self::read(&head, errors), tokens.collect())
    }

    fn read(head: &[TokenTree], errors: &mut Errors) -> Option<Self> {
        let Some(first) = head.first() else {
            errors.push(errors::no_name(Span::call_site()));
            return None;
        };
        if let [token] = head
            && let Some(name) = literal(token)
        {
            return Some(name);
        }
        if let [TokenTree::Literal(literal), behind, ..] = head
            && literal.to_string().contains('"')
        {
            errors.push(errors::odd_in_name(behind.span(), &behind.to_string()));
            return None;
        }
        let (segments, spans) = (Vec::new(), Vec::new());
        let mut name = Self { segments, spans, span: first.span(), tokens: head.to_vec() };
        let (mut want_word, mut last_dot) = (true, first.span());
        for token in head {
            match token {
                TokenTree::Punct(dot) if dot.as_char() == '.' => {
                    if want_word {
                        errors.push(errors::missing_segment(dot.span()));
                        return None;
                    }
                    (want_word, last_dot) = (true, dot.span());
                }
                token if want_word => {
                    name.segments.push(word(token, errors)?);
                    name.spans.push(token.span());
                    want_word = false;
                }
                // One bad run of tokens is one mistake: the rest of the name is not looked at.
                token => {
                    errors.push(errors::odd_in_name(token.span(), &token.to_string()));
                    return None;
                }
            }
        }
        if want_word {
            errors.push(errors::missing_segment(last_dot));
            return None;
        }
        Some(name)
    }

    /// The place of `skip`, which is no name.
    pub(crate) fn skip(&self) -> Option<Span> {
        (self.segments == ["skip"]).then_some(self.span)
    }

    /// The same name at a method, where its last segment is told of.
    pub(crate) fn at_method(&self, method: Span) -> Self {
        let (mut spans, mut tokens) = (self.spans.clone(), self.tokens.clone());
        if let (Some(last), Some(token)) = (spans.last_mut(), tokens.last_mut()) {
            *last = method;
            // In a text no segment has a place of its own.
            if !matches!(token, TokenTree::Literal(_)) {
                token.set_span(method);
            }
        }
        Self { segments: self.segments.clone(), spans, span: self.span, tokens }
    }

    /// The name as it was written.
    pub(crate) fn tokens(&self) -> TokenStream {
        self.tokens.iter().cloned().collect()
    }

    /// The place of a segment, or of the whole name.
    pub(crate) fn span_of(&self, segment: usize) -> Span {
        self.spans.get(segment).copied().unwrap_or(self.span)
    }
}

/// The tokens of an invisible group, in which a `macro_rules!` passes on what it was given; other tokens as they are.
pub(crate) fn visible(token: TokenTree) -> Vec<TokenTree> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            group.stream().into_iter().flat_map(visible).collect()
        }
        token => vec![token],
    }
}

/// One word: an identifier (raw and keywords too), `_` or `*`.
fn word(token: &TokenTree, errors: &mut Errors) -> Option<String> {
    match token {
        TokenTree::Ident(ident) => return Some(ident.unraw().to_string()),
        TokenTree::Punct(star) if star.as_char() == '*' => return Some("*".to_owned()),
        TokenTree::Literal(literal) => errors.push(errors::digit_first(literal.span(), &literal.to_string())),
        token => errors.push(errors::odd_in_name(token.span(), &token.to_string())),
    }
    None
}

/// `"operation.tokens.created"`: all segments stand at the literal, because stable Rust cannot point inside it.
fn literal(token: &TokenTree) -> Option<WrittenName> {
    let TokenTree::Literal(literal) = token else { return None };
    let text = syn::parse_str::<syn::LitStr>(&literal.to_string()).ok()?.value();
    let segments: Vec<String> = text.split('.').map(str::to_owned).collect();
    let span = literal.span();
    Some(WrittenName { spans: vec![span; segments.len()], segments, span, tokens: vec![token.clone()] })
}

pub(crate) fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

/// A word as an identifier of ours: a keyword becomes a raw one, and what cannot be raw gets a `_` behind it.
pub(crate) fn ident(word: &str, span: Span) -> Ident {
    match word {
        "crate" | "self" | "super" | "Self" | "_" => format_ident!("{word}_", span = span),
        // A keyword since 2024, which `syn` lets pass.
        "gen" => Ident::new_raw(word, span),
        word if syn::parse_str::<Ident>(word).is_ok() => Ident::new(word, span),
        // What `macro_rules!` calls `$crate` is a word to a macro, and no identifier.
        word if word.starts_with('$') => ident(&word[1..], span),
        word => Ident::new_raw(word, span),
    }
}
