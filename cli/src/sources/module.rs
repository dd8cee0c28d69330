//! A `mod` without a body, or an `include!`, as it stands in a source: another file that belongs to the crate.
//! `compiled` knows which.

use proc_macro2::{TokenStream, TokenTree};

use super::arguments::split;
use super::name::{is_punct, unquoted};

/// Another file that a source leads to.
#[derive(Debug)]
pub(super) struct Module {
    /// The modules with a body around it, from the outermost.
    pub(super) inside: Vec<String>,
    pub(super) name: Option<String>,
    /// What `#[path = ".."]` or `include!("..")` says.
    pub(super) path: Option<String>,
    pub(super) is_test: bool,
}

impl Module {
    /// `include!("more.rs")`; what a macro puts together is not known.
    pub(super) fn included(content: TokenStream, is_test: bool) -> Self {
        let content: Vec<TokenTree> = content.into_iter().collect();
        let path = match content.as_slice() {
            [TokenTree::Literal(path)] => unquoted(&path.to_string()).map(|(_, path)| path.to_owned()),
            _ => None,
        };
        Self { inside: Vec::new(), name: None, path, is_test }
    }
}

/// The file of `#[path = ".."]`, or of `#[cfg_attr(.., path = "..")]`.
pub(super) fn path_of(attribute: &[TokenTree]) -> Option<String> {
    let file = match attribute {
        [TokenTree::Ident(cfg_attr), TokenTree::Group(group)] if cfg_attr == "cfg_attr" => {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            return split(&inner).skip(1).find_map(path_of);
        }
        [TokenTree::Ident(path), equals, TokenTree::Literal(file)] if path == "path" && is_punct(equals, '=') => file,
        _ => return None,
    };
    unquoted(&file.to_string()).map(|(_, path)| path.to_owned())
}
