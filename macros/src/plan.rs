//! A written name, its fields and the registry go in; what the call site will say comes out, or the grammar's verdicts.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::LitStr;
use syn::ext::IdentExt;
use tense_grammar::{Form, Resolved, Written};

use crate::args::{Args, Exemption};
use crate::errors::{self, Errors};
use crate::fields::Field;
use crate::registry;
use crate::written::WrittenName;

/// Fields that every span hands down, declared or not.
const RESERVED: [&str; 4] = ["job_id", "machine_id", "user_id", "worker_id"];

/// A call site in the making.
pub(crate) struct Plan {
    form: &'static str,
    pub(crate) span_name: String,
    start: String,
    done: String,
    failed: String,
    fields: Vec<String>,
    inherited: u64,
    function: String,
    /// Goes into the head of the body.
    pub(crate) dependency: TokenStream,
}

impl Plan {
    /// Asks the grammar. `None` when the name cannot stand; the reasons are in `errors`.
    pub(crate) fn make(
        name: Option<&WrittenName>,
        form: Form,
        function: &str,
        exempt: Option<&Exemption>,
        fields: &[Field],
        errors: &mut Errors,
    ) -> Option<Self> {
        let found = registry::find(errors);
        let name = name?;
        let segments: Vec<&str> = name.segments.iter().map(String::as_str).collect();
        let mut written = Written::new(&segments, form);
        if !function.is_empty() {
            written = written.function(function);
        }
        if let Some(Exemption::Because(reason)) = exempt {
            written = written.exempt_tense(reason);
        }
        let is_told = |rule: &str| {
            // By a file with mistakes nobody can be judged; and an exemption that cannot be read was meant for the tense.
            found.is_broken || matches!(exempt, Some(Exemption::Malformed)) && rule.starts_with("tense/")
        };
        let resolved = match found.registry.resolve(&written) {
            Ok(resolved) => resolved,
            Err(violations) => {
                for violation in violations.iter().filter(|violation| !is_told(violation.rule)) {
                    errors.push(errors::violation(name.span_of(violation.segment), violation));
                }
                return None;
            }
        };
        let (form, span_name, start, done, failed) = match resolved {
            Resolved::Action { event, failed } if form == Form::Point => {
                ("Point", event.clone(), String::new(), event, failed)
            }
            Resolved::Action { event, failed } => ("Action", event.clone(), String::new(), event, failed),
            Resolved::Life { span_name, start, complete, fail } => ("Life", span_name, start, complete, fail),
        };
        let fields: Vec<String> = fields.iter().map(Field::name).collect();
        let is_inherited =
            |field: &str| RESERVED.contains(&field) || found.registry.inherit().any(|inherited| inherited == field);
        let inherited =
            (0..64).zip(&fields).filter(|(_, field)| is_inherited(field)).fold(0, |bits, (n, _)| bits | 1 << n);
        Some(Self {
            form,
            span_name,
            start,
            done,
            failed,
            fields,
            inherited,
            function: function.to_owned(),
            dependency: found.dependency,
        })
    }

    /// A field that the runtime fills in itself, behind the written ones.
    pub(crate) fn push_field(&mut self, field: &str) {
        self.fields.push(field.to_owned());
    }

    /// The expression of the call site: a reference to a static.
    pub(crate) fn site(&self, krate: &TokenStream, args: &Args) -> TokenStream {
        let kind = Ident::new(if self.form == "Point" { "EVENT" } else { "SPAN" }, Span::mixed_site());
        let form = Ident::new(self.form, Span::mixed_site());
        let Self { span_name, start, done, failed, fields, inherited, function, .. } = self;
        let (level, tags) = (args.level(), &args.tags);
        let target =
            args.target.as_ref().map_or_else(|| quote!(::core::module_path!()), |target: &LitStr| quote!(#target));
        let compensate = args.compensate.as_ref().and_then(|path| path.segments.last());
        let compensate = compensate.map(|segment| segment.ident.unraw().to_string()).unwrap_or_default();
        quote!(#krate::__private::site!(
            #kind, #level, #target, #span_name, start: #start, done: #done, failed: #failed, form: #form,
            fields: [#(#fields),*], inherited: #inherited, tags: [#(#tags),*], function: #function, compensate: #compensate
        ))
    }
}
