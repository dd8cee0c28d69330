//! Reads one declared event: its table enters, an [`EventDecl`] leaves, judged by its layer's tense.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::DeTable;

use super::language::malformed_field;
use super::names::{Taken, Wrong};
use super::values::unknown;
use super::{Key, Reader, Value};
use crate::contract;
use crate::registry::{EventDecl, FieldDecl, FieldKind};
use crate::resolve::is_reason;
use crate::violation::{self, short};

const EVENT_KEYS: &[&str] = &["about", "exempt", "failed", "fields", "indexed", "slow_ms", "was"];
const EXEMPT_KEYS: &[&str] = &["reason", "rule"];
const FIELD_KINDS: &[(&str, FieldKind)] = &[
    ("bool", FieldKind::Bool),
    ("float", FieldKind::Float),
    ("integer", FieldKind::Integer),
    ("json", FieldKind::Json),
    ("string", FieldKind::String),
];

impl Reader {
    pub(super) fn event(&mut self, name: &Key<'_>, event: &Value<'_>) {
        let Some(table) = self.as_table(event, "an event") else { return };
        // [events.operation.tokens.created] declares an event `operation` with the key `tokens`
        let nested = table
            .iter()
            .find(|(key, value)| !EVENT_KEYS.contains(&key.get_ref().as_ref()) && value.get_ref().is_table());
        if !name.get_ref().contains('.')
            && let Some((key, _)) = nested
        {
            let sentence = format!(
                "put the name of the event into quotes: [events.\"{}.{}..\"]",
                short(name.get_ref()),
                short(key.get_ref())
            );
            return self.fault(name.span(), "file/event", sentence);
        }
        self.known_keys("an event", EVENT_KEYS, table);

        // whatever is wrong with an exemption is told once, and not the tense on top of it
        let exempt = table.get("exempt").map(|exempt| self.exempt(exempt).unwrap_or_default());
        let decl = EventDecl {
            name: name.get_ref().to_string(),
            about: self.string(table, "about"),
            fields: self.fields(table),
            declares_fields: table.contains_key("fields") || self.registry.closed,
            was: self.strings(table, "was"),
            exempt: exempt.clone(),
            failed: self.string(table, "failed"),
            slow_ms: self.milliseconds(table, "slow_ms"),
            indexed: self.strings(table, "indexed"),
        };
        for field in &decl.indexed {
            if !decl.fields.contains_key(field)
                && let Some(indexed) = table.get("indexed")
            {
                let sentence = unknown("a field of this event", field, decl.fields.keys().map(String::as_str));
                self.fault(indexed.span(), "file/field", sentence);
            }
        }
        self.taken.insert(decl.name.clone(), Taken::Declared);
        self.registry.events.insert(decl.name.clone(), decl);

        match (self.verdict(name.get_ref()), exempt) {
            (Err(wrong @ Wrong::Form(_)), _) | (Err(wrong), None) => self.tell(name.span(), name.get_ref(), wrong),
            (Ok(()), Some(_)) => {
                let span = table.get("exempt").map_or(name.span(), Spanned::span);
                let sentence = "this exemption is not needed, since the name is in the tense of its layer: remove it";
                self.fault(span, "exempt/stale", sentence);
            }
            (Ok(()), None) | (Err(Wrong::Tense), Some(_)) => {}
        }
    }

    /// The reason of an exemption, whatever it is worth.
    fn exempt(&mut self, exempt: &Value<'_>) -> Option<String> {
        let table = self.as_table(exempt, "an exemption")?;
        let keys_known = self.known_keys("an exemption", EXEMPT_KEYS, table);
        match (table.get("rule"), self.string(table, "rule").as_deref()) {
            (None, _) if keys_known => {
                self.fault(exempt.span(), "exempt/rule", "an exemption names its rule: `rule = \"tense\"`");
            }
            (Some(rule), Some(other)) if other != "tense" => {
                let sentence = format!("`{}` is no rule to be exempt from: write \"tense\"", short(other));
                self.fault(rule.span(), "exempt/rule", sentence);
            }
            _ => {}
        }
        let reason = self.string(table, "reason").unwrap_or_default();
        let told = !keys_known && !table.contains_key("reason");
        if !told && !is_reason(&reason) {
            let span = table.get("reason").map_or(exempt.span(), Spanned::span);
            self.fault(span, "exempt/reason", violation::weak_reason_sentence());
        }
        Some(reason)
    }

    fn fields(&mut self, event: &DeTable<'_>) -> BTreeMap<String, FieldDecl> {
        let mut fields = BTreeMap::new();
        for (name, kind) in self.table(event, "fields").into_iter().flatten() {
            if !contract::is_field_name(name.get_ref()) {
                self.fault(name.span(), "file/field", malformed_field(name.get_ref()));
            }
            let kind_span = kind.span();
            let Some(written) = kind.get_ref().as_str() else {
                self.wrong_kind(kind, "the type of a field", "a string");
                continue;
            };
            let (plain, optional) = match written.strip_suffix('?') {
                Some(plain) => (plain, true),
                None => (written, false),
            };
            match FIELD_KINDS.iter().find(|(known, _)| *known == plain) {
                Some(&(_, kind)) => {
                    if let Some(sentence) = self.unfit(name.get_ref(), kind) {
                        self.fault(kind_span.clone(), "file/field", sentence);
                    }
                    fields.insert(name.get_ref().to_string(), FieldDecl { kind, optional });
                }
                None => {
                    let sentence = unknown("a type of field", plain, FIELD_KINDS.iter().map(|(known, _)| *known));
                    self.fault(kind.span(), "file/field", sentence);
                }
            }
        }
        fields
    }

    /// Why a field cannot have that type: everybody who hands it down, and everybody who reads it, expects another one.
    fn unfit(&mut self, field: &str, kind: FieldKind) -> Option<String> {
        if contract::is_filled_in(field) {
            return Some(format!("`{field}` is filled in by pipelines: leave it out, or give yours another name"));
        }
        if contract::ALWAYS_INHERITED.contains(&field) && kind != FieldKind::String {
            return Some(format!("`{field}` stands at the top of every event, as a text: make it a `string`"));
        }
        if !self.registry.is_handed_down(field) {
            return None;
        }
        match self.handed_down.get(field) {
            Some(known) if *known != kind => Some(format!(
                "`{}` is handed down, and is a `{}` in another event: give it one type",
                short(field),
                known.as_str()
            )),
            Some(_) => None,
            None => {
                self.handed_down.insert(field.to_owned(), kind);
                None
            }
        }
    }
}
