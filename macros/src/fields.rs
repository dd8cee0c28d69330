//! `a, self.id, k = expr, %x, k = ?y, k = _` goes in; names and the expressions of their values come out.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Ident, Lit, Token};
use tense_grammar::{FieldDecl, FieldKind};

use crate::errors;
use crate::written;

/// One field that was named to be recorded.
pub(crate) struct Field {
    /// Its name in the event.
    name: String,
    /// The word that names it; as a method of that name can be called, where the body fills it in.
    pub(crate) ident: Ident,
    value: Value,
}

enum Value {
    Given(Sigil, TokenStream),
    /// `_`: the body fills it in.
    Later,
}

#[derive(Clone, Copy)]
enum Sigil {
    None,
    Display,
    Debug,
}

impl Field {
    /// Named by that word.
    fn new(word: &Ident, value: Value) -> Self {
        let name = word.unraw().to_string();
        let ident = if matches!(value, Value::Later) { written::ident(&name, word.span()) } else { word.clone() };
        Self { name, ident, value }
    }

    /// `= expr` behind the word `parent`: no field, but an expression that only looks, as those of fields do.
    pub(crate) fn parent(word: Ident, input: ParseStream<'_>) -> syn::Result<Self> {
        let equals: Option<Token![=]> = input.parse()?;
        let value = if equals.is_some() { expression(input)? } else { TokenStream::new() };
        if value.is_empty() {
            return Err(errors::no_value(word.span(), "parent"));
        }
        Ok(Self::new(&word, Value::Given(Sigil::None, value)))
    }

    /// The same, with what is wrong with its type told at the expression.
    pub(crate) fn of_parent(&self, krate: &TokenStream) -> TokenStream {
        let Value::Given(_, value) = &self.value else { return TokenStream::new() };
        let span = value.clone().into_iter().next().map_or(self.span(), |token| token.span());
        self.reference_at(span, krate)
    }

    pub(crate) fn name(&self) -> String {
        self.name.clone()
    }

    pub(crate) fn span(&self) -> Span {
        self.ident.span()
    }

    pub(crate) fn is_filled_later(&self) -> bool {
        matches!(self.value, Value::Later)
    }

    /// The variable that is its value, if it is no more than that.
    pub(crate) fn variable(&self) -> Option<Ident> {
        let Value::Given(_, value) = &self.value else { return None };
        let mut tokens = value.clone().into_iter();
        match (tokens.next(), tokens.next()) {
            (Some(TokenTree::Ident(word)), None) => Some(word),
            _ => None,
        }
    }

    /// Whether its value names that variable, perhaps in a text that is formatted: `"{name:?}"`.
    pub(crate) fn mentions(&self, name: &Ident) -> bool {
        fn is_in(tokens: TokenStream, name: &Ident) -> bool {
            tokens.into_iter().any(|token| match token {
                TokenTree::Ident(word) => word == *name,
                TokenTree::Literal(text) => {
                    let (text, name) = (text.to_string(), name.unraw().to_string());
                    text.split(|letter: char| letter != '_' && !letter.is_alphanumeric()).any(|word| word == name)
                }
                TokenTree::Group(group) => is_in(group.stream(), name),
                TokenTree::Punct(_) => false,
            })
        }
        matches!(&self.value, Value::Given(_, value) if is_in(value.clone(), name))
    }

    /// The same with a value that was worked out before; the expression of that comes back, unless the body fills it
    /// in.
    pub(crate) fn with_value(self, variable: &Ident) -> (Self, TokenStream) {
        match self.value {
            Value::Given(sigil, value) => (Self { value: Value::Given(sigil, quote!(#variable)), ..self }, value),
            Value::Later => (self, TokenStream::new()),
        }
    }

    /// The expression that gives its `Raw` value; errors about its type point at the field.
    pub(crate) fn raw(&self, declared: Option<FieldDecl>, krate: &TokenStream) -> TokenStream {
        if self.is_filled_later() {
            return quote!(#krate::__private::Raw::Absent);
        }
        let value = self.reference(krate);
        match declared.map(|declared| trait_of(declared, self.span())) {
            None => quote_spanned!(self.span()=> #krate::Field::raw(#value)),
            Some(kind) => quote_spanned!(self.span()=> #krate::__private::declared::#kind::plain(#value)),
        }
    }

    /// The trait that a value for it has.
    pub(crate) fn bound(&self, declared: Option<FieldDecl>, krate: &TokenStream) -> TokenStream {
        match declared.map(|declared| trait_of(declared, Span::mixed_site())) {
            None => quote!(#krate::Field),
            Some(kind) => quote!(#krate::__private::declared::#kind),
        }
    }

    /// A type that has that trait, and that no module can shadow.
    pub(crate) fn sample(&self, declared: Option<FieldDecl>) -> TokenStream {
        match declared.map(|declared| declared.kind) {
            None | Some(FieldKind::String | FieldKind::Json) => quote!(::core::primitive::str),
            Some(FieldKind::Integer) => quote!(::core::primitive::u64),
            Some(FieldKind::Float) => quote!(::core::primitive::f64),
            Some(FieldKind::Bool) => quote!(::core::primitive::bool),
        }
    }

    /// A reference to its value, formatted where a sigil asks for it. Errors about its type point at the field.
    pub(crate) fn reference(&self, krate: &TokenStream) -> TokenStream {
        self.reference_at(self.span(), krate)
    }

    /// `handle.field(&value)`: errors about its name point at the field, and those about its type at the value.
    pub(crate) fn fill(&self, handle: &Ident, krate: &TokenStream) -> TokenStream {
        let name = written::ident(&self.name, self.span());
        let span = match &self.value {
            Value::Given(_, value) => value.clone().into_iter().next().map_or(self.span(), |token| token.span()),
            Value::Later => self.span(),
        };
        let value = self.reference_at(span, krate);
        quote!(#handle.#name(#value);)
    }

    fn reference_at(&self, span: Span, krate: &TokenStream) -> TokenStream {
        match &self.value {
            Value::Given(Sigil::None, value) => quote_spanned!(span=> &(#value)),
            Value::Given(Sigil::Display, value) => {
                // Ours, so that no lint looks at it, but errors stand at the field.
                let it = Ident::new("__tense_it", Span::mixed_site().located_at(span));
                quote_spanned!(it.span()=> &match &(#value) { #it => #krate::__private::percent(#it).text(#it) })
            }
            Value::Given(Sigil::Debug, value) => quote_spanned!(span=> &#krate::__private::debug(&(#value))),
            Value::Later => TokenStream::new(),
        }
    }
}

impl Parse for Field {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let sigil = sigil(input);
        let word = input.call(Ident::parse_any)?;
        if word == "_" || input.peek(Token![==]) {
            return Err(errors::no_field(if word == "_" { word.span() } else { input.span() }));
        }
        if input.peek(Token![.]) {
            let (word, value) = path(word, input)?;
            return Ok(Self::new(&word, Value::Given(sigil, value)));
        }
        if !matches!(sigil, Sigil::None) || !input.peek(Token![=]) {
            return Ok(Self::new(&word, Value::Given(sigil, quote!(#word))));
        }
        let equals: Token![=] = input.parse()?;
        if input.peek(Token![_]) {
            input.parse::<Token![_]>()?;
            return Ok(Self::new(&word, Value::Later));
        }
        let (sigil, value) = (self::sigil(input), expression(input)?);
        if value.is_empty() {
            return Err(errors::no_field_value(equals.span));
        }
        Ok(Self::new(&word, Value::Given(sigil, value)))
    }
}

/// `self.id`, from the first dot on: its last word, which names the field, and all of it.
fn path(first: Ident, input: ParseStream<'_>) -> syn::Result<(Ident, TokenStream)> {
    let (mut text, mut tokens, mut last) = (first.to_string(), quote!(#first), None);
    while input.peek(Token![.]) {
        let dot: Token![.] = input.parse()?;
        if input.peek(Lit) {
            // `.0.1` is one token: a number with a point.
            let index: Lit = input.parse()?;
            text = format!("{text}.{}", quote!(#index));
            tokens.extend(quote!(#dot #index));
            last = Some(Err(index.span()));
            continue;
        }
        let word = input.call(Ident::parse_any).map_err(|error| errors::no_field(error.span()))?;
        if word == "await" {
            return Err(errors::field_leaves(word.span()));
        }
        text = format!("{text}.{word}");
        tokens.extend(quote!(#dot #word));
        last = Some(Ok(word));
    }
    if let Ok(mark) = input.parse::<Token![?]>() {
        return Err(errors::field_leaves(mark.span));
    }
    match last {
        // A call, an index: whatever has no name by itself.
        Some(Ok(word)) if !input.is_empty() && !input.peek(Token![,]) => {
            let equals = input.peek(Token![=]) && !input.peek(Token![==]);
            let value = if equals { "..".to_owned() } else { format!("{text}..") };
            Err(errors::field_without_name(word.span(), &word.unraw().to_string(), &value))
        }
        Some(Ok(word)) => Ok((word, tokens)),
        Some(Err(index)) => Err(errors::field_without_name(index, "name", &text)),
        None => Ok((first, tokens)),
    }
}

fn sigil(input: ParseStream<'_>) -> Sigil {
    if input.parse::<Option<Token![%]>>().is_ok_and(|found| found.is_some()) {
        Sigil::Display
    } else if input.parse::<Option<Token![?]>>().is_ok_and(|found| found.is_some()) {
        Sigil::Debug
    } else {
        Sigil::None
    }
}

/// Tokens up to the next comma. What they mean is the compiler's business; a comma between `<` and `>` needs
/// parentheses.
pub(crate) fn expression(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    match leaves_the_function(tokens.clone()) {
        Some(span) => Err(errors::field_leaves(span)),
        None => Ok(tokens),
    }
}

/// The place of a `?`, an `.await`, a `return` or the like. A call must not end otherwise because it is recorded.
fn leaves_the_function(tokens: TokenStream) -> Option<Span> {
    let mut after_dot = false;
    for token in tokens {
        match &token {
            TokenTree::Punct(mark) if mark.as_char() == '?' => return Some(mark.span()),
            TokenTree::Ident(word) if after_dot && word == "await" => return Some(word.span()),
            TokenTree::Ident(word) if ["return", "break", "continue", "yield"].iter().any(|leave| word == leave) => {
                return Some(word.span());
            }
            TokenTree::Group(group) => {
                if let Some(span) = leaves_the_function(group.stream()) {
                    return Some(span);
                }
            }
            _ => {}
        }
        after_dot = matches!(&token, TokenTree::Punct(dot) if dot.as_char() == '.');
    }
    None
}

/// The trait for values of a declared field.
fn trait_of(declared: FieldDecl, span: Span) -> Ident {
    let name = match (declared.kind, declared.optional) {
        (FieldKind::String, false) => "Text",
        (FieldKind::String, true) => "MaybeText",
        (FieldKind::Integer, false) => "Integer",
        (FieldKind::Integer, true) => "MaybeInteger",
        (FieldKind::Float, false) => "Float",
        (FieldKind::Float, true) => "MaybeFloat",
        (FieldKind::Bool, false) => "Bool",
        (FieldKind::Bool, true) => "MaybeBool",
        (FieldKind::Json, false) => "Json",
        (FieldKind::Json, true) => "MaybeJson",
    };
    Ident::new(name, span)
}

/// The array of values of all fields, by number.
pub(crate) fn raws(fields: &[Field], declared: &[Option<FieldDecl>], krate: &TokenStream) -> TokenStream {
    let declared = declared.iter().copied().chain(std::iter::repeat(None));
    let raws = fields.iter().zip(declared).map(|(field, declared)| field.raw(declared, krate));
    quote!(&[#(#raws),*])
}

/// What the fields name counts as used, where the call is compiled out. The branch never ends: from one that does, the
/// compiler would take it that what was borrowed is borrowed from then on, and keep room for it in a future.
pub(crate) fn used(fields: &[Field], declared: &[Option<FieldDecl>], krate: &TokenStream) -> TokenStream {
    if fields.iter().all(Field::is_filled_later) {
        return TokenStream::new();
    }
    let values = raws(fields, declared, krate);
    quote!(if false { let _: &[#krate::__private::Raw<'_>] = #values; loop {} })
}
