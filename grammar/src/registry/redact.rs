//! What `[redact]` says: keys and patterns of a project's own, and what is switched off.

/// What a project says of secrets in the values of its events.
///
/// ```
/// let registry = tense_grammar::Registry::parse("version = 1\n[redact]\nkeys = [\"pin\"]\noff = [\"phone\"]\n")?;
/// assert_eq!(registry.redact().keys, ["pin"]);
/// # Ok::<(), Vec<tense_grammar::RegistryError>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Redact {
    /// Further keys whose values go.
    pub keys: Vec<String>,
    /// Keys whose values stay, each with the reason.
    pub keep_keys: Vec<(String, String)>,
    /// Families of rules that are switched off.
    pub off: Vec<String>,
    /// Patterns, in the order of their names.
    pub rules: Vec<RedactRule>,
}

/// A pattern whose matches go.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RedactRule {
    /// Its name.
    pub name: String,
    /// A regular expression, not compiled yet.
    pub pattern: String,
    /// Texts in which it finds something.
    pub hit: Vec<String>,
    /// Texts in which it finds nothing.
    pub miss: Vec<String>,
    /// The byte of the file at which the pattern stands.
    pub(crate) at: usize,
    /// The line of the pattern, from 1.
    pub line: usize,
    /// Its column, from 1, in characters.
    pub column: usize,
}

/// The families of rules that the sanitizer has; a test of the command holds this against them.
pub const REDACT_FAMILIES: &[&str] =
    &["authorization", "card", "email", "home", "jwt", "keys", "pem", "phone", "token", "url"];
