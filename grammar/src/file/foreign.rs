//! Reads `[foreign]`: the span of another crate enters, the event that it is reported as leaves.

use super::values::unknown;
use super::{Key, Reader, Value};
use crate::registry::ForeignRule;
use crate::violation::short;

const FOREIGN_KEYS: &[&str] = &["event", "fields"];

impl Reader {
    pub(super) fn foreign(&mut self, target: &Key<'_>, rule: &Value<'_>) {
        let Some(table) = self.as_table(rule, "a rule of [foreign]") else { return };
        let keys_known = self.known_keys("a rule of [foreign]", FOREIGN_KEYS, table);
        let fields = self.strings(table, "fields");
        let Some(event) = self.string(table, "event") else {
            if keys_known && !table.contains_key("event") {
                let sentence = "a rule of [foreign] names the event to report: `event = \"sql.query\"`";
                self.fault(target.span(), "file/foreign", sentence);
            }
            return;
        };
        let span = table.get("event").map_or(target.span(), toml::Spanned::span);
        match self.registry.declaring(&event) {
            Some(decl) if decl.declares_fields => {
                let strange = fields
                    .iter()
                    .find(|field| !decl.fields.contains_key(field.as_str()) && !self.registry.is_handed_down(field));
                if let Some(field) = strange {
                    let what = format!("a field of `{}`", short(&event));
                    let sentence = unknown(&what, field, decl.fields.keys().map(String::as_str));
                    let span = table.get("fields").map_or(target.span(), toml::Spanned::span);
                    self.fault(span, "file/foreign", sentence);
                }
            }
            Some(_) => {}
            None if self.registry.closed => {
                let names = self.registry.events.keys();
                let sentence = unknown("a declared event", &event, names);
                self.fault(span, "file/foreign", sentence);
            }
            None => self.judge(span, &event),
        }
        self.registry.foreign.insert(target.get_ref().to_string(), ForeignRule { event, fields });
    }
}
