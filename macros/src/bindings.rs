//! The arguments of a function go in; plain names for its signature, and how its body binds what was written, come out.
//!
//! They are bound at the head of the body in their order, as rustc does itself for async functions, so that arguments
//! and locals are dropped in the order of the plain function.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote};
use syn::{FnArg, Pat, PatIdent, PatType, Type};

use crate::args::Args;
use crate::item::Function;

/// How a body binds its arguments, and begins its call.
#[derive(Default)]
pub(crate) struct Bindings {
    /// In front of the call's begin.
    before: TokenStream,
    /// Arguments that leave the block of the begin, as values and as the patterns that were written. Empty where there
    /// is no such block.
    values: Vec<TokenStream>,
    patterns: Vec<TokenStream>,
    /// What the fields name counts as used.
    uses: TokenStream,
}

impl Bindings {
    /// Gives every argument a plain name in the signature, and binds the user's own patterns.
    ///
    /// What was borrowed once keeps its room in a future, also when it has moved on. So where the fields of an async
    /// function borrow what may be large, they do so in a block of its own, and the arguments move through that.
    pub(crate) fn of(function: &mut Function, args: &Args) -> Self {
        let is_borrowed = |name: &Ident| args.fields.iter().chain(&args.parent).any(|field| field.mentions(name));
        let is_apart = function.sig.asyncness.is_some()
            && typed(function).all(|input| input.attrs.is_empty() && simple(&input.pat).is_some())
            && typed(function).any(|input| may_be_large(&input.ty) && simple(&input.pat).is_some_and(is_borrowed));
        let mut this = Self::default();
        if let Some(receiver) = function.sig.receiver() {
            // `self` as a whole moves into the body, also where the body names only a part of it, or nothing: otherwise
            // the rest would be dropped before the body runs. Its own token, because one of ours would be another
            // `self`.
            let receiver = receiver.self_token;
            this.before.extend(quote!(let _ = &#receiver;));
        }
        for (number, input) in function.sig.inputs.iter_mut().enumerate() {
            let FnArg::Typed(input) = input else { continue };
            let outer = match simple(&input.pat).filter(|_| is_apart) {
                Some(name) => this.move_through(&input.pat, name, is_borrowed(name)),
                None => this.bind(input, number),
            };
            *input.pat =
                Pat::Ident(PatIdent { attrs: Vec::new(), by_ref: None, mutability: None, ident: outer, subpat: None });
        }
        this
    }

    /// Binds what was written in front of the begin; the argument's new name comes back.
    fn bind(&mut self, input: &mut PatType, number: usize) -> Ident {
        let written = &input.pat;
        let attrs = std::mem::take(&mut input.attrs);
        input.attrs = attrs.iter().filter(|attr| attr.path().is_ident("cfg")).cloned().collect();
        let simple = simple(written);
        let outer = match simple {
            Some(name) => as_ours(name),
            None => format_ident!("__argument_{number}", span = Span::mixed_site()),
        };
        let cfgs = &input.attrs;
        if simple.is_none() {
            // Bound by a name first: what the pattern does not take is dropped where the plain function drops it.
            let mutable = borrows_mutably(written.to_token_stream()).then(|| quote!(mut));
            self.before.extend(quote!(#(#cfgs)* let #mutable #outer = #outer;));
        }
        // clippy takes `let _a = b;` for a binding without effect, unless something is called.
        let is_silent = simple.is_some_and(|name| name.to_string().starts_with('_'));
        let value = if is_silent { quote!(::core::convert::identity(#outer)) } else { quote!(#outer) };
        self.before.extend(quote!(#(#attrs)* let #written = #value;));
        outer
    }

    /// Binds what was written behind the begin, and its name in the block of that if the fields borrow it.
    fn move_through(&mut self, written: &Pat, name: &Ident, is_borrowed: bool) -> Ident {
        let outer = as_ours(name);
        self.patterns.push(quote!(#written));
        if is_borrowed {
            self.before.extend(match written {
                // A field only looks, but `next()` of an iterator looks at what it changes. Where none does, the borrow
                // keeps the compiler from telling of a `mut` too many: to allow that would be an error where it is
                // forbidden.
                Pat::Ident(PatIdent { mutability: Some(_), .. }) => {
                    quote!(let mut #name = #outer; let _ = &mut #name;)
                }
                _ => quote!(let #name = #outer;),
            });
            self.uses.extend(quote!(let _ = #name;));
            self.values.push(quote!(#name));
        } else {
            self.values.push(quote!(#outer));
        }
        outer
    }

    /// What stands in the function's body. `first` makes what begins its call, `begin` begins it, and makes the
    /// variables `open` if there are such. The body has a block of its own inside of the one that binds the arguments:
    /// what is dropped at its end is dropped before them, in every edition.
    pub(crate) fn body(
        &self,
        first: &TokenStream,
        begin: &TokenStream,
        open: &[&Ident],
        function: &Function,
    ) -> TokenStream {
        let Self { before, values, patterns, uses } = self;
        let body = &function.body;
        // The compiler sees no braces too many in a block, because something stands before the body.
        if values.is_empty() {
            let block = function.in_braces(quote!(#begin #body));
            return if body.is_empty() { quote!(#before #first #begin) } else { quote!(#before #first #block) };
        }
        // It may be that nothing is filled in: that part of the body may be compiled out.
        let block = function.in_braces(quote!(#uses #(let _ = #open;)* #body));
        quote!(let (#(#patterns,)* #(#open),*) = { #before #first #begin (#(#values,)* #(#open),*) }; #block)
    }
}

fn typed(function: &Function) -> impl Iterator<Item = &PatType> {
    function.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(input) => Some(input),
        FnArg::Receiver(_) => None,
    })
}

/// The name that a pattern is, with `mut` at most.
pub(crate) fn simple(pattern: &Pat) -> Option<&Ident> {
    match pattern {
        Pat::Ident(pattern) if pattern.subpat.is_none() && pattern.by_ref.is_none() => Some(&pattern.ident),
        _ => None,
    }
}

/// The user's own name, but the macro's: the documentation shows it, and lints look at the user's binding only.
fn as_ours(name: &Ident) -> Ident {
    let mut ours = name.clone();
    ours.set_span(Span::mixed_site().located_at(name.span()));
    ours
}

/// All but references and the names of numbers: types that are read as they are written.
fn may_be_large(ty: &Type) -> bool {
    const SMALL: [&str; 17] = [
        "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32",
        "f64", "String",
    ];
    match ty {
        Type::Reference(_) | Type::Ptr(_) => false,
        Type::Path(ty) => !ty.path.get_ident().is_some_and(|name| SMALL.iter().any(|small| name == small)),
        _ => true,
    }
}

/// Whether there is a `ref mut` in a pattern, which only a variable that may change can be bound to.
fn borrows_mutably(pattern: TokenStream) -> bool {
    let mut is_behind_ref = false;
    pattern.into_iter().any(|token| match token {
        TokenTree::Group(group) => borrows_mutably(group.stream()),
        TokenTree::Ident(word) => std::mem::replace(&mut is_behind_ref, word == "ref") && word == "mut",
        _ => false,
    })
}
