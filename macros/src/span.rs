//! `span!`: a block, a future, or a stretch of time instead of a function, under the same rules as `#[traced]`.
//!
//! A body that is written into it becomes what the body of an annotated function does, with `record!` and `fail!` of
//! its own. Without one a value of `tense::NewSpan` is made, whose methods are given what is to happen.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::quote;
use syn::Lifetime;
use tense_grammar::Form;

use crate::args::{self, Args, Macro};
use crate::errors::{self, Errors};
use crate::fields::{self, Field};
use crate::function::{Begin, Handles, LeftOpen, head};
use crate::plan::Plan;
use crate::written::{WrittenName, is_punct, visible};

/// `span!(dispatch.batch.*, fields(size, stored = _))`, and perhaps a body behind that.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let (krate, input) = args::take_crate(input, &mut errors);
    let (name, rest) = WrittenName::take(input, &mut errors);
    let (rest, body) = split(rest);
    let mut args = Args::parse(rest, Macro::Span, &mut errors);
    args.krate = krate.or(args.krate);
    let body = body.and_then(|body| errors.keep(Body::read(body)));
    let plan = Plan::make(name.as_ref(), Form::Action, "", &args, &mut errors);
    let krate = args.krate();
    let Some(plan) = plan.filter(|_| errors.is_empty()) else {
        let instead = match &body {
            Some(body) => body.plain(TokenStream::new()),
            None => quote!(#krate::__private::never::<#krate::NewSpan>()),
        };
        return errors.into_expression(&instead);
    };
    let expanded = match body {
        Some(body) => body.wrapped(&plan, &args, &krate),
        None => value(&plan, &args, &krate),
    };
    let dependency = &plan.dependency;
    quote!({ #dependency #expanded })
}

/// Without a body.
fn value(plan: &Plan, args: &Args, krate: &TokenStream) -> TokenStream {
    let (site, values) = (plan.site(krate, args), fields::raws(&args.fields, &plan.declared, krate));
    let take = Ident::new("__tense_take", Span::mixed_site());
    let span = quote!(#krate::__private::span(#site, |#take| #take(#values)));
    if !args.fields.iter().any(Field::is_filled_later) {
        return span;
    }
    let off = quote!(FieldsFilledLater(#krate::__private::Open::OFF));
    let LeftOpen { item, uses } = LeftOpen::of(&args.fields, &plan.declared, krate, &off);
    quote!(#item #uses #span.leaving_open(FieldsFilledLater))
}

/// What happens in the span.
struct Body {
    /// `async` and `move`, where they were written: an editor looks for both at their places.
    is_async: Option<TokenTree>,
    moves: Option<TokenTree>,
    /// `-> T`, where it was written.
    output: TokenStream,
    tokens: TokenStream,
    /// Who wrote it: the braces around it, or the first token of an expression without.
    writer: Span,
    has_braces: bool,
}

impl Body {
    /// `|| ..`, `move || -> T { .. }`, `async { .. }`, `async move { .. }`
    fn read(tokens: Vec<TokenTree>) -> syn::Result<Self> {
        let first = tokens.first().map_or_else(Span::call_site, TokenTree::span);
        let mut tokens = tokens.into_iter().peekable();
        let is_async = tokens.next_if(|token| is_word(token, "async"));
        let moves = tokens.next_if(|token| is_word(token, "move"));
        if is_async.is_none() {
            for _ in 0..2 {
                let bar = tokens.next();
                if !bar.as_ref().is_some_and(|token| is_punct(token, '|')) {
                    return Err(errors::no_body_of_span(bar.map_or(first, |token| token.span())));
                }
            }
        }
        let mut rest: Vec<TokenTree> = tokens.collect();
        // What a `macro_rules!` was given stands in invisible brackets.
        if let [group] = rest.as_slice() {
            rest = visible(group.clone());
        }
        let mut output = TokenStream::new();
        if matches!(rest.as_slice(), [dash, arrow, ..] if is_punct(dash, '-') && is_punct(arrow, '>')) {
            let block = rest.pop();
            output = rest.drain(..).collect();
            rest.extend(block);
        }
        match rest.as_slice() {
            [TokenTree::Group(group)] if group.delimiter() == Delimiter::Brace => {
                Ok(Self { is_async, moves, output, tokens: group.stream(), writer: group.span(), has_braces: true })
            }
            [token, ..] if is_async.is_none() && output.is_empty() => {
                let (writer, tokens) = (token.span(), rest.iter().cloned().collect());
                Ok(Self { is_async, moves, output, tokens, writer, has_braces: false })
            }
            other => Err(errors::no_body_of_span(other.first().map_or(first, TokenTree::span))),
        }
    }

    /// The body with that at its head.
    fn block(&self, head: TokenStream) -> Group {
        let mut group = Group::new(Delimiter::Brace, head);
        // Of braces that nobody wrote no lint may speak.
        group.set_span(if self.has_braces { self.writer } else { Span::mixed_site() });
        group
    }

    fn wrapped(&self, plan: &Plan, args: &Args, krate: &TokenStream) -> TokenStream {
        let Self { is_async, moves, output, tokens, writer, .. } = self;
        let handles = Handles::of(&args.fields, tokens, *writer).within();
        if cfg!(tense_off) {
            let used = fields::used(&args.fields, &plan.declared, krate);
            let late = head(&args.fields, &plan.declared, krate, &handles, &Begin::Never);
            return self.plain(quote!(#used #late));
        }
        let own = |name| Ident::new(name, Span::mixed_site());
        let (call, out) = (own("__tense_call"), own("__tense_out"));
        let (site, values) = (plan.site(krate, args), fields::raws(&args.fields, &plan.declared, krate));
        let head = head(
            &args.fields,
            &plan.declared,
            krate,
            &handles,
            &Begin::When { call: &call, begin: &quote!(begin(#values)) },
        );
        let outcome = quote!(|#out| #krate::__private::outcome::Probe::of(#out).__tense_outcome());
        if is_async.is_some() {
            let block = self.block(quote!(let #call = #krate::__private::first(); #head #tokens));
            quote!(#krate::__private::traced(#site, #is_async #moves #block, #outcome))
        } else {
            let block = self.block(quote!(#head #tokens));
            // What the macro's place expects is known before the body is looked at, and what is returned has that type:
            // otherwise the error of an `Ok(..)` would be nobody's yet where the outcome is asked for.
            let (expected, label) = (own("__tense_expected"), Lifetime::new("'__tense", Span::mixed_site()));
            quote!(#label: {
                let #expected = #krate::__private::Expected::new();
                if false { break #label #expected.never(); }
                #expected.run(#site, #moves |#call| #output #block, #outcome)
            })
        }
    }

    /// The body without a span.
    fn plain(&self, head: TokenStream) -> TokenStream {
        let Self { is_async, moves, output, tokens, .. } = self;
        let block = self.block(quote!(#head #tokens));
        // A closure is what a `return` and a `?` in it leave.
        if is_async.is_some() { quote!(#is_async #moves #block) } else { quote!((#moves || #output #block)()) }
    }
}

/// The arguments, and the tokens of the body behind them. A body begins where no argument can.
fn split(tokens: TokenStream) -> (TokenStream, Option<Vec<TokenTree>>) {
    let mut arguments: Vec<TokenTree> = tokens.into_iter().collect();
    let begins = |at: usize| {
        let is_first = at == 0 || arguments.get(at - 1).is_some_and(|before| is_punct(before, ','));
        let begins_body = |token: &TokenTree| is_punct(token, '|') || is_word(token, "move") || is_word(token, "async");
        is_first && arguments.get(at).is_some_and(begins_body)
    };
    let Some(at) = (0..arguments.len()).find(|at| begins(*at)) else { return (arguments.into_iter().collect(), None) };
    let mut body = arguments.split_off(at);
    body.pop_if(|last| is_punct(last, ','));
    (arguments.into_iter().collect(), Some(body))
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}
