//! `log!`: a line of the span around it, under a name that is built in.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;
use syn::Token;
use syn::parse::Parser;
use syn::punctuated::Punctuated;

use crate::args::{self, Args};
use crate::errors::{self, Errors};
use crate::fields::Field;
use crate::plan::Plan;
use crate::point;
use crate::text::{self, Text};
use crate::written::is_punct;

/// The kinds of lines: `log.KIND` is the name of the event. With the level of each.
const KINDS: [(&str, &str); 6] = [
    ("info", "INFO"),
    ("success", "INFO"),
    ("failure", "WARN"),
    ("step", "INFO"),
    ("error", "ERROR"),
    ("data", "INFO"),
];

/// The field of the text.
const MESSAGE: &str = "message";

/// `log!(step, "{n} rows of {}", name, table = id)` or `log!(data, rows = n)`
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let (krate, input) = args::take_crate(input, &mut errors);
    let mut args = Args { krate, ..Args::default() };
    let Some(line) = Line::read(input, &mut args, &mut errors).filter(|_| errors.is_empty()) else {
        return errors.into_expression(&quote!(()));
    };
    let krate = args.krate();
    let raws = line.values(&krate);
    let values = quote!(&[#raws]);
    if cfg!(tense_off) {
        // Compiled out: what it says counts as used.
        let before = line.text.as_ref().map(|text| &text.before);
        return quote!(if false { #before let _: &[#krate::__private::Raw<'_>] = #values; loop {} });
    }
    let message = line.text.iter().map(|_| MESSAGE.to_owned());
    let names = message.chain(line.fields().iter().map(Field::name)).collect();
    let site = Plan::built_in(&format!("log.{}", line.kind), names).site(&krate, &args);
    let take = Ident::new("__tense_take", Span::mixed_site());
    let before = line.text.as_ref().map(|text| &text.before);
    quote!(#krate::__private::log(#site, |#take| { #before #take(#values) }))
}

/// What was written.
struct Line {
    kind: &'static str,
    text: Option<Text>,
    /// Of `data`.
    data: Vec<Field>,
}

impl Line {
    fn read(input: TokenStream, args: &mut Args, errors: &mut Errors) -> Option<Self> {
        let mut tokens = input.into_iter();
        let first = tokens.next();
        let place = first.as_ref().map_or_else(Span::call_site, TokenTree::span);
        let written = first.map(|first| first.to_string()).unwrap_or_default();
        let Some((kind, level)) = KINDS.iter().find(|(kind, _)| *kind == written) else {
            errors.push(errors::no_kind(place, &written, &KINDS.map(|(kind, _)| kind)));
            return None;
        };
        if *level != "INFO" {
            args.level = Some(Ident::new(level, Span::mixed_site()));
        }
        let comma = tokens.next();
        if let Some(other) = comma.as_ref().filter(|comma| !is_punct(comma, ',')) {
            errors.push(errors::no_comma(other.span()));
            return None;
        }
        let rest: TokenStream = tokens.collect();
        let line = if *kind == "data" {
            if let Some(place) = text::begins_with_text(&rest) {
                errors.push(errors::text_of_data(place));
                return None;
            }
            let parsed = Punctuated::<Field, Token![,]>::parse_terminated.parse2(rest);
            let data = errors.keep(parsed.map_err(args::in_our_words))?.into_iter().collect();
            Self { kind, text: None, data }
        } else {
            let behind = |found: Span| if comma.is_none() { place } else { found };
            let text = Text::read(rest, errors, |found| errors::no_text(behind(found), kind))?;
            Self { kind, text: Some(text), data: Vec::new() }
        };
        point::refuse_later(line.fields(), errors);
        args::check_fields(line.fields(), errors);
        if line.text.is_some() {
            for field in line.fields().iter().filter(|field| field.name() == MESSAGE) {
                errors.push(errors::message_of_log(field.span()));
            }
            // One number is the text's.
            if let Some(field) =
                line.fields().get(args::MOST_FIELDS - 1).filter(|_| line.fields().len() <= args::MOST_FIELDS)
            {
                errors.push(errors::too_many_fields(field.span()));
            }
        } else if line.data.is_empty() {
            errors.push(errors::no_data(place));
        }
        Some(line)
    }

    fn fields(&self) -> &[Field] {
        self.text.as_ref().map_or(&self.data, |text| &text.fields)
    }

    /// The values, by number.
    fn values(&self, krate: &TokenStream) -> TokenStream {
        let text = self.text.as_ref().map(|text| match text.plain() {
            Some(literal) => quote!(#krate::__private::Raw::Str(#literal),),
            None => {
                let arguments = text.arguments();
                quote!(#krate::Field::raw(&#krate::__private::display(&#arguments)),)
            }
        });
        let fields = self.fields().iter().map(|field| field.raw(None, krate));
        quote!(#text #(#fields),*)
    }
}
