//! `#[pipeline_stage]`: an annotated function, and beside it the unit type that stands for it in a pipeline.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{FnArg, ReturnType, Type};

use crate::args::{Args, Macro};
use crate::errors;
use crate::function::expand_as;
use crate::item::Function;

pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    expand_as(Macro::Stage, args, item, |name, function, args, errors| {
        errors.keep(stage(name, function, args)).unwrap_or_default()
    })
}

fn stage(name: &str, function: &Function, args: &Args) -> syn::Result<TokenStream> {
    let sig = &function.sig;
    if sig.receiver().is_some() {
        // A method has the events of a stage; it enters a pipeline through a function of its own.
        return Ok(TokenStream::new());
    }
    if let Some(parameter) = sig.generics.params.first() {
        return Err(errors::generic_stage(parameter.span()));
    }
    let mut inputs = sig.inputs.iter();
    let (Some(FnArg::Typed(input)), None) = (inputs.next(), inputs.next()) else {
        return Err(errors::stage_inputs(sig.ident.span()));
    };
    let taken = &*input.ty;
    if let Type::Reference(reference) = taken {
        return Err(errors::borrowed_input(reference.span()));
    }
    let ReturnType::Type(_, returned) = &sig.output else { return Err(errors::stage_output(sig.ident.span())) };
    let krate = args.krate();
    let (vis, called) = (&function.vis, &sig.ident);
    let stage = args.stage.clone().unwrap_or_else(|| stage_ident(called));
    let awaited = sig.asyncness.map(|_| quote!(.await));
    let undo = args.compensate.as_ref().map(|path| {
        // At the path, so that what is wrong with the function is told there.
        let undone = quote_spanned!(path.span()=> #krate::__private::undo_by(async move { #path(&out).await }));
        let clone = quote_spanned!(path.span()=> ::core::clone::Clone::clone(out));
        let by = path.segments.last().map(|segment| segment.ident.unraw().to_string()).unwrap_or_default();
        quote! {
            const COMPENSATION: &'static str = #by;

            fn undo(out: &#krate::Out<Self>) -> ::core::option::Option<#krate::__private::Undo> {
                let out = #clone;
                ::core::option::Option::Some(#undone)
            }
        }
    });
    let about = format!("The stage `{name}` of a pipeline: [`{}`].", called.unraw());
    let cfgs: Vec<_> = function.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).collect();
    Ok(quote! {
        #(#cfgs)*
        #[doc = #about]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #vis struct #stage;

        #(#cfgs)*
        const _: () = {
            impl #krate::Stage for #stage {
                const NAME: &'static str = #name;
                type In = #taken;
                type Returned = #returned;

                async fn call(input: #taken) -> #returned {
                    #called(input)#awaited
                }

                #undo
            }

            impl #krate::__private::Accepts<#taken> for #stage {
                fn accept(input: #taken) -> #taken {
                    input
                }
            }

            // A stage that no pipeline has yet is not dead code.
            let _ = #stage;
        };
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
    Ident::new(&name, function.span())
}
