//! Reads `[redact]`: what a project says of secrets in its values enters, as the sanitizer will go by it.
//!
//! Patterns are not compiled here, since the macros read this file as well and stay light: `tense check` does, and
//! whoever builds a sanitizer of them.

use toml::de::DeTable;

use super::values::unknown;
use super::{Key, Reader, Value};
use crate::registry::{REDACT_FAMILIES, RedactRule};
use crate::resolve::is_reason;
use crate::violation::short;

const REDACT_KEYS: &[&str] = &["keep_keys", "keys", "off", "rules"];
const RULE_KEYS: &[&str] = &["hit", "miss", "pattern"];

impl Reader {
    pub(super) fn redact(&mut self, redact: &DeTable<'_>) {
        self.known_keys("[redact]", REDACT_KEYS, redact);
        self.registry.redact.keys = self.strings(redact, "keys");
        self.registry.redact.off = self.strings(redact, "off");
        for key in self.registry.redact.keys.clone() {
            if !is_key(&key)
                && let Some(keys) = redact.get("keys")
            {
                self.fault(keys.span(), "file/redact", no_key(&key));
            }
        }
        for family in self.registry.redact.off.clone() {
            if !REDACT_FAMILIES.contains(&family.as_str())
                && let Some(off) = redact.get("off")
            {
                let sentence = unknown("a family of rules", &family, REDACT_FAMILIES.iter().copied());
                self.fault(off.span(), "file/redact", sentence);
            }
        }
        for (key, reason) in self.table(redact, "keep_keys").into_iter().flatten() {
            self.kept(key, reason);
        }
        for (name, rule) in self.table(redact, "rules").into_iter().flatten() {
            self.redact_rule(name, rule);
        }
    }

    fn kept(&mut self, key: &Key<'_>, reason: &Value<'_>) {
        let Some(text) = reason.get_ref().as_str() else {
            return self.wrong_kind(reason, "why the key is kept", "a string");
        };
        if !is_key(key.get_ref()) {
            self.fault(key.span(), "file/redact", no_key(key.get_ref()));
        } else if !is_reason(text) {
            let sentence = "say in 15 characters or more why nobody can do harm with this value";
            self.fault(reason.span(), "file/redact", sentence);
        }
        self.registry.redact.keep_keys.push((key.get_ref().to_string(), text.to_owned()));
    }

    fn redact_rule(&mut self, name: &Key<'_>, rule: &Value<'_>) {
        let Some(table) = self.as_table(rule, "a rule of [redact]") else { return };
        let keys_known = self.known_keys("a rule of [redact]", RULE_KEYS, table);
        let (hit, miss) = (self.strings(table, "hit"), self.strings(table, "miss"));
        let Some(pattern) = self.string(table, "pattern") else {
            if keys_known && !table.contains_key("pattern") {
                let sentence = "a rule has a regular expression: `pattern = 'BADGE-[0-9]{6}'`";
                self.fault(name.span(), "file/redact", sentence);
            }
            return;
        };
        if hit.is_empty() && keys_known {
            let sentence = "a rule shows what it finds, and is held to it: `hit = [\"..\"]`";
            self.fault(name.span(), "file/redact", sentence);
        }
        let at = table.get("pattern").map_or(name.span(), toml::Spanned::span).start;
        let name = name.get_ref().to_string();
        self.registry.redact.rules.push(RedactRule { name, pattern, hit, miss, at, line: 1, column: 1 });
    }
}

/// Whether a key has a word in it that could be compared.
fn is_key(key: &str) -> bool {
    key.len() <= 64 && key.bytes().any(|byte| byte.is_ascii_alphanumeric())
}

fn no_key(key: &str) -> String {
    format!("`{}` is no key: one has letters or digits, and at most 64 bytes", short(key))
}
