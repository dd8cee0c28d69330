//! Conjugates verbs: a word in any of its forms enters, all its forms leave.
//!
//! The base is found first, then every form is made from it by the same tables and rules that judge names, so what is
//! produced here is what is accepted there.

use std::borrow::Cow;

use crate::Registry;
use crate::inflect::{self, ENGLISH, Lexicon, Past, doubles};
use crate::spelling;
use crate::words;

/// All forms of a word, as far as it is a verb.
///
/// Every form is one word, or several joined by `_` (`rolled_back`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conjugation {
    /// What was asked for.
    pub word: String,
    /// What a command would be called: `write`, `roll_back`.
    pub base: String,
    /// What an event of a past layer is called: `written`, `rolled_back`.
    pub participle: String,
    /// The simple past: `wrote`.
    pub past: String,
    /// `writes`, `rolls_back`.
    pub third_person: String,
    /// `writing`, `rolling_back`.
    pub gerund: String,
    /// Whether the word that was asked for is past.
    pub is_past: Past,
}

/// All forms of a verb, which may be given in any of them. A word that is no verb is inflected as if it were one.
///
/// ```
/// use tense_grammar::{Past, conjugate};
///
/// let written = conjugate("written");
/// assert_eq!((written.base.as_str(), written.past.as_str()), ("write", "wrote"));
/// assert_eq!((written.third_person.as_str(), written.gerund.as_str()), ("writes", "writing"));
/// assert_eq!(written.is_past, Past::Yes);
///
/// assert_eq!(conjugate("rollback").participle, "rolled_back");
/// ```
pub fn conjugate(word: &str) -> Conjugation {
    ENGLISH.conjugate(word)
}

/// The third person of a base form.
///
/// ```
/// use tense_grammar::third_person;
///
/// assert_eq!(third_person("fetch"), "fetches");
/// assert_eq!(third_person("rollback"), "rolls_back");
/// ```
pub fn third_person(word: &str) -> Cow<'_, str> {
    ENGLISH.form(word, Form::ThirdPerson)
}

/// The gerund of a base form.
///
/// ```
/// use tense_grammar::gerund;
///
/// assert_eq!(gerund("write"), "writing");
/// assert_eq!(gerund("set"), "setting");
/// ```
pub fn gerund(word: &str) -> Cow<'_, str> {
    ENGLISH.form(word, Form::Gerund)
}

/// The simple past of a base form. Names of events prefer the [participle](crate::participle).
///
/// ```
/// use tense_grammar::simple_past;
///
/// assert_eq!(simple_past("write"), "wrote");
/// assert_eq!(simple_past("breakdown"), "broke_down");
/// ```
pub fn simple_past(word: &str) -> Cow<'_, str> {
    ENGLISH.form(word, Form::SimplePast)
}

impl Registry {
    /// As [`conjugate`], with the words that the project declares under `[words]`.
    ///
    /// ```
    /// use tense_grammar::Registry;
    ///
    /// let registry = Registry::parse("version = 1\n[words]\nblowup = \"blown_up\"\n")?;
    /// assert_eq!(registry.conjugate("blowup").gerund, "blowing_up");
    /// # Ok::<(), Vec<tense_grammar::RegistryError>>(())
    /// ```
    pub fn conjugate(&self, word: &str) -> Conjugation {
        self.lexicon.conjugate(word)
    }
}

/// The forms that are made from the base by an ending, as far as no table says otherwise.
#[derive(Clone, Copy)]
enum Form {
    SimplePast,
    ThirdPerson,
    Gerund,
}

impl Lexicon {
    fn conjugate(&self, word: &str) -> Conjugation {
        let (before, verb, after) = self.split_at_verb(word);
        let named = self.base_of_any(verb);
        // what two words mean keeps its second one behind: `rollback`, `rolls_back`
        let phrase = self.phrasal(&named).unwrap_or_else(|| named.clone());
        let around = |form: &str| format!("{before}{form}{after}");
        Conjugation {
            word: word.to_owned(),
            base: around(&phrase),
            participle: around(&self.participle(&named)),
            past: around(&self.form(&named, Form::SimplePast)),
            third_person: around(&self.form(&named, Form::ThirdPerson)),
            gerund: around(&self.form(&named, Form::Gerund)),
            is_past: self.is_past(verb),
        }
    }

    /// Of several words the one that is inflected: before a particle (`rolled` of `rolled_back`), or the last one.
    fn split_at_verb<'a>(&self, word: &'a str) -> (&'a str, &'a str, &'a str) {
        let mut begins = 0;
        for (at, _) in word.match_indices('_') {
            let next = word.get(at + 1..).unwrap_or_default();
            if words::is_particle(next.split('_').next().unwrap_or_default()) {
                return parts(word, begins, at);
            }
            begins = at + 1;
        }
        parts(word, begins, word.len())
    }

    /// The base of what is written as one word and inflects as two: `rollback` gives `roll_back`.
    fn phrasal(&self, word: &str) -> Option<String> {
        let participle = self.participle(word);
        let (verb, rest) = participle.split_once('_')?;
        Some(format!("{}_{rest}", self.base(verb)?))
    }

    fn form<'a>(&'a self, word: &'a str, form: Form) -> Cow<'a, str> {
        if word.is_empty() {
            return Cow::Borrowed(word);
        }
        if let Some(phrase) = self.phrasal(word)
            && let Some((verb, rest)) = phrase.split_once('_')
        {
            return Cow::Owned(format!("{}_{rest}", self.form(verb, form)));
        }
        if words::clipped(word).is_some()
            && let Some(full) = self.base(&self.participle(word)).filter(|full| full != word)
        {
            return Cow::Owned(self.form(&full, form).into_owned());
        }
        match form {
            Form::SimplePast => self.simple_past(word),
            Form::ThirdPerson => Cow::Owned(match word {
                "be" => "is".to_owned(),
                "have" => "has".to_owned(),
                _ => spelling::s(word, doubles(word)),
            }),
            Form::Gerund if words::takes_k(word) => Cow::Owned(format!("{word}king")),
            Form::Gerund => Cow::Owned(spelling::ing(word, doubles_in_gerund(word))),
        }
    }

    fn simple_past<'a>(&'a self, word: &'a str) -> Cow<'a, str> {
        if self.is_own(word) {
            return self.participle(word);
        }
        let whole = || words::irregular(word).map(|(simple, _)| Cow::Borrowed(simple));
        let prefixed = || {
            let (prefix, rest) = inflect::without_prefix(word)?;
            words::irregular(rest).map(|(simple, _)| Cow::Owned(format!("{prefix}{simple}")))
        };
        whole().or_else(prefixed).unwrap_or_else(|| self.participle(word))
    }
}

fn parts(word: &str, begins: usize, ends: usize) -> (&str, &str, &str) {
    let part = |range: std::ops::Range<usize>| word.get(range).unwrap_or_default();
    (part(0..begins), part(begins..ends), part(ends..word.len()))
}

/// Irregular verbs are stressed at their end, so the long ones double as the short ones do: `begin`, `reset`.
pub(crate) fn doubles_in_gerund(word: &str) -> bool {
    let irregular = words::irregular(word).is_some()
        || words::is_zero_change(word)
        || inflect::without_prefix(word).is_some()
        || inflect::is_prefixed_zero_change(word);
    doubles(word) || (irregular && spelling::ends_short(word))
}
