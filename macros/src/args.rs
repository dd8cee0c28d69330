//! The arguments behind a name go in; what they ask for comes out.

use std::time::Duration;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Ident, LitStr, Path, Token, parenthesized};
use tense_grammar::filled_in;

use crate::errors::{self, Errors};
use crate::fields::Field;
use crate::plan::MARK;
use crate::retry::{self, Retry};
use crate::written::is_punct;

/// Which macro was written; it decides which arguments there are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Macro {
    Traced,
    /// `#[traced]` on a block of methods.
    Methods,
    Stage,
    /// `span!(..)`
    Span,
}

const TRACED: [&str; 9] = ["fields", "level", "target", "tags", "parent", "none", "returns", "exempt", "crate"];
const SPAN: [&str; 6] = ["fields", "level", "target", "tags", "exempt", "crate"];
const METHODS: [&str; 4] = ["level", "target", "tags", "crate"];
const STAGE: [&str; 10] =
    ["fields", "level", "target", "tags", "exempt", "crate", "compensate", "stage", "retry", "timeout"];

#[derive(Default)]
pub(crate) struct Args {
    pub(crate) fields: Vec<Field>,
    /// The word `fields`, where it was written.
    pub(crate) fields_span: Option<Span>,
    /// Whether some of the fields could not be read.
    pub(crate) fields_are_malformed: bool,
    pub(crate) level: Option<Ident>,
    pub(crate) target: Option<LitStr>,
    pub(crate) tags: Vec<LitStr>,
    /// `parent = expr`: what the call is put below, instead of what its thread is in.
    pub(crate) parent: Option<Field>,
    pub(crate) exempt: Option<Exemption>,
    /// `none = failed`, at its key.
    pub(crate) none_failed: Option<Span>,
    /// `returns = value`, at its key: the call ends when the function returns, whatever that is.
    pub(crate) returns_value: Option<Span>,
    pub(crate) krate: Option<Path>,
    pub(crate) compensate: Option<Path>,
    pub(crate) stage: Option<Ident>,
    pub(crate) retry: Option<Retry>,
    /// The word `timeout`, where it was written, and what it says.
    pub(crate) timeout: Option<(Span, Duration)>,
}

/// `exempt(tense, reason = "..")`
pub(crate) enum Exemption {
    Because(String),
    /// It is told already what is wrong with it.
    Malformed,
}

impl Args {
    /// Reads `key = value` and `key(..)` between commas. Behind a mistake it goes on at the next comma.
    pub(crate) fn parse(tokens: TokenStream, which: Macro, errors: &mut Errors) -> Self {
        let mut args = Self::default();
        let mut seen: Vec<String> = Vec::new();
        let parsed = (|input: ParseStream<'_>| {
            while !input.is_empty() {
                let read =
                    args.one(input, which, &mut seen).and_then(|()| match input.peek(Token![,]) || input.is_empty() {
                        true => Ok(()),
                        false => Err(errors::no_comma(input.span())),
                    });
                if let Err(error) = read {
                    // Behind a mistake the fields may have been the next argument.
                    args.fields_are_malformed = true;
                    errors.push(error);
                    skip_to_comma(input)?;
                }
                input.parse::<Option<Token![,]>>()?;
            }
            Ok(())
        })
        .parse2(tokens);
        errors.keep(parsed);
        check_fields(&args.fields, errors);
        args
    }

    fn one(&mut self, input: ParseStream<'_>, which: Macro, seen: &mut Vec<String>) -> syn::Result<()> {
        let key = input.call(Ident::parse_any).map_err(|error| errors::no_argument(error.span()))?;
        let text = key.unraw().to_string();
        let known: &[&str] = match which {
            Macro::Traced => &TRACED,
            Macro::Methods => &METHODS,
            Macro::Stage => &STAGE,
            Macro::Span => &SPAN,
        };
        if which == Macro::Methods && TRACED.contains(&text.as_str()) && !METHODS.contains(&text.as_str()) {
            return Err(errors::of_one_method(key.span(), &text));
        }
        // An expression that stands where a body does: `span!(.., T::default)`.
        let is_argument = known.contains(&text.as_str()) || input.peek(Token![=]) || input.peek(syn::token::Paren);
        if which == Macro::Span && !is_argument {
            return Err(errors::no_body_of_span(key.span()));
        }
        if !known.contains(&text.as_str()) {
            return Err(errors::unknown_argument(key.span(), &text, known));
        }
        if seen.contains(&text) {
            return Err(errors::twice(key.span(), &text));
        }
        seen.push(text.clone());
        match text.as_str() {
            "fields" => {
                self.fields_span = Some(key.span());
                self.fields_are_malformed = true;
                self.fields = fields(&key, input)?;
                self.fields_are_malformed = false;
            }
            "tags" => self.tags = tags(&key, input)?,
            "exempt" => {
                // Whatever is wrong with it, the tense was meant to be excused.
                self.exempt = Some(Exemption::Malformed);
                let reason = parentheses(&key, input, exemption).map_err(|error| errors::no_exemption(error.span()))?;
                self.exempt = Some(Exemption::Because(reason));
            }
            "level" => self.level = Some(level(&key, input)?),
            "target" => self.target = Some(value(&key, input)?),
            "parent" => self.parent = Some(Field::parent(key, input)?),
            "crate" => self.krate = Some(value(&key, input)?),
            "none" => self.none_failed = Some(only("failed", &key, input)?),
            "returns" => self.returns_value = Some(only("value", &key, input)?),
            "compensate" => self.compensate = Some(value(&key, input)?),
            // `retry = is_transient` knows neither how often nor how.
            "retry" if !input.peek(syn::token::Paren) => return Err(errors::no_retry(key.span())),
            "retry" => self.retry = Some(parentheses(&key, input, |inner| Retry::read(&key, inner))?),
            "timeout" => self.timeout = Some((key.span(), retry::duration(&key, input)?)),
            _ => {
                let path: Path = value(&key, input)?;
                // A type is made, so it has a name of its own and no more.
                let word = path.get_ident().ok_or_else(|| errors::wrong_value(path.span(), &text))?;
                self.stage = Some(word.clone());
            }
        }
        Ok(())
    }

    /// The path of the crate `tense`, seen from the annotated function.
    pub(crate) fn krate(&self) -> TokenStream {
        let Some(path) = &self.krate else { return quote!(::tense) };
        // At its place, but ours: the compiler has no advice how to write shorter what nobody wrote that often.
        let ours = path.to_token_stream().into_iter().map(|mut token| {
            // `$crate` is the crate of whoever wrote the `macro_rules!`, which only its own span knows.
            if !matches!(&token, TokenTree::Ident(word) if word == "$crate") {
                token.set_span(Span::mixed_site().located_at(token.span()));
            }
            token
        });
        ours.collect()
    }
}

/// The same path, told of at that place.
pub(crate) fn located(krate: &TokenStream, place: Span) -> TokenStream {
    let moved = krate.clone().into_iter().map(|mut token| {
        token.set_span(token.span().located_at(place));
        token
    });
    moved.collect()
}

/// `crate = path,` at the head of what stands between the parentheses of a macro.
pub(crate) fn take_crate(input: TokenStream, errors: &mut Errors) -> (Option<Path>, TokenStream) {
    let mut ahead = input.clone().into_iter();
    let is_word = matches!(ahead.next(), Some(TokenTree::Ident(word)) if word == "crate");
    if !is_word || !ahead.next().is_some_and(|next| is_punct(&next, '=')) {
        return (None, input);
    }
    let parsed = (|input: ParseStream<'_>| {
        let key = input.call(Ident::parse_any)?;
        let path = value(&key, input);
        if path.is_err() {
            skip_to_comma(input)?;
        }
        input.parse::<Option<Token![,]>>()?;
        Ok((path, input.parse::<TokenStream>()?))
    })
    .parse2(input);
    let (path, rest) = errors.keep(parsed).unzip();
    (path.and_then(|path| errors.keep(path)), rest.unwrap_or_default())
}

/// `in span,` at the head of what stands between the parentheses of a macro: the tokens of the span.
pub(crate) fn take_span(input: TokenStream, errors: &mut Errors) -> (Option<TokenStream>, TokenStream) {
    let mut tokens = input.clone().into_iter();
    let Some(TokenTree::Ident(word)) =
        tokens.next().filter(|word| matches!(word, TokenTree::Ident(word) if word == "in"))
    else {
        return (None, input);
    };
    let span: TokenStream = tokens.by_ref().take_while(|token| !is_punct(token, ',')).collect();
    if span.is_empty() {
        errors.push(errors::no_span(word.span()));
    }
    (Some(span), tokens.collect())
}

/// Fields that pipelines and the recorder fill in themselves.
fn is_filled_in(field: &str) -> bool {
    field == MARK || filled_in::RESERVED.contains(&field)
}

/// As many fields as a word has bits.
pub(crate) const MOST_FIELDS: usize = 64;

/// Refuses a field that is named twice, one that is not the author's to fill in, and more fields than a span can have.
pub(crate) fn check_fields(fields: &[Field], errors: &mut Errors) {
    if let Some(field) = fields.get(MOST_FIELDS) {
        errors.push(errors::too_many_fields(field.span()));
    }
    for field in fields.iter().filter(|field| is_filled_in(&field.name())) {
        errors.push(errors::filled_in(field.span(), &field.name()));
    }
    let mut names = std::collections::BTreeSet::new();
    for field in fields.iter().filter(|field| !names.insert(field.name())) {
        errors.push(errors::twice(field.span(), &field.name()));
    }
}

/// `key = value`
pub(crate) fn value<T: syn::parse::Parse>(key: &Ident, input: ParseStream<'_>) -> syn::Result<T> {
    let equals: Option<Token![=]> = input.parse()?;
    if equals.is_none() || input.is_empty() || input.peek(Token![,]) {
        return Err(errors::no_value(key.span(), &key.unraw().to_string()));
    }
    input.parse().map_err(|error: syn::Error| errors::wrong_value(error.span(), &key.unraw().to_string()))
}

/// `key = word`, the one that there is; the place of the key.
fn only(word: &str, key: &Ident, input: ParseStream<'_>) -> syn::Result<Span> {
    let written: Ident = value(key, input)?;
    if written == word { Ok(key.span()) } else { Err(errors::wrong_value(written.span(), &key.unraw().to_string())) }
}

/// `key(..)`. All of its tokens are taken, also behind a mistake, so that one mistake stays one error.
fn parentheses<T>(
    key: &Ident,
    input: ParseStream<'_>,
    read: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<T> {
    if !input.peek(syn::token::Paren) {
        return Err(errors::no_parentheses(key.span(), &key.unraw().to_string()));
    }
    let inner;
    parenthesized!(inner in input);
    let found = read(&inner);
    while !inner.is_empty() {
        inner.parse::<TokenTree>()?;
    }
    found
}

/// `key(a, b)`
pub(crate) fn list<T: syn::parse::Parse>(key: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<T>> {
    parentheses(key, input, |inner| Ok(Punctuated::<T, Token![,]>::parse_terminated(inner)?.into_iter().collect()))
}

/// `fields(a, b = c)`
pub(crate) fn fields(key: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<Field>> {
    let is_list = input.peek(syn::token::Paren);
    list(key, input).map_err(|error| if is_list { in_our_words(error) } else { error })
}

/// What the parser has to say of a field, it says of tokens; what is ours ends with the id of its rule.
pub(crate) fn in_our_words(error: syn::Error) -> syn::Error {
    if error.to_string().ends_with(']') { error } else { errors::no_field(error.span()) }
}

/// `tags("a", "b")`
pub(crate) fn tags(key: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    let is_list = input.peek(syn::token::Paren);
    list(key, input).map_err(|error| if is_list { errors::no_tags(error.span()) } else { error })
}

fn level(key: &Ident, input: ParseStream<'_>) -> syn::Result<Ident> {
    let word = value::<TokenTree>(key, input)?;
    let text = syn::parse_str::<LitStr>(&word.to_string()).map(|text| text.value()).unwrap_or_default();
    match text.as_str() {
        level @ ("trace" | "debug" | "info" | "warn" | "error") => Ok(Ident::new(&level.to_uppercase(), word.span())),
        _ => Err(errors::no_level(word.span())),
    }
}

/// `tense, reason = ".."`
fn exemption(input: ParseStream<'_>) -> syn::Result<String> {
    let rule: Ident = input.parse()?;
    if rule != "tense" {
        return Err(syn::Error::new(rule.span(), ""));
    }
    input.parse::<Token![,]>()?;
    let key: Ident = input.parse()?;
    if key != "reason" {
        return Err(syn::Error::new(key.span(), ""));
    }
    let reason: LitStr = value(&key, input)?;
    input.parse::<Option<Token![,]>>()?;
    Ok(reason.value())
}

fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}
