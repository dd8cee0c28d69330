//! `#[traced]`: an annotated function becomes the same function whose body runs inside one call of the runtime.
//!
//! The body moves into a closure (or an async block), at whose head every argument is bound again.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{ReturnType, parse_quote};
use tense_grammar::{FieldDecl, Form};

use crate::args::{Args, Macro};
use crate::bindings::Bindings;
use crate::errors::{self, Errors};
use crate::fields::{self, Field};
use crate::item::Function;
use crate::methods;
use crate::off;
use crate::plan::Plan;
use crate::returned::{Returned, closure_output, expected_output, is_closure, is_never};
use crate::written::WrittenName;

pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    expand_as(Macro::Traced, args, item, |_, _, _, _| TokenStream::new())
}

/// What `#[traced]` and `#[pipeline_stage]` do alike; `beside` adds what stands behind the function, given the span's
/// name.
pub(crate) fn expand_as(
    which: Macro,
    args: TokenStream,
    item: TokenStream,
    beside: impl FnOnce(&str, &Function, &Args, &mut Errors) -> TokenStream,
) -> TokenStream {
    let mut errors = Errors::default();
    if which == Macro::Traced && methods::is_block(&item) {
        return methods::expand(args, item);
    }
    let (name, rest) = WrittenName::take(args, &mut errors);
    if let Some(skip) = name.as_ref().and_then(WrittenName::skip) {
        errors.push(errors::skip_of_nothing(skip));
        return with(errors, item);
    }
    let args = Args::parse(rest, which, &mut errors);
    let form = if which == Macro::Stage { Form::Life } else { Form::Action };
    let seen = off::is_enough(which, &args).then(|| off::Seen::look(item.clone())).flatten();
    if let Some(seen) = seen {
        let plan = Plan::make(name.as_ref(), form, &seen.name, &args, &mut errors);
        return match plan {
            Some(plan) if errors.is_empty() => seen.back(&args, &plan.declared, &plan.dependency),
            _ => seen.back(&args, &[], &errors.into_tokens()),
        };
    }
    let function = errors.keep(Function::parse(item.clone()));
    let called = function.as_ref().map(|function| function.sig.ident.unraw().to_string()).unwrap_or_default();
    // Also of something that cannot be annotated the name is judged; unless it is to be taken from a function.
    let name = name.filter(|name| function.is_some() || name.segments.last().is_none_or(|action| action != "_"));
    let plan = Plan::make(name.as_ref(), form, &called, &args, &mut errors);
    let Some(function) = function else { return with(errors, item) };
    let returned = errors.keep(Returned::of(&function.sig, args.returns_value)).unwrap_or(Returned::Value);
    if let Some(none) = args.none_failed.filter(|_| is_caller_seen(&function)) {
        errors.push(errors::none_unseen(none));
    }
    let span_name = plan.as_ref().map(|plan| plan.span_name.as_str()).unwrap_or_default();
    let beside = beside(span_name, &function, &args, &mut errors);
    let wrapped = match plan {
        Some(plan) if errors.is_empty() && !cfg!(tense_off) => wrap(function, &plan, &args, &returned),
        // Compiled out: the names have been checked, and `record!` still finds what it fills in.
        Some(plan) if errors.is_empty() => plain(function, &plan.declared, &plan.dependency, &args),
        // The function is given back, and so is what others expect of it, so that one mistake stays one error.
        _ => plain(function, &[], &errors.into_tokens(), &args),
    };
    quote!(#wrapped #beside)
}

fn with(errors: Errors, item: TokenStream) -> TokenStream {
    let errors = errors.into_tokens();
    quote!(#errors #item)
}

fn wrap(mut function: Function, plan: &Plan, args: &Args, returned: &Returned) -> TokenStream {
    let krate = args.krate();
    let site = plan.site(&krate, args);
    let dependency = &plan.dependency;
    // A closure that is returned is no failure, so that nothing is lost.
    let keeps_place = is_caller_seen(&function)
        || function.sig.asyncness.is_none() && args.none_failed.is_none() && is_closure(&function.sig.output);
    let bindings = if keeps_place { Bindings::default() } else { Bindings::of(&mut function, args) };
    // The arguments' names lie at the macro as well, so ours must not be ones that anybody would give.
    let own = |name| Ident::new(name, Span::mixed_site());
    let (call, out) = (own("__tense_call"), own("__tense_out"));
    let values = fields::raws(&args.fields, &plan.declared, &krate);
    let begin = quote!(begin(#values));
    let handles = Handles::of(&args.fields, &function.body, function.braces);
    let head = head(&args.fields, &plan.declared, &krate, &handles, &Begin::When { call: &call, begin: &begin });
    // First of all, also where the call itself is not recorded: what it does is below that place.
    let parent = args.parent.as_ref().map(|parent| parent.of_parent(&krate));
    let put = parent.as_ref().map(|parent| quote!(if #call.is_placed() { #call.put_below(#parent); }));
    let head = quote!(#put #head);
    let outcome = match &function.sig.output {
        _ if args.none_failed.is_some() => args.none_failed.map(|none| {
            // At its key, so that what is wrong with it is told there.
            let out = Ident::new("__tense_out", Span::mixed_site().located_at(none));
            quote_spanned!(none=> |#out| #krate::__private::outcome::none_failed(#out))
        }),
        ReturnType::Type(_, ty) if is_never(ty) => Some(quote!(|_| ::core::unreachable!())),
        _ => Some(quote!(|#out| #krate::__private::outcome::Probe::of(#out).__tense_outcome())),
    };
    let is_async = function.sig.asyncness.is_some();
    let block = if is_async {
        let expected = expected_output(&function.sig.output, &krate);
        let first = quote!(let #call = #krate::__private::first(););
        let inside = bindings.body(&first, &head, &handles.all(), &function);
        let future = quote!(#krate::__private::traced(
            #site,
            async move { #expected #inside },
            #outcome,
        ));
        let future = if parent.is_some() { quote!(#krate::__private::placed(#future)) } else { future };
        become_plain(&mut function, future)
    } else if keeps_place {
        let (guard, body) = (own("__tense_guard"), &function.body);
        quote!(let mut #guard = #krate::__private::InPlace::new(#site); let #call = #guard.head(); #head #body)
    } else {
        let output = closure_output(&function.sig.output);
        let inside = bindings.body(&TokenStream::new(), &head, &[], &function);
        let (run, way) = (returned.call(&krate), returned.way(&krate));
        quote!(#run(#way #site, move |#call| #output { #inside }, #outcome))
    };
    // Whatever the body is left by, its place is left then.
    let placing = own("__tense_placing");
    let around = parent.filter(|_| !is_async).map(|_| quote!(let #placing = #krate::__private::Placing::new();));
    let block = function.in_braces(quote!(#dependency #around #block));
    let Function { attrs, vis, sig, inner_attrs, .. } = &function;
    quote!(#(#attrs)* #inner_attrs #vis #sig #block)
}

/// Whether the body cannot be moved into a closure, which would be the caller that it finds.
fn is_caller_seen(function: &Function) -> bool {
    function.is_track_caller() && function.sig.asyncness.is_none()
}

/// An `async fn` becomes a function that returns its future, which keeps one copy of the arguments instead of two. It
/// stays `async` when another attribute macro follows that expects it to be.
fn become_plain(function: &mut Function, future: TokenStream) -> TokenStream {
    if let ReturnType::Type(_, ty) = &function.sig.output
        && is_never(ty)
    {
        // `!` cannot be the output of a future that is written out; its body returns a value that there is none of.
        return quote!(match #future.await {});
    }
    if function.has_unknown_attribute() {
        return quote!(#future.await);
    }
    function.sig.asyncness = None;
    let output = match &function.sig.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => quote!(#ty),
    };
    // `impl` is ours, so that it captures every lifetime as in edition 2024, whatever the edition of the function.
    let hidden = quote_spanned!(Span::mixed_site()=> impl);
    function.sig.output = parse_quote!(-> #hidden ::core::future::Future<Output = #output>);
    future
}

/// The variable that `record!` looks for. Where there is none, the compiler's error says its name.
pub(crate) const HANDLE: &str = "no_traced_function_with_fields_left_open_around_this_record";

/// The variable that `fail!` looks for.
pub(crate) const FAILING: &str = "no_traced_function_around_this_fail";

/// Those variables as the body sees them: who wrote its braces, which need not be who wrote the attribute, where a
/// `macro_rules!` is given a body.
pub(crate) struct Handles {
    record: Option<Ident>,
    fail: Option<Ident>,
    /// Whether there may be others of those names around them.
    shadow: bool,
}

impl Handles {
    /// The ones that a body with such fields needs. Of `fail!` the name is looked for, because there is nothing else
    /// that tells, and a variable in every function would be paid for by all of them.
    pub(crate) fn of(fields: &[Field], body: &TokenStream, braces: Span) -> Self {
        let seen_by_body = |name| Ident::new(name, Span::call_site().resolved_at(braces));
        Self {
            record: fields.iter().any(Field::is_filled_later).then(|| seen_by_body(HANDLE)),
            fail: says_fail(body).then(|| seen_by_body(FAILING)),
            shadow: false,
        }
    }

    /// Those of a block, which may stand in a body that has its own.
    pub(crate) fn within(self) -> Self {
        Self { shadow: true, ..self }
    }

    /// What binds one of them. Where it shadows another, the pattern begins at the writer's place and ends at the
    /// macro's: so it is taken for the macro's by a lint that tells of shadows.
    fn pattern(&self, handle: &Ident) -> TokenStream {
        if self.shadow { quote!(#handle @ _) } else { quote!(#handle) }
    }

    fn all(&self) -> Vec<&Ident> {
        self.record.iter().chain(&self.fail).collect()
    }
}

/// Whether there is a `fail!` among the tokens, as far as their text says. One too many does no harm.
pub(crate) fn says_fail(body: &TokenStream) -> bool {
    let text = body.to_string();
    text.contains("fail!") || text.contains("fail !")
}

/// What stands at the head of a body.
pub(crate) enum Begin<'a> {
    /// The call is begun, when somebody wants it.
    When {
        call: &'a Ident,
        begin: &'a TokenStream,
    },
    Never,
}

/// Begins the span, and names it for `record!` and `fail!` when the body says either.
pub(crate) fn head(
    fields: &[Field],
    declared: &[Option<FieldDecl>],
    krate: &TokenStream,
    handles: &Handles,
    begin: &Begin<'_>,
) -> TokenStream {
    let Handles { record, fail, .. } = handles;
    if record.is_none() && fail.is_none() {
        return match begin {
            Begin::When { call, begin } => quote!(if #call.is_on() { #call.#begin; }),
            Begin::Never => TokenStream::new(),
        };
    }
    let open = match begin {
        Begin::When { call, begin } => {
            quote!(if #call.is_on() { #call.#begin } else { #krate::__private::Open::OFF })
        }
        Begin::Never => quote!(#krate::__private::Open::OFF),
    };
    // Where it is said may be compiled out.
    let failing = fail.as_ref().map(|fail| {
        let pattern = handles.pattern(fail);
        quote!(let #pattern = #open; let _ = #fail;)
    });
    let open = fail.as_ref().map_or(open, |fail| quote!(#fail));
    let recording = record.as_ref().map(|record| {
        let LeftOpen { item, uses } = LeftOpen::of(fields, declared, krate, &quote!(#record));
        let pattern = handles.pattern(record);
        quote!(#item let #pattern = FieldsFilledLater(#open); #uses)
    });
    quote!(#failing #recording)
}

/// The type whose methods fill in the fields that were left open, and what counts as a use of them.
pub(crate) struct LeftOpen {
    pub(crate) item: TokenStream,
    pub(crate) uses: TokenStream,
}

impl LeftOpen {
    /// `value` is one of that type.
    pub(crate) fn of(
        fields: &[Field],
        declared: &[Option<FieldDecl>],
        krate: &TokenStream,
        value: &TokenStream,
    ) -> Self {
        let mut later: Vec<_> = (0_u8..).zip(fields).filter(|(_, field)| field.is_filled_later()).collect();
        // One that is named twice has been told, and is not to be told again by the compiler.
        later.sort_by_key(|(_, field)| field.name());
        later.dedup_by_key(|(_, field)| field.name());
        let declared_as = |number: &u8| declared.get(usize::from(*number)).copied().flatten();
        let methods = later.iter().map(|(number, field)| {
            let name = &field.ident;
            let bound = field.bound(declared_as(number), krate);
            quote!(fn #name(&self, __tense_value: &(impl #bound + ?::core::marker::Sized)) {
                self.0.record(#number, __tense_value);
            })
        });
        // What fills a field in may be compiled out. To allow dead code would be an error where that is forbidden.
        let calls = later.iter().map(|(number, field)| {
            let (name, ty) = (&field.ident, field.sample(declared_as(number)));
            quote!(#value.#name(#krate::__private::never::<&#ty>());)
        });
        Self {
            // In the words of the compiler: "no method named `tokn_id` found for struct `FieldsFilledLater`".
            item: quote! {
                #[derive(::core::clone::Clone, ::core::marker::Copy)]
                struct FieldsFilledLater(#krate::__private::Open);
                impl FieldsFilledLater { #(#methods)* }
            },
            uses: quote!(if false { #(#calls)* }),
        }
    }
}

/// The function without a span; `before` goes to the head of its body. `record!` does nothing in it; what the fields
/// name still counts as used.
fn plain(function: Function, declared: &[Option<FieldDecl>], before: &TokenStream, args: &Args) -> TokenStream {
    let krate = args.krate();
    let used = fields::used(&args.fields, declared, &krate);
    let parent = args.parent.as_ref().map(|parent| parent.of_parent(&krate));
    let parent = parent.map(|parent| quote!(if false { #krate::__private::is_above(#parent); loop {} }));
    let handles = Handles::of(&args.fields, &function.body, function.braces);
    let late = head(&args.fields, declared, &krate, &handles, &Begin::Never);
    let Function { attrs, vis, sig, inner_attrs, body, .. } = &function;
    let block = function.in_braces(quote!(#before #parent #used #late #body));
    quote!(#(#attrs)* #inner_attrs #vis #sig #block)
}
