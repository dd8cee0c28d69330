//! `fail!`: the annotated function around it, or the span that it names, is told that it failed.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::args::{self, Args};
use crate::errors::{self, Errors};
use crate::function::FAILING;
use crate::point;
use crate::text::Text;

/// `fail!("{n} rows are missing", rows = n)` or `fail!(in span, "..")`
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let (krate, input) = args::take_crate(input, &mut errors);
    let (span, input) = args::take_span(input, &mut errors);
    let args = Args { krate, ..Args::default() };
    let text = Text::read(input, &mut errors, errors::no_reason);
    if let Some(text) = &text {
        point::refuse_later(&text.fields, &mut errors);
        args::check_fields(&text.fields, &mut errors);
    }
    let Some(text) = text.filter(|_| errors.is_empty()) else { return errors.into_expression(&quote!(())) };
    let krate = args.krate();
    // As with `record!`: at the place of the call, where the annotated function has declared it.
    let (handle, found) = match &span {
        None => (Ident::new(FAILING, Span::call_site()), None),
        Some(span) => {
            let handle = Ident::new("__tense_open", Span::mixed_site());
            let found = quote_spanned!(point::place(span)=> let #handle = #krate::__private::open_of(&#span););
            (handle, Some(found))
        }
    };
    let (before, arguments) = (&text.before, text.arguments());
    let fill = (!text.fields.is_empty()).then(|| point::fill(&text.fields, span.as_ref(), &krate));
    // Nothing is worked out where nobody wants it.
    quote!({ #found if #handle.is_recorded() { #before #handle.fail(&#arguments); #fill } })
}
