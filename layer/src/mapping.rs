//! A call site of another crate goes in with the program's registry; the declared event that `[foreign]` makes of it
//! comes out, and with it those values of a span or an event that the rule lists.

use std::fmt::{Debug, Display};
use std::sync::Mutex;

use tense::__private::layer::{Apiece, GENERATIONS};
use tense::__private::{Carried, CarriedBy, Form, More, Raw, Spec};
use tense::registry::{Foreign, Kind, Registry};
use tracing_core::Metadata;
use tracing_core::field::{Field, Visit};

use crate::foreign::text::{Text, Texts};

/// A rule of `[foreign]`, worked out.
pub(crate) struct Mapping {
    spec: Spec,
    /// What the event declares of each listed field.
    kinds: Vec<Option<Kind>>,
}

impl Mapping {
    /// The rule for that call site: of its target and name, or of the target of an event.
    pub(crate) fn of(metadata: &'static Metadata<'static>, registry: &'static Registry) -> Option<&'static Self> {
        let (target, name) = (metadata.target(), metadata.name());
        let by_name = registry.foreign_rule(&format!("{target}::{name}"));
        let rule = by_name.or_else(|| metadata.is_event().then(|| registry.foreign_rule(target)).flatten())?;
        let form = if metadata.is_event() { Form::Point } else { Form::Action };
        Some(Self::kept(rule, form, registry))
    }

    /// Call sites are listed for as long as the program runs, and so is what is said of them: once for each rule,
    /// however many layers hold it.
    fn kept(rule: &'static Foreign, form: Form, registry: &'static Registry) -> &'static Self {
        type All = Vec<(&'static Registry, &'static Foreign, Form, &'static Mapping)>;
        static KEPT: Apiece<All> = Apiece::of([const { Mutex::new(Vec::new()) }; GENERATIONS]);
        let make = || -> &'static Self { Box::leak(Box::new(Self::new(rule, form, registry))) };
        let Some(mut all) = KEPT.lock() else { return make() };
        let known = all.iter().find(|(of, known, as_form, _)| {
            std::ptr::eq(*of, registry) && std::ptr::eq(*known, rule) && *as_form == form
        });
        if let Some((.., mapping)) = known {
            return mapping;
        }
        let mapping = make();
        all.push((registry, rule, form, mapping));
        mapping
    }

    fn new(rule: &'static Foreign, form: Form, registry: &'static Registry) -> Self {
        // As many as a span of ours can have.
        let fields = rule.fields.get(..64).unwrap_or(rule.fields);
        let declared = registry.declaring(rule.event);
        let kind = |field: &&'static str| declared?.field(field).map(|field| field.kind);
        let inherited = (0..64)
            .zip(fields)
            .filter(|(_, field)| registry.is_inherited(field))
            .fold(0, |bits, (number, _)| bits | 1 << number);
        // What the event should have, and only running can show that it has.
        let required = declared.into_iter().filter(|event| event.name == rule.event).flat_map(|event| event.fields);
        let required: Vec<&'static str> = required.filter(|field| !field.is_optional).map(|field| field.name).collect();
        let done = Carried { needed: required.leak(), ..Carried::ALL };
        let carried = CarriedBy { done, ..CarriedBy::ALL };
        // One value that a store does not know as searched for, and it would read everything for that field.
        let of_event = declared.into_iter().flat_map(|event| event.fields).filter(|field| field.is_indexed);
        let indexed: Vec<&'static str> =
            registry.inherit.iter().copied().chain(of_event.map(|field| field.name)).collect();
        let more = More { inherited, indexed: indexed.leak(), carried, ..More::NONE };
        let spec = Spec { form, more, ..Spec::action(rule.event, fields) };
        Self { spec, kinds: fields.iter().map(kind).collect() }
    }

    pub(crate) fn spec(&self) -> &Spec {
        &self.spec
    }
}

/// As many values lie on the stack.
const FEW: usize = 8;

/// The listed values of one span or event, by their numbers. A handful that are plain or short cost no allocation.
pub(crate) struct Taken {
    mapping: &'static Mapping,
    few: [Value; FEW],
    more: Vec<Value>,
    /// One more than the highest number.
    len: usize,
    texts: Texts,
}

enum Value {
    Absent,
    Bool(bool),
    I64(i64),
    U64(u64),
    F64(f64),
    Text(Text),
}

impl Taken {
    pub(crate) const fn new(mapping: &'static Mapping) -> Self {
        Self { mapping, few: [const { Value::Absent }; FEW], more: Vec::new(), len: 0, texts: Texts::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Hands the values over as they are written into a record.
    pub(crate) fn with_raws<T>(&self, write: impl FnOnce(&[Raw<'_>]) -> T) -> T {
        let few = self.few.each_ref().map(|value| value.raw(&self.texts));
        if self.more.is_empty() {
            return write(few.get(..self.len).unwrap_or(&few));
        }
        let more = self.more.iter().map(|value| value.raw(&self.texts));
        write(&few.into_iter().chain(more).collect::<Vec<_>>())
    }

    /// Keeps the value of a listed field, given what the event declares about it. Others are not even formatted.
    fn keep(&mut self, field: &Field, value: impl FnOnce(Option<Kind>, &mut Texts) -> Value) {
        let Some(number) = self.mapping.spec.fields.iter().position(|listed| *listed == field.name()) else { return };
        let kind = self.mapping.kinds.get(number).copied().flatten();
        if number >= FEW + self.more.len() {
            self.more.resize_with((number + 1).saturating_sub(FEW), || Value::Absent);
        }
        let place = match number.checked_sub(FEW) {
            None => self.few.get_mut(number),
            Some(number) => self.more.get_mut(number),
        };
        if let Some(place) = place {
            *place = value(kind, &mut self.texts);
            self.len = self.len.max(number + 1);
        }
    }
}

impl Value {
    fn raw<'a>(&'a self, texts: &'a Texts) -> Raw<'a> {
        match self {
            Self::Absent => Raw::Absent,
            Self::Bool(value) => Raw::Bool(*value),
            Self::I64(value) => Raw::I64(*value),
            Self::U64(value) => Raw::U64(*value),
            Self::F64(value) => Raw::F64(*value),
            Self::Text(text) => texts.raw(text),
        }
    }

    /// A plain value: a text where a text is declared.
    fn plain<T: Display>(value: T, kind: Option<Kind>, texts: &mut Texts, plain: impl FnOnce(T) -> Self) -> Self {
        if kind == Some(Kind::Text) { Self::Text(texts.display(&value)) } else { plain(value) }
    }

    /// What was formatted, because `tracing` has no kind for it or its author wrote `%` or `?`, is the number that it
    /// shows where one is declared.
    fn shown(text: Text, kind: Option<Kind>, texts: &Texts) -> Self {
        let plain = match (kind, texts.raw(&text)) {
            (Some(Kind::Integer), Raw::Str(shown)) => {
                shown.parse().map(Self::I64).ok().or_else(|| shown.parse().map(Self::U64).ok())
            }
            (Some(Kind::Float), Raw::Str(shown)) => shown.parse().map(Self::F64).ok(),
            (Some(Kind::Bool), Raw::Str(shown)) => shown.parse().map(Self::Bool).ok(),
            _ => None,
        };
        plain.unwrap_or(Self::Text(text))
    }
}

impl Visit for Taken {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.keep(field, |kind, texts| Value::shown(texts.debug(value), kind, texts));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.keep(field, |_, texts| Value::Text(texts.plain(value)));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.keep(field, |kind, texts| Value::plain(value, kind, texts, Value::Bool));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.keep(field, |kind, texts| Value::plain(value, kind, texts, Value::I64));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.keep(field, |kind, texts| Value::plain(value, kind, texts, Value::U64));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.keep(field, |kind, texts| Value::plain(value, kind, texts, Value::F64));
    }
}

#[cfg(test)]
mod tests {
    use tense::registry::{Event, Field};

    use super::*;

    /// One of its values without would cost the store its index by that field.
    #[test]
    fn what_people_search_by_is_marked_in_spans_of_other_crates_too() {
        static FIELDS: &[Field] = &[Field::new("rows", Kind::Integer), Field::new("statement", Kind::Text).indexed()];
        static EVENTS: &[Event] = &[Event::new("sql.query", "sql.query_failed").fields(FIELDS)];
        static RULES: &[Foreign] = &[Foreign::new("store::query", "sql.query", &["rows", "statement", "token_id"])];
        static REGISTRY: Registry = Registry::new().inherit(&["token_id"]).events(EVENTS).foreign(RULES);
        let mapping = Mapping::new(&RULES[0], Form::Action, &REGISTRY);
        assert_eq!(mapping.spec().more.indexed, ["token_id", "statement"]);
    }
}
