//! Reads what all names are judged by: `[layers]`, `[words]` and `[context]` enter, the registry knows them afterwards.

use toml::de::DeTable;

use super::values::unknown;
use super::{Key, Reader, Value};
use crate::contract;
use crate::name;
use crate::registry::LayerDecl;
use crate::tense::Tense;
use crate::violation::{self, short};
use crate::words;

const LAYER_KEYS: &[&str] = &["about", "outcomes", "tense"];
const TENSES: &[&str] = &["any", "past", "present"];

impl Reader {
    pub(super) fn layer(&mut self, name: &Key<'_>, layer: &Value<'_>) {
        self.registry.declares_layers = true;
        if !name::is_well_formed(name.get_ref()) {
            self.fault(name.span(), "file/layer", "a layer is lower-case words joined by single underscores");
        }
        let Some(table) = self.as_table(layer, "a layer") else { return };
        let keys_known = self.known_keys("a layer", LAYER_KEYS, table);
        let tense = match (table.get("tense"), self.string(table, "tense").as_deref()) {
            (_, Some("past")) => Tense::Past,
            (_, Some("present")) => Tense::Present,
            (_, Some("any")) => Tense::Any,
            (Some(value), Some(other)) => {
                self.fault(value.span(), "file/layer", unknown("a tense", other, TENSES.iter().copied()));
                Tense::Any
            }
            (None, _) if !keys_known => Tense::Any,
            (None, _) => {
                let sentence = "a layer declares its tense: `tense = \"past\"`, \"present\" or \"any\"";
                self.fault(name.span(), "file/layer", sentence);
                Tense::Any
            }
            // no string, and told so
            (Some(_), None) => Tense::Any,
        };
        let about = self.string(table, "about");
        let outcomes = self.strings(table, "outcomes");
        if let Some(value) = table.get("outcomes").filter(|_| tense != Tense::Past) {
            let sentence = "outcomes are for past layers; elsewhere nouns pass as they are";
            self.fault(value.span(), "file/layer", sentence);
        }
        let layer = LayerDecl { tense, about, outcomes };
        self.registry.layers.insert(name.get_ref().to_string(), layer);
    }

    pub(super) fn word(&mut self, verb: &Key<'_>, participle: &Value<'_>) {
        let Some(past) = participle.get_ref().as_str() else {
            return self.wrong_kind(participle, "the participle", "a string");
        };
        let base = verb.get_ref();
        if base.contains('_') || !name::is_well_formed(base) {
            self.fault(verb.span(), "file/words", "a verb of [words] is one lower-case word");
        } else if !name::is_well_formed(past) {
            let sentence = "a participle is lower-case words joined by single underscores";
            self.fault(participle.span(), "file/words", sentence);
        } else if words::is_verb(base) || words::is_inflected_by_table(base) {
            let known = self.registry.lexicon.participle(base).into_owned();
            let advice = if known == past { "leave it out" } else { "which [words] cannot change" };
            let sentence = format!("`{base}` is known already, with the participle `{known}`: {advice}");
            self.fault(verb.span(), "file/words", sentence);
        } else if let Some(sentence) = self.claimed(base, past) {
            self.fault(participle.span(), "file/words", sentence);
        } else {
            self.registry.lexicon.add(base, past);
        }
    }

    /// Why a participle cannot be that of a verb of the project: it is a word of another verb. Otherwise any name could
    /// be had by declaring its last word to be past.
    fn claimed(&self, base: &str, participle: &str) -> Option<String> {
        let first = participle.split('_').next().unwrap_or_default();
        if first == base {
            return None;
        }
        if words::is_verb(first) && !words::is_zero_change(first) {
            return Some(format!("`{first}` is the base of a verb, and no past form"));
        }
        let known = self.registry.lexicon.base(participle).filter(|known| self.registry.lexicon.is_verb(known));
        known.map(|known| format!("`{}` is the past of `{}` already", short(participle), short(&known)))
    }

    pub(super) fn context(&mut self, context: &DeTable<'_>) {
        self.known_keys("[context]", &["inherit"], context);
        self.registry.inherit = self.strings(context, "inherit");
        let mut sorted = self.registry.inherit.clone();
        sorted.sort_unstable();
        self.registry.inherit_sorted = sorted;
        for field in self.registry.inherit.clone() {
            if !contract::is_field_name(&field)
                && let Some(inherit) = context.get("inherit")
            {
                self.fault(inherit.span(), "file/field", malformed_field(&field));
            }
        }
    }
}

pub(super) fn malformed_field(field: &str) -> String {
    let rule = format!(
        "`{}` cannot be the name of a field, which is one identifier: letters, digits and underscores, no digit first",
        short(field)
    );
    // what can be seen needs no number
    let strange = violation::strange(field).filter(|_| !field.bytes().all(|byte| byte.is_ascii_graphic()));
    format!("{rule}{}", strange.unwrap_or_default())
}
