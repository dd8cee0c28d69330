//! What a rule belongs to, so that it can be switched off by a word.

/// Rules that are switched on and off together.
///
/// ```
/// use tense_event::{Family, Sanitizer};
///
/// // Whose events name mailboxes on purpose.
/// let sanitizer = Sanitizer::builder().without(Family::Email).build()?;
/// assert_eq!(sanitizer.redact("to jane@example.com"), "to jane@example.com");
/// # Ok::<(), tense_event::RuleError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Family {
    /// `authorization`: credentials behind `Bearer` and `Basic`.
    Authorization,
    /// `card`: payment card numbers with their checksum.
    Card,
    /// `email`: mailboxes.
    Email,
    /// `home`: the user's name in the paths of errors and stack frames.
    Home,
    /// `jwt`: JSON Web Tokens and PASETO.
    Jwt,
    /// `keys`: values of keys that name a secret, wherever keys and values stand: fields, JSON, headers, queries,
    /// flags.
    Keys,
    /// `pem`: blocks of private keys.
    Pem,
    /// `phone`: telephone numbers in international form.
    Phone,
    /// `token`: credentials that begin with letters of their own.
    Token,
    /// `url`: credentials in addresses and connection strings.
    Url,
}

impl Family {
    /// All of them, by name.
    pub const ALL: [Self; 10] = [
        Self::Authorization,
        Self::Card,
        Self::Email,
        Self::Home,
        Self::Jwt,
        Self::Keys,
        Self::Pem,
        Self::Phone,
        Self::Token,
        Self::Url,
    ];

    /// The word for it in `tense.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Authorization => "authorization",
            Self::Card => "card",
            Self::Email => "email",
            Self::Home => "home",
            Self::Jwt => "jwt",
            Self::Keys => "keys",
            Self::Pem => "pem",
            Self::Phone => "phone",
            Self::Token => "token",
            Self::Url => "url",
        }
    }

    /// The family of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.name() == name)
    }

    pub(super) const fn bit(self) -> u16 {
        1 << self as u16
    }
}
