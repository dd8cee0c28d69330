//! What `[redact]` of a `tense.toml` says, as constant data.

/// Keys and patterns of a project's own, and families of rules that are switched off. A layer that is given the
/// registry goes by it.
///
/// ```
/// use tense::registry::{Redact, RedactRule, Registry};
///
/// const RULES: &[RedactRule] = &[RedactRule::new("badge", "BADGE-[0-9]{6}")];
/// static REGISTRY: Registry = Registry::new().redact(Redact::new().keys(&["pin"]).rules(RULES));
/// assert_eq!(REGISTRY.redact.keys, ["pin"]);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Redact {
    /// Further keys whose values go.
    pub keys: &'static [&'static str],
    /// Keys whose values stay.
    pub keep_keys: &'static [&'static str],
    /// Families of rules that are switched off, by name.
    pub off: &'static [&'static str],
    /// Patterns whose matches go.
    pub rules: &'static [RedactRule],
}

impl Redact {
    /// What always holds.
    pub const fn new() -> Self {
        Self { keys: &[], keep_keys: &[], off: &[], rules: &[] }
    }

    /// With these further keys.
    pub const fn keys(self, keys: &'static [&'static str]) -> Self {
        Self { keys, ..self }
    }

    /// With these keys kept.
    pub const fn keep_keys(self, keep_keys: &'static [&'static str]) -> Self {
        Self { keep_keys, ..self }
    }

    /// Without these families.
    pub const fn off(self, off: &'static [&'static str]) -> Self {
        Self { off, ..self }
    }

    /// With these patterns.
    pub const fn rules(self, rules: &'static [RedactRule]) -> Self {
        Self { rules, ..self }
    }
}

/// A pattern whose matches go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RedactRule {
    /// Its name.
    pub name: &'static str,
    /// A regular expression, which `tense check` has compiled.
    pub pattern: &'static str,
}

impl RedactRule {
    /// A rule of that name.
    pub const fn new(name: &'static str, pattern: &'static str) -> Self {
        Self { name, pattern }
    }
}
