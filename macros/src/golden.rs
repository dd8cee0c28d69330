//! What somebody writes goes in (`golden/NAME.rs`); what the macros make of it is held against
//! `golden/NAME.expanded.rs`.
//!
//! `GOLDEN=overwrite cargo test -p tense-macros golden` writes it anew. What differs is for a person to judge.

use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;

use crate::args::{Args, Macro};
use crate::errors::Errors;
use crate::plan::Plan;
use crate::written::{WrittenName, is_punct};
use crate::{context, fail, function, log, off, point, registry, span, stage};

#[test]
fn expansions_are_what_a_person_has_read() {
    let mut wrong = Vec::new();
    let cases = cases();
    assert!(cases.len() >= 10, "no more than {cases:?}");
    for case in cases {
        let name = case.file_stem().unwrap().to_string_lossy().into_owned();
        let expanded = expanded(&name, read(&case).parse().unwrap());
        let shown = match syn::parse2(expanded.clone()) {
            Ok(file) => prettyplease::unparse(&file),
            Err(_) if name.starts_with("half-written") => laid_out(expanded, 0),
            Err(error) => panic!("{name}: {error}"),
        };
        let now = format!("//! What the macros make of `{name}.rs`.\n\n{shown}");
        let golden = case.with_file_name(format!("{name}.expanded.rs"));
        if std::env::var_os("GOLDEN").is_some_and(|wish| wish == "overwrite") {
            std::fs::write(&golden, now).unwrap();
        } else if now != read(&golden) {
            wrong.push(format!("--- {name}\n{now}"));
        }
    }
    assert!(wrong.is_empty(), "expanded otherwise (GOLDEN=overwrite writes it anew):\n{}", wrong.join("\n"));
}

/// As `benches` counts them: the text of the tokens, beyond that of the function.
#[test]
fn the_expansion_of_a_function_of_four_lines_stays_small() {
    for name in ["function", "async-function"] {
        let written: TokenStream = read(&folder().join(format!("{name}.rs"))).parse().unwrap();
        let (_, _, item) = attribute(written.clone());
        let added = expanded(name, written).to_string().len() - item.to_string().len();
        assert!(added <= 900, "{name}: {added} bytes");
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

/// What somebody writes, all of it: the arguments of an attribute, and the item.
pub(crate) fn written() -> Vec<(String, TokenStream, TokenStream)> {
    somebody_else_names_the_file();
    let cases = cases().into_iter().map(|case| (case.to_string_lossy().into_owned(), read(&case).parse().unwrap()));
    let attributes = cases.filter(|(name, _)| !name.contains("macro-"));
    attributes.map(|(_, written)| attribute(written)).collect()
}

/// The first expansion in a crate names the registry's file to the compiler; a path of this machine does not belong
/// here.
pub(crate) fn somebody_else_names_the_file() {
    registry::find("", &mut Errors::default());
}

fn cases() -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<_> = files.filter(|path| !path.to_string_lossy().ends_with(".expanded.rs")).collect();
    cases.sort();
    cases
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn expanded(name: &str, written: TokenStream) -> TokenStream {
    somebody_else_names_the_file();
    if let Some(called) = name.strip_prefix("macro-") {
        return in_function(called, written);
    }
    let (path, args, item) = attribute(written);
    match path.as_str() {
        "pipeline_stage" => stage::expand(args, item),
        _ if name.starts_with("off") => compiled_out(args, item),
        _ => function::expand(args, item),
    }
}

/// Tokens that no parser takes, a line for each statement.
fn laid_out(tokens: TokenStream, depth: usize) -> String {
    let (mut lines, mut line) = (String::new(), TokenStream::new());
    let margin = "    ".repeat(depth);
    for token in tokens {
        match token {
            TokenTree::Group(group) if has_braces(&group) => {
                let (head, inside) = (std::mem::take(&mut line), laid_out(group.stream(), depth + 1));
                let (open, close) = if group.delimiter() == Delimiter::Brace { (" {", "}") } else { ("(", ")") };
                lines.push_str(&format!("{margin}{head}{open}\n{inside}{margin}{close}\n"));
            }
            semicolon if is_punct(&semicolon, ';') => {
                lines.push_str(&format!("{margin}{};\n", std::mem::take(&mut line)));
            }
            token => line.extend([token]),
        }
    }
    if !line.is_empty() {
        lines.push_str(&format!("{margin}{line}\n"));
    }
    lines
}

/// Whether those are braces, or some are in it.
fn has_braces(group: &Group) -> bool {
    let is_or_has = |token| matches!(token, TokenTree::Group(group) if has_braces(&group));
    group.delimiter() == Delimiter::Brace || group.stream().into_iter().any(is_or_has)
}

/// The last word of the path of the first attribute, what stands in its parentheses, and all other tokens.
fn attribute(written: TokenStream) -> (String, TokenStream, TokenStream) {
    let mut tokens = without_comment(written).into_iter();
    assert!(tokens.next().is_some_and(|hash| is_punct(&hash, '#')));
    let Some(TokenTree::Group(attribute)) = tokens.next() else { panic!("an attribute comes first") };
    let mut inside: Vec<TokenTree> = attribute.stream().into_iter().collect();
    let Some(TokenTree::Group(args)) = inside.pop() else { panic!("it has arguments") };
    (inside.pop().unwrap().to_string(), args.stream(), tokens.collect())
}

/// The file without its `//!`, each line of which is `#![..]` to a parser: three tokens.
fn without_comment(written: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = written.into_iter().collect();
    while matches!(tokens.as_slice(), [hash, bang, ..] if is_punct(hash, '#') && is_punct(bang, '!')) {
        tokens.drain(..3);
    }
    tokens.into_iter().collect()
}

/// As with `--cfg tense_off`.
fn compiled_out(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let (name, rest) = WrittenName::take(args, &mut errors);
    let args = Args::parse(rest, Macro::Traced, &mut errors);
    let seen = off::Seen::look(item).unwrap();
    let plan = Plan::make(name.as_ref(), tense_grammar::Form::Action, &seen.name, &args, &mut errors).unwrap();
    assert!(errors.is_empty());
    seen.back(&args, &plan.declared, &plan.dependency)
}

/// `fn f(..) { NAME!(..); }` with the call expanded.
fn in_function(called: &str, written: TokenStream) -> TokenStream {
    let expand: fn(TokenStream) -> TokenStream = match called {
        "record" | "record-in" => point::record,
        "event" => point::event,
        "prepared" => point::prepared,
        "context" => context::expand,
        "span" | "span-body" | "span-future" => span::expand,
        "fail" | "fail-in" => fail::expand,
        "log" | "log-data" => log::expand,
        _ => point::name,
    };
    let mut function: Vec<TokenTree> = without_comment(written).into_iter().collect();
    let Some(TokenTree::Group(body)) = function.pop() else { panic!("a function with a call in it") };
    let mut tokens: Vec<TokenTree> = body.stream().into_iter().collect();
    let at = tokens.iter().position(|token| is_punct(token, '!')).unwrap();
    let begin =
        tokens[..at].iter().rposition(|token| is_punct(token, '{') || is_punct(token, ';')).map_or(0, |at| at + 1);
    let Some(TokenTree::Group(arguments)) = tokens.get(at + 1) else { panic!("a call") };
    let call = expand(arguments.stream());
    tokens.splice(begin..=at + 1, call);
    let body = Group::new(Delimiter::Brace, tokens.into_iter().collect());
    quote!(#(#function)* #body)
}
