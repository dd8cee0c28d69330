//! `#[pipeline_stage]`: an annotated function, and beside it the unit type that stands for it in a pipeline.

mod types;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{FnArg, PatType, ReturnType, Safety, Type};
use tense_grammar::{Form, filled_in};

use crate::args::{self, Args, Macro};
use crate::bindings::simple;
use crate::errors::{self, Errors};
use crate::fields::Field;
use crate::function::expand_as;
use crate::item::Function;
use crate::plan::Plan;
use crate::retry::{self, Retry};
use crate::written::WrittenName;
use types::{OfSignature, of_signature};

pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let written = args.clone();
    expand_as(Macro::Stage, args, item, |name, function, args, errors| {
        errors.keep(stage(name, function, args, written)).unwrap_or_default()
    })
}

fn stage(name: &str, function: &Function, args: &Args, written: TokenStream) -> syn::Result<TokenStream> {
    let sig = &function.sig;
    if sig.receiver().is_some() {
        // A method has the events of a stage; it enters a pipeline through a closure, which knows nothing of this.
        let asked = [
            args.retry.as_ref().map(|retry| retry.span),
            args.timeout.map(|(span, _)| span),
            args.compensate.as_ref().map(Spanned::span),
            args.stage.as_ref().map(Ident::span),
        ];
        return match asked.into_iter().flatten().next() {
            None => Ok(TokenStream::new()),
            Some(span) => Err(errors::policy_of_method(span)),
        };
    }
    if let Some(place) = names_its_type(sig.to_token_stream()) {
        return Err(errors::stage_in_impl(place));
    }
    if let Some(parameter) = sig.generics.params.first() {
        return Err(errors::generic_stage(parameter.span()));
    }
    if let Safety::Unsafe(token) = &sig.safety {
        return Err(errors::unsafe_stage(token.span));
    }
    let mut inputs = sig.inputs.iter();
    let (Some(FnArg::Typed(input)), None) = (inputs.next(), inputs.next()) else {
        return Err(errors::stage_inputs(sig.ident.span()));
    };
    let taken = &*input.ty;
    match of_signature(taken) {
        None => {}
        Some(OfSignature::Hidden(place)) => return Err(errors::generic_stage(place)),
        Some(OfSignature::Borrowed(place)) => return Err(errors::borrowed_input(place)),
    }
    let ReturnType::Type(_, returned) = &sig.output else { return Err(errors::stage_output(sig.ident.span())) };
    if let Type::Never(never) = &**returned {
        return Err(errors::stage_output(never.span()));
    }
    match of_signature(returned) {
        None => {}
        Some(OfSignature::Hidden(place)) => return Err(errors::hidden_output(place)),
        // There is no argument that it could be borrowed from: the compiler says so of the function itself.
        Some(OfSignature::Borrowed(_)) => return Ok(TokenStream::new()),
    }
    let krate = args.krate();
    let (vis, called) = (&function.vis, &sig.ident);
    let stage = args.stage.clone().unwrap_or_else(|| stage_ident(called));
    let awaited = sig.asyncness.map(|_| quote!(.await));
    let undo = args.compensate.as_ref().map(|path| {
        // At the path, so that what is wrong with the function is told there.
        let krate = args::located(&krate, path.span());
        let undone = quote_spanned!(path.span()=> #krate::__private::undo_by(async move { #path(&__tense_out).await }));
        let clone = quote_spanned!(path.span()=> ::core::clone::Clone::clone(__tense_out));
        let by = path.segments.last().map(|segment| segment.ident.unraw().to_string()).unwrap_or_default();
        quote! {
            const COMPENSATION: &'static str = #by;

            fn undo(__tense_out: &#krate::__private::Given<Self>) -> ::core::option::Option<#krate::__private::Undo> {
                let __tense_out = #clone;
                ::core::option::Option::Some(#undone)
            }
        }
    });
    let timeout = args.timeout.map(|(_, limit)| {
        let limit = retry::duration_tokens(limit);
        quote!(const TIMEOUT: ::core::option::Option<::core::time::Duration> = ::core::option::Option::Some(#limit);)
    });
    let perform = match &args.retry {
        Some(retry) => perform(retry, input, args, &called.unraw().to_string(), written)?,
        None => TokenStream::new(),
    };
    let about = format!("The stage `{name}` of a pipeline: [`{}`].", called.unraw());
    let cfgs: Vec<_> = function.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).collect();
    Ok(quote! {
        #(#cfgs)*
        #[doc = #about]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #vis struct #stage;

        #(#cfgs)*
        const _: () = {
            impl #krate::__private::StageFn for #stage {
                const NAME: &'static str = #name;
                type In = #taken;
                type Returned = #returned;

                async fn call(__tense_input: Self::In) -> Self::Returned {
                    #called(__tense_input)#awaited
                }

                #timeout
                #perform
                #undo
            }

            // The type is written once, so that what is wrong with it is told once.
            impl #krate::__private::Accepts<<#stage as #krate::__private::StageFn>::In> for #stage {
                fn accept(
                    __tense_input: <#stage as #krate::__private::StageFn>::In,
                ) -> <#stage as #krate::__private::StageFn>::In {
                    __tense_input
                }
            }

            // A stage that no pipeline has yet is not dead code.
            let _ = #stage;
        };
    })
}

/// The place of a `Self`, which only stands in an `impl` or a `trait`. Where none is, the compiler has to say that no
/// type can be made there.
fn names_its_type(tokens: TokenStream) -> Option<Span> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(word) if word == "Self" => Some(word.span()),
        TokenTree::Group(group) => names_its_type(group.stream()),
        _ => None,
    })
}

/// How a stage is carried out that may be tried again. Its own span is made here, with the fields of its input; that of
/// the function is one attempt.
fn perform(
    retry: &Retry,
    input: &PatType,
    args: &Args,
    called: &str,
    written: TokenStream,
) -> syn::Result<TokenStream> {
    let reserved =
        args.fields.iter().find(|field| [filled_in::ATTEMPT, filled_in::BACKOFF_MS].contains(&field.name().as_str()));
    if let Some(field) = reserved {
        return Err(errors::filled_in(field.span(), &field.name()));
    }
    // What is wrong with the name has been told with the function.
    let mut told = Errors::default();
    let name = WrittenName::take(written, &mut told).0;
    let Some(plan) = Plan::make(name.as_ref(), Form::Life, called, args, &mut told) else {
        return Ok(TokenStream::new());
    };
    let krate = args.krate();
    let (pattern, taken) = (&input.pat, &*input.ty);
    let own = |name| Ident::new(name, Span::mixed_site());
    let (whole, take) = (own("__tense_whole"), own("__tense_take"));
    let fields = if args.fields.iter().all(Field::is_filled_later) {
        quote!(|_, #take| #take(&[]))
    } else {
        let lenient = quote!(#krate::__private::lenient);
        let values = args.fields.iter().map(|field| match field.is_filled_later() {
            true => quote!(#krate::__private::Raw::Absent),
            false => {
                // What is wrong with it is told of the function.
                let value = field.reference(&lenient);
                quote!((&&#lenient::Plain(#value)).__tense_raw())
            }
        });
        // A clone: the expressions were written for the value itself, which a pattern may take apart.
        let bound = match simple(pattern) {
            Some(name) if args.fields.iter().any(|field| field.mentions(name)) => {
                // The borrow is for a `mut` that the fields have no need of.
                quote!(let mut #name = ::core::clone::Clone::clone(#whole); let _ = &mut #name;)
            }
            Some(_) => quote!(let _ = #whole;),
            None => quote! {
                #[allow(unused_variables, unused_mut, reason = "the fields may be about a part of it")]
                let #pattern = ::core::clone::Clone::clone(#whole);
            },
        };
        quote!(|#whole, #take| {
            use #lenient::{ViaField as _, ViaNothing as _};
            #bound
            #take(&[#(#values),*]);
        })
    };
    let (when, retried) = (&retry.when, retry.tokens(&krate));
    // At the type, which may not be `Clone`.
    let clone = quote_spanned!(taken.span()=> #krate::__private::input_again::<#taken>);
    let site = plan.site(&krate, args);
    let attempt = plan.into_attempt().site(&krate, args);
    Ok(quote! {
        fn perform(
            __tense_input: Self::In,
            __tense_run: #krate::__private::Run<'_>,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<#krate::__private::Given<Self>, #krate::__private::Halted>,
        > {
            __tense_run.again::<Self>(__tense_input, #krate::__private::Again {
                stage: #site,
                attempt: #attempt,
                retry: #retried,
                when: #when,
                clone: #clone,
                fields: #fields,
            })
        }
    })
}

/// `fund_loan` becomes `FundLoanStage`.
fn stage_ident(function: &Ident) -> Ident {
    let words = function.unraw().to_string();
    let mut name: String = words
        .split('_')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(char::to_uppercase).into_iter().flatten().chain(letters).collect::<Vec<_>>()
        })
        .collect();
    name.push_str("Stage");
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        // `_1` is a function, and `1Stage` would be no type.
        name.insert(0, '_');
    }
    Ident::new(&name, function.span())
}
