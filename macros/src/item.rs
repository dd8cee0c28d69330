//! The tokens of an annotated item go in; a signature, taken apart, and a body, untouched, come out.
//!
//! The body stays a group of tokens: that is fast, and a half-typed body still works in an editor.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Attribute, Signature, Token, Visibility};

use crate::errors;
use crate::written::is_punct;

pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    /// The inner attributes at the head of the body, which are not legal inside a closure.
    pub(crate) inner_attrs: TokenStream,
    pub(crate) body: TokenStream,
    /// The braces around it, which carry the edition of whoever wrote them: temporaries at the end of a block depend on
    /// it.
    pub(crate) braces: Span,
}

impl Function {
    /// A function with a body, or one error at the token that makes it something else.
    pub(crate) fn parse(item: TokenStream) -> syn::Result<Self> {
        Self::parse_tokens.parse2(item)
    }

    fn parse_tokens(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = Attribute::parse_outer(input)?;
        let vis: Visibility = input.parse()?;
        let start = input.fork();
        // `default fn` of specialization and everything that is no function end up here as one error of ours.
        let sig: Signature = input.parse().map_err(|error| {
            let begins_as_function =
                ["const", "async", "unsafe", "extern", "fn", "safe"].iter().any(|word| starts_with(&start, word));
            // `const LIMIT: u8`, `extern crate` and `extern "C" { .. }` begin so, and are none.
            if begins_as_function && has_word(&start, "fn") { error } else { errors::no_function(start.span()) }
        })?;
        if let Some(token) = &sig.constness {
            return Err(errors::const_fn(token.span));
        }
        if let Some(variadic) = &sig.variadic {
            return Err(errors::variadic(variadic.span()));
        }
        if input.peek(Token![;]) {
            return Err(errors::no_body(input.span()));
        }
        let Some(body) = block(&input.parse()?) else { return Err(errors::no_function(sig.span())) };
        let braces = body.span();
        let (inner_attrs, body) = split_inner_attrs(&body);
        Ok(Self { attrs, vis, sig, inner_attrs, body, braces })
    }

    /// Whether another attribute macro may still follow, which expects the function to be what it was written as.
    pub(crate) fn has_unknown_attribute(&self) -> bool {
        const HARMLESS: [&str; 16] = [
            "allow",
            "cfg",
            "clippy",
            "cold",
            "deny",
            "deprecated",
            "diagnostic",
            "doc",
            "expect",
            "forbid",
            "inline",
            "rustfmt",
            "tense",
            "track_caller",
            "traced",
            "warn",
        ];
        self.attrs.iter().any(|attr| {
            let first = attr.path().segments.first().map(|segment| segment.ident.to_string()).unwrap_or_default();
            !HARMLESS.contains(&first.as_str())
        })
    }

    /// Tokens between the braces of the body.
    pub(crate) fn in_braces(&self, inside: TokenStream) -> Group {
        let mut group = Group::new(Delimiter::Brace, inside);
        group.set_span(self.braces);
        group
    }

    pub(crate) fn is_track_caller(&self) -> bool {
        self.attrs.iter().any(|attr| attr.path().is_ident("track_caller"))
    }
}

/// The braces of a body; a `$body:block` of `macro_rules!` has invisible ones around them.
fn block(token: &TokenTree) -> Option<Group> {
    let TokenTree::Group(group) = token else { return None };
    match group.delimiter() {
        Delimiter::Brace => Some(group.clone()),
        Delimiter::None => block(&group.stream().into_iter().next()?),
        _ => None,
    }
}

fn starts_with(input: &syn::parse::ParseBuffer<'_>, word: &str) -> bool {
    matches!(input.fork().parse::<TokenTree>(), Ok(TokenTree::Ident(ident)) if ident == word)
}

/// Whether that word stands among the outermost tokens.
fn has_word(input: &syn::parse::ParseBuffer<'_>, word: &str) -> bool {
    let tokens: TokenStream = input.fork().parse().unwrap_or_default();
    tokens.into_iter().any(|token| matches!(token, TokenTree::Ident(ident) if ident == word))
}

/// `#![..]` at the head of the body becomes `#[..]` on the function.
fn split_inner_attrs(body: &Group) -> (TokenStream, TokenStream) {
    let mut tokens: Vec<TokenTree> = body.stream().into_iter().collect();
    let mut attrs = TokenStream::new();
    let mut taken = 0;
    while let [hash, bang, TokenTree::Group(group), ..] = &tokens[taken..] {
        if !is_punct(hash, '#') || !is_punct(bang, '!') || group.delimiter() != Delimiter::Bracket {
            break;
        }
        hash.to_tokens(&mut attrs);
        group.to_tokens(&mut attrs);
        taken += 3;
    }
    tokens.drain(..taken);
    (attrs, tokens.into_iter().collect())
}
