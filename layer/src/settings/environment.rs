//! The variables of the environment go in; the settings that they name come out.

use std::ffi::OsString;
use std::path::PathBuf;

use tense_grammar::{SETTINGS, nearest};

use super::told::Aside;
use super::{Settings, otel};

/// The variable that names a file whose settings replace those that were compiled in.
pub(super) const CONFIG: &str = "TENSE_CONFIG";
const OURS: &str = "TENSE_";

/// Variables that settings are looked for in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environment(Vec<(String, OsString)>);

/// What stands in them.
#[derive(Debug, Default)]
pub(super) struct Outside {
    pub(super) settings: Settings,
    pub(super) config: Option<PathBuf>,
    /// The variable that switches everything on or off, with what stands in it.
    pub(super) switch: Option<(&'static str, String)>,
}

impl Environment {
    /// That of this process, as far as it is about us. One that is empty is not there, as for all of OpenTelemetry.
    pub(crate) fn of_process() -> Self {
        let all = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        Self::of(all)
    }

    pub(crate) fn of(all: impl IntoIterator<Item = (String, OsString)>) -> Self {
        let is_ours = |(name, value): &(String, OsString)| {
            (name.starts_with(OURS) || otel::VARIABLES.contains(&name.as_str())) && !value.is_empty()
        };
        Self(all.into_iter().filter(is_ours).collect())
    }

    /// The text of a variable.
    pub(super) fn get(&self, name: &'static str, aside: &mut Vec<Aside>) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        let text = value.to_str();
        if text.is_none() {
            let spec = SETTINGS.iter().find(|spec| spec.variable == name);
            aside.push(Aside::of(spec, format!("`{name}` is not a text in UTF-8")));
        }
        text
    }

    /// A path may be any bytes.
    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| PathBuf::from(value))
    }

    pub(super) fn read(&self, aside: &mut Vec<Aside>) -> Outside {
        let mut outside = otel::read(self, aside);
        let mut ours = Settings { database: self.path("TENSE_DB"), ..Settings::default() };
        for spec in SETTINGS.iter().filter(|spec| spec.variable != "TENSE_DB") {
            let Some(text) = self.get(spec.variable, aside) else { continue };
            match spec.read(text) {
                Ok(value) => {
                    ours.set(spec, &value);
                    if spec.variable == "TENSE_ENABLED" {
                        outside.switch = Some((spec.variable, text.to_owned()));
                    }
                }
                Err(error) => aside.push(Aside::of(spec, format!("`{}`: {error}", spec.variable))),
            }
        }
        self.misspelt(aside);
        outside.settings = ours.or(outside.settings);
        outside.config = self.path(CONFIG);
        outside
    }

    /// A variable that is called nearly as one of ours was probably meant to be it.
    fn misspelt(&self, aside: &mut Vec<Aside>) {
        let known = || SETTINGS.iter().map(|spec| spec.variable).chain([CONFIG]);
        let unknown = self.0.iter().filter(|(name, _)| known().all(|known| known != name));
        for (name, _) in unknown {
            let Some(rest) = name.strip_prefix(OURS) else { continue };
            if let Some(near) = nearest(rest, known().filter_map(|known| known.strip_prefix(OURS))) {
                aside.push(Aside::new(format!("`{name}` is no setting: did you mean `{OURS}{near}`?")));
            }
        }
    }
}
