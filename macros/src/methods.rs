//! `#[traced(operation.tokens._)]` on an `impl` or a `trait`: the block goes in; the same block, with the attribute on
//! each of its methods, comes out.
//!
//! Left out is what cannot be recorded, a `const fn` or a method without a body, and what has an attribute of its own,
//! or `#[traced(skip)]`. The block is not parsed, only cut into its members, so what is half written stays what it is.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::quote;
use syn::ext::IdentExt;
use tense_grammar::{Form, Violation, Written};

use crate::args::{Args, Macro};
use crate::errors::{self, Errors};
use crate::plan::Plan;
use crate::registry::{self, Found};
use crate::written::{WrittenName, is_punct, visible};

/// Whether that is an `impl` or a `trait` with a block behind it.
pub(crate) fn is_block(item: &TokenStream) -> bool {
    let mut tokens = item.clone().into_iter().peekable();
    while tokens.peek().is_some_and(|token| is_punct(token, '#')) {
        tokens.nth(1);
    }
    let before = ["pub", "default", "unsafe", "auto", "const"];
    let begins = tokens.find(|token| match token {
        TokenTree::Ident(word) => !before.iter().any(|before| word == before),
        // `(crate)`, or the `$vis` of a `macro_rules!`
        TokenTree::Group(_) => false,
        _ => true,
    });
    let is_one = matches!(&begins, Some(TokenTree::Ident(word)) if word == "impl" || word == "trait");
    is_one && matches!(tokens.last(), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace)
}

pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    let Some(TokenTree::Group(block)) = tokens.pop() else { return tokens.into_iter().collect() };
    let (name, rest) = WrittenName::take(args, &mut errors);
    let read = Args::parse(rest.clone(), Macro::Methods, &mut errors);
    let name = name.and_then(|name| match name.segments.last() {
        Some(last) if last != "_" => {
            errors.push(errors::closed_name(name.span_of(name.segments.len() - 1)));
            None
        }
        _ => Some(name),
    });
    // Names the file to the compiler, which a method that is not recorded could not.
    let found = registry::find(&quote!(#(#tokens)*).to_string(), &mut errors);
    let members = Members(block.stream().into_iter().collect()).cut();
    let given: Vec<_> = members.iter().map(Member::is_given).collect();
    let (mut can_stand, mut is_judged) = (true, false);
    if let Some(name) = &name {
        for member in members.iter().zip(&given).filter_map(|(member, given)| given.then_some(member)) {
            // One that may be compiled out is judged where its own attribute is expanded.
            if let Some(method) = member.method.as_ref().filter(|_| !member.is_conditional()) {
                let name = name.at_method(method.name.span());
                let mut of_method = Errors::default();
                let called = method.name.unraw().to_string();
                can_stand &= Plan::make(Some(&name), Form::Action, &called, &read, &mut of_method).is_some();
                errors.add_of_method(of_method, &method.name);
                is_judged = true;
            }
        }
    }
    if let Some(name) = name.as_ref().filter(|_| !is_judged) {
        can_stand = judge(name, &found, &mut errors);
    }
    let name = name.filter(|_| can_stand && errors.is_empty());
    let parameters = type_parameters(&tokens);
    let inside: TokenStream = members
        .into_iter()
        .zip(given)
        .map(|(member, given)| {
            // A method's own attribute cannot see that the type is a parameter of the block, which may be any future.
            let value = member.returns_one_of(&parameters).then(|| quote!(returns = value,));
            member.back(name.as_ref().filter(|_| given), &quote!(#value #rest), &read.krate())
        })
        .collect();
    let mut inside = Group::new(Delimiter::Brace, inside);
    inside.set_span(block.span());
    let (errors, dependency) = (errors.into_tokens(), &found.dependency);
    quote!(#errors #dependency #(#tokens)* #inside)
}

/// Whether the name of a block can stand in which nobody asks for an action: all but its last word.
fn judge(name: &WrittenName, found: &Found, errors: &mut Errors) -> bool {
    let segments: Vec<&str> = name.segments.iter().map(String::as_str).collect();
    let written = Written::new(&segments, Form::Action).function("create");
    let violations = found.registry.resolve(&written).err().unwrap_or_default();
    let about_the_block = |violation: &&Violation| {
        // Whether there is a `created` says nothing, and by a file with mistakes nobody can be judged.
        !found.is_broken && (violation.rule.starts_with("name/") || violation.rule == "registry/unknown-layer")
    };
    let mut can_stand = true;
    for violation in violations.iter().filter(about_the_block) {
        errors.push(errors::violation(name.span_of(violation.segment), violation));
        can_stand = false;
    }
    can_stand
}

/// What stands between the braces.
struct Members(Vec<TokenTree>);

/// One method, constant, type or call of a macro.
struct Member {
    /// `#[..]`: the hash, whose place is where an attribute begins, and the brackets.
    attrs: Vec<(TokenTree, Group)>,
    tokens: Vec<TokenTree>,
    method: Option<Method>,
}

struct Method {
    name: Ident,
    is_const: bool,
    has_body: bool,
}

impl Members {
    fn cut(self) -> Vec<Member> {
        let mut tokens = self.0.into_iter().peekable();
        let mut members = Vec::new();
        while tokens.peek().is_some() {
            let mut member = Member { attrs: Vec::new(), tokens: Vec::new(), method: None };
            while let Some(hash) = tokens.next_if(|token| is_punct(token, '#')) {
                match tokens.next() {
                    Some(TokenTree::Group(attr)) => member.attrs.push((hash, attr)),
                    // `#![..]` of the block
                    other => {
                        member.tokens.push(hash);
                        member.tokens.extend(other);
                        member.tokens.extend(tokens.next());
                        break;
                    }
                }
            }
            if let Some(TokenTree::Group(whole)) = tokens.next_if(is_whole) {
                let mut inside = Self(whole.stream().into_iter().collect()).cut();
                if let Some(first) = inside.first_mut() {
                    first.attrs.splice(0..0, member.attrs);
                }
                members.extend(inside);
                continue;
            }
            let mut angles = 0_usize;
            for token in tokens.by_ref() {
                let before = member.tokens.last();
                let behind_bang = before.is_some_and(|token| is_punct(token, '!'));
                angles = angles_behind(&token, before, angles);
                if let TokenTree::Ident(name) = &token
                    && member.method.is_none()
                    // `fn fn`: somebody is about to write a method before this one.
                    && name != "fn"
                    && before.is_some_and(|token| is_word(token, "fn"))
                {
                    let is_const = member.tokens.iter().any(|token| is_word(token, "const"));
                    member.method = Some(Method { name: name.clone(), is_const, has_body: false });
                }
                let is_body = angles == 0 && is_braced(&token);
                let ends = match &mut member.method {
                    Some(method) if is_body => {
                        method.has_body = true;
                        true
                    }
                    None if is_body => behind_bang,
                    _ => is_punct(&token, ';'),
                };
                member.tokens.push(token);
                if ends {
                    break;
                }
            }
            members.push(member);
        }
        members
    }
}

impl Member {
    /// Whether the attribute of the block is given to it.
    fn is_given(&self) -> bool {
        let is_own = |attr: &Group| {
            // `#[tense::traced(..)]`: the last word of the path
            let path = tokens_of(attr).into_iter().take_while(|token| !matches!(token, TokenTree::Group(_)));
            path.last().is_some_and(|last| is_ours(&last))
        };
        let can_be_recorded = self.method.as_ref().is_some_and(|method| method.has_body && !method.is_const);
        can_be_recorded && !self.attrs.iter().any(|(_, attr)| is_own(attr))
    }

    fn is_conditional(&self) -> bool {
        let is_condition = |attr: &Group| {
            let word = tokens_of(attr).into_iter().next();
            word.is_some_and(|word| is_word(&word, "cfg") || is_word(&word, "cfg_attr"))
        };
        self.attrs.iter().any(|(_, attr)| is_condition(attr))
    }

    /// Whether it returns one of these types, or what a trait makes of one: `F`, `F::Output`.
    fn returns_one_of(&self, types: &[String]) -> bool {
        let (mut angles, mut before) = (0, None);
        if self.tokens.iter().any(|token| is_word(token, "async")) {
            return false;
        }
        for (at, token) in self.tokens.iter().enumerate() {
            angles = angles_behind(token, before, angles);
            if angles == 0 && is_punct(token, '>') && before.is_some_and(|before| is_punct(before, '-')) {
                let returned: Vec<TokenTree> = self.tokens[at + 1..].iter().cloned().flat_map(visible).collect();
                let [TokenTree::Ident(first), next, ..] = returned.as_slice() else { return false };
                let ends_or_goes_on = is_punct(next, ':') || is_word(next, "where") || is_braced(next);
                return ends_or_goes_on && types.iter().any(|ty| first == ty);
            }
            before = Some(token);
        }
        false
    }

    fn back(self, name: Option<&WrittenName>, rest: &TokenStream, krate: &TokenStream) -> TokenStream {
        let mut conditions = Vec::new();
        let mut attrs = TokenStream::new();
        for (hash, attr) in self.attrs.iter().filter(|(_, attr)| !is_skip(&tokens_of(attr))) {
            let condition = traced_only_if(attr);
            let is_skip = condition.as_ref().is_some_and(|(_, skips)| *skips);
            conditions.extend(condition.map(|(condition, _)| condition));
            if !is_skip {
                attrs.extend([hash.clone(), TokenTree::Group(attr.clone())]);
            }
        }
        let tokens = self.tokens;
        let ours = name.zip(self.method).map(|(name, method)| {
            let name = name.at_method(method.name.span()).tokens();
            let ours = quote!(#krate::traced(#name, #rest));
            match conditions.as_slice() {
                [] => quote!(#[#ours]),
                conditions => quote!(#[cfg_attr(not(any(#(#conditions),*)), #ours)]),
            }
        });
        quote!(#attrs #ours #(#tokens)*)
    }
}

/// How many `<` are open behind a token; the `>` of an arrow closes none.
fn angles_behind(token: &TokenTree, before: Option<&TokenTree>, open: usize) -> usize {
    let behind_dash = before.is_some_and(|before| is_punct(before, '-') || is_punct(before, '='));
    match token {
        token if is_punct(token, '<') => open + 1,
        token if is_punct(token, '>') && !behind_dash => open.saturating_sub(1),
        _ => open,
    }
}

/// The types among the parameters of `impl<..>` or `trait Name<..>`.
fn type_parameters(head: &[TokenTree]) -> Vec<String> {
    let block = head.iter().position(|token| is_word(token, "impl") || is_word(token, "trait"));
    let open = block.map(|at| if is_word(&head[at], "trait") { at + 2 } else { at + 1 });
    let Some(inside) = open.and_then(|at| head.get(at..)).filter(|rest| is_punct_at(rest, '<')) else {
        return Vec::new();
    };
    let (mut angles, mut before, mut found) = (0, None, Vec::new());
    for token in inside {
        let begins = angles == 1 && before.is_some_and(|before| is_punct(before, '<') || is_punct(before, ','));
        angles = angles_behind(token, before, angles);
        match token {
            TokenTree::Ident(word) if begins && word != "const" => found.push(word.to_string()),
            _ if angles == 0 => break,
            _ => {}
        }
        before = Some(token);
    }
    found
}

fn is_punct_at(tokens: &[TokenTree], wanted: char) -> bool {
    tokens.first().is_some_and(|token| is_punct(token, wanted))
}

/// What stands between the brackets of an attribute; a `$attr:meta` of `macro_rules!` has invisible ones around it.
fn tokens_of(attr: &Group) -> Vec<TokenTree> {
    attr.stream().into_iter().flat_map(visible).collect()
}

/// `traced(skip)`, whatever the path before it.
fn is_skip(attr: &[TokenTree]) -> bool {
    matches!(attr, [.., traced, TokenTree::Group(skip)]
        if is_word(traced, "traced") && skip.stream().to_string() == "skip")
}

/// The condition of `cfg_attr(condition, traced(..))`, and whether it is `skip` that is asked for.
fn traced_only_if(attr: &Group) -> Option<(TokenStream, bool)> {
    let tokens = tokens_of(attr);
    let [word, TokenTree::Group(arguments)] = tokens.as_slice() else { return None };
    if !is_word(word, "cfg_attr") {
        return None;
    }
    let mut tokens = arguments.stream().into_iter();
    let condition: TokenStream = tokens.by_ref().take_while(|token| !is_punct(token, ',')).collect();
    let attrs: Vec<TokenTree> = tokens.collect();
    let has_own = attrs.array_windows().any(|[ours, list]| is_ours(ours) && matches!(list, TokenTree::Group(_)));
    has_own.then(|| (condition, is_skip(&attrs)))
}

/// An attribute of ours, which makes a span of its own.
fn is_ours(word: &TokenTree) -> bool {
    is_word(word, "traced") || is_word(word, "pipeline_stage")
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

/// Whether that is a `$method:item` of a `macro_rules!`, which has invisible brackets around a whole member; those of a
/// `$vis` have not even a name inside.
fn is_whole(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else { return false };
    let mut inside = group.stream().into_iter().flat_map(visible);
    group.delimiter() == Delimiter::None
        && inside.any(|token| matches!(&token, TokenTree::Ident(word) if word != "pub" && word != "crate"))
}

/// The braces of a body; a `$body:block` of `macro_rules!` has invisible ones around them.
fn is_braced(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else { return false };
    match group.delimiter() {
        Delimiter::Brace => true,
        Delimiter::None => {
            let mut inside = group.stream().into_iter();
            inside.next().is_some_and(|only| is_braced(&only)) && inside.next().is_none()
        }
        _ => false,
    }
}
