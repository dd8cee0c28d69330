//! Where annotations are compiled out (`--cfg tense_off`): a function goes in, and the same tokens come out.
//!
//! The signature is not even parsed, because a thousand functions would pay for that; what the name needs of it, and
//! what is unusual enough to be told about, is seen in the outermost tokens.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::ext::IdentExt;
use tense_grammar::FieldDecl;

use crate::args::{Args, Macro};
use crate::fields::{self, Field};
use crate::function::says_fail;
use crate::written::is_punct;

/// Whether a look from outside is all that is needed. A stage has a type beside it, and `record!` has to find what it
/// fills in; so has `fail!`, see [`Seen::look`].
pub(crate) fn is_enough(which: Macro, args: &Args) -> bool {
    let is_usual = args.parent.is_none()
        && args.none_failed.is_none()
        && args.returns_value.is_none()
        && !args.fields.iter().any(Field::is_filled_later);
    cfg!(tense_off) && which == Macro::Traced && is_usual
}

/// A function that looks like one from outside.
pub(crate) struct Seen {
    tokens: Vec<TokenTree>,
    body: Group,
    pub(crate) name: String,
}

impl Seen {
    /// `None` for everything that deserves a closer look: what is no function, has no body, or cannot be annotated.
    pub(crate) fn look(item: TokenStream) -> Option<Self> {
        let mut tokens: Vec<TokenTree> = item.into_iter().collect();
        let word = |token: &TokenTree, word: &str| matches!(token, TokenTree::Ident(ident) if ident == word);
        let at = tokens.iter().position(|token| word(token, "fn"))?;
        let Some(TokenTree::Ident(name)) = tokens.get(at + 1) else { return None };
        let name = name.unraw().to_string();
        if tokens.iter().take(at).any(|token| word(token, "const") || word(token, "impl") || word(token, "trait")) {
            return None;
        }
        // Behind `-> impl` there may be a future with a bound too many.
        let is_hidden = |[dash, arrow, hidden]: &[TokenTree; 3]| {
            is_punct(dash, '-') && is_punct(arrow, '>') && word(hidden, "impl")
        };
        if tokens.array_windows().any(is_hidden) {
            return None;
        }
        let Some(TokenTree::Group(body)) = tokens.pop() else { return None };
        if says_fail(&body.stream()) {
            return None;
        }
        // `#![..]` at its head has to move out of the way of what is put there.
        let begins = body.stream().into_iter().take(2).collect::<Vec<_>>();
        let has_inner_attrs = matches!(&begins[..], [hash, bang] if is_punct(hash, '#') && is_punct(bang, '!'));
        (body.delimiter() == Delimiter::Brace && !has_inner_attrs).then_some(Self { tokens, body, name })
    }

    /// The function as it was written; what its fields name counts as used. `before` goes to the head of its body.
    pub(crate) fn back(self, args: &Args, declared: &[Option<FieldDecl>], before: &TokenStream) -> TokenStream {
        let Self { mut tokens, body, .. } = self;
        let krate = args.krate();
        let used = if declared.iter().any(Option::is_some) {
            // Of declared fields the types are checked as well.
            fields::used(&args.fields, declared, &krate)
        } else {
            let (names, others): (Vec<_>, Vec<_>) = args.fields.iter().partition(|field| field.variable().is_some());
            let names = names.into_iter().filter_map(Field::variable);
            let values: Vec<_> = others.into_iter().map(|field| field.reference(&krate)).collect();
            // A variable that is only named is neither borrowed nor moved, which is less to compile than a branch.
            let mut used = quote!(#(let _ = #names;)*);
            if !values.is_empty() {
                // As in `fields::used`.
                used.extend(quote!(if false { let _ = (#(#values,)*); loop {} }));
            }
            used
        };
        let mut block = body;
        if !used.is_empty() || !before.is_empty() {
            let (span, rest) = (block.span(), block.stream());
            block = Group::new(Delimiter::Brace, quote!(#before #used #rest));
            block.set_span(span);
        }
        tokens.push(block.into());
        tokens.into_iter().collect()
    }
}
