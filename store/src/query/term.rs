//! One term of a search enters as text (`-amount:>100`); what it asks of an event leaves, or what is wrong with it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use tense_event::Event;

use super::number::{duration, write_duration};
use super::{Key, Number, Operator, Pattern};

/// A longer text is no term that anybody typed.
const LONGEST: usize = 10_000;
/// Fewer digits of an id than this would match by accident.
const SHORTEST_ID: usize = 4;

/// One thing that is asked of an event.
///
/// | text | asks for |
/// |---|---|
/// | `order:o7` | the field `order` is `o7`, as a text or as the number that it writes |
/// | `-order:o7` | it is not, or is not there |
/// | `message:*time-out*` | `*` stands for any text; `order:*` asks that it is there, `-order:*` that it is not |
/// | `message:"2 * 3: 6"` | between quotes everything means itself, but for `\"` and `\\` |
/// | `amount:>100` | compares numbers: `>`, `>=`, `<`, `<=`, `=` |
/// | `duration:>100ms` | compares with how long it took, in `ns`, `us`, `ms`, `s`, `m`, `h`, `d` |
/// | `"my:order":o7`, `my\:order:o7` | a field whose name has a colon |
/// | `order.address.city:Bern` | what lies in a field; of a list, any element |
/// | `error.kind:panic`, `tag:saga`, `job:j1` | what every event has its place for: see [`Key`] |
///
/// ```
/// use tense_store::query::{Key, Term};
///
/// let term: Term = "-error.kind:panic".parse()?;
/// assert_eq!((&term.key, term.is_negated), (&Key::ErrorKind, true));
/// assert_eq!(term.to_string(), "-error.kind:panic");
/// # Ok::<(), tense_store::query::TermError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// Whether it asks that the rest does not hold.
    pub is_negated: bool,
    /// What it is about.
    pub key: Key,
    /// What has to hold of a value there.
    pub test: Test,
}

/// What has to hold of a value.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Test {
    /// It is such a text.
    Is(Pattern),
    /// It is a number that compares so with this one.
    Compares(Operator, Number),
    /// It took so long.
    Lasts(Operator, Duration),
}

impl Term {
    /// That what has that key is such a text.
    ///
    /// ```
    /// use tense_store::query::{Key, Term};
    /// assert_eq!(Term::is(Key::Type, "operation.tokens.*").to_string(), "type:operation.tokens.*");
    /// ```
    pub fn is(key: Key, pattern: impl Into<Pattern>) -> Self {
        Self { is_negated: false, key, test: Test::Is(pattern.into()) }
    }

    /// Whether it holds of an event.
    pub fn matches(&self, event: &Event) -> bool {
        let holds = match &self.test {
            Test::Is(pattern) => {
                let as_number = pattern.as_exact().and_then(Number::read);
                let equals = |number: Number| as_number.is_some_and(|wanted| number.order(wanted).is_eq());
                self.key.any_text(event, |text| pattern.matches(text))
                    || as_number.is_some() && self.key.any_number(event, equals)
            }
            Test::Compares(operator, wanted) => {
                self.key.any_number(event, |number| operator.holds(number.order(*wanted)))
            }
            Test::Lasts(operator, wanted) => event.duration.is_some_and(|took| operator.holds(took.cmp(wanted))),
        };
        holds != self.is_negated
    }
}

impl fmt::Display for Term {
    /// As it is read back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.key.name();
        f.write_str(if self.is_negated { "-" } else { "" })?;
        if name.is_empty() || name.starts_with(['-', '"']) || name.contains(':') || name.ends_with('\\') {
            quoted(&name, f)?;
        } else {
            f.write_str(&name)?;
        }
        f.write_str(":")?;
        match &self.test {
            Test::Is(pattern) if pattern.as_exact() == Some("") => f.write_str("\"\""),
            Test::Is(pattern) => pattern.fmt(f),
            Test::Compares(operator, number) => write!(f, "{}{number}", operator.as_str()),
            Test::Lasts(operator, duration) => {
                f.write_str(operator.as_str())?;
                write_duration(*duration, f)
            }
        }
    }
}

fn quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

/// Why a text is no term: which, what is wrong with it, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("read `{}` as a term: {problem}", given.escape_debug())]
#[non_exhaustive]
pub struct TermError {
    /// The text, or its beginning when it is long.
    pub given: String,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a term.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Nothing says which field is meant.
    #[error(
        "it has no `:`; write `field:value`, for example `order:o7` or \
         `error.message:*time-out*`, and `\"my:field\":value` where the name has a colon"
    )]
    NoColon,
    /// There is nothing before the colon.
    #[error("nothing stands before the `:`; write the name of a field there, for example `order:o7`")]
    NoField,
    /// There is nothing behind the colon.
    #[error(
        "nothing stands behind the `:`; write `field:*` for any value, `-field:*` for none, `field:\"\"` for an empty text"
    )]
    NoValue,
    /// A quote without its end.
    #[error(
        "the quote that begins at character {at} does not end; write `\"` behind the last character, and `\\\"` for a quote in it"
    )]
    Unclosed {
        /// Which character, from 1.
        at: usize,
    },
    /// Something behind a quote.
    #[error("`{}` stands behind the quote; put all of the value into the quotes, or none of it", rest.escape_debug())]
    BehindQuote {
        /// What stands there.
        rest: String,
    },
    /// No number to compare with.
    #[error("`{sign}` compares numbers, and `{}` is none; write for example `amount:{sign}100`, and a text without the sign or in quotes", value.escape_debug())]
    NoNumber {
        /// The operator.
        sign: &'static str,
        /// What stands behind it.
        value: String,
    },
    /// No duration to compare with.
    #[error("`{}` is no duration; write a number and its unit, one of ns, us, ms, s, m, h, d: `duration:>100ms`", value.escape_debug())]
    NoDuration {
        /// What stands there.
        value: String,
    },
    /// What is compared is no number.
    #[error("`{key}` is no number, so `{sign}` compares nothing; write `{key}:value`")]
    NotComparable {
        /// What it is about.
        key: String,
        /// The operator.
        sign: &'static str,
    },
    /// A word that is never there.
    #[error("`{key}` is never `{}`; it is one of {}", value.escape_debug(), words.join(", "))]
    NoSuchWord {
        /// What it is about.
        key: String,
        /// What was asked for.
        value: String,
        /// What there is.
        words: &'static [&'static str],
    },
    /// No id.
    #[error("`{}` is no id; write its {digits} hex digits, or at least {SHORTEST_ID} of its last ones", value.escape_debug())]
    NoId {
        /// What stands there.
        value: String,
        /// How many digits an id has.
        digits: usize,
    },
    /// Nobody typed this.
    #[error("it is longer than {LONGEST} bytes; search for a part of the value, `field:begins with*`")]
    TooLong,
}

impl FromStr for Term {
    type Err = TermError;

    fn from_str(text: &str) -> Result<Self, TermError> {
        let wrong = |problem| TermError { given: text.chars().take(80).collect(), problem };
        if text.len() > LONGEST {
            return Err(wrong(Problem::TooLong));
        }
        let (is_negated, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let at = 1 + usize::from(is_negated);
        let (name, value) = if rest.starts_with('"') {
            let (name, behind) = unquote(rest, at).map_err(wrong)?;
            (name, behind.strip_prefix(':').ok_or_else(|| wrong(Problem::NoColon))?)
        } else {
            named(rest).ok_or_else(|| wrong(Problem::NoColon))?
        };
        if name.is_empty() || name == "data." {
            return Err(wrong(Problem::NoField));
        }
        let at = text.chars().count() - value.chars().count() + 1;
        let key = Key::named(&name);
        let test = test(&key, &name, value, at).map_err(wrong)?;
        Ok(Self { is_negated, key, test })
    }
}

/// What stands before the first colon that means one, and what behind it; `\:` is a colon of the name.
fn named(text: &str) -> Option<(String, &str)> {
    let (mut name, mut rest) = (String::new(), text);
    loop {
        let (piece, behind) = rest.split_once(':')?;
        rest = behind;
        let Some(piece) = piece.strip_suffix('\\') else { return Some((name + piece, rest)) };
        name = name + piece + ":";
    }
}

/// What is asked of a key by what stands behind its colon, at that character of the term.
fn test(key: &Key, name: &str, value: &str, at: usize) -> Result<Test, Problem> {
    if value.is_empty() {
        return Err(Problem::NoValue);
    }
    let compared = Operator::read(value);
    if *key == Key::Duration {
        let (operator, value) = compared.unwrap_or((Operator::Equal, value));
        return match duration(value) {
            Some(duration) => Ok(Test::Lasts(operator, duration)),
            // In milliseconds, as it stands in JSON.
            None if name == "duration_ms" => duration(&format!("{value}ms"))
                .map(|duration| Test::Lasts(operator, duration))
                .ok_or_else(|| Problem::NoDuration { value: value.to_owned() }),
            None if value == "*" && compared.is_none() => Ok(Test::Is(Pattern::new("*"))),
            None => Err(Problem::NoDuration { value: value.to_owned() }),
        };
    }
    if let Some((operator, value)) = compared {
        let sign = operator.as_str();
        return match (key, Number::read(value.trim_start())) {
            (Key::Field(_) | Key::Weight, Some(number)) => Ok(Test::Compares(operator, number)),
            (Key::Field(_) | Key::Weight, None) => Err(Problem::NoNumber { sign, value: value.to_owned() }),
            _ => Err(Problem::NotComparable { key: name.to_owned(), sign }),
        };
    }
    let pattern = if value.starts_with('"') {
        let (text, behind) = unquote(value, at)?;
        if !behind.is_empty() {
            return Err(Problem::BehindQuote { rest: behind.chars().take(40).collect() });
        }
        Pattern::exactly(text)
    } else {
        Pattern::new(value)
    };
    let Some(exact) = pattern.as_exact() else { return Ok(Test::Is(pattern)) };
    let words = key.words();
    if !words.is_empty() && !words.contains(&exact) {
        return Err(Problem::NoSuchWord { key: name.to_owned(), value: exact.to_owned(), words });
    }
    match key.digits() {
        Some(digits) => id(exact, digits).map(Test::Is),
        None => Ok(Test::Is(pattern)),
    }
}

/// The whole id, or how it ends.
fn id(value: &str, digits: usize) -> Result<Pattern, Problem> {
    let hex = value.replace('-', "").to_ascii_lowercase();
    match hex.len() {
        _ if !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            Err(Problem::NoId { value: value.to_owned(), digits })
        }
        length if length == digits => Ok(Pattern::exactly(hex)),
        length if (SHORTEST_ID..digits).contains(&length) => Ok(Pattern::ends_with(hex)),
        _ => Err(Problem::NoId { value: value.to_owned(), digits }),
    }
}

/// The text between the quote that begins here, at that character of the term, and its end; and what stands behind.
fn unquote(text: &str, at: usize) -> Result<(String, &str), Problem> {
    let (mut inside, mut rest) = (String::new(), text.char_indices().skip(1).peekable());
    while let Some((place, c)) = rest.next() {
        match c {
            '"' => return Ok((inside, &text[place + 1..])),
            '\\' => {
                let escaped = rest.next_if(|(_, next)| matches!(next, '"' | '\\'));
                inside.push(escaped.map_or('\\', |(_, c)| c));
            }
            other => inside.push(other),
        }
    }
    Err(Problem::Unclosed { at })
}
