//! Lines with what each is below go in; a text comes out that is the same for the same tree, whoever came first.
//!
//! What runs side by side has no order, so what is below the same line is put in the order of its texts. Expected and
//! drained trees are both shown by this, and by nothing else.

use std::fmt::Write as _;

/// A span or a moment, or a place that others are below.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// Where the one that it is below stands in the list.
    pub(crate) above: Option<usize>,
    pub(crate) text: String,
    /// It is only shown where something is below it.
    pub(crate) is_place: bool,
}

pub(crate) fn shown(lines: &[Line]) -> String {
    below(lines, None, 0)
}

fn below(lines: &[Line], above: Option<usize>, depth: usize) -> String {
    let here = lines.iter().enumerate().filter(|(_, line)| line.above == above);
    let mut texts: Vec<String> = here
        .filter_map(|(at, line)| {
            let (mut text, below) = (String::new(), below(lines, Some(at), depth + 1));
            writeln!(text, "{:indent$}{}", "", line.text, indent = 2 * depth).unwrap();
            (!line.is_place || !below.is_empty()).then(|| text + &below)
        })
        .collect();
    texts.sort();
    texts.concat()
}
