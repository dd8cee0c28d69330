//! What a table of settings in a `tense.toml` says, as constant data.

/// One setting. A layer that is given the registry goes by it, where neither code nor environment says anything else.
///
/// ```
/// use tense::registry::{Registry, Setting};
///
/// static REGISTRY: Registry = Registry::new().settings(&[Setting::new("delivery.timeout", "2s")]);
/// assert_eq!(REGISTRY.settings[0].value, "2s");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setting {
    /// Its table and its key: `delivery.timeout`.
    pub name: &'static str,
    /// Its value, as it would stand in the environment.
    pub value: &'static str,
}

impl Setting {
    /// A setting of that name, with that value.
    pub const fn new(name: &'static str, value: &'static str) -> Self {
        Self { name, value }
    }
}
