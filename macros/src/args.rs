//! The arguments behind a name go in; what they ask for comes out.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Ident, LitStr, Path, Token, parenthesized};

use crate::errors::{self, Errors};
use crate::fields::Field;

/// Which macro was written; it decides which arguments there are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Macro {
    Traced,
    Stage,
}

const TRACED: [&str; 6] = ["fields", "level", "target", "tags", "exempt", "crate"];
const STAGE: [&str; 8] = ["fields", "level", "target", "tags", "exempt", "crate", "compensate", "stage"];

#[derive(Default)]
pub(crate) struct Args {
    pub(crate) fields: Vec<Field>,
    pub(crate) level: Option<Ident>,
    pub(crate) target: Option<LitStr>,
    pub(crate) tags: Vec<LitStr>,
    /// The reason of `exempt(tense, reason = "..")`.
    pub(crate) exempt: Option<String>,
    pub(crate) krate: Option<Path>,
    pub(crate) compensate: Option<Path>,
    pub(crate) stage: Option<Ident>,
}

impl Args {
    /// Reads `key = value` and `key(..)` between commas. Behind a mistake it goes on at the next comma.
    pub(crate) fn parse(tokens: TokenStream, which: Macro, errors: &mut Errors) -> Self {
        let mut args = Self::default();
        let mut seen: Vec<String> = Vec::new();
        let parsed = (|input: ParseStream<'_>| {
            while !input.is_empty() {
                if let Err(error) = args.one(input, which, &mut seen) {
                    errors.push(error);
                    skip_to_comma(input)?;
                }
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        })
        .parse2(tokens);
        errors.keep(parsed);
        if let Some(field) = args.fields.get(64) {
            errors.push(errors::too_many_fields(field.span()));
        }
        let mut names = std::collections::BTreeSet::new();
        for field in &args.fields {
            if !names.insert(field.name()) {
                errors.push(errors::twice(field.span(), &field.name()));
            }
        }
        args
    }

    fn one(&mut self, input: ParseStream<'_>, which: Macro, seen: &mut Vec<String>) -> syn::Result<()> {
        let key = input.call(Ident::parse_any)?;
        let (span, text) = (key.span(), key.unraw().to_string());
        let known: &[&str] = if which == Macro::Stage { &STAGE } else { &TRACED };
        if !known.contains(&text.as_str()) {
            return Err(errors::unknown_argument(span, &text, known));
        }
        if seen.contains(&text) {
            return Err(errors::twice(span, &text));
        }
        seen.push(text.clone());
        match text.as_str() {
            "fields" => {
                let inner;
                parenthesized!(inner in input);
                self.fields = Punctuated::<Field, Token![,]>::parse_terminated(&inner)?.into_iter().collect();
            }
            "tags" => {
                let inner;
                parenthesized!(inner in input);
                self.tags = Punctuated::<LitStr, Token![,]>::parse_terminated(&inner)?.into_iter().collect();
            }
            "exempt" => {
                let inner;
                parenthesized!(inner in input);
                self.exempt = Some(exemption(&inner).map_err(|error| errors::no_exemption(error.span()))?);
            }
            "level" => self.level = Some(level(&value(input)?)?),
            "target" => self.target = Some(value(input)?),
            "crate" => self.krate = Some(value(input)?),
            "compensate" => self.compensate = Some(value(input)?),
            _ => self.stage = Some(value(input)?),
        }
        Ok(())
    }

    /// The path of the crate `tense`, seen from the annotated function.
    pub(crate) fn krate(&self) -> TokenStream {
        self.krate.as_ref().map_or_else(|| quote!(::tense), |path| quote!(#path))
    }

    pub(crate) fn level(&self) -> Ident {
        self.level.clone().unwrap_or_else(|| Ident::new("INFO", Span::call_site()))
    }
}

fn value<T: syn::parse::Parse>(input: ParseStream<'_>) -> syn::Result<T> {
    input.parse::<Token![=]>()?;
    input.parse()
}

fn level(text: &LitStr) -> syn::Result<Ident> {
    match text.value().as_str() {
        level @ ("trace" | "debug" | "info" | "warn" | "error") => Ok(Ident::new(&level.to_uppercase(), text.span())),
        _ => Err(errors::no_level(text.span())),
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
    let reason: LitStr = value(input)?;
    input.parse::<Option<Token![,]>>()?;
    Ok(reason.value())
}

fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}
