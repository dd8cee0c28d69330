//! How every source file opens, how long and how wide it may be, and what may not stand in it.

use proc_macro2::{TokenStream, TokenTree};

use super::{assert_none, files, read, shown};

const LONGEST: usize = 500;
/// Of a comment, in characters, as rustfmt has it for code.
const WIDEST: usize = 120;

#[test]
fn a_source_file_opens_with_what_enters_and_what_leaves() {
    let mut broken = Vec::new();
    for path in files("rs") {
        // A case with a mistake opens with the sentence that it is told.
        let is_case = shown(&path).starts_with("ui-tests/fail/") || shown(&path).starts_with("ui-tests/registry/");
        let first = read(&path).lines().next().unwrap_or_default().to_owned();
        let opens_well = first.starts_with("//! ") || is_case && first.starts_with("//~ ");
        if !opens_well {
            broken.push(format!("{} opens with `{first}`: say in `//!` what it does", shown(&path)));
        }
    }
    assert_none(&broken);
}

#[test]
fn a_source_file_has_one_idea() {
    let mut broken = Vec::new();
    for path in files("rs") {
        let lines = read(&path).lines().count();
        if lines > LONGEST {
            broken.push(format!("{} has {lines} lines: look for a second idea in it", shown(&path)));
        }
    }
    assert_none(&broken);
}

#[test]
fn a_comment_is_no_wider_than_code() {
    let mut broken = Vec::new();
    for path in files("rs") {
        // A mistake stands at the line that its sentence says.
        if ["ui-tests/fail/", "ui-tests/registry/"].iter().any(|cases| shown(&path).starts_with(cases)) {
            continue;
        }
        let mut is_example = false;
        for (at, line) in read(&path).lines().enumerate() {
            let text = line.trim_start();
            let Some(text) = text.strip_prefix("//").map(|text| text.trim_start_matches(['/', '!']).trim_start())
            else {
                is_example = false;
                continue;
            };
            is_example ^= text.starts_with("```");
            // A table cannot be broken, and an example is code.
            let is_prose = !is_example && !text.starts_with(['|', '#']);
            if is_prose && line.chars().count() > WIDEST {
                broken.push(format!("{}:{}: break this comment at {WIDEST} characters", shown(&path), at + 1));
            }
        }
    }
    assert_none(&broken);
}

#[test]
fn nothing_is_unsafe() {
    let mut broken = Vec::new();
    for path in files("rs") {
        // What somebody else writes may be; there has to be a case for it.
        if ["macros/golden/", "ui-tests/fail/", "ui-tests/pass/"].iter().any(|cases| shown(&path).starts_with(cases)) {
            continue;
        }
        let tokens: TokenStream = read(&path).parse().unwrap_or_else(|error| panic!("{}: {error}", shown(&path)));
        if has_unsafe(tokens) {
            broken.push(format!("{} has the word `unsafe`", shown(&path)));
        }
    }
    assert_none(&broken);
}

/// Whether the word is there as code; also in a macro, where the lint does not look.
fn has_unsafe(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "unsafe",
        TokenTree::Group(group) => has_unsafe(group.stream()),
        _ => false,
    })
}
