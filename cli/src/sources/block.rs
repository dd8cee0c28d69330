//! What stands behind an attribute enters; the methods that it covers leave, when that is an `impl` or a `trait`.

use proc_macro2::{Delimiter, Group, Ident, TokenTree};

use super::name::is_punct;
use super::site::is_word;

/// The names of those that have a body and no attribute of ours; a `const fn` is not covered. `None` for any other
/// item.
pub(super) fn methods(after: &[TokenTree]) -> Option<Vec<Ident>> {
    let before = ["pub", "default", "unsafe", "auto"];
    let begins = after
        .iter()
        .position(|token| matches!(token, TokenTree::Ident(word) if !before.iter().any(|before| word == before)))?;
    let item = after.get(begins..)?;
    if !is_word(item.first()?, "impl") && !is_word(item.first()?, "trait") {
        return None;
    }
    let mut depth = Depth::default();
    let block = item.iter().find(|token| depth.is_outside(token) && braces(token).is_some())?;
    Some(covered(braces(block)?))
}

fn covered(block: &Group) -> Vec<Ident> {
    let tokens: Vec<TokenTree> = block.stream().into_iter().collect();
    let mut methods = Vec::new();
    let (mut name, mut is_left_out) = (None, false);
    let mut depth = Depth::default();
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        // What stands before a method's name is no type with braces in it, but may be `1 << 4`.
        let is_outside = name.is_none() || depth.is_outside(token);
        match token {
            TokenTree::Group(attribute) if before.is_some_and(|hash| is_punct(hash, '#')) => {
                is_left_out |= is_ours(attribute);
            }
            TokenTree::Ident(word) if before.is_some_and(|token| is_word(token, "fn")) && name.is_none() => {
                name = Some(word.clone());
            }
            token if is_word(token, "const") && name.is_none() => is_left_out = true,
            token if is_outside && braces(token).is_some() => {
                methods.extend(name.take().filter(|_| !is_left_out));
                (is_left_out, depth) = (false, Depth::default());
            }
            token if is_punct(token, ';') => (name, is_left_out, depth) = (None, false, Depth::default()),
            _ => {}
        }
    }
    methods
}

/// `#[tense::traced(..)]`, `#[pipeline_stage(..)]`
fn is_ours(attribute: &Group) -> bool {
    let path = attribute.stream().into_iter().take_while(|token| !matches!(token, TokenTree::Group(_)));
    path.last().is_some_and(|last| is_word(&last, "traced") || is_word(&last, "pipeline_stage"))
}

fn braces(token: &TokenTree) -> Option<&Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
        _ => None,
    }
}

/// How many `<` are open; what stands between them is no body, braces or not.
#[derive(Default)]
struct Depth {
    open: usize,
    is_behind_dash: bool,
}

impl Depth {
    fn is_outside(&mut self, token: &TokenTree) -> bool {
        if is_punct(token, '<') {
            self.open += 1;
        } else if is_punct(token, '>') && !self.is_behind_dash {
            self.open = self.open.saturating_sub(1);
        }
        self.is_behind_dash = is_punct(token, '-') || is_punct(token, '=');
        self.open == 0
    }
}
