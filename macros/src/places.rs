//! What somebody writes goes in; what is held is that every token of it comes out at its own place.
//!
//! An editor asks by place: what the expansion has moved or made again is nothing that it could complete, or lead from.

use std::ops::Range;

use proc_macro2::{TokenStream, TokenTree};

use crate::{function, golden, span, stage};

/// All tokens that are no groups, each with where it stands in its source.
fn placed(tokens: TokenStream) -> Vec<(String, Range<usize>)> {
    let placed = tokens.into_iter().flat_map(|token| match token {
        TokenTree::Group(group) => placed(group.stream()),
        token => vec![(token.to_string(), token.span().byte_range())],
    });
    placed.collect()
}

#[test]
fn every_token_keeps_its_place() {
    let mut seen = 0;
    for (path, args, item) in golden::written() {
        let text = item.to_string();
        let expanded = match path.as_str() {
            "pipeline_stage" => stage::expand(args, item.clone()),
            _ => function::expand(args, item.clone()),
        };
        let expanded = placed(expanded);
        // A future that is returned needs no `async`, and has an arrow of ours; `#[traced(skip)]` has done its work.
        let left_out: &[&str] = match () {
            () if text.contains("async") => &["async", "-", ">"],
            () if text.contains("skip") => &["#", "traced", "skip"],
            () => &[],
        };
        for token in placed(item.clone()) {
            let is_left_out = left_out.contains(&token.0.as_str());
            assert!(is_left_out || expanded.contains(&token), "{token:?} is not at its place: {text}");
        }
        // A body is passed on as it is, so its tokens also stand in their order.
        let Some(TokenTree::Group(body)) = item.into_iter().last() else { continue };
        if !text.contains("skip") {
            let mut expanded = expanded.iter();
            for token in placed(body.stream()) {
                assert!(expanded.any(|other| *other == token), "{token:?} is not where it was: {text}");
                seen += 1;
            }
        }
    }
    assert!(seen > 100, "no more than {seen} tokens were looked at");
}

#[test]
fn a_block_that_is_written_into_a_macro_stands_where_it_stood() {
    golden::somebody_else_names_the_file();
    let blocks = ["move || -> Result<(), ()> { store(rows)? }", "|| store(rows)", "async move { store(rows).await }"];
    // Also beside a mistake, because the editor asks most while something is wrong.
    for name in ["operation.rows.stored", "operation.rows.store"] {
        for block in blocks {
            let written: TokenStream = format!("{name}, fields(n = rows.len()), {block}").parse().unwrap();
            let body = written.clone().into_iter().skip_while(|token| !token.to_string().starts_with("fields")).skip(3);
            let expanded = placed(span::expand(written.clone()));
            let mut expanded = expanded.iter();
            for token in placed(body.collect()) {
                assert!(
                    expanded.any(|other| *other == token || token.0 == "|"),
                    "{token:?} is not where it was: {written}"
                );
            }
        }
    }
}
