//! Says what is wrong with a name: one constructor a mistake, each of which gives the rule, the reason and the way out.

use std::borrow::Cow;

use crate::name::Form;

/// One mistake in a written name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule's id, stable across versions: `tense/past`, `name/word`, `registry/unknown-event`, ..
    pub rule: &'static str,
    /// Which of the written segments to underline.
    pub segment: usize,
    /// What the verdict was passed on: a word for `tense/..`, else the segment or the whole name.
    pub judged: String,
    /// What to write instead: of that segment under `name/..` and `tense/..`, of the whole name under `registry/..`.
    pub suggestion: Option<String>,
    /// The whole of it as a sentence, ending with the rule's id in brackets.
    pub message: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Violation {}

impl Violation {
    fn new(rule: &'static str, segment: usize, judged: &str, suggestion: Option<String>, sentence: &str) -> Self {
        let message = format!("{sentence} [{rule}]");
        Violation { rule, segment, judged: judged.to_owned(), suggestion, message }
    }
}

pub(crate) fn not_past(segment: usize, layer: &str, judged: &str, suggestion: Option<String>) -> Violation {
    let layer = short(layer);
    let rule = format!("`{layer}` events say what has happened, so their action is in the past tense");
    let sentence = match &suggestion {
        Some(right) => format!("{rule}: write `{}`", short(right)),
        None => format!(
            "{rule}, and `{}` is not: close the name with a participle (`created`, `status_updated`), \
             or keep it with `exempt(tense, reason = \"..\")`",
            short(judged)
        ),
    };
    Violation::new("tense/past", segment, judged, suggestion, &sentence)
}

/// `elsewhere` is the same name in a layer that is about the past.
pub(crate) fn not_present(
    segment: usize,
    layer: &str,
    judged: &str,
    suggestion: Option<String>,
    elsewhere: Option<String>,
) -> Violation {
    let rule = format!("`{}` events say what is being done, so their action is in the present tense", short(layer));
    let moved = elsewhere.map(|name| format!("`{}` if it reports a finished change", short(&name)));
    let sentence = match (&suggestion, moved) {
        (Some(right), Some(moved)) => format!("{rule}: write `{}`, or {moved}", short(right)),
        (Some(right), None) => format!("{rule}: write `{}`", short(right)),
        (None, Some(moved)) => format!("{rule}, and `{}` is past: write {moved}", short(judged)),
        (None, None) => format!("{rule}, and `{}` is past: write the verb's base form", short(judged)),
    };
    Violation::new("tense/present", segment, judged, suggestion, &sentence)
}

pub(crate) fn malformed(index: usize, segment: &str, suggestion: Option<String>) -> Violation {
    let words = "lower-case words joined by single underscores, each beginning with a letter";
    let sentence = match (&suggestion, strange(segment)) {
        (Some(right), _) => format!("a name is made of {words}: write `{}`", short(right)),
        (None, _) if segment.is_empty() => format!("a segment of this name is empty; a name is made of {words}"),
        (None, strange) => {
            let strange = strange.unwrap_or_default();
            format!("`{}` cannot be part of a name, which is made of {words}{strange}", short(segment))
        }
    };
    Violation::new("name/word", index, segment, suggestion, &sentence)
}

pub(crate) fn misplaced_wildcard(index: usize, segment: &str, form: Form) -> Violation {
    let sentence = match (form, segment) {
        (Form::Action, _) => format!("`{segment}` stands for the action, so it can only be the last segment"),
        (Form::Life, _) => {
            format!("a stage or a pipeline is named without its action, so leave out `{segment}`: its life is implied")
        }
        (Form::Point, "*") => "an event in a body is a single point and has no life, so write its action \
             instead of `*`"
            .to_owned(),
        (Form::Point, _) => format!(
            "an event in a body has no function to take its action from, so write the action instead of `{segment}`"
        ),
    };
    Violation::new("name/wildcard", index, segment, None, &sentence)
}

pub(crate) fn too_short(index: usize, name: &str, form: Form) -> Violation {
    let sentence = match form {
        Form::Life => "a stage or a pipeline is named by a layer and what it works on, as in `dispatch.funding`",
        Form::Action if name.ends_with('*') => {
            "a life needs something that lives: name it between the layer and `*`, as in `dispatch.batch.*`"
        }
        _ => "a name has a layer and an action at least, as in `sql.query`",
    };
    Violation::new("name/too-short", index, name, None, sentence)
}

pub(crate) fn too_long(name: &str) -> Violation {
    let most = crate::name::LONGEST;
    let sentence = format!("this name has more than {most} bytes, and is left unread: is it one name?");
    Violation::new("name/too-long", 0, &short(name), None, &sentence)
}

pub(crate) fn no_function(index: usize) -> Violation {
    let sentence = "there is no function here whose name could stand for `_`: write the action";
    Violation::new("name/function", index, "_", None, sentence)
}

pub(crate) fn malformed_function(index: usize, function: &str) -> Violation {
    let sentence = format!(
        "the function's name `{}` is not made of lower-case words, so it cannot stand for `_`: write the action",
        short(function)
    );
    Violation::new("name/function", index, function, None, &sentence)
}

pub(crate) fn no_verb_in_function(index: usize, layer: &str, function: &str) -> Violation {
    let sentence = format!(
        "`{}` events say what has happened, and no verb to put into the past can be found in the function's name `{}`: \
         write the action instead of `_`",
        short(layer),
        short(function)
    );
    Violation::new("name/function", index, function, None, &sentence)
}

pub(crate) fn unknown_layer(layer: &str, near: &str) -> Violation {
    let sentence = format!(
        "no layer is called `{}`: write `{}`, or declare the new one as [layers.{}] in tense.toml",
        short(layer),
        short(near),
        short(layer)
    );
    Violation::new("registry/unknown-layer", 0, layer, Some(near.to_owned()), &sentence)
}

pub(crate) fn removed(index: usize, name: &str, reason: &str) -> Violation {
    let sentence = format!("`{}` was removed: {}", short(name), shortened(reason, 600));
    Violation::new("registry/removed", index, name, None, &sentence)
}

pub(crate) fn renamed(index: usize, name: &str, successor: &str) -> Violation {
    let sentence = format!("`{}` has a new name: write `{}`", short(name), short(successor));
    Violation::new("registry/renamed", index, name, Some(successor.to_owned()), &sentence)
}

pub(crate) fn unknown_event(index: usize, name: &str, near: Option<&str>) -> Violation {
    let fact = format!("`{}` is not declared in tense.toml, which is closed", short(name));
    let sentence = match near {
        Some(near) => format!("{fact}: write `{}`, or declare it", short(near)),
        None => format!("{fact}: declare it as [events.\"{}\"], or write a name that is", short(name)),
    };
    Violation::new("registry/unknown-event", index, name, near.map(str::to_owned), &sentence)
}

pub(crate) fn owned(index: usize, name: &str, owner: &str) -> Violation {
    let sentence = format!(
        "`{}` reports what `{}` reports already, and an operation has one event: \
         take it out, or give it a name for what only this layer does",
        short(name),
        short(owner)
    );
    // writing the owner's name here as well would report the operation twice
    Violation::new("registry/owned", index, name, None, &sentence)
}

pub(crate) fn weak_reason(index: usize, reason: &str) -> Violation {
    Violation::new("exempt/reason", index, reason, None, &weak_reason_sentence())
}

/// Shared with the file, whose exemptions keep the same rule.
pub(crate) fn weak_reason_sentence() -> String {
    format!(
        "an exemption says why to whoever reads it next year: give a reason of at least {} characters, not a placeholder",
        crate::resolve::SHORTEST_REASON
    )
}

pub(crate) fn stale_exemption(index: usize, action: &str, why: &str) -> Violation {
    let sentence = format!("this exemption is not needed, since {why}: remove it");
    Violation::new("exempt/stale", index, action, None, &sentence)
}

/// The first character that no name has, with its number, as the end of a sentence: a letter of another alphabet can
/// look like one of ours, or like nothing at all.
pub(crate) fn strange(text: &str) -> Option<String> {
    let strange = text.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '_')?;
    Some(format!("; `{}` in it is U+{:04X}", short(strange.encode_utf8(&mut [0; 4])), u32::from(strange)))
}

/// A text for a message. A name may be as long as its file; a message may not. What cannot be seen, or would turn
/// around what follows it, is written as its number.
pub(crate) fn short(text: &str) -> Cow<'_, str> {
    const MOST_BYTES: usize = 120;
    shortened(text, MOST_BYTES)
}

/// The same for one of several texts in a list.
pub(crate) fn listed(text: &str) -> Cow<'_, str> {
    const MOST_BYTES: usize = 48;
    shortened(text, MOST_BYTES)
}

fn shortened(text: &str, most_bytes: usize) -> Cow<'_, str> {
    if text.len() <= most_bytes
        && (text.is_ascii() || !text.chars().any(is_invisible))
        && !text.contains(char::is_control)
    {
        return text.into();
    }
    let mut seen = String::with_capacity(most_bytes);
    for c in text.chars() {
        if seen.len() >= most_bytes {
            seen.push('…');
            break;
        }
        if is_invisible(c) {
            seen += &format!("\\u{{{:x}}}", u32::from(c));
        } else {
            seen.push(c);
        }
    }
    seen.into()
}

/// Characters without a picture of their own: controls, separators of lines, joiners, marks of direction, tags,
/// variation selectors and fillers, from the tables of Unicode (Default_Ignorable_Code_Point, and the categories Cc, Zl
/// and Zp).
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fff8}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}
