//! A declared event or a failure goes in; its struct, and how that is read from recorded values, come out.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use tense_grammar::{FieldDecl, FieldKind, Registry};

use super::{docs, ident};

/// Fields that stand at the top of an event, as texts.
const IDS: [&str; 4] = ["job_id", "machine_id", "user_id", "worker_id"];

/// An event that gets a struct.
pub(crate) struct Event {
    pub(crate) name: String,
    about: Option<String>,
    /// What we say about it.
    sentence: String,
    fields: BTreeMap<String, FieldDecl>,
}

/// The declared events, and the failures that are not declared themselves, by name.
pub(crate) fn all(registry: &Registry) -> impl Iterator<Item = Event> {
    let mut all = BTreeMap::new();
    for event in registry.events() {
        let sentence = format!("The event `{}`.", event.name);
        let (name, about, fields) = (event.name.clone(), event.about.clone(), event.fields.clone());
        all.insert(name.clone(), Event { name, about, sentence, fields });
    }
    for event in registry.events() {
        let name = registry.failure(event);
        // As the event that it comes from, and all of it may be absent; of a life that is the one at its end.
        let from = registry.declaring(&name).unwrap_or(event);
        let sentence = format!("The event `{name}`: `{}` has failed. It has what was known by then.", from.name);
        let fields = from.fields.iter().map(|(field, decl)| (field.clone(), optional(*decl)));
        let failure = Event { name: name.clone(), about: None, sentence, fields: fields.collect() };
        all.entry(name).or_insert(failure);
    }
    all.into_values()
}

fn optional(mut decl: FieldDecl) -> FieldDecl {
    decl.optional = true;
    decl
}

impl Event {
    /// The struct for the action of that name, and its `TypedEvent`.
    pub(crate) fn tokens(&self, action: &str, registry: &Registry, krate: &TokenStream) -> TokenStream {
        let Self { name, about, sentence, fields } = self;
        let docs = docs(about.as_deref(), sentence);
        let ty = ident(&camel(action));
        let idents = idents(fields.keys());
        let members = fields.iter().zip(&idents).map(|((field, decl), ident)| {
            let (words, ty) = member(field, *decl, registry, krate);
            quote!(#[doc = #words] pub #ident: #ty,)
        });
        let body = if fields.is_empty() { quote!(;) } else { quote!({ #(#members)* }) };
        let reads = fields
            .keys()
            .zip(&idents)
            .map(|(field, ident)| quote!(#ident: #krate::__private::read_field(values, Self::NAME, #field)?,));
        let values = if fields.is_empty() { quote!(_) } else { quote!(values) };
        quote! {
            #docs
            #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq)]
            pub struct #ty #body

            impl #krate::registry::TypedEvent for #ty {
                const NAME: &'static ::core::primitive::str = #name;

                fn read(
                    #values: &impl #krate::registry::Values,
                ) -> ::core::result::Result<Self, #krate::registry::ReadError> {
                    ::core::result::Result::Ok(Self { #(#reads)* })
                }
            }
        }
    }
}

/// What we say about a field, and its type.
fn member(name: &str, decl: FieldDecl, registry: &Registry, krate: &TokenStream) -> (String, TokenStream) {
    let (word, plain) = match decl.kind {
        FieldKind::String => ("string", quote!(::std::string::String)),
        FieldKind::Integer => ("integer", quote!(::core::primitive::i64)),
        FieldKind::Float => ("float", quote!(::core::primitive::f64)),
        FieldKind::Bool => ("bool", quote!(::core::primitive::bool)),
        FieldKind::Json => ("json", quote!(#krate::Json)),
    };
    let is_id = IDS.contains(&name);
    let plain = if is_id { quote!(::std::string::String) } else { plain };
    let option = quote!(::core::option::Option<#plain>);
    if registry.is_handed_down(name) {
        (format!("`{word}`, which may come from a span above."), option)
    } else if decl.optional {
        (format!("`{word}`, where there is one."), option)
    } else {
        (format!("`{word}`"), plain)
    }
}

/// An identifier for each field. `self` is called `self_`, unless there is a `self_` already.
fn idents<'a>(names: impl Iterator<Item = &'a String> + Clone) -> Vec<Ident> {
    let is_taken = |ident: &Ident| names.clone().any(|name| ident == name);
    let underscored = |mut ident: Ident| {
        while is_taken(&ident) {
            ident = format_ident!("{ident}_");
        }
        ident
    };
    names
        .clone()
        .map(|name| Some(ident(name)).filter(|ident| ident.unraw() == name).unwrap_or_else(|| underscored(ident(name))))
        .collect()
}

/// `status_updated` is called `StatusUpdated`.
fn camel(action: &str) -> String {
    let capital =
        |word: &str| word.chars().take(1).map(|c| c.to_ascii_uppercase()).chain(word.chars().skip(1)).collect();
    action.split('_').map(|word| -> String { capital(word) }).collect()
}
