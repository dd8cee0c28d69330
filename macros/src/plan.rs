//! A written name, its fields and the registry go in; what the call site will say comes out, or the grammar's verdicts.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use tense_grammar::{Carried, Contract, FieldDecl, Form, Resolved, Violation, Written, WrittenField, filled_in};

use crate::args::{Args, Exemption};
use crate::errors::{self, Errors};
use crate::fields::Field;
use crate::registry::{self, Found};
use crate::written::WrittenName;

/// The field by which the runtime knows its own call sites; always the last one.
pub(crate) const MARK: &str = "__tense";

/// A call site in the making.
pub(crate) struct Plan {
    form: Form,
    pub(crate) span_name: String,
    start: String,
    done: String,
    failed: String,
    /// What one attempt of a stage is called, and one that fails.
    attempt: (String, String),
    fields: Vec<String>,
    /// What `tense.toml` says of the fields, by number.
    pub(crate) declared: Vec<Option<FieldDecl>>,
    contract: Contract,
    inherited: u64,
    /// Fields by which people search, its own and those that it may be handed.
    indexed: Vec<String>,
    function: String,
    /// Whether a call is one attempt of a stage.
    is_attempt: bool,
    /// Goes into the head of the body: names the file to the compiler, and tells of an old name.
    pub(crate) dependency: TokenStream,
}

impl Plan {
    /// Asks the grammar. `None` when the name or its fields cannot stand; the reasons are in `errors`.
    pub(crate) fn make(
        name: Option<&WrittenName>,
        form: Form,
        function: &str,
        args: &Args,
        errors: &mut Errors,
    ) -> Option<Self> {
        let asker = name.map(|name| format!("{function} {}", name.segments.join("."))).unwrap_or_default();
        let mut found = registry::find(&asker, errors);
        let name = name?;
        let resolved = match resolve(&found, name, form, function, args.exempt.as_ref()) {
            Ok(resolved) => resolved,
            Err(violations) => {
                for violation in &violations {
                    errors.push(errors::violation(name.span_of(violation.segment), violation));
                }
                // The fields are held against the event that is proposed, so that mending the name shows nothing new.
                if let Some(meant) = meant(&found, name, form, &violations) {
                    contract(&found, &meant, form, name, args, errors);
                }
                return None;
            }
        };
        let contract = contract(&found, &resolved, form, name, args, errors)?;
        let mut attempt = <(String, String)>::default();
        let (form, span_name, start, done, failed, renamed) = match resolved {
            Resolved::Action { event, failed, renamed } => (form, event.clone(), String::new(), event, failed, renamed),
            // Also what was written as an action may be one: `dispatch.batch.*`.
            Resolved::Life { span_name, start, complete, fail, attempted, attempt_failed, renamed } => {
                attempt = (attempted, attempt_failed);
                (Form::Life, span_name, start, complete, fail, renamed)
            }
        };
        if let Some(renamed) = renamed {
            found.dependency.extend(deprecated(name.span_of(renamed.segment), &renamed));
        }
        let fields: Vec<String> = args.fields.iter().map(Field::name).collect();
        let inherited = (0..64)
            .zip(&fields)
            .filter(|(_, field)| found.registry.is_handed_down(field))
            .fold(0, |bits, (n, _)| bits | 1 << n);
        let mut indexed: Vec<String> = found.registry.inherit().map(str::to_owned).collect();
        for event in [&done, &failed].into_iter().filter_map(|name| found.registry.event(name)) {
            indexed.extend(event.indexed.iter().cloned());
        }
        indexed.sort_unstable();
        indexed.dedup();
        Some(Self {
            form,
            span_name,
            start,
            done,
            failed,
            attempt,
            fields,
            declared: contract.fields.clone(),
            contract,
            inherited,
            indexed,
            function: function.to_owned(),
            is_attempt: false,
            dependency: found.dependency,
        })
    }

    /// A moment of that name, which is built in: no registry is asked.
    pub(crate) fn built_in(name: &str, fields: Vec<String>) -> Self {
        Self {
            form: Form::Point,
            span_name: name.to_owned(),
            start: String::new(),
            done: name.to_owned(),
            failed: name.to_owned(),
            attempt: <(String, String)>::default(),
            declared: vec![None; fields.len()],
            fields,
            contract: Contract::default(),
            inherited: 0,
            indexed: Vec::new(),
            function: String::new(),
            is_attempt: false,
            dependency: TokenStream::new(),
        }
    }

    /// A field that the runtime fills in itself, behind the written ones.
    pub(crate) fn push_field(&mut self, field: &str) {
        if let Some(bit) = u32::try_from(self.fields.len()).ok().and_then(|number| 1_u64.checked_shl(number)) {
            for carried in [&mut self.contract.start, &mut self.contract.done, &mut self.contract.failed] {
                carried.fields |= bit;
            }
        }
        self.fields.push(field.to_owned());
    }

    /// The same call site, for one attempt of it: one event, under a name that is derived, and no word of the
    /// registry's. The fields have the same numbers, because it is the same function that records them.
    pub(crate) fn into_attempt(mut self) -> Self {
        (self.done, self.failed) = std::mem::take(&mut self.attempt);
        self.fields.extend([filled_in::ATTEMPT, filled_in::BACKOFF_MS].map(str::to_owned));
        self.contract = Contract::default();
        Self { form: Form::Action, is_attempt: true, ..self }
    }

    /// The expression of the call site: a reference to a static. Every argument less is compile time in a thousand
    /// functions, so what is usual is left out.
    pub(crate) fn site(&self, krate: &TokenStream, args: &Args) -> TokenStream {
        let Self { span_name, start, done, failed, fields, inherited, indexed, function, .. } = self;
        let fields = fields.iter().map(String::as_str).chain([MARK]);
        let site = match self.form {
            Form::Action => quote!(action(&SITE, ::core::module_path!(), #function, #done, #failed, &[#(#fields),*])),
            Form::Life => quote!(
                life(&SITE, ::core::module_path!(), #function, [#span_name, #start, #done, #failed], &[#(#fields),*])
            ),
            Form::Point => quote!(point(&SITE, ::core::module_path!(), #done, #failed, &[#(#fields),*])),
        };
        let mut more = TokenStream::new();
        if let Some(level) = &args.level {
            more.extend(quote!(level: #krate::__private::Level::#level,));
        }
        if let Some(target) = &args.target {
            more.extend(quote!(target: #target,));
        }
        if *inherited != 0 {
            more.extend(quote!(inherited: #inherited,));
        }
        if !indexed.is_empty() {
            more.extend(quote!(indexed: &[#(#indexed),*],));
        }
        if !args.tags.is_empty() {
            let tags = &args.tags;
            more.extend(quote!(tags: &[#(#tags),*],));
        }
        let compensate = args.compensate.as_ref().filter(|_| !self.is_attempt);
        if let Some(undone) = compensate.and_then(|path| path.segments.last()) {
            let undone = undone.ident.unraw().to_string();
            more.extend(quote!(compensate: #undone,));
        }
        if self.is_attempt {
            more.extend(quote!(is_attempt: true,));
        }
        if args.fields.iter().any(Field::is_filled_later) {
            more.extend(quote!(is_left_open: true,));
        }
        if let Some(carried) = carried_by(&self.contract, krate) {
            more.extend(quote!(carried: #carried,));
        }
        let with = (!more.is_empty())
            .then(|| quote!(.with(&#krate::__private::More { #more ..#krate::__private::More::NONE })));
        quote!({
            static SITE: #krate::__private::Site = #krate::__private::Site::#site #with;
            &SITE
        })
    }
}

/// What the name stands for, or the mistakes in it.
fn resolve(
    found: &Found,
    name: &WrittenName,
    form: Form,
    function: &str,
    exempt: Option<&Exemption>,
) -> Result<Resolved, Vec<Violation>> {
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
    found.registry.resolve(&written).map_err(|mut violations| {
        violations.retain(|violation| !is_told(violation.rule));
        violations
    })
}

/// What the name would stand for with the one proposal that there is.
fn meant(found: &Found, name: &WrittenName, form: Form, violations: &[Violation]) -> Option<Resolved> {
    let [Violation { rule, segment, suggestion: Some(suggestion), .. }] = violations else { return None };
    let mut segments: Vec<&str> = name.segments.iter().map(String::as_str).collect();
    // The nearest of the declared names is only a guess.
    if *rule == "registry/unknown-event" {
        return None;
    }
    if *rule == "registry/renamed" {
        segments = suggestion.split('.').chain(segments.last().copied().filter(|last| *last == "*")).collect();
    } else {
        *segments.get_mut(*segment)? = suggestion;
    }
    found.registry.resolve(&Written::new(&segments, form)).ok()
}

/// What the events ask of the fields, or the mistakes in these.
fn contract(
    found: &Found,
    resolved: &Resolved,
    form: Form,
    name: &WrittenName,
    args: &Args,
    errors: &mut Errors,
) -> Option<Contract> {
    if args.fields_are_malformed {
        // Which of them are missing nobody can say; what is wrong with them is told.
        return None;
    }
    let names: Vec<String> = args.fields.iter().map(Field::name).collect();
    let written: Vec<WrittenField<'_>> = names
        .iter()
        .zip(&args.fields)
        .map(|(name, field)| WrittenField { name, later: field.is_filled_later() })
        .collect();
    match found.registry.contract(resolved, form, &written) {
        Ok(contract) => Some(contract),
        Err(violations) => {
            // What is missing has no place of its own: the list that it is missing from, or the event that needs it.
            let nowhere = args.fields_span.unwrap_or_else(|| name.span_of(name.segments.len().saturating_sub(1)));
            for violation in &violations {
                let span = violation.field.and_then(|index| args.fields.get(index)).map_or(nowhere, Field::span);
                errors.push(errors::field_violation(span, violation));
            }
            None
        }
    }
}

/// `None` when every event carries all fields, and none is needed.
fn carried_by(contract: &Contract, krate: &TokenStream) -> Option<TokenStream> {
    let sides = [&contract.start, &contract.done, &contract.failed];
    if sides.iter().all(|carried| **carried == Carried::default()) {
        return None;
    }
    let [start, done, failed] = sides.map(|Carried { fields, needed, .. }| {
        quote!(#krate::__private::Carried { fields: #fields, needed: &[#(#needed),*] })
    });
    let error_is_field = contract.failed_has_error;
    Some(quote!(#krate::__private::CarriedBy {
        start: #start, done: #done, failed: #failed, error_is_field: #error_is_field,
    }))
}

/// A warning is what the compiler says of something deprecated that is used; stable Rust gives macros no other.
fn deprecated(span: Span, renamed: &Violation) -> TokenStream {
    let message = &renamed.message;
    quote_spanned!(span=>
        const _: () = {
            #[deprecated(note = #message)]
            const OLD_EVENT_NAME: () = ();
            OLD_EVENT_NAME
        };
    )
}
