//! Reads the segments of a written name: what is no word leaves as a [`Violation`], what is one as words.

use crate::violation::{self, Violation};

/// How a name was written, which decides what its last segment may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// On a function: `#[traced(operation.tokens.created)]`. The last segment may be `_`, to take the action from the
    /// function's name, or `*`, to have a life of a start and an end.
    Action,
    /// A stage or a pipeline: `#[pipeline_stage(dispatch.funding)]`. No action is written, and it always has a life.
    Life,
    /// A point in a body: `tense::event!(operation.context.field_set)`. An action, and neither `_` nor `*`.
    Point,
}

/// A name as it stands in the source, with what around it matters to the rule.
///
/// ```
/// use tense_grammar::{Form, Written};
///
/// let written = Written::new(&["operation", "tokens", "_"], Form::Action).function("update_status");
/// assert_eq!(written.segments.len(), 3);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    /// What stood between the dots, the wildcards `_` and `*` included. A raw identifier may keep its `r#`.
    pub segments: &'a [&'a str],
    /// Where it was written.
    pub form: Form,
    /// The name of the annotated function, where there is one.
    pub function: Option<&'a str>,
    /// The reason given in `exempt(tense, reason = "..")`.
    pub exempt_tense: Option<&'a str>,
}

impl<'a> Written<'a> {
    /// A name with no function and no exemption.
    pub fn new(segments: &'a [&'a str], form: Form) -> Self {
        Written { segments, form, function: None, exempt_tense: None }
    }

    /// The same name, on a function of this name.
    pub fn function(self, name: &'a str) -> Self {
        Written { function: Some(name), ..self }
    }

    /// The same name, exempt from its layer's tense for this reason.
    pub fn exempt_tense(self, reason: &'a str) -> Self {
        Written { exempt_tense: Some(reason), ..self }
    }
}

/// The layer of a name: its first segment, of a name without dots all of it.
///
/// ```
/// assert_eq!(tense_grammar::layer_of("operation.tokens.created"), "operation");
/// ```
pub fn layer_of(name: &str) -> &str {
    name.split_once('.').map_or(name, |(layer, _)| layer)
}

/// What the last segment asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending<'a> {
    Action(&'a str),
    FromFunction,
    Life,
}

/// Splits a written name into the segments that stay and its ending. Every malformed segment is a violation of its own;
/// the ending is given back even then, so that its tense can be judged in the same pass.
pub(crate) fn read<'a>(written: &Written<'a>, violations: &mut Vec<Violation>) -> (Vec<&'a str>, Option<Ending<'a>>) {
    let mut segments: Vec<&str> = written.segments.iter().map(|segment| without_raw(segment)).collect();
    let last = segments.len().saturating_sub(1);
    if is_too_long(&segments) {
        violations.push(violation::too_long(&segments.join(".")));
        return (Vec::new(), None);
    }
    let wildcard = match (written.form, segments.last()) {
        (Form::Action, Some(&"_")) => Some(Ending::FromFunction),
        (Form::Action, Some(&"*")) => Some(Ending::Life),
        _ => None,
    };

    for (index, segment) in segments.iter().enumerate() {
        if matches!(*segment, "_" | "*") {
            if index != last || wildcard.is_none() {
                violations.push(violation::misplaced_wildcard(index, segment, written.form));
            }
        } else if !is_well_formed(segment) {
            violations.push(violation::malformed(index, segment, tidied(segment)));
        }
    }

    let too_short = segments.len() < 2 || (wildcard == Some(Ending::Life) && segments.len() < 3);
    if too_short {
        violations.push(violation::too_short(last, &segments.join("."), written.form));
    }

    let ending = match (wildcard, written.form) {
        (Some(wildcard), _) => {
            segments.pop();
            Some(wildcard)
        }
        (None, Form::Life) => Some(Ending::Life),
        (None, _) if too_short => None,
        (None, _) => segments.pop().filter(|action| is_well_formed(action)).map(Ending::Action),
    };
    (segments, ending)
}

/// Names in use have less than a hundred bytes; what has this many is no name, and would be copied about with every
/// event.
pub(crate) const LONGEST: usize = 1024;

/// Whether the segments make a name with more than [`LONGEST`] bytes.
pub(crate) fn is_too_long(segments: &[&str]) -> bool {
    let dots = segments.len().saturating_sub(1);
    segments.iter().fold(dots, |sum, segment| sum.saturating_add(segment.len())) > LONGEST
}

/// Whether a segment is made of words: lower-case letters and digits, a letter first, joined by single underscores.
pub(crate) fn is_well_formed(segment: &str) -> bool {
    segment.split('_').all(|word| {
        word.bytes().next().is_some_and(|first| first.is_ascii_lowercase())
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

/// `r#type` is the word `type`.
pub(crate) fn without_raw(identifier: &str) -> &str {
    identifier.strip_prefix("r#").unwrap_or(identifier)
}

/// The words that a malformed segment was probably meant to be: `createToken` gives `create_token`, `HTTPRequest` gives
/// `http_request`.
pub(crate) fn tidied(segment: &str) -> Option<String> {
    let mut out = String::with_capacity(segment.len());
    let mut before = ' ';
    let mut letters = segment.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            'a'..='z' | '0'..='9' => out.push(c),
            'A'..='Z' => {
                // a capital begins a word after a small letter, and after other capitals when a small letter follows
                let ends_acronym = before.is_ascii_uppercase() && letters.peek().is_some_and(char::is_ascii_lowercase);
                if before.is_ascii_lowercase() || before.is_ascii_digit() || ends_acronym {
                    out.push('_');
                }
                out.push(c.to_ascii_lowercase());
            }
            '_' | '-' | ' ' if !out.is_empty() && !out.ends_with('_') => out.push('_'),
            '_' | '-' | ' ' => {}
            _ => return None,
        }
        before = c;
    }
    let out = out.trim_end_matches('_');
    is_well_formed(out).then(|| out.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_lower_case_and_begin_with_a_letter() {
        for good in ["tokens", "output_mapping", "sha256", "v2_read"] {
            assert!(is_well_formed(good), "{good}");
        }
        for bad in ["", "_", "Tokens", "a__b", "_a", "a_", "2a", "a_2", "a-b", "größe"] {
            assert!(!is_well_formed(bad), "{bad}");
        }
    }

    #[test]
    fn a_malformed_segment_is_tidied_where_that_is_safe() {
        let table = [
            ("createToken", Some("create_token")),
            ("HTTPRequest", Some("http_request")),
            ("getURL", Some("get_url")),
            ("IOError2Seen", Some("io_error2_seen")),
            ("a__b", Some("a_b")),
            ("_helper", Some("helper")),
            ("cache-miss", Some("cache_miss")),
            ("größe", None),
            ("2nd", None),
            ("", None),
        ];
        for (written, expected) in table {
            assert_eq!(tidied(written).as_deref(), expected, "{written}");
        }
    }
}
