//! Every diagnostic of the macros, one constructor each, and the list that collects them.
//!
//! A macro's error has no notes or labels on stable Rust, so the text itself says what is wrong and what to write.

use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt;
use tense_grammar::{FieldViolation, Violation};

/// The mistakes of one attribute, in the order in which they were found.
#[derive(Default)]
pub(crate) struct Errors(Vec<syn::Error>);

impl Errors {
    pub(crate) fn push(&mut self, error: syn::Error) {
        self.0.push(error);
    }

    /// Takes the value, or keeps its error.
    pub(crate) fn keep<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// What is wrong with a name at one method of many; what is wrong with it at each of them is told once.
    pub(crate) fn add_of_method(&mut self, others: Self, method: &Ident) {
        for mut error in others.0 {
            if error.to_string().ends_with("[name/function]") {
                error = no_action_of_method(method);
            }
            if !self.0.iter().any(|told| told.to_string() == error.to_string()) {
                self.push(error);
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same where an expression is wanted. `value` stands for what could not be made, and has its type.
    pub(crate) fn into_expression(self, value: &TokenStream) -> TokenStream {
        let errors = self.0.iter().map(syn::Error::to_compile_error);
        quote::quote!({ #(#errors)* #value })
    }

    /// One `compile_error!` for each.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.0.iter().map(syn::Error::to_compile_error).collect()
    }
}

fn at(span: Span, text: impl std::fmt::Display) -> syn::Error {
    syn::Error::new(span, text)
}

// --- the name

pub(crate) fn no_name(span: Span) -> syn::Error {
    at(span, "a name comes first: `layer.domain.action`, as in `operation.tokens.created` [name/missing]")
}

pub(crate) fn name_with_key(span: Span) -> syn::Error {
    at(
        span,
        "the name comes first and has no key: write `operation.tokens.created` itself, without `name =` [name/missing]",
    )
}

pub(crate) fn missing_segment(dot: Span) -> syn::Error {
    at(dot, "a word is missing beside this dot: names are `layer.domain.action` [name/empty-segment]")
}

pub(crate) fn digit_first(span: Span, literal: &str) -> syn::Error {
    at(span, format!("a word of a name begins with a letter, and `{literal}` does not [name/word]"))
}

pub(crate) fn odd_in_name(span: Span, token: &str) -> syn::Error {
    at(span, format!("`{token}` cannot stand in a name: write `layer.domain.action`, then a comma [name/token]"))
}

pub(crate) fn violation(span: Span, violation: &Violation) -> syn::Error {
    at(span, &violation.message)
}

pub(crate) fn field_violation(span: Span, violation: &FieldViolation) -> syn::Error {
    at(span, &violation.message)
}

/// A mistake in `tense.toml`, with its place there.
pub(crate) fn registry(span: Span, error: &str) -> syn::Error {
    at(span, error)
}

pub(crate) fn registry_argument(span: Span) -> syn::Error {
    at(
        span,
        "`registry!()` takes nothing but where to find the crate `tense`, if it has another name here: `registry!(crate = path)` [registry/argument]",
    )
}

// --- the arguments

pub(crate) fn unknown_argument(span: Span, key: &str, known: &[&str]) -> syn::Error {
    let meant = tense_grammar::nearest(key, known.iter().copied()).map(|near| format!(" (did you mean `{near}`?)"));
    let meant = meant.unwrap_or_default();
    at(span, format!("unknown argument `{key}`{meant}; known are {} [attribute/unknown]", list(known)))
}

pub(crate) fn no_argument(span: Span) -> syn::Error {
    at(span, "an argument is `key = value` or `key(..)`, between commas [attribute/argument]")
}

pub(crate) fn no_value(span: Span, key: &str) -> syn::Error {
    at(span, format!("`{key}` needs a value: `{key} = ..` [attribute/value]"))
}

pub(crate) fn wrong_value(span: Span, key: &str) -> syn::Error {
    let wanted = match key {
        "target" => "a text in quotes",
        "attempts" => "a number",
        "timeout" | "backoff" | "max_backoff" => "a duration in quotes",
        "none" => "nothing but `failed`",
        "returns" => "nothing but `value`",
        "stage" => "the name of the type to be made, without quotes",
        _ => "a path, without quotes",
    };
    at(span, format!("`{key}` takes {wanted} [attribute/value]"))
}

pub(crate) fn no_field(span: Span) -> syn::Error {
    at(
        span,
        "a field is `name`, `name = value`, or one of them with `%` or `?` before the value, between commas [attribute/field]",
    )
}

pub(crate) fn no_parentheses(span: Span, key: &str) -> syn::Error {
    at(span, format!("`{key}` takes parentheses: `{key}(..)` [attribute/parentheses]"))
}

pub(crate) fn field_without_name(span: Span, name: &str, value: &str) -> syn::Error {
    at(span, format!("a field that does not end in its own name is given one: `{name} = {value}` [attribute/unnamed]"))
}

pub(crate) fn no_comma(span: Span) -> syn::Error {
    at(span, "a comma is missing before this [attribute/comma]")
}

pub(crate) fn no_tags(span: Span) -> syn::Error {
    at(span, "tags are texts between commas: `tags(\"saga\")` [attribute/tags]")
}

pub(crate) fn fields_of_event(span: Span) -> syn::Error {
    at(span, "the fields of an event stand between its commas, without `fields(..)` around them [attribute/field]")
}

pub(crate) fn input_fields(span: Span) -> syn::Error {
    at(
        span,
        "what a pipeline records of its input is written like this: `|loan: &Loan| fields(application = loan.id)` [attribute/field]",
    )
}

pub(crate) fn field_leaves(span: Span) -> syn::Error {
    at(
        span,
        "a field only looks: this could end or suspend the function where it would not without the annotation [attribute/leaves]",
    )
}

pub(crate) fn no_field_value(span: Span) -> syn::Error {
    at(span, "a value is missing behind this `=`; `= _` if the body fills it in [attribute/field]")
}

pub(crate) fn twice(span: Span, key: &str) -> syn::Error {
    at(span, format!("`{key}` stands here twice; keep one of them [attribute/twice]"))
}

pub(crate) fn no_level(span: Span) -> syn::Error {
    at(span, "a level is one of \"trace\", \"debug\", \"info\", \"warn\", \"error\" [attribute/level]")
}

pub(crate) fn no_exemption(span: Span) -> syn::Error {
    at(span, "an exemption is `exempt(tense, reason = \"why the rule cannot hold here\")` [attribute/exempt]")
}

pub(crate) fn no_retry(span: Span) -> syn::Error {
    at(span, "`retry` says when and how often: `retry(when = is_transient, attempts = 3)` [attribute/retry]")
}

pub(crate) fn no_attempts(span: Span) -> syn::Error {
    at(span, "`attempts` counts the first one as well: a number from 2 to 1000 [attribute/retry]")
}

pub(crate) fn no_duration(span: Span) -> syn::Error {
    at(
        span,
        "a duration is a whole number and a unit, up to a day: \"100ms\", \"5s\", \"2m\", \"1h\" [attribute/duration]",
    )
}

pub(crate) fn no_timer(span: Span, key: &str) -> syn::Error {
    at(
        span,
        format!(
            "`{key}` needs a timer, which is tokio's: ask for `features = [\"tokio\"]` of the crate `tense` in Cargo.toml [attribute/feature]"
        ),
    )
}

pub(crate) fn too_many_fields(span: Span) -> syn::Error {
    at(span, "a span has at most 64 fields; put the others into one value [attribute/fields]")
}

pub(crate) fn filled_in(span: Span, field: &str) -> syn::Error {
    at(
        span,
        format!("`{field}` is filled in by pipelines and the recorder; give yours another name [attribute/reserved]"),
    )
}

pub(crate) fn filled_later(span: Span) -> syn::Error {
    at(
        span,
        "`= _` stands for a value that the body of a function fills in; here it has to be given now [attribute/later]",
    )
}

pub(crate) fn parent_of_prepared(span: Span) -> syn::Error {
    at(
        span,
        "a prepared event is below whatever it is emitted in: leave `parent` out, and emit it there, `parent.in_scope(|| event.emit())` [attribute/parent]",
    )
}

// --- what stands in a body

pub(crate) fn no_span(span: Span) -> syn::Error {
    at(
        span,
        "a span is missing behind this `in`: `in span, ..`, where `span` is what `span!(..).start()` gave [body/in]",
    )
}

pub(crate) fn no_body_of_span(span: Span) -> syn::Error {
    at(
        span,
        "what happens in a span is a closure without arguments or an async block: `span!(.., || ..)` or `span!(.., async move { .. })` [body/span]",
    )
}

pub(crate) fn no_reason(span: Span) -> syn::Error {
    at(span, "a reason comes first, as a text in quotes: `fail!(\"{n} rows are missing\", rows = n)` [body/reason]")
}

pub(crate) fn no_kind(span: Span, written: &str, kinds: &[&str]) -> syn::Error {
    let meant = tense_grammar::nearest(written, kinds.iter().copied());
    let meant = meant.map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default();
    at(span, format!("what kind of line it is comes first{meant}; there are {} [body/kind]", list(kinds)))
}

pub(crate) fn no_text(span: Span, kind: &str) -> syn::Error {
    at(
        span,
        format!(
            "behind `{kind}` a text comes, in quotes, and then fields: `log!({kind}, \"{{n}} rows\", table = name)` [body/text]"
        ),
    )
}

pub(crate) fn text_of_data(span: Span) -> syn::Error {
    at(
        span,
        "`data` has fields and no text: `log!(data, rows = n, table = name)`; a line with a text is of another kind, such as `info` [body/data]",
    )
}

pub(crate) fn no_data(span: Span) -> syn::Error {
    at(span, "behind `data` fields come: `log!(data, rows = n, table = name)` [body/data]")
}

pub(crate) fn message_of_log(span: Span) -> syn::Error {
    at(span, "`message` is the text of the line; give this field another name [body/message]")
}

pub(crate) fn value_behind_field(span: Span) -> syn::Error {
    at(span, "a value of the text stands before the fields, as with `format!` [body/order]")
}

// --- the item

pub(crate) fn more_than_a_future(span: Span) -> syn::Error {
    at(
        span,
        "a future that is recorded is wrapped, and the wrapper is a `Future` and nothing more: leave this bound out, or annotate the function that does the work [item/future]",
    )
}

pub(crate) fn none_unseen(span: Span) -> syn::Error {
    at(
        span,
        "under `#[track_caller]` nobody sees what a function returns: remove that attribute, or `none = failed` [attribute/none]",
    )
}

pub(crate) fn returns_its_future(span: Span) -> syn::Error {
    at(
        span,
        "an `async fn` has begun nothing when it returns, so its call ends with its future: remove `returns = value` [attribute/returns]",
    )
}

pub(crate) fn of_one_method(span: Span, key: &str) -> syn::Error {
    at(
        span,
        format!("`{key}` is about one method: write it there, in a `#[traced(..)]` of its own [attribute/methods]"),
    )
}

fn no_action_of_method(method: &Ident) -> syn::Error {
    at(
        method.span(),
        format!(
            "no action can be made of the method's name `{}`: leave it out with `#[traced(skip)]`, or give it a `#[traced(..)]` of its own [name/function]",
            method.unraw()
        ),
    )
}

pub(crate) fn skip_of_nothing(span: Span) -> syn::Error {
    at(
        span,
        "`skip` leaves a method out of an annotated `impl` or `trait`, and here is none: remove this attribute [attribute/skip]",
    )
}

pub(crate) fn closed_name(span: Span) -> syn::Error {
    at(
        span,
        "every method has an action of its own: write `_` here, and it is taken from the method's name [name/methods]",
    )
}

pub(crate) fn const_fn(span: Span) -> syn::Error {
    at(
        span,
        "a const fn may run in the compiler, where nothing can be recorded: remove `const` or this attribute [item/const]",
    )
}

pub(crate) fn no_body(span: Span) -> syn::Error {
    at(
        span,
        "a function without a body does nothing that could be recorded: annotate it where it is implemented [item/body]",
    )
}

pub(crate) fn variadic(span: Span) -> syn::Error {
    at(span, "the arguments of a variadic function cannot be passed on: record the call in its caller [item/variadic]")
}

pub(crate) fn no_function(span: Span) -> syn::Error {
    at(span, "this attribute goes on a function with a body [item/function]")
}

pub(crate) fn stage_inputs(span: Span) -> syn::Error {
    at(
        span,
        "a stage takes one owned input: put what it needs into one struct, or capture it in a closure [stage/input]",
    )
}

pub(crate) fn borrowed_input(span: Span) -> syn::Error {
    at(
        span,
        "a stage owns its input, which came out of the stage before it: take the value, not a reference [stage/input]",
    )
}

pub(crate) fn stage_output(span: Span) -> syn::Error {
    at(span, "a stage returns a `Result`, so that a pipeline knows whether to go on [stage/output]")
}

pub(crate) fn hidden_output(span: Span) -> syn::Error {
    at(
        span,
        "a pipeline hands on what a stage returns, and names its type: write the type itself, or put the value in a `Box<dyn ..>` [stage/output]",
    )
}

pub(crate) fn unsafe_stage(span: Span) -> syn::Error {
    at(
        span,
        "a pipeline calls a stage by itself, and cannot promise what an `unsafe fn` asks for: write a safe function that calls this one [stage/unsafe]",
    )
}

pub(crate) fn policy_of_method(span: Span) -> syn::Error {
    at(
        span,
        "what a pipeline does for a stage it does for functions: call the method from one with this attribute [stage/method]",
    )
}

pub(crate) fn stage_in_impl(span: Span) -> syn::Error {
    at(
        span,
        "a stage becomes a type, which cannot stand in an `impl`: take `self`, or write the function beside the `impl` [stage/method]",
    )
}

pub(crate) fn generic_stage(span: Span) -> syn::Error {
    at(
        span,
        "a stage has no generic parameters: write a function for the type that the pipeline carries [stage/generic]",
    )
}

fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
