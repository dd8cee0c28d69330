//! An answer in English enters; the same, word by word, in another language leaves.

use tense::{record, traced};

use crate::ChatError;

const GERMAN: [(&str, &str); 14] = [
    ("a", "ein"),
    ("and", "und"),
    ("are", "sind"),
    ("book", "Buch"),
    ("day", "Tag"),
    ("euro", "Euro"),
    ("euros", "Euro"),
    ("is", "kostet"),
    ("late", "spätes"),
    ("lost", "verlorenes"),
    ("one", "Stück"),
    ("the", "die"),
    ("welcome", "willkommen"),
    ("you", "Sie"),
];

#[traced(translation.complete, fields(language, unknown_words = _))]
pub(crate) fn translate(answer: &str, language: &str) -> Result<String, ChatError> {
    let table: &[(&str, &str)] = match language {
        "en" => {
            record!(unknown_words = 0);
            return Ok(answer.to_owned());
        }
        "de" => &GERMAN,
        other => return Err(ChatError::NoWords(other.to_owned())),
    };
    let mut unknown = 0;
    let mut translated = String::new();
    for part in answer.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let word = part.trim_end_matches(|c: char| !c.is_alphanumeric());
        let known = table.iter().find(|(english, _)| *english == word.to_lowercase());
        if known.is_none() && word.chars().any(char::is_alphabetic) {
            unknown += 1;
        }
        translated.push_str(known.map_or(word, |(_, german)| german));
        translated.push_str(&part[word.len()..]);
    }
    record!(unknown_words = unknown);
    // a sentence begins with a capital in both languages
    let mut letters = translated.chars();
    Ok(letters.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default() + letters.as_str())
}
