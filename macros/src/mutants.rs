//! Attributes and items go in, changed at random; what is held is that nothing panics, and that nobody's function is
//! lost.
//!
//! The changes are the same in every run: a fixed seed, and no clock.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

use crate::args::{Args, Macro};
use crate::errors::Errors;
use crate::{fail, function, golden, log, off, point, span, stage};

/// How many changed ones are made of each.
const MUTANTS: usize = 400;

/// A generator of xorshift kind, which is all the randomness that this needs.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides.max(1)).unwrap()).unwrap()
    }
}

/// Tokens that are somewhere of a meaning, and should have none where they are thrown.
const WORDS: [&str; 32] = [
    "fn",
    "async",
    "const",
    "unsafe",
    "extern",
    "impl",
    "trait",
    "where",
    "self",
    "Self",
    "crate",
    "dyn",
    "traced",
    "pipeline_stage",
    "cfg_attr",
    "fields",
    "retry",
    "returns",
    "value",
    "when",
    "timeout",
    "stage",
    "compensate",
    "none",
    "level",
    "tags",
    "_",
    "_1",
    "r#type",
    "exempt",
    "operation",
    "struct",
];
const MARKS: [char; 16] = [',', '.', ';', ':', '=', '<', '>', '&', '*', '?', '!', '#', '%', '-', '|', '$'];
const LITERALS: [&str; 10] = [
    "\"\"",
    "\"operation.to-kens._\"",
    "\"..\"",
    "\"5s\"",
    "7",
    "0.1",
    "b\"a\"",
    "'a'",
    "1e9",
    "\"99999999999999999999h\"",
];

fn thrown(dice: &mut Dice) -> TokenTree {
    match dice.below(4) {
        0 => Punct::new(MARKS[dice.below(MARKS.len())], Spacing::Alone).into(),
        1 => LITERALS[dice.below(LITERALS.len())].parse::<Literal>().unwrap().into(),
        _ => match WORDS[dice.below(WORDS.len())] {
            "r#type" => Ident::new_raw("type", Span::call_site()).into(),
            word => Ident::new(word, Span::call_site()).into(),
        },
    }
}

/// The same tokens with one change, at any depth.
fn changed(tokens: TokenStream, dice: &mut Dice) -> TokenStream {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    if tokens.is_empty() {
        return thrown(dice).into();
    }
    let at = dice.below(tokens.len());
    if let TokenTree::Group(group) = &tokens[at]
        && dice.below(3) > 0
    {
        let delimiter = match dice.below(12) {
            0 => [Delimiter::None, Delimiter::Brace, Delimiter::Bracket, Delimiter::Parenthesis][dice.below(4)],
            _ => group.delimiter(),
        };
        tokens[at] = Group::new(delimiter, changed(group.stream(), dice)).into();
        return tokens.into_iter().collect();
    }
    match dice.below(6) {
        0 => drop(tokens.remove(at)),
        1 => tokens.insert(at, tokens[at].clone()),
        2 => tokens.truncate(at),
        3 => tokens.rotate_left(at),
        4 => tokens[at] = thrown(dice),
        _ => tokens.insert(at, thrown(dice)),
    }
    tokens.into_iter().collect()
}

fn changed_often(tokens: &TokenStream, dice: &mut Dice) -> TokenStream {
    // Half of them stay, so that a mistake on one side meets what is right on the other.
    let changes = dice.below(6).saturating_sub(2);
    (0..changes).fold(tokens.clone(), |tokens, _| changed(tokens, dice))
}

/// All tokens that are no groups, as text.
fn leaves(tokens: TokenStream) -> Vec<String> {
    let leaves = tokens.into_iter().flat_map(|token| match token {
        TokenTree::Group(group) => leaves(group.stream()),
        token => vec![token.to_string()],
    });
    leaves.collect()
}

/// Whether all of these stand in the others, in their order.
fn stand_in(some: &[String], all: &[String]) -> bool {
    let mut all = all.iter();
    some.iter().all(|one| all.any(|other| one == other))
}

/// What has to come out again whatever is wrong. Inner attributes of a body move, `traced(skip)` is taken away, and a
/// `where` that says nothing is no loss.
fn guest(item: &TokenStream) -> Option<Vec<String>> {
    let text = item.to_string();
    let moves = text.contains("# !") || text.contains("#!") || text.contains("skip");
    (!moves).then(|| leaves(item.clone()).into_iter().filter(|leaf| leaf != "where").collect())
}

fn body(item: &TokenStream) -> Vec<String> {
    match item.clone().into_iter().last() {
        Some(TokenTree::Group(body)) => leaves(body.stream()),
        _ => Vec::new(),
    }
}

#[test]
fn nothing_panics_and_no_item_is_lost() {
    type Expand = fn(TokenStream, TokenStream) -> TokenStream;
    let macros: [(&str, Expand); 2] = [("traced", function::expand), ("pipeline_stage", stage::expand)];
    let mut dice = Dice(0x7465_6e73_6531);
    let (mut told, mut silent) = (0, 0);
    for (_, args, item) in golden::written() {
        for _ in 0..MUTANTS {
            let (args, item) = (changed_often(&args, &mut dice), changed_often(&item, &mut dice));
            for (name, expand) in macros {
                let written = || format!("#[{name}({args})] {item}");
                let expanded = catch_unwind(AssertUnwindSafe(|| expand(args.clone(), item.clone())));
                let expanded = expanded.unwrap_or_else(|_| panic!("this makes the macro panic: {}", written()));
                let has_errors = expanded.to_string().contains("compile_error");
                if has_errors {
                    told += 1;
                } else {
                    silent += 1;
                }
                let all = leaves(expanded);
                let Some(guest) = guest(&item) else { continue };
                assert!(stand_in(&body(&item), &all), "a body is lost: {}", written());
                assert!(!has_errors || stand_in(&guest, &all), "an item is lost: {}", written());
            }
        }
    }
    assert!(told > 1000 && silent > 500, "{told} were told of a mistake, {silent} were not");
}

#[test]
fn a_function_called_by_a_number_is_a_stage() {
    golden::somebody_else_names_the_file();
    let function: TokenStream = "fn _1(loan: Loan) -> Result<Loan, Declined> { Ok(loan) }".parse().unwrap();
    let expanded = stage::expand("dispatch.credit".parse().unwrap(), function);
    assert!(leaves(expanded).iter().any(|leaf| leaf == "_1Stage"));
}

#[test]
fn nothing_panics_where_annotations_are_compiled_out() {
    let mut dice = Dice(0x006f_6666);
    for (_, args, item) in golden::written() {
        for _ in 0..MUTANTS {
            let item = changed_often(&item, &mut dice);
            let args = Args::parse(changed_often(&args, &mut dice), Macro::Traced, &mut Errors::default());
            let Some(seen) = off::Seen::look(item.clone()) else { continue };
            let back = leaves(seen.back(&args, &[], &TokenStream::new()));
            assert!(stand_in(&leaves(item.clone()), &back), "an item is lost: {item}");
        }
    }
}

#[test]
fn nothing_panics_in_the_macros_of_a_body() {
    golden::somebody_else_names_the_file();
    let macros = [point::event, point::prepared, point::name, point::record, span::expand, fail::expand, log::expand];
    let written = [
        "operation.context.field_set, path, value = 7, tags(\"saga\")",
        "crate = a::b, decision.routing.start, token_id = %self.id, ?other.place, n = _",
        "dispatch.loan, |loan: &Application| fields(application = loan.id, %name)",
        "token_id = token.id, r#type = 1, count",
        "in self.span, token_id = token.id, count",
        "dispatch.batch.*, fields(size, stored = _), level = \"warn\", tags(\"saga\")",
        "operation.rows.stored, fields(size, stored = _), move || -> Result<(), ()> { record!(stored = 1); fail!(\"no\") }",
        "operation.rows.stored, async move { store(batch).await }",
        "in self.span, \"{n} of {:>width$} rows\", found(), n = 1, %path, width = 7",
        "failure, \"{n} rows {{\", n = 1, ?path",
        "data, rows = 7, table, %path",
    ];
    let mut dice = Dice(0x626f_6479);
    for written in written {
        for _ in 0..4 * MUTANTS {
            let input = changed_often(&written.parse().unwrap(), &mut dice);
            for expand in macros {
                let expanded = catch_unwind(AssertUnwindSafe(|| expand(input.clone())));
                assert!(expanded.is_ok(), "this makes a macro panic: {input}");
            }
        }
    }
}
