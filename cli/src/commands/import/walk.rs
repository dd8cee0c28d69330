//! A request of OTLP/JSON enters, as a parser reads it; its spans leave, one after the other, each with who has sent
//! it.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use tense_store::import::otlp::{self, Resource};

/// Takes spans.
pub(super) trait Spans {
    /// Takes one; says whether there may be more.
    fn take(&mut self, span: &Value, resource: &Resource, scope: &str) -> bool;
}

/// Hands over the spans of one request.
pub(super) fn requests<'de, D: Deserializer<'de>>(parser: D, spans: &mut dyn Spans) -> Result<(), D::Error> {
    One(&mut Request(spans)).deserialize(parser)
}

/// An object on the way down from a request to its spans.
trait Level {
    /// What it is, for whoever wrote something else.
    const WHAT: &'static str;

    /// Takes a value by its key.
    fn key<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error>;

    /// Takes what it could not take before, now that it has seen all, or all that can be read. It may begin anew then.
    fn end<E: Error>(&mut self) -> Result<(), E> {
        Ok(())
    }
}

struct Request<'s>(&'s mut dyn Spans);

impl Level for Request<'_> {
    const WHAT: &'static str = "an object with `resourceSpans`";

    fn key<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "resourceSpans" | "resource_spans" => map.next_value_seed(Many(&mut OfResource {
                spans: self.0,
                resource: None,
                waiting: Waiting::default(),
            })),
            _ => map.next_value::<IgnoredAny>().map(drop),
        }
    }
}

struct OfResource<'s> {
    spans: &'s mut dyn Spans,
    resource: Option<Resource>,
    /// What came before the resource, each with its scope; nearly all programs write the resource first.
    waiting: Waiting,
}

#[derive(Default)]
struct Waiting(Vec<(Value, String)>);

impl Spans for Waiting {
    fn take(&mut self, span: &Value, _: &Resource, scope: &str) -> bool {
        self.0.push((span.clone(), scope.to_owned()));
        true
    }
}

impl Level for OfResource<'_> {
    const WHAT: &'static str = "an object with `resource` and `scopeSpans`";

    fn key<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "resource" => self.resource = Some(otlp::resource(&map.next_value()?)),
            // The last is what it was called until 2022.
            "scopeSpans" | "scope_spans" | "instrumentationLibrarySpans" => {
                let nobody = Resource::default();
                let mut below = match &self.resource {
                    Some(resource) => OfScope::new(self.spans, resource),
                    None => OfScope::new(&mut self.waiting, &nobody),
                };
                map.next_value_seed(Many(&mut below))?;
            }
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }

    fn end<E: Error>(&mut self) -> Result<(), E> {
        let resource = self.resource.take().unwrap_or_default();
        let mut waiting = self.waiting.0.drain(..);
        let done = waiting.all(|(span, scope)| self.spans.take(&span, &resource, &scope));
        if done { Ok(()) } else { Err(E::custom(STOPPED)) }
    }
}

struct OfScope<'s> {
    spans: &'s mut dyn Spans,
    resource: &'s Resource,
    scope: Option<String>,
    /// What came before the scope.
    waiting: Vec<Value>,
}

impl<'s> OfScope<'s> {
    fn new(spans: &'s mut dyn Spans, resource: &'s Resource) -> Self {
        Self { spans, resource, scope: None, waiting: Vec::new() }
    }
}

impl Level for OfScope<'_> {
    const WHAT: &'static str = "an object with `scope` and `spans`";

    fn key<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "scope" | "instrumentationLibrary" => {
                let scope: Value = map.next_value()?;
                self.scope = Some(scope.get("name").and_then(Value::as_str).unwrap_or_default().to_owned());
            }
            "spans" => map.next_value_seed(Each(|span: Value| match &self.scope {
                Some(scope) => self.spans.take(&span, self.resource, scope),
                None => {
                    self.waiting.push(span);
                    true
                }
            }))?,
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }

    fn end<E: Error>(&mut self) -> Result<(), E> {
        let scope = self.scope.take().unwrap_or_default();
        let done = self.waiting.drain(..).all(|span| self.spans.take(&span, self.resource, &scope));
        if done { Ok(()) } else { Err(E::custom(STOPPED)) }
    }
}

/// Nobody reads it: who has stopped knows why.
const STOPPED: &str = "stopped";

/// One object of a level.
struct One<'l, L>(&'l mut L);

/// A list of them. What is null is empty, as in all JSON of protocol buffers.
struct Many<'l, L>(&'l mut L);

/// The list of spans itself; says of each whether there may be more.
struct Each<F>(F);

impl<'de, L: Level> DeserializeSeed<'de> for One<'_, L> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_map(self)
    }
}

impl<'de, L: Level> Visitor<'de> for One<'_, L> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(L::WHAT)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let all = loop {
            match map.next_key::<String>() {
                Ok(Some(key)) => {
                    if let Err(error) = self.0.key(&key, &mut map) {
                        break Err(error);
                    }
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        let end = self.0.end();
        all.and(end)
    }
}

impl<'de, L: Level> DeserializeSeed<'de> for Many<'_, L> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_any(self)
    }
}

impl<'de, L: Level> Visitor<'de> for Many<'_, L> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list, each {}", L::WHAT)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(One(&mut *self.0))?.is_some() {}
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
}

impl<'de, F: FnMut(Value) -> bool> DeserializeSeed<'de> for Each<F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_any(self)
    }
}

impl<'de, F: FnMut(Value) -> bool> Visitor<'de> for Each<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of spans")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(span) = list.next_element::<Value>()? {
            if !(self.0)(span) {
                return Err(A::Error::custom(STOPPED));
            }
        }
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
}
