//! `event!`, `prepared!`, `name!` and `record!`: macros that stand in a body.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::Token;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use tense_grammar::{Form, filled_in};

use crate::args::{self, Args};
use crate::errors::{self, Errors};
use crate::fields::{self, Field};
use crate::function::HANDLE;
use crate::plan::Plan;
use crate::written::WrittenName;

/// `event!(operation.context.field_set, path, value = 7, tags("saga"))`
pub(crate) fn event(input: TokenStream) -> TokenStream {
    point(
        input,
        |_, _| (),
        |_| quote!(()),
        |krate, site, values, parent| {
            if cfg!(tense_off) {
                // Compiled out: the name has been checked, and what the fields name counts as used.
                let parent = parent.map(|parent| quote!(#krate::__private::is_above(#parent);));
                return quote!(if false { #parent let _: &[#krate::__private::Raw<'_>] = #values; loop {} });
            }
            let take = Ident::new("__tense_take", Span::mixed_site());
            if let Some(parent) = parent {
                return quote!(#krate::__private::point(#site, |#take| {
                    #krate::__private::below(#parent, || #take(#values))
                }));
            }
            quote!(#krate::__private::point(#site, |#take| #take(#values)))
        },
    )
}

/// `prepared!(decision.routing.start, token_id)`
pub(crate) fn prepared(input: TokenStream) -> TokenStream {
    point(
        input,
        |parent, errors| errors.push(errors::parent_of_prepared(parent.span())),
        |krate| quote!(#krate::__private::never::<#krate::Prepared>()),
        |krate, site, values, _| quote!(#krate::__private::prepared(#site, #values)),
    )
}

/// A point event; `look` has something to say of the parent that it was given, `expand` says what becomes of its call
/// site, its values and the parent, and `none` stands there where it has a mistake.
fn point(
    input: TokenStream,
    look: impl FnOnce(&Field, &mut Errors),
    none: impl FnOnce(&TokenStream) -> TokenStream,
    expand: impl FnOnce(&TokenStream, TokenStream, TokenStream, Option<TokenStream>) -> TokenStream,
) -> TokenStream {
    let mut errors = Errors::default();
    let (krate, input) = args::take_crate(input, &mut errors);
    let (name, rest) = WrittenName::take(input, &mut errors);
    let mut args = Args { krate, ..Args::default() };
    let parsed = point_args(&mut args).parse2(rest);
    errors.keep(parsed);
    refuse_later(&args.fields, &mut errors);
    args::check_fields(&args.fields, &mut errors);
    if let Some(parent) = &args.parent {
        look(parent, &mut errors);
    }
    let plan = Plan::make(name.as_ref(), Form::Point, "", &args, &mut errors);
    let krate = args.krate();
    let Some(plan) = plan.filter(|_| errors.is_empty()) else { return errors.into_expression(&none(&krate)) };
    let values = fields::raws(&args.fields, &plan.declared, &krate);
    let (site, dependency) = (plan.site(&krate, &args), &plan.dependency);
    let expanded = expand(&krate, site, values, args.parent.as_ref().map(|parent| parent.of_parent(&krate)));
    quote!({ #dependency #expanded })
}

/// Fields, `tags(..)` and `parent = ..`, between commas.
fn point_args(args: &mut Args) -> impl FnOnce(ParseStream<'_>) -> syn::Result<()> {
    |input| {
        while !input.is_empty() {
            let fork = input.fork();
            let word = fork.parse::<Ident>().ok();
            let is_parent = word.as_ref().is_some_and(|word| word == "parent") && fork.peek(Token![=]);
            let list = word.filter(|_| fork.peek(syn::token::Paren));
            if let Some(fields) = list.as_ref().filter(|word| *word == "fields") {
                args.fields_are_malformed = true;
                return Err(errors::fields_of_event(fields.span()));
            }
            if list.is_some_and(|word| word == "tags") {
                let key = input.parse::<Ident>()?;
                args.tags = args::tags(&key, input)?;
            } else if is_parent {
                let key = input.parse::<Ident>()?;
                if args.parent.is_some() {
                    return Err(errors::twice(key.span(), "parent"));
                }
                args.parent = Some(Field::parent(key, input)?);
            } else {
                args.fields_are_malformed = true;
                args.fields.push(input.parse().map_err(args::in_our_words)?);
                args.fields_are_malformed = false;
            }
            if !input.is_empty() {
                input.parse::<Token![,]>().map_err(args::in_our_words)?;
            }
        }
        Ok(())
    }
}

/// `name!(dispatch.loan)` or `name!(dispatch.loan, |loan: &Application| fields(application = loan.id))`
pub(crate) fn name(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let (krate, input) = args::take_crate(input, &mut errors);
    let (name, rest) = WrittenName::take(input, &mut errors);
    let mut args = Args { krate, ..Args::default() };
    let mut closure = None;
    if !rest.is_empty() {
        let parsed = input_fields.parse2(rest);
        match errors.keep(parsed) {
            Some((parameter, fields)) => (closure, args.fields) = (Some(parameter), fields),
            None => args.fields_are_malformed = true,
        }
    }
    refuse_later(&args.fields, &mut errors);
    args::check_fields(&args.fields, &mut errors);
    // Three numbers are left for what the pipeline fills in.
    if let Some(field) = args.fields.get(args::MOST_FIELDS - 3).filter(|_| args.fields.len() <= args::MOST_FIELDS) {
        errors.push(errors::too_many_fields(field.span()));
    }
    for field in
        args.fields.iter().filter(|field| [filled_in::SKIPPED, filled_in::UNSEEN].contains(&field.name().as_str()))
    {
        errors.push(errors::filled_in(field.span(), &field.name()));
    }
    let plan = Plan::make(name.as_ref(), Form::Life, "", &args, &mut errors);
    let krate = args.krate();
    let Some(mut plan) = plan.filter(|_| errors.is_empty()) else {
        return errors.into_expression(
            &quote!(#krate::__private::never::<#krate::__private::Name<#krate::__private::NoFields>>()),
        );
    };
    plan.push_field(filled_in::STAGES);
    plan.push_field(filled_in::SKIPPED);
    plan.push_field(filled_in::UNSEEN);
    let values = fields::raws(&args.fields, &plan.declared, &krate);
    let (site, dependency) = (plan.site(&krate, &args), &plan.dependency);
    let take = Ident::new("__tense_take", Span::mixed_site());
    let fields = match closure {
        None => quote!(#krate::__private::NoFields),
        Some(parameter) => quote!(#krate::__private::Recorded(
            |#parameter, #take: &mut dyn ::core::ops::FnMut(&[#krate::__private::Raw<'_>])| #take(#values)
        )),
    };
    quote!({ #dependency #krate::__private::Name { site: #site, fields: #fields } })
}

/// `|loan: &Application| fields(..)`: the tokens between the bars, and the fields.
fn input_fields(input: ParseStream<'_>) -> syn::Result<(TokenStream, Vec<Field>)> {
    let in_our_words = |error: syn::Error| errors::input_fields(error.span());
    input.parse::<Token![|]>().map_err(in_our_words)?;
    let mut parameter = TokenStream::new();
    while !input.peek(Token![|]) {
        parameter.extend([input.parse::<TokenTree>().map_err(in_our_words)?]);
    }
    let bar = input.parse::<Token![|]>()?;
    if parameter.is_empty() {
        return Err(errors::input_fields(bar.span()));
    }
    let word = input.call(Ident::parse_any).map_err(in_our_words)?;
    if word.unraw() != "fields" {
        return Err(errors::input_fields(word.span()));
    }
    let fields = args::fields(&word, input)?;
    input.parse::<Option<Token![,]>>()?;
    if !input.is_empty() {
        return Err(errors::input_fields(input.span()));
    }
    Ok((parameter, fields))
}

/// `record!(token_id = token.id, count = %n)`
pub(crate) fn record(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let (krate, input) = args::take_crate(input, &mut errors);
    let (span, input) = args::take_span(input, &mut errors);
    let args = Args { krate, ..Args::default() };
    let parsed = Punctuated::<Field, Token![,]>::parse_terminated.parse2(input);
    let parsed = parsed.map_err(args::in_our_words);
    let fields: Vec<Field> = errors.keep(parsed).into_iter().flatten().collect();
    refuse_later(&fields, &mut errors);
    if !errors.is_empty() {
        return errors.into_expression(&quote!(()));
    }
    let records = fill(&fields, span.as_ref(), &args.krate());
    quote!({ #records })
}

/// Fills the fields in: those of the span that is named, or of the annotated function around.
pub(crate) fn fill(fields: &[Field], span: Option<&TokenStream>, krate: &TokenStream) -> TokenStream {
    // The name lies at the place of the call, where the annotated function has declared it.
    let handle = match span {
        None => Ident::new(HANDLE, Span::call_site()),
        Some(_) => Ident::new("__tense_fields", Span::mixed_site()),
    };
    let found = span.map(|span| quote_spanned!(place(span)=> let #handle = #krate::__private::left_open_of(&#span);));
    let records = fields.iter().map(|field| field.fill(&handle, krate));
    quote!(#found #(#records)*)
}

/// Where a span is named: what is wrong with it is told there.
pub(crate) fn place(span: &TokenStream) -> Span {
    span.clone().into_iter().next().map_or_else(Span::mixed_site, |token| Span::mixed_site().located_at(token.span()))
}

pub(crate) fn refuse_later(fields: &[Field], errors: &mut Errors) {
    for field in fields.iter().filter(|field| field.is_filled_later()) {
        errors.push(errors::filled_later(field.span()));
    }
}
