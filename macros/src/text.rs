//! `"{n} rows of {}", name, table = id` goes in: a text with values, as of `format!`, and fields behind it.
//!
//! What is named is a field. The text may say it as well, `{table}`, and it is then worked out once.

use proc_macro2::{Delimiter, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::parse::{ParseStream, Parser};
use syn::{LitStr, Token};

use crate::args;
use crate::errors::{self, Errors};
use crate::fields::{self, Field};
use crate::written::visible;

/// What was written.
pub(crate) struct Text {
    literal: Literal,
    values: Vec<TokenStream>,
    pub(crate) fields: Vec<Field>,
    /// Fields that the text says as well: their names, and the variables that hold their values.
    said: Vec<(Ident, Ident)>,
    /// Makes those variables.
    pub(crate) before: TokenStream,
}

impl Text {
    /// `None` with a mistake, which is in `errors` then. `missing` says that there is no text at that place.
    pub(crate) fn read(
        input: TokenStream,
        errors: &mut Errors,
        missing: impl FnOnce(Span) -> syn::Error,
    ) -> Option<Self> {
        let mut tokens = input.into_iter();
        let first: Vec<TokenTree> = tokens.next().into_iter().flat_map(visible).collect();
        let (literal, text) = match first.as_slice() {
            [TokenTree::Literal(literal)] => match syn::parse_str::<LitStr>(&literal.to_string()) {
                Ok(text) => (literal.clone(), text.value()),
                Err(_) => {
                    errors.push(missing(literal.span()));
                    return None;
                }
            },
            other => {
                errors.push(missing(other.first().map_or_else(Span::call_site, TokenTree::span)));
                return None;
            }
        };
        let mut this = Self { literal, values: Vec::new(), fields: Vec::new(), said: Vec::new(), before: quote!() };
        let parsed = (|input: ParseStream<'_>| this.read_behind(input)).parse2(tokens.collect());
        errors.keep(parsed.map_err(args::in_our_words))?;
        let named: Vec<String> = named_in(&text);
        for (number, field) in std::mem::take(&mut this.fields).into_iter().enumerate() {
            this.fields.push(if named.contains(&field.name()) && !field.is_filled_later() {
                let variable = format_ident!("__tense_said_{number}", span = Span::mixed_site());
                let name = field.ident.clone();
                let (field, value) = field.with_value(&variable);
                this.before.extend(quote!(let #variable = &(#value);));
                this.said.push((name, variable));
                field
            } else {
                field
            });
        }
        Some(this)
    }

    /// What stands behind the text: a comma before each, values first.
    fn read_behind(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        while !input.is_empty() {
            input.parse::<Token![,]>().map_err(|error| errors::no_comma(error.span()))?;
            if input.is_empty() {
                break;
            }
            if is_field(input) {
                self.fields.push(input.parse()?);
                continue;
            }
            if !self.fields.is_empty() {
                return Err(errors::value_behind_field(input.span()));
            }
            self.values.push(fields::expression(input)?);
        }
        Ok(())
    }

    /// The text, to be formatted.
    pub(crate) fn arguments(&self) -> TokenStream {
        let Self { literal, values, said, .. } = self;
        let said = said.iter().map(|(name, variable)| quote!(#name = #variable));
        quote!(::core::format_args!(#literal #(, #values)* #(, #said)*))
    }

    /// The text itself, when there is nothing to be formatted in it.
    pub(crate) fn plain(&self) -> Option<&Literal> {
        let is_plain = self.values.is_empty() && !self.literal.to_string().contains(['{', '}']);
        is_plain.then_some(&self.literal)
    }
}

/// `name = ..`, `%name`, `?name`
fn is_field(input: ParseStream<'_>) -> bool {
    let is_named =
        || input.peek(syn::Ident) && input.peek2(Token![=]) && !input.peek2(Token![==]) && !input.peek2(Token![=>]);
    input.peek(Token![%]) || input.peek(Token![?]) || is_named()
}

/// The names that a text of `format!` says: `{name}`, `{name:>width$}`.
fn named_in(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once('{') {
        if let Some(escaped) = behind.strip_prefix('{') {
            rest = escaped;
            continue;
        }
        let Some((inside, behind)) = behind.split_once('}') else { break };
        let (name, how) = inside.split_once(':').unwrap_or((inside, ""));
        names.push(name.trim().to_owned());
        let widths = how
            .split('$')
            .rev()
            .skip(1)
            .filter_map(|how| how.rsplit(|letter: char| letter != '_' && !letter.is_alphanumeric()).next());
        names.extend(widths.map(str::to_owned));
        rest = behind;
    }
    names
}

/// Whether those tokens begin with a text in quotes.
pub(crate) fn begins_with_text(input: &TokenStream) -> Option<Span> {
    let first = input.clone().into_iter().next().into_iter().flat_map(visible).next()?;
    match first {
        TokenTree::Literal(literal) if literal.to_string().ends_with(['"', '#']) => Some(literal.span()),
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => Some(group.span()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_a_text_are_found_where_format_finds_them() {
        assert_eq!(named_in("{a} {{b}} {c:?} {:>d$.e$} {f:>g$}"), ["a", "c", "", "e", "d", "f", "g"]);
        assert_eq!(named_in("{ a } {"), ["a"]);
        assert_eq!(named_in("}} {{"), [""; 0]);
    }
}
