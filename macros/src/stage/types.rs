//! A type out of a function's signature goes in; what keeps it from being written again, outside of the signature,
//! comes out.
//!
//! A stage names the types of its function a second time. `impl Trait` and a lifetime that is left out mean something
//! in a signature only; elsewhere the compiler would tell of them at tokens that nobody has written.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{AngleBracketedGenericArguments, GenericArgument, Path, PathArguments, Type, TypeParamBound};

/// What has a meaning in a signature only, at its place.
pub(super) enum OfSignature {
    /// `impl Trait`
    Hidden(Span),
    /// `&T`, `Cow<'_, T>`, `&'a T`
    Borrowed(Span),
}

/// The first such part of a type.
pub(super) fn of_signature(ty: &Type) -> Option<OfSignature> {
    match ty {
        Type::ImplTrait(hidden) => Some(OfSignature::Hidden(hidden.impl_token.span)),
        Type::Reference(reference) => match &reference.lifetime {
            // What lives as long as the program needs no owner.
            Some(lifetime) if lifetime.ident == "static" => of_signature(&reference.elem),
            _ => Some(OfSignature::Borrowed(reference.span())),
        },
        Type::Path(path) => {
            let of = path.qself.as_ref().and_then(|qself| of_signature(&qself.ty));
            of.or_else(|| of_path(&path.path))
        }
        Type::TraitObject(object) => object.bounds.iter().find_map(|bound| match bound {
            TypeParamBound::Lifetime(lifetime) if lifetime.ident == "_" => Some(OfSignature::Borrowed(lifetime.span())),
            TypeParamBound::Trait(bound) => of_path(&bound.path),
            _ => None,
        }),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(of_signature),
        Type::Paren(paren) => of_signature(&paren.elem),
        Type::Group(group) => of_signature(&group.elem),
        Type::Array(array) => of_signature(&array.elem),
        Type::Slice(slice) => of_signature(&slice.elem),
        Type::Ptr(pointer) => of_signature(&pointer.elem),
        // The arguments of `fn(&str)` have lifetimes of their own.
        _ => None,
    }
}

fn of_path(path: &Path) -> Option<OfSignature> {
    path.segments.iter().find_map(|segment| match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => of_arguments(arguments),
        // `Fn(&str)`, as above
        PathArguments::Parenthesized(_) | PathArguments::None => None,
    })
}

fn of_arguments(arguments: &AngleBracketedGenericArguments) -> Option<OfSignature> {
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Lifetime(lifetime) if lifetime.ident != "static" => {
            Some(OfSignature::Borrowed(lifetime.span()))
        }
        GenericArgument::Type(ty) => of_signature(ty),
        GenericArgument::AssocType(output) => of_signature(&output.ty),
        _ => None,
    })
}
