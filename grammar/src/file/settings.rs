//! Reads the tables of settings, `[recording]`, `[delivery]` and their like: a document enters, what is set in it
//! leaves.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::values::{placed, unknown};
use super::{Key, Reader, RegistryError, Value};
use crate::built_in;
use crate::registry::Registry;
use crate::settings::{SETTINGS, Setting, SettingKind, SettingSpec};

/// The settings of a file, and what is wrong with it.
type Read = (Vec<Setting>, Vec<RegistryError>);

impl Setting {
    /// Reads the settings of a `tense.toml`, for a program that runs: what makes no sense is left out and told beside
    /// the others. The tables of names, and `[redact]`, are not looked at.
    ///
    /// # Errors
    /// The outer one when the file cannot be read, the inner one when none of it can be made out: it is no TOML, or of
    /// another version.
    ///
    /// ```
    /// # let dir = std::env::temp_dir().join(format!("tense-settings-{}", std::process::id()));
    /// # std::fs::create_dir_all(&dir)?;
    /// let path = dir.join("tense.toml");
    /// std::fs::write(&path, "version = 1\n[recording]\nlevel = \"debug\"\nenabled = 7\n")?;
    /// let (settings, mistakes) = tense_grammar::Setting::load(&path)?.unwrap();
    /// assert_eq!((settings.len(), settings[0].value.to_string().as_str()), (1, "debug"));
    /// assert_eq!((mistakes.len(), mistakes[0].line), (1, 4));
    /// # std::fs::remove_dir_all(&dir)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn load(path: &Path) -> std::io::Result<Result<Read, Vec<RegistryError>>> {
        let read = super::text_of(&mut super::open(path)?)?;
        Ok(read.and_then(|text| {
            let document = super::document(&text)?;
            let mut reader = Reader::new();
            let is_ours = reader.head(document.get_ref());
            reader.settings(document.get_ref());
            let (settings, faults) = (std::mem::take(&mut reader.registry.settings), placed(&text, reader.faults));
            if is_ours { Ok((settings, faults)) } else { Err(faults) }
        }))
    }
}

impl Registry {
    /// What the file sets: how much is recorded and kept, and how it is delivered.
    ///
    /// ```
    /// let registry = tense_grammar::Registry::parse("version = 1\n[delivery]\ntimeout = \"2s\"\n")?;
    /// let told: Vec<String> = registry.settings().iter().map(|set| format!("{}={}", set.spec, set.value)).collect();
    /// assert_eq!(told, ["delivery.timeout=2s"]);
    /// # Ok::<(), Vec<tense_grammar::RegistryError>>(())
    /// ```
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }
}

/// Tables of settings, each once, in their order.
pub(super) fn tables() -> impl Iterator<Item = &'static str> + Clone {
    SETTINGS.chunk_by(|one, other| one.table == other.table).filter_map(|specs| Some(specs.first()?.table))
}

impl Reader {
    pub(super) fn settings(&mut self, document: &DeTable<'_>) {
        for specs in SETTINGS.chunk_by(|one, other| one.table == other.table) {
            let Some(name) = specs.first().map(|spec| spec.table) else { continue };
            let Some(table) = self.table(document, name) else { continue };
            let keys: Vec<&str> = specs.iter().map(|spec| spec.key).collect();
            self.known_keys(&format!("[{name}]"), &keys, table);
            for spec in specs {
                if let Some(value) = table.get(spec.key) {
                    self.setting(spec, value);
                }
            }
        }
    }

    fn setting(&mut self, spec: &'static SettingSpec, value: &Value<'_>) {
        if let SettingKind::SharesOfEvents | SettingKind::SharesOf(_) = spec.kind {
            return self.shares(spec, value);
        }
        let is_string = value.get_ref().is_str();
        let (is_fit, wanted) = match spec.kind {
            SettingKind::Switch => (value.get_ref().is_bool(), "true or false"),
            SettingKind::Count { .. } => (value.get_ref().is_integer(), "a whole number"),
            SettingKind::Share => (number(value.get_ref()).is_some(), "a number from 0 to 1"),
            SettingKind::Time { .. } => (is_string, "a string, such as \"10s\""),
            SettingKind::Bytes { .. } => (is_string || value.get_ref().is_integer(), "a string, such as \"64MiB\""),
            _ => (is_string, "a string"),
        };
        if !is_fit {
            return self.wrong_kind(value, &format!("`{}`", spec.key), wanted);
        }
        match spec.read(&text(value.get_ref())) {
            Ok(value) => self.registry.settings.push(Setting { spec, value }),
            Err(error) => self.fault(value.span(), "file/setting", format!("`{}`: {error}", spec.key)),
        }
    }

    fn shares(&mut self, spec: &'static SettingSpec, value: &Value<'_>) {
        let Some(table) = self.as_table(value, &format!("`{}`", spec.key)) else { return };
        let mut shares = Vec::with_capacity(table.len());
        for (name, share) in table {
            let Some(number) = number(share.get_ref()) else {
                self.wrong_kind(share, "a share", "a number from 0 to 1");
                continue;
            };
            match spec.share_of(name.get_ref(), &number) {
                Ok(share) => shares.push(share),
                Err(error) => self.fault(name.span(), "file/setting", error),
            }
            if spec.kind == SettingKind::SharesOfEvents {
                self.declared(name);
            }
        }
        match spec.shares(shares) {
            Ok(value) => self.registry.settings.push(Setting { spec, value }),
            Err(error) => self.fault(value.span(), "file/setting", error),
        }
    }
}

impl Reader {
    /// What no event of a closed registry is called like, is misspelt.
    fn declared(&mut self, pattern: &Key<'_>) {
        let (begin, is_whole) = match pattern.get_ref().split_once('*') {
            Some((begin, _)) => (begin, false),
            None => (pattern.get_ref().as_ref(), true),
        };
        // spans of other crates, and the attempts of a stage, are declared nowhere
        let is_free = begin.starts_with("foreign.") || begin.contains(".attempt");
        if !self.registry.closed || begin.is_empty() || is_free {
            return;
        }
        let declared = self.registry.events().map(|event| event.name.clone());
        let failures = self.registry.events().map(|event| self.registry.failure(event));
        let known: Vec<String> = declared.chain(failures).chain(built_in::LINES.map(str::to_owned)).collect();
        let is_called_so = |name: &String| match name.strip_prefix(begin) {
            // a span without the word of its life stands for all of them
            Some(rest) if is_whole => rest.is_empty() || rest.starts_with('.'),
            rest => rest.is_some(),
        };
        if !known.iter().any(is_called_so) {
            let known = known.iter().map(String::as_str);
            let sentence = unknown("an event of this closed registry", pattern.get_ref(), known);
            self.fault(pattern.span(), "file/setting", sentence);
        }
    }
}

fn number(value: &DeValue<'_>) -> Option<String> {
    integer(value).or_else(|| value.as_float().map(|float| float.as_str().to_owned()))
}

fn integer(value: &DeValue<'_>) -> Option<String> {
    let integer = value.as_integer()?;
    let read = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
    Some(read.map_or_else(|| integer.as_str().to_owned(), |number| number.to_string()))
}

/// A plain value as it stands in the environment.
fn text(value: &DeValue<'_>) -> String {
    let plain = value.as_str().map(str::to_owned).or_else(|| value.as_bool().map(|on| on.to_string()));
    plain.or_else(|| number(value)).unwrap_or_default()
}
