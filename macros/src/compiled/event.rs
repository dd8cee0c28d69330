//! A declared event or a failure goes in; its struct, and how that is read from recorded values, come out.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use tense_grammar::{FieldDecl, FieldKind, Registry};

use super::{docs, ident};
use crate::plan::RESERVED;

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
        if registry.event(&name).is_some() {
            continue;
        }
        let failure = all.entry(name.clone()).or_insert_with(|| {
            let sentence = format!("The event `{name}`: `{}` has failed. It has what was known by then.", event.name);
            Event { name, about: None, sentence, fields: BTreeMap::new() }
        });
        // The ends of a life have one failure, with the fields of both.
        for (field, decl) in &event.fields {
            let kind = match failure.fields.get(field) {
                Some(other) if other.kind != decl.kind => FieldKind::Json,
                _ => decl.kind,
            };
            failure.fields.insert(field.clone(), optional(*decl, kind));
        }
    }
    all.into_values()
}

fn optional(mut decl: FieldDecl, kind: FieldKind) -> FieldDecl {
    (decl.kind, decl.optional) = (kind, true);
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
    let is_id = RESERVED.contains(&name);
    let plain = if is_id { quote!(::std::string::String) } else { plain };
    let option = quote!(::core::option::Option<#plain>);
    if is_id || registry.inherit().any(|inherited| inherited == name) {
        (format!("`{word}`, which may come from a span above."), option)
    } else if decl.optional {
        (format!("`{word}`, where there is one."), option)
    } else {
        (format!("`{word}`"), plain)
    }
}

/// An identifier for each field. What cannot stand in one becomes an underscore; there are never two alike.
fn idents<'a>(names: impl Iterator<Item = &'a String>) -> Vec<Ident> {
    let mut idents: Vec<Ident> = Vec::new();
    for name in names {
        let mut word: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        if word.is_empty() || word.starts_with(|c: char| c.is_ascii_digit()) {
            word.insert(0, '_');
        }
        while idents.contains(&ident(&word)) {
            word.push('_');
        }
        idents.push(ident(&word));
    }
    idents
}

/// `status_updated` is called `StatusUpdated`.
fn camel(action: &str) -> String {
    let capital =
        |word: &str| word.chars().take(1).map(|c| c.to_ascii_uppercase()).chain(word.chars().skip(1)).collect();
    action.split('_').map(|word| -> String { capital(word) }).collect()
}
