//! `registry!`: the project's registry goes in; a static with all that it says, and a struct for each of its events,
//! come out.
//!
//! Generated code names everything by its full path: a layer may be called `std`, `core`, `tense` or `bool`.

mod event;

use std::collections::BTreeMap;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::{Path, Token};
use tense_grammar::{EventDecl, FieldDecl, FieldKind, LayerDecl, Redact, RedactRule, Registry, Setting, Tense};

use crate::errors::{self, Errors};
use crate::registry;
use crate::written;

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let path = errors.keep(argument.parse2(input)).flatten();
    // With mistakes in the file this is the built-in one: names that are not there are told, and not that there are
    // none.
    let found = registry::find_for_item(&mut errors);
    // A path may be a relative one, and what follows stands in modules: there it goes by a name of ours.
    let (alias, inside, krate) = match path {
        Some(path) => (
            quote!(use #path as __tense;),
            quote!(
                use super::__tense;
            ),
            quote!(__tense),
        ),
        None => (TokenStream::new(), TokenStream::new(), quote!(::tense)),
    };
    let (data, quiet) = (data(&found.registry, &krate), quiet());
    let layers = Module::of(&found.registry, &krate).tokens("", &found.registry, &inside);
    let (dependency, errors) = (found.dependency, errors.into_tokens());
    quote! {
        #errors
        #dependency
        #alias
        /// What `tense.toml` says: layers, events, names that were given up, and rules for other crates.
        #quiet
        pub static REGISTRY: #krate::registry::Registry = #data;
        #layers
    }
}

/// Nothing, or `crate = path`.
fn argument(input: ParseStream<'_>) -> syn::Result<Option<Path>> {
    if input.is_empty() {
        return Ok(None);
    }
    let span = input.span();
    let path = (|| {
        input.parse::<Token![crate]>()?;
        input.parse::<Token![=]>()?;
        let path = input.call(Path::parse_mod_style)?;
        input.parse::<Option<Token![,]>>()?;
        if input.is_empty() { Ok(path) } else { Err(input.error("")) }
    })();
    // Whatever is left is told of, once.
    input.parse::<TokenStream>()?;
    path.map(Some).map_err(|_: syn::Error| errors::registry_argument(span))
}

/// Lints that make no sense of code that nobody has written: not all of it is used, and its names are the file's.
fn quiet() -> TokenStream {
    quote! {
        #[allow(
            dead_code,
            missing_copy_implementations,
            non_snake_case,
            unreachable_pub,
            unused_qualifications,
            clippy::all,
            clippy::nursery,
            clippy::pedantic,
            rustdoc::all,
            reason = "written by `registry!`"
        )]
    }
}

// --- the static

fn data(registry: &Registry, krate: &TokenStream) -> TokenStream {
    let closed = registry.is_closed().then(|| quote!(.closed()));
    let layers = registry.layers().map(|(name, layer)| {
        let LayerDecl { about, outcomes, .. } = layer;
        let tense = match layer.tense {
            Tense::Past => quote!(Past),
            Tense::Present => quote!(Present),
            Tense::Any => quote!(Any),
        };
        let (about, outcomes) = (some("about", about.as_deref()), list("outcomes", outcomes.iter()));
        quote!(#krate::registry::Layer::new(#name, #krate::registry::Tense::#tense) #about #outcomes)
    });
    let events = registry.events().map(|event| {
        let EventDecl { name, about, fields, was, exempt, slow_ms, .. } = event;
        let failed = registry.failure(event);
        let fields = fields.iter().map(|(name, field)| self::field(event, name, *field, krate));
        let (about, exempt) = (some("about", about.as_deref()), some("exempt", exempt.as_deref()));
        let (fields, was, slow_ms) = (list("fields", fields), list("was", was.iter()), some("slow_ms", *slow_ms));
        quote!(#krate::registry::Event::new(#name, #failed) #about #fields #was #exempt #slow_ms)
    });
    let removed = registry.removals().map(|(name, reason)| quote!(#krate::registry::Removed::new(#name, #reason)));
    let foreign = registry.foreign_rules().map(|(source, rule)| {
        let (event, fields) = (&rule.event, &rule.fields);
        quote!(#krate::registry::Foreign::new(#source, #event, &[#(#fields),*]))
    });
    let (layers, inherit) = (list("layers", layers), list("inherit", registry.inherit()));
    let (events, removed) = (list("events", events), list("removed", removed));
    let foreign = list("foreign", foreign);
    let redact = redact(registry.redact(), krate);
    let settings = list(
        "settings",
        registry.settings().iter().map(|Setting { spec, value, .. }| {
            let (name, value) = (spec.to_string(), value.to_string());
            quote!(#krate::registry::Setting::new(#name, #value))
        }),
    );
    quote!(#krate::registry::Registry::new() #closed #layers #inherit #events #removed #foreign #redact #settings)
}

/// Nothing where the file says nothing of it.
fn redact(redact: &Redact, krate: &TokenStream) -> TokenStream {
    if *redact == Redact::default() {
        return TokenStream::new();
    }
    let rules = redact
        .rules
        .iter()
        .map(|RedactRule { name, pattern, .. }| quote!(#krate::registry::RedactRule::new(#name, #pattern)));
    let (keys, off) = (list("keys", redact.keys.iter()), list("off", redact.off.iter()));
    let keep_keys = list("keep_keys", redact.keep_keys.iter().map(|(key, _)| key));
    let rules = list("rules", rules);
    quote!(.redact(#krate::registry::Redact::new() #keys #keep_keys #off #rules))
}

fn field(event: &EventDecl, name: &str, field: FieldDecl, krate: &TokenStream) -> TokenStream {
    let kind = match field.kind {
        FieldKind::String => quote!(Text),
        FieldKind::Integer => quote!(Integer),
        FieldKind::Float => quote!(Float),
        FieldKind::Bool => quote!(Bool),
        FieldKind::Json => quote!(Json),
    };
    let optional = field.optional.then(|| quote!(.optional()));
    let is_indexed = event.indexed.iter().any(|indexed| indexed == name);
    let indexed = is_indexed.then(|| quote!(.indexed()));
    quote!(#krate::registry::Field::new(#name, #krate::registry::Kind::#kind) #optional #indexed)
}

/// `.key(value)`, when there is one.
fn some(key: &str, value: Option<impl ToTokens>) -> Option<TokenStream> {
    let key = Ident::new(key, Span::call_site());
    value.map(|value| quote!(.#key(#value)))
}

/// `.key(&[..])`, when there are any. As a constant of its own it lives as long as the program.
fn list(key: &str, values: impl Iterator<Item = impl ToTokens>) -> Option<TokenStream> {
    let key = Ident::new(key, Span::call_site());
    let values: Vec<_> = values.collect();
    (!values.is_empty()).then(|| quote!(.#key(const { &[#(#values),*] })))
}

// --- the modules

/// What stands below a layer or an object: further objects, and the structs of events.
#[derive(Default)]
struct Module {
    below: BTreeMap<String, Module>,
    structs: TokenStream,
}

impl Module {
    fn of(registry: &Registry, krate: &TokenStream) -> Self {
        let mut root = Self::default();
        for event in event::all(registry) {
            let (objects, action) = event.name.rsplit_once('.').unwrap_or(("", &event.name));
            let mut module = &mut root;
            for object in objects.split('.') {
                module = module.below.entry(object.to_owned()).or_default();
            }
            module.structs.extend(event.tokens(action, registry, krate));
        }
        root
    }

    /// The modules below this one, which is called `name`; the layers, where that is empty.
    fn tokens(&self, name: &str, registry: &Registry, inside: &TokenStream) -> TokenStream {
        let modules = self.below.iter().map(|(word, module)| {
            let is_layer = name.is_empty();
            let full = if is_layer { word.clone() } else { format!("{name}.{word}") };
            let about = registry.layers().find(|(layer, _)| is_layer && *layer == word);
            let about = about.and_then(|(_, layer)| layer.about.as_deref());
            let docs = docs(about, &format!("Events of `{full}`."));
            let quiet = is_layer.then(quiet);
            let (ident, structs, below) = (ident(word), &module.structs, module.tokens(&full, registry, inside));
            quote!(#docs #quiet pub mod #ident { #inside #structs #below })
        });
        modules.collect()
    }
}

/// What the file says about something, and what we say.
fn docs(about: Option<&str>, ours: &str) -> TokenStream {
    // In one line, so that nothing in it becomes a block of code, which would be tested.
    let about = about.map(|about| about.split_whitespace().collect::<Vec<_>>().join(" "));
    let about = about.map(|about| quote!(#[doc = #about] #[doc = ""]));
    quote!(#about #[doc = #ours])
}

/// A word as an identifier.
fn ident(word: &str) -> Ident {
    written::ident(word, Span::call_site())
}
