//! The spelling of regular endings: a base form and an ending enter, the word with its ending leaves, and back.
//!
//! Tables are hardly asked here; which verb doubles its last consonant without being short is for the caller to know.

use crate::words;

/// The regular past: `update` gives `updated`, `try` gives `tried`, a doubling `skip` gives `skipped`.
pub(crate) fn ed(base: &str, doubles: bool) -> String {
    if base.ends_with('e') {
        format!("{base}d")
    } else if let Some(stem) = before_y(base) {
        format!("{stem}ied")
    } else {
        format!("{}ed", doubled(base, doubles))
    }
}

/// The gerund: `write` gives `writing`, `tie` gives `tying`, a doubling `set` gives `setting`.
pub(crate) fn ing(base: &str, doubles: bool) -> String {
    if let Some(stem) = base.strip_suffix("ie").filter(|stem| !stem.is_empty()) {
        return format!("{stem}ying");
    }
    // `see`, `shoe` and `dye` keep their e, or nobody would know them again; `singe` would be `sing`
    let keeps = |stem: &str| stem.len() < 2 || stem.ends_with(['e', 'o', 'y']) || KEEP_E.contains(&base);
    match base.strip_suffix('e').filter(|stem| !keeps(stem)) {
        Some(stem) => format!("{stem}ing"),
        None => format!("{}ing", doubled(base, doubles)),
    }
}

/// Verbs that without their e would be the gerund of another one.
const KEEP_E: &[&str] = &["binge", "singe", "springe", "swinge", "tinge", "whinge"];

/// The third person: `write` gives `writes`, `fetch` gives `fetches`, `try` gives `tries`, `quiz` gives `quizzes`.
pub(crate) fn s(base: &str, doubles: bool) -> String {
    if let Some(stem) = before_y(base) {
        format!("{stem}ies")
    } else if ends_in_hiss(base) {
        format!("{}es", doubled(base, doubles && base.ends_with(['s', 'z'])))
    } else if takes_es(base) {
        format!("{base}es")
    } else {
        format!("{base}s")
    }
}

/// Verbs in -o that take an e, as `do` and `go` do. Younger ones take none: `demos`, `memos`.
const O_TO_OES: &[&str] = &["echo", "embargo", "torpedo", "veto", "zero"];

/// Whether a verb in -o takes an e before the s: `do`, `undergo`, `veto`.
pub(crate) fn takes_es(base: &str) -> bool {
    let is_composed = ["do", "go"].iter().any(|verb| base.ends_with(verb)) && words::irregular(base).is_some();
    is_composed || O_TO_OES.contains(&base)
}

/// Whether a further s could not be heard: `fetch`, `push`, `process`, `fix`.
fn ends_in_hiss(base: &str) -> bool {
    ["s", "z", "x", "sh", "ch"].iter().any(|end| base.ends_with(end))
}

fn doubled(base: &str, doubles: bool) -> String {
    match base.chars().last().filter(|_| doubles) {
        Some(last) => format!("{base}{last}"),
        None => base.to_owned(),
    }
}

/// What stands before a y that becomes an i: `tr` of `try`, but nothing of `deploy`.
fn before_y(base: &str) -> Option<&str> {
    base.strip_suffix('y').filter(|stem| !ends_in_vowel(stem))
}

/// One syllable that ends in consonant, vowel, consonant, where the last one can be doubled: `skip`, `quiz`, not `fix`.
pub(crate) fn is_short(word: &str) -> bool {
    let bytes = word.as_bytes();
    // a single vowel letter in the whole word, and not the first one
    ends_short(word) && (0..bytes.len().saturating_sub(2)).all(|at| !is_vowel(bytes, at))
}

/// Whether the last syllable ends in consonant, vowel, and a consonant that can be doubled: `reset`, `begin`, but also
/// `visit`; which of them is stressed there the spelling does not say.
pub(crate) fn ends_short(word: &str) -> bool {
    let bytes = word.as_bytes();
    let &[.., before, _, last] = bytes else { return false };
    let vowel = bytes.len() - 2;
    last.is_ascii_lowercase()
        && !b"aeiouwxyh".contains(&last)
        && is_vowel(bytes, vowel)
        && (!is_vowel(bytes, vowel - 1) && before.is_ascii())
}

/// Whether a word ends in the noun `bed`: no verb in -b has a letter before it that is neither a vowel nor one of those
/// of `grab`, `climb`, `curb` and `bulb`. Hence `testbed` and `newbed`, while `climbed` is past.
pub(crate) fn is_bed(word: &str) -> bool {
    let before = word.strip_suffix("bed").and_then(|before| before.chars().last());
    before.is_some_and(|letter| letter.is_ascii_lowercase() && !"aeiouyblmr".contains(letter))
}

/// Whether there is a vowel letter at all: `th` of `thing` is no verb.
pub(crate) fn has_vowel(stem: &str) -> bool {
    stem.contains(['a', 'e', 'i', 'o', 'u', 'y'])
}

/// A vowel letter. The u of `qu` is none; y is one unless it begins a word or stands beside another vowel.
fn is_vowel(word: &[u8], at: usize) -> bool {
    let letter = |at: Option<usize>| at.and_then(|at| word.get(at)).copied().unwrap_or(b' ');
    let previous = letter(at.checked_sub(1));
    match letter(Some(at)) {
        b'a' | b'e' | b'i' | b'o' => true,
        b'u' => previous != b'q',
        b'y' => at > 0 && !b"aeiou".contains(&previous) && !b"aeiou".contains(&letter(at.checked_add(1))),
        _ => false,
    }
}

fn ends_in_vowel(stem: &str) -> bool {
    stem.ends_with(['a', 'e', 'i', 'o', 'u'])
}

/// A stem without the second of two equal consonants at its end: `commit` of `committ`.
pub(crate) fn undoubled(stem: &str) -> Option<&str> {
    let mut ends = stem.bytes().rev();
    let (last, previous) = (ends.next()?, ends.next()?);
    (last == previous && last.is_ascii_lowercase() && !b"aeiou".contains(&last)).then(|| stem.get(..stem.len() - 1))?
}

/// Whether the last of two equal consonants came with the ending: the p of `skipp`, not the s of `pass`.
pub(crate) fn is_doubled_for_ending(stem: &str) -> bool {
    let Some(single) = undoubled(stem) else { return false };
    // `add`, `egg`, `err` would be too short, and after two vowels (`quizz`, `dialled`) no base has two consonants
    let mut before = single.bytes().rev().skip(1);
    let two_vowels =
        [before.next(), before.next()].into_iter().flatten().filter(|byte| b"aeiou".contains(byte)).count() == 2;
    match single.bytes().last() {
        _ if single.len() < 3 => false,
        _ if two_vowels => true,
        Some(b'l') => {
            let is_word =
                ["ball", "call", "fall", "hall", "ill", "spell", "wall"].iter().any(|end| stem.ends_with(end));
            !is_word && has_syllables(single)
        }
        last => !matches!(last, Some(b'f' | b's' | b'z')),
    }
}

/// Whether a stem that lost its ending probably lost an e with it: `frobnicat`, but not `visit`.
pub(crate) fn loses_e(stem: &str) -> bool {
    let ends = |ends: &[&str]| ends.iter().any(|end| stem.ends_with(end));
    let Some(&last) = stem.as_bytes().last() else { return false };
    let Some(last_two) = stem.len().checked_sub(2).and_then(|from| stem.get(from..)) else { return false };
    let before = stem.strip_suffix(last_two).unwrap_or_default();
    // the u of `qu` is none
    let two_vowels =
        ends_in_vowel(last_two.get(..1).unwrap_or_default()) && ends_in_vowel(before) && !before.ends_with("qu");
    match last {
        b'e' | b'u' | b'v' | b'z' => true,
        // `calendar`, but `prepare` is known, and `stare` is short
        b'r' if last_two == "ar" && has_syllables(stem) => false,
        b's' if ends(&["ias"]) => false,
        // `obsolete`, but not `pellet`
        b't' if ends(&["iat", "solet", "uat"]) => true,
        // `raise`, `fleece`, `gouge`
        b'c' | b'g' | b's' if two_vowels => true,
        // two vowels carry the consonant without an e: `drain`, `repeat`
        _ => !two_vowels && words::stem_wants_e(last_two),
    }
}

/// More than one group of vowel letters.
fn has_syllables(word: &str) -> bool {
    word.split(|letter| !"aeiouy".contains(letter)).filter(|vowels| !vowels.is_empty()).count() > 1
}
