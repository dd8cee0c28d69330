//! A return type goes in; how the call of such a function is run comes out, and the type as a closure or a block can
//! say it.
//!
//! A future behind `impl` is known by the word `Future`, because the type it is wrapped in is that and nothing more. Of
//! any other type that could be an alias of a boxed future the compiler is asked (`runtime/src/returned.rs`). What
//! nobody has taken for a future yet is left out first: to ask costs compile time.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{
    GenericArgument, GenericParam, PathArguments, ReturnType, Signature, TraitBound, Type, TypeParamBound, TypePath,
    parse_quote,
};

use crate::errors;

/// What a function returns, as far as its tokens say.
pub(crate) enum Returned {
    /// Its call ends when it returns.
    Value,
    /// `impl Future<Output = ..>`, with that output.
    Hidden(Box<Type>),
    /// It may be the alias of a boxed future.
    Perhaps(Box<Type>),
    /// A type that a trait leaves to others: it may be a boxed future, and of any other nobody asks that it could be
    /// wrapped.
    Associated(Box<Type>),
}

/// Types that are no futures. Handles of work that goes on by itself can be awaited, but what the function did is done.
const VALUES: [&str; 29] = [
    "Arc",
    "Duration",
    "HashMap",
    "JoinHandle",
    "Option",
    "Ordering",
    "PathBuf",
    "Rc",
    "Receiver",
    "Result",
    "Self",
    "String",
    "Vec",
    "bool",
    "char",
    "f32",
    "f64",
    "i128",
    "i16",
    "i32",
    "i64",
    "i8",
    "isize",
    "u128",
    "u16",
    "u32",
    "u64",
    "u8",
    "usize",
];

impl Returned {
    /// `as_value` is the place of `returns = value`, where that was written.
    pub(crate) fn of(sig: &Signature, as_value: Option<Span>) -> syn::Result<Self> {
        match (&sig.output, as_value) {
            (_, Some(place)) if sig.asyncness.is_some() => Err(errors::returns_its_future(place)),
            (ReturnType::Type(_, ty), None) if sig.asyncness.is_none() => Self::of_type(ty, sig),
            _ => Ok(Self::Value),
        }
    }

    fn of_type(ty: &Type, sig: &Signature) -> syn::Result<Self> {
        Ok(match ty {
            Type::Paren(paren) => return Self::of_type(&paren.elem, sig),
            Type::Group(group) => return Self::of_type(&group.elem, sig),
            Type::ImplTrait(hidden) => match hidden.bounds.iter().find_map(future) {
                None => Self::Value,
                Some(output) => {
                    let more = hidden.bounds.iter().find(|bound| !holds_of_the_wrapper(bound));
                    if let Some(more) = more {
                        return Err(errors::more_than_a_future(more.span()));
                    }
                    Self::Hidden(Box::new(output))
                }
            },
            Type::Path(path) => {
                let last = path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
                let is_parameter =
                    |param: &GenericParam| matches!(param, GenericParam::Type(ty) if path.path.is_ident(&ty.ident));
                if is_associated(path, sig) {
                    Self::Associated(Box::new(ty.clone()))
                } else if sig.generics.params.iter().any(is_parameter)
                    || VALUES.contains(&last.as_str())
                    || infer_impl_trait(&mut ty.clone())
                {
                    Self::Value
                } else {
                    Self::Perhaps(Box::new(ty.clone()))
                }
            }
            // A macro in place of a type may stand for anything.
            Type::Macro(_) => Self::Perhaps(Box::new(ty.clone())),
            _ => Self::Value,
        })
    }

    /// The call of the runtime that takes the call site, a closure with the body, and one for the outcome.
    pub(crate) fn call(&self, krate: &TokenStream) -> TokenStream {
        match self {
            Self::Value => quote!(#krate::__private::run),
            Self::Hidden(output) => quote!(#krate::__private::construct::<#output, _, _>),
            Self::Perhaps(_) | Self::Associated(_) => quote!(#krate::__private::run_as),
        }
    }

    /// What stands before the call site among its arguments.
    pub(crate) fn way(&self, krate: &TokenStream) -> TokenStream {
        let (ty, ways) = match self {
            Self::Value | Self::Hidden(_) => return TokenStream::new(),
            Self::Perhaps(ty) => (ty, quote!(ways)),
            Self::Associated(ty) => (ty, quote!(ways_of_associated)),
        };
        let way = quote_spanned!(ty.span()=> (&&&#krate::__private::Returned::<#ty>::TYPE).__tense_way());
        quote!({ use #krate::__private::#ways::*; #way },)
    }
}

/// `Self::Future`, `<T as Service>::Future`, or `T::Future` of a parameter of the function.
fn is_associated(path: &TypePath, sig: &Signature) -> bool {
    let [first, _, ..] = path.path.segments.iter().map(|segment| &segment.ident).collect::<Vec<_>>()[..] else {
        return false;
    };
    let is_parameter = |param: &GenericParam| matches!(param, GenericParam::Type(ty) if ty.ident == *first);
    path.qself.is_some() || first == "Self" || sig.generics.params.iter().any(is_parameter)
}

/// The output of a bound `Future<Output = ..>`, with every `impl Trait` in it left to inference.
fn future(bound: &TypeParamBound) -> Option<Type> {
    let TypeParamBound::Trait(TraitBound { path, .. }) = bound else { return None };
    let last = path.segments.last().filter(|last| last.ident == "Future")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return Some(parse_quote!(_)) };
    let output = arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(output) if output.ident == "Output" => Some(output.ty.clone()),
        _ => None,
    });
    let mut output = output.unwrap_or_else(|| parse_quote!(_));
    infer_impl_trait(&mut output);
    Some(output)
}

/// `impl Fn(&str) -> usize`: what its arguments borrow, the compiler reads off the return type, and only of a closure
/// at the function's own end.
pub(crate) fn is_closure(output: &ReturnType) -> bool {
    const CLOSURES: [&str; 6] = ["Fn", "FnMut", "FnOnce", "AsyncFn", "AsyncFnMut", "AsyncFnOnce"];
    let is_one = |bound: &TypeParamBound| {
        let TypeParamBound::Trait(TraitBound { path, .. }) = bound else { return false };
        path.segments.last().is_some_and(|last| CLOSURES.iter().any(|closure| last.ident == closure))
    };
    matches!(output, ReturnType::Type(_, ty) if matches!(&**ty, Type::ImplTrait(hidden) if hidden.bounds.iter().any(is_one)))
}

/// Whether a wrapped future keeps what this bound says of it.
fn holds_of_the_wrapper(bound: &TypeParamBound) -> bool {
    const AUTO: [&str; 5] = ["Send", "Sync", "Unpin", "UnwindSafe", "RefUnwindSafe"];
    let TypeParamBound::Trait(TraitBound { path, .. }) = bound else { return true };
    path.segments.last().is_some_and(|last| last.ident == "Future" || AUTO.iter().any(|auto| last.ident == auto))
}

/// The return type as a closure can say it: every `impl Trait` in it is left to inference.
pub(crate) fn closure_output(output: &ReturnType) -> TokenStream {
    match output {
        // Said, because a body that only diverges would leave it open, and the outcome would then guess a `Result`.
        ReturnType::Default => quote!(-> ()),
        ReturnType::Type(arrow, ty) => {
            let mut ty = (**ty).clone();
            infer_impl_trait(&mut ty);
            quote!(#arrow #ty)
        }
    }
}

/// Tells an async block what it returns, as a closure's signature would: without it `Ok(Box::new(x))` is not coerced.
pub(crate) fn expected_output(output: &ReturnType, krate: &TokenStream) -> TokenStream {
    match output {
        ReturnType::Default => quote!(if false { return #krate::__private::never::<()>(); }),
        ReturnType::Type(_, ty) if is_never(ty) => {
            quote!(if false { return #krate::__private::never::<::core::convert::Infallible>(); })
        }
        ReturnType::Type(_, ty) => {
            let mut ty = (**ty).clone();
            infer_impl_trait(&mut ty);
            quote!(if false { return #krate::__private::never::<#ty>(); })
        }
    }
}

pub(crate) fn is_never(ty: &Type) -> bool {
    matches!(ty, Type::Never(_))
}

/// Leaves every `impl Trait` in a type to inference; says whether there was one.
fn infer_impl_trait(ty: &mut Type) -> bool {
    match ty {
        Type::ImplTrait(_) => {
            *ty = parse_quote!(_);
            true
        }
        Type::Path(path) => {
            let mut found = false;
            for segment in &mut path.path.segments {
                if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
                    for argument in &mut arguments.args {
                        if let GenericArgument::Type(ty) = argument {
                            found |= infer_impl_trait(ty);
                        }
                    }
                }
            }
            found
        }
        // All of them, wherever the first one is.
        Type::Tuple(tuple) => tuple.elems.iter_mut().map(infer_impl_trait).filter(|found| *found).count() > 0,
        Type::Reference(reference) => infer_impl_trait(&mut reference.elem),
        Type::Paren(paren) => infer_impl_trait(&mut paren.elem),
        Type::Group(group) => infer_impl_trait(&mut group.elem),
        Type::Array(array) => infer_impl_trait(&mut array.elem),
        Type::Slice(slice) => infer_impl_trait(&mut slice.elem),
        _ => false,
    }
}
