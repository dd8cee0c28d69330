//! The tokens behind a name enter; the fields that they record and the exemption that they ask for leave.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::name::{is_punct, unquoted};
use super::place::Place;

/// What an annotation says behind its name.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    /// The fields; nothing where nobody can know them all.
    pub(crate) fields: Option<Vec<Field>>,
    /// The word `fields`.
    pub(crate) fields_place: Option<Place>,
    pub(crate) exempt: Option<Exemption>,
}

/// `exempt(tense, reason = "..")`
#[derive(Debug)]
pub(crate) enum Exemption {
    Because(String),
    /// Of another form, which the compiler refuses. The tense was meant to be excused.
    Malformed,
}

impl Exemption {
    /// The reason, where there is one.
    pub(crate) fn reason(&self) -> Option<&str> {
        match self {
            Exemption::Because(reason) => Some(reason),
            Exemption::Malformed => None,
        }
    }
}

/// A field that is recorded.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// Whether the body fills it in: `= _`.
    pub(crate) later: bool,
    pub(crate) place: Place,
}

/// Reads `fields(..)` and `exempt(..)` of an attribute or of `span!`, and leaves out what else there is.
pub(super) fn of_attribute(tokens: &[TokenTree]) -> Arguments {
    let mut arguments = Arguments { fields: Some(Vec::new()), ..Arguments::default() };
    for argument in split(tokens) {
        match argument {
            [TokenTree::Ident(key), TokenTree::Group(group)] if key == "fields" => {
                arguments.fields = list(group);
                arguments.fields_place = Some(Place::of(key.span()));
            }
            [TokenTree::Ident(key), TokenTree::Group(group)] if key == "exempt" => {
                arguments.exempt = Some(exemption(group.stream()));
            }
            // what happens in a `span!`, and whatever commas are in it
            [TokenTree::Ident(word), ..] if word == "move" || word == "async" => break,
            [bar, ..] if is_punct(bar, '|') => break,
            [TokenTree::Ident(_), ..] => {}
            // a macro may put fields here
            _ => arguments.fields = None,
        }
    }
    arguments
}

/// Reads the fields of a point, which stand between commas as they are.
pub(super) fn of_point(tokens: &[TokenTree]) -> Arguments {
    let is_tags =
        |argument: &&[TokenTree]| matches!(argument, [TokenTree::Ident(key), TokenTree::Group(_)] if key == "tags");
    let fields = split(tokens).filter(|argument| !is_tags(argument)).map(field).collect();
    Arguments { fields, ..Arguments::default() }
}

/// Reads the fields that `context!` sets, but for those that a macro puts together.
pub(super) fn of_context(tokens: &[TokenTree]) -> impl Iterator<Item = Field> {
    split(tokens).filter_map(field)
}

/// Reads the fields of a pipeline's name: `|loan: &Loan| fields(..)`.
pub(super) fn of_name(tokens: &[TokenTree]) -> Arguments {
    let mut arguments = Arguments { fields: Some(Vec::new()), ..Arguments::default() };
    for pair in tokens.windows(2) {
        if let [TokenTree::Ident(key), TokenTree::Group(group)] = pair
            && key == "fields"
        {
            arguments.fields = list(group);
            arguments.fields_place = Some(Place::of(key.span()));
        }
    }
    arguments
}

fn list(group: &Group) -> Option<Vec<Field>> {
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    let is_list = group.delimiter() == Delimiter::Parenthesis;
    is_list.then(|| split(&tokens).map(field).collect()).flatten()
}

/// `a`, `%a`, `a = expr`, `a = _`
fn field(tokens: &[TokenTree]) -> Option<Field> {
    let bare = match tokens {
        [sigil, rest @ ..] if is_punct(sigil, '%') || is_punct(sigil, '?') => rest,
        tokens => tokens,
    };
    let (name, value) = match bare {
        [TokenTree::Ident(name)] => (name, None),
        [TokenTree::Ident(name), equals, value @ ..] if is_punct(equals, '=') => (name, Some(value)),
        _ => return None,
    };
    let later = matches!(value, Some([TokenTree::Ident(value)]) if value == "_");
    let text = name.to_string();
    Some(Field { name: text.strip_prefix("r#").unwrap_or(&text).to_owned(), later, place: Place::of(name.span()) })
}

/// `tense, reason = ".."`
fn exemption(tokens: TokenStream) -> Exemption {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let parts: Vec<&[TokenTree]> = split(&tokens).collect();
    if let [[TokenTree::Ident(rule)], [TokenTree::Ident(key), equals, TokenTree::Literal(reason)]] = parts.as_slice()
        && rule == "tense"
        && key == "reason"
        && is_punct(equals, '=')
        && let Some((_, reason)) = unquoted(&reason.to_string())
    {
        return Exemption::Because(reason.to_owned());
    }
    Exemption::Malformed
}

/// What stands between commas.
pub(super) fn split(tokens: &[TokenTree]) -> impl Iterator<Item = &[TokenTree]> {
    tokens.split(|token| is_punct(token, ',')).filter(|between| !between.is_empty())
}
