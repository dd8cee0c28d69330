//! `context!`: names and values go in; what gives them to the span that the thread is in comes out.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Token;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use tense_grammar::{FieldDecl, Registry};

use crate::args::{self, Args};
use crate::errors::{self, Errors};
use crate::fields::{self, Field};
use crate::point::refuse_later;
use crate::registry;

/// `context!(job_id = id, tenant = %order.tenant)`
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let (krate, input) = args::take_crate(input, &mut errors);
    let args = Args { krate, ..Args::default() };
    let parsed = Punctuated::<Field, Token![,]>::parse_terminated.parse2(input);
    let fields = errors.keep(parsed.map_err(args::in_our_words));
    let fields: Vec<Field> = fields.into_iter().flatten().collect();
    refuse_later(&fields, &mut errors);
    args::check_fields(&fields, &mut errors);
    let names: Vec<String> = fields.iter().map(Field::name).collect();
    let found = registry::find(&format!("context {}", names.join(" ")), &mut errors);
    // Without a file names are open, these as well. By one with mistakes nobody can be judged.
    if found.has_file && !found.is_broken {
        for (field, name) in fields.iter().zip(&names) {
            if let Err(violation) = found.registry.set_by_context(name) {
                errors.push(errors::field_violation(field.span(), &violation));
            }
        }
    }
    if !errors.is_empty() {
        return errors.into_expression(&quote!(()));
    }
    let (krate, dependency) = (args.krate(), &found.dependency);
    let declared: Vec<_> = names.iter().map(|name| declared(&found.registry, name)).collect();
    let values = fields::raws(&fields, &declared, &krate);
    if cfg!(tense_off) {
        // Compiled out: the names have been checked, and what the fields name counts as used.
        return quote!({ #dependency if false { let _: &[#krate::__private::Raw<'_>] = #values; loop {} } });
    }
    quote!({
        #dependency
        if #krate::__private::is_in_context() {
            static NAMES: #krate::__private::Names = #krate::__private::Names::new(&[#(#names),*]);
            #krate::__private::give(&NAMES, #values);
        }
    })
}

/// What the events that it is handed down to say of the field: the file declares it alike in all of them. The reserved
/// ids are texts there, whatever they were.
fn declared(registry: &Registry, name: &str) -> Option<FieldDecl> {
    if !registry.inherit().any(|inherited| inherited == name) {
        return None;
    }
    let mut declared = *registry.events().find_map(|event| event.fields.get(name))?;
    // `None` sets nothing.
    declared.optional = true;
    Some(declared)
}
