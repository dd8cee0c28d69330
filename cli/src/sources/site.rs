//! The text of a source enters; its annotations leave, and the files that it leads to.

use std::rc::Rc;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use tense_grammar::Form;

use super::arguments::{self, Arguments, Field};
use super::block;
use super::imports::Imports;
use super::instrument::{self, INSTRUMENT, Instrument};
use super::module::{Module, path_of};
use super::name::{self, Head, Name, is_punct};
use super::place::Place;
use super::tests;

/// Which macro of ours was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Macro {
    Traced,
    Stage,
    /// `event!` and `prepared!`
    Point,
    /// `name!`
    Pipeline,
    /// `span!`
    Span,
}

impl Macro {
    /// What the grammar makes of the last segment of its name.
    pub(crate) fn form(self) -> Form {
        match self {
            Macro::Traced | Macro::Span => Form::Action,
            Macro::Stage | Macro::Pipeline => Form::Life,
            Macro::Point => Form::Point,
        }
    }
}

/// Stands for the methods of a block that has none, so that its name can be judged; no layer refuses this action.
const ANY_METHOD: &str = "create";

/// The macro that sets fields of all events below, and emits nothing.
pub(super) const CONTEXT: &str = "context";

/// One annotation.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) which: Macro,
    /// Nothing for a name that a macro puts together, or that the compiler cannot read either.
    name: Option<Name>,
    /// The name of the annotated function.
    pub(crate) function: Option<String>,
    /// Where the name of the method is, of those that an attribute of a block covers.
    pub(crate) method: Option<Place>,
    /// Whether it stands on a block that has no such method: only its words say anything.
    pub(crate) covers_nothing: bool,
    pub(crate) arguments: Arguments,
    /// Whether it is compiled for tests alone.
    pub(crate) is_test: bool,
}

impl Site {
    /// The name, unless nobody can know what it comes to: a macro puts it together, or names the function that it is
    /// taken from.
    pub(crate) fn known_name(&self) -> Option<&Name> {
        let name = self.name.as_ref()?;
        let is_of_function = name.segments.last().is_some_and(|last| last.text == "_");
        let is_nobodys = is_of_function && self.function.is_none() && self.which == Macro::Traced;
        (!is_nobodys).then_some(name)
    }
}

#[derive(Default)]
pub(super) struct Found {
    pub(super) sites: Vec<Site>,
    /// The fields that `context!` sets.
    pub(super) set: Vec<Field>,
    pub(super) instruments: Vec<Instrument>,
    pub(super) modules: Vec<Module>,
}

/// Finds the annotations of a source.
///
/// # Errors
/// What keeps it from being read as tokens, in words.
pub(super) fn find(text: &str) -> Result<Found, String> {
    let mut found = Found::default();
    // most files have none, and reading them as tokens is most of the work
    let mentions = ["traced", "pipeline_stage", "event", "prepared", "name", "span", "instrument", "mod ", "include"];
    let mentions_tense = text.contains("tense");
    if mentions.iter().any(|word| text.contains(word)) || mentions_tense && text.contains(CONTEXT) {
        let tokens: TokenStream = text.parse().map_err(|error: proc_macro2::LexError| {
            let at = error.span().start();
            format!("line {}, column {}: it cannot be read as Rust", at.line, at.column + 1)
        })?;
        let imports_matter = mentions_tense || text.contains(INSTRUMENT);
        let imports = if imports_matter { Imports::of(&tokens) } else { Imports::default() };
        let waiting = vec![(tokens, Around::default())];
        let mut walk = Walk { mentions_tense, imports, waiting, found };
        // a list of what waits, and no recursion: brackets may be nested deeper than a stack is
        while let Some((tokens, around)) = walk.waiting.pop() {
            walk.through(tokens, &around);
        }
        found = walk.found;
        // places were taken; the text itself need not be kept a second time
        proc_macro2::extra::invalidate_current_thread_spans();
    }
    Ok(found)
}

struct Walk {
    /// Whether the file says anything of `tense`.
    mentions_tense: bool,
    /// What it gives names of its own, or has from `tracing`.
    imports: Imports,
    /// What stands in brackets and has not been looked through, with what is around it.
    waiting: Vec<(TokenStream, Around)>,
    found: Found,
}

/// Where tokens stand in a file.
#[derive(Clone, Default)]
struct Around {
    /// The modules with a body, from the outermost.
    modules: Rc<[String]>,
    is_test: bool,
}

impl Walk {
    fn through(&mut self, tokens: TokenStream, around: &Around) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let is_test = tests::marks(&tokens, around.is_test);
        let mut inside: Option<String> = None;
        let mut path = None;
        for (at, token) in tokens.iter().enumerate() {
            let before = |steps: usize| at.checked_sub(steps).and_then(|at| tokens.get(at));
            let is_test = is_test.get(at).copied().unwrap_or_default();
            match token {
                TokenTree::Ident(word) if before(1).is_some_and(|token| is_word(token, "mod")) => {
                    inside = Some(word.to_string());
                }
                TokenTree::Group(group) => {
                    let is_attribute = group.delimiter() == Delimiter::Bracket
                        && (before(1).is_some_and(|token| is_punct(token, '#'))
                            || before(1).is_some_and(|token| is_punct(token, '!'))
                                && before(2).is_some_and(|token| is_punct(token, '#')));
                    if is_attribute {
                        let content: Vec<TokenTree> = group.stream().into_iter().collect();
                        path = path_of(&content).or(path);
                        let after = tokens.get(at + 1..).unwrap_or_default();
                        let around = Around { is_test, ..around.clone() };
                        match block::methods(after) {
                            None => self.attribute(&content, function(after).as_deref(), &around),
                            // on an `impl` or a `trait`: what it means to each method that it covers
                            Some(methods) => {
                                if methods.is_empty() {
                                    let first = self.found.sites.len();
                                    self.attribute(&content, Some(ANY_METHOD), &around);
                                    for site in self.found.sites.iter_mut().skip(first) {
                                        site.covers_nothing = true;
                                    }
                                }
                                for method in methods {
                                    let first = self.found.sites.len();
                                    self.attribute(&content, Some(&method.to_string()), &around);
                                    for site in self.found.sites.iter_mut().skip(first) {
                                        site.method = Some(Place::of(method.span()));
                                    }
                                }
                            }
                        }
                    } else {
                        if before(1).is_some_and(|token| is_punct(token, '!')) {
                            let before = tokens.get(..at - 1).unwrap_or_default();
                            self.call(before, group.stream(), &Around { is_test, ..around.clone() });
                        }
                        let is_body = group.delimiter() == Delimiter::Brace;
                        let modules = match inside.take() {
                            Some(name) => around.modules.iter().cloned().chain([name]).collect(),
                            None => around.modules.clone(),
                        };
                        path = path.filter(|_| !is_body);
                        self.waiting.push((group.stream(), Around { modules, is_test }));
                    }
                }
                TokenTree::Punct(mark) if mark.as_char() == ';' => {
                    let (name, path) = (inside.take(), path.take());
                    if name.is_some() {
                        self.found.modules.push(Module { inside: around.modules.to_vec(), name, path, is_test });
                    }
                }
                _ => {}
            }
        }
    }

    /// What stands between the brackets of an attribute.
    fn attribute(&mut self, content: &[TokenTree], function: Option<&str>, around: &Around) {
        let length = content.iter().take_while(|token| is_of_path(token)).count();
        let (path, rest) = content.split_at(length);
        let Some(TokenTree::Ident(last)) = path.last() else { return };
        let list = match rest {
            [TokenTree::Group(group)] if group.delimiter() == Delimiter::Parenthesis => Some(group.stream()),
            _ => None,
        };
        let inner: Vec<TokenTree> = list.into_iter().flatten().collect();
        let last = last.to_string();
        match self.imports.renamed(&last).unwrap_or(&last) {
            "cfg_attr" => {
                let mut parts = arguments::split(&inner);
                let is_test = around.is_test || parts.next().is_some_and(tests::is_asked_for);
                for attribute in parts {
                    self.attribute(attribute, function, &Around { is_test, ..around.clone() });
                }
            }
            // leaves a method out
            "traced" if matches!(inner.as_slice(), [skip] if is_word(skip, "skip")) => {}
            "traced" => self.site(Macro::Traced, &inner, function, around),
            "pipeline_stage" => self.site(Macro::Stage, &inner, function, around),
            INSTRUMENT if instrument::is_of_tracing(path, self.imports.has_instrument()) => {
                let module = around.modules.last().map(String::as_str);
                let instrument = Instrument::read(content, &inner, function, module);
                self.found.instruments.extend(instrument);
            }
            _ => {}
        }
    }

    /// A macro that is called: what stands before its `!`, and between its parentheses.
    fn call(&mut self, before: &[TokenTree], content: TokenStream, around: &Around) {
        let path = before.rsplitn(2, |token| !is_of_path(token)).next().unwrap_or_default();
        let Some(TokenTree::Ident(last)) = path.last() else { return };
        let last = last.to_string();
        let imported = self.imports.renamed(&last);
        let is_our_crate = |token: &TokenTree| match token {
            TokenTree::Ident(word) => self.imports.renamed(&word.to_string()) == Some("tense"),
            _ => false,
        };
        let is_ours = imported.is_some() || path.iter().any(|token| is_word(token, "tense") || is_our_crate(token));
        let which = match imported.unwrap_or(&last) {
            CONTEXT if is_ours || path.len() == 1 && self.imports.has_context() => {
                let inner: Vec<TokenTree> = content.into_iter().collect();
                return self.found.set.extend(arguments::of_context(behind_crate(&inner)));
            }
            "event" | "prepared" => Macro::Point,
            "name" => Macro::Pipeline,
            "span" => Macro::Span,
            "include" => return self.found.modules.push(Module::included(content, around.is_test)),
            _ => return,
        };
        let inner: Vec<TokenTree> = content.into_iter().collect();
        let inner = behind_crate(&inner);
        let is_elsewhere = path.iter().any(|token| is_word(token, "tracing"));
        // others have macros of these names as well, so a bare one has to look like ours
        let looks_like_ours = || match name::read(head(inner).0) {
            Head::Name(name) if name.in_quotes.is_some() => is_well_formed(&name.dotted()),
            Head::Name(name) => name.segments.len() > 1,
            // what a macro puts together counts as ours where ours are in use
            Head::Unknown => self.mentions_tense,
            Head::Nothing => false,
        };
        if is_ours || !is_elsewhere && looks_like_ours() {
            self.site(which, inner, None, around);
        }
    }

    fn site(&mut self, which: Macro, inner: &[TokenTree], function: Option<&str>, around: &Around) {
        let (head, rest) = head(inner);
        let name = match name::read(head) {
            Head::Name(name) => Some(name),
            Head::Unknown | Head::Nothing => None,
        };
        let arguments = match which {
            Macro::Traced | Macro::Stage | Macro::Span => arguments::of_attribute(rest),
            Macro::Point => arguments::of_point(rest),
            Macro::Pipeline => arguments::of_name(rest),
        };
        let (function, is_test) = (function.map(str::to_owned), around.is_test);
        self.found.sites.push(Site { which, name, function, method: None, covers_nothing: false, arguments, is_test });
    }
}

/// What stands behind `crate = path`, which says where `tense` is found and comes before everything else.
fn behind_crate(inner: &[TokenTree]) -> &[TokenTree] {
    match inner {
        [key, equals, ..] if is_word(key, "crate") && is_punct(equals, '=') => head(inner).1,
        _ => inner,
    }
}

/// What stands before the first comma, and what behind it.
fn head(inner: &[TokenTree]) -> (&[TokenTree], &[TokenTree]) {
    let end = inner.iter().position(|token| is_punct(token, ',')).unwrap_or(inner.len());
    (inner.get(..end).unwrap_or_default(), inner.get(end + 1..).unwrap_or_default())
}

/// The name of the function that follows an attribute; nothing for another item, or for a name that a macro gives.
fn function(after: &[TokenTree]) -> Option<String> {
    const BEFORE_FN: [&str; 9] = ["pub", "async", "const", "unsafe", "extern", "default", "safe", "crate", "vis"];
    let mut tokens = after.iter();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(word) if word == "fn" => {
                return match tokens.next() {
                    Some(TokenTree::Ident(name)) => Some(name.to_string()),
                    _ => None,
                };
            }
            TokenTree::Ident(word) if !BEFORE_FN.iter().any(|known| word == known) => return None,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return None,
            TokenTree::Punct(mark) if mark.as_char() == ';' => return None,
            _ => {}
        }
    }
    None
}

fn is_of_path(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Ident(_)) || is_punct(token, ':')
}

pub(super) fn is_word(token: &TokenTree, wanted: &str) -> bool {
    matches!(token, TokenTree::Ident(word) if word == wanted)
}

fn is_well_formed(name: &str) -> bool {
    name.contains('.') && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._*".contains(&b))
}
