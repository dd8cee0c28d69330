//! Rules of a project's own enter; a sanitizer that goes by them leaves, or what is wrong with them.

use std::sync::Arc;

use super::Sanitizer;
use super::families::Family;
use super::limits::Limits;
use super::rules::{Rules, compile};

/// A pattern of a project's own: what it matches is redacted, or its one group.
///
/// The syntax is that of the crate `regex`, which takes linear time whatever a text holds. Examples belong to it: they
/// are tried when the sanitizer is built, and by `tense check`.
///
/// ```
/// use tense_event::{Rule, Sanitizer};
///
/// let badge = Rule::new("badge", r"\bBADGE-([0-9]{6})\b").hits(["BADGE-123456"]).misses(["BADGE-12"]);
/// let sanitizer = Sanitizer::builder().rule(badge).build()?;
/// assert_eq!(sanitizer.redact("seen BADGE-123456 at the door"), "seen BADGE-[REDACTED] at the door");
/// # Ok::<(), tense_event::RuleError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub(super) name: String,
    pub(super) pattern: String,
    pub(super) hit: Vec<String>,
    pub(super) miss: Vec<String>,
}

impl Rule {
    /// A rule of that name. The pattern is looked at by [`Rule::check`] and [`SanitizerBuilder::build`].
    pub fn new(name: impl Into<String>, pattern: impl Into<String>) -> Self {
        Self { name: name.into(), pattern: pattern.into(), hit: Vec::new(), miss: Vec::new() }
    }

    /// Texts in which it finds something.
    #[must_use]
    pub fn hits<T: Into<String>>(mut self, texts: impl IntoIterator<Item = T>) -> Self {
        self.hit.extend(texts.into_iter().map(Into::into));
        self
    }

    /// Texts in which it finds nothing.
    #[must_use]
    pub fn misses<T: Into<String>>(mut self, texts: impl IntoIterator<Item = T>) -> Self {
        self.miss.extend(texts.into_iter().map(Into::into));
        self
    }

    /// Compiles the pattern and tries the examples, some microseconds.
    ///
    /// # Errors
    /// A pattern that is none, is too large, matches an empty text or has several groups, and an example that behaves
    /// otherwise than it is said to.
    ///
    /// ```
    /// let error = tense_event::Rule::new("badge", "BADGE-([0-9]+").check().unwrap_err();
    /// assert_eq!(error.to_string(), "the pattern of the rule `badge` cannot be read: unclosed group");
    /// ```
    pub fn check(&self) -> Result<(), RuleError> {
        compile(self).map(drop)
    }
}

/// Why a sanitizer cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// No regular expression.
    #[error("the pattern of the rule `{rule}` cannot be read: {why}")]
    Pattern {
        /// The rule's name.
        rule: String,
        /// What its compiler says.
        why: String,
    },
    /// One that takes more memory than all others together should.
    #[error(
        "the pattern of the rule `{rule}` is too large once it is compiled: write `[A-Za-z0-9_]` for `\\w`, \
         which knows the letters of all languages, and repeat less"
    )]
    TooLarge {
        /// The rule's name.
        rule: String,
    },
    /// One that is found between any two characters.
    #[error("the pattern of the rule `{rule}` matches an empty text: write `+` for `*`, or `{{1,}}`")]
    Empty {
        /// The rule's name.
        rule: String,
    },
    /// One of which it is not clear what goes.
    #[error(
        "the pattern of the rule `{rule}` has {groups} groups, and one at most says what goes: write `(?:..)` for the others"
    )]
    Groups {
        /// The rule's name.
        rule: String,
        /// How many it has.
        groups: usize,
    },
    /// An example in which nothing is found.
    #[error("the rule `{rule}` does not find anything in its example `{text}`")]
    Hit {
        /// The rule's name.
        rule: String,
        /// The example.
        text: String,
    },
    /// An example in which something is found.
    #[error("the rule `{rule}` finds something in `{text}`, which is listed under `miss`")]
    Miss {
        /// The rule's name.
        rule: String,
        /// The example.
        text: String,
    },
    /// More rules than one text should be searched for.
    #[error("there are {0} rules, and {most} at most: join some with `|`", most = Sanitizer::MOST_RULES)]
    TooMany(usize),
}

/// A sanitizer in the making; [`Sanitizer::builder`] begins one.
///
/// ```
/// use tense_event::{Family, Rule, Sanitizer};
///
/// let sanitizer = Sanitizer::builder()
///     .key("pin")
///     .keep_key("session_id")
///     .without(Family::Email)
///     .rule(Rule::new("badge", "BADGE-[0-9]{6}"))
///     .build()?;
/// assert_eq!(sanitizer.redact("pin=1234 session_id=abcdef"), "pin=[REDACTED] session_id=abcdef");
/// # Ok::<(), tense_event::RuleError>(())
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "call `build`"]
pub struct SanitizerBuilder {
    limits: Limits,
    off: u16,
    keys: Vec<String>,
    keep: Vec<String>,
    rules: Vec<Rule>,
}

impl SanitizerBuilder {
    /// A further key whose value goes, whatever it is: one that ends in these words, in any case style.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.keys.push(key.into());
        self
    }

    /// A key whose value stays unless it is secret by itself: this one only, in any case style. It goes before
    /// [`key`](Self::key) and what is built in.
    pub fn keep_key(mut self, key: impl Into<String>) -> Self {
        self.keep.push(key.into());
        self
    }

    /// A pattern of your own. It costs about 50 ns a text, and at most 256 KiB.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Switches a family of rules off.
    pub fn without(mut self, family: Family) -> Self {
        self.off |= family.bit();
        self
    }

    /// Limits other than the usual ones; see [`Sanitizer::with_limits`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Compiles the rules and tries their examples.
    ///
    /// # Errors
    /// The first rule that [`Rule::check`] refuses, or too many of them.
    pub fn build(self) -> Result<Sanitizer, RuleError> {
        if self.rules.len() > Sanitizer::MOST_RULES {
            return Err(RuleError::TooMany(self.rules.len()));
        }
        let patterns = self.rules.iter().map(compile).collect::<Result<_, _>>()?;
        let rules = Arc::new(Rules::new(self.off, self.keys, self.keep, patterns));
        Ok(Sanitizer::by(self.limits.consistent(), rules))
    }
}
