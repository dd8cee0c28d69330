//! The keywords of JSON Schema that are needed here, each with a place of its own, so that they always stand in one
//! order.

use serde::{Serialize, Serializer};

/// A schema. One that says nothing allows everything.
#[derive(Default, Serialize)]
pub(super) struct Schema {
    #[serde(rename = "$schema", skip_serializing_if = "Option::is_none")]
    pub(super) dialect: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    #[serde(rename = "$ref", skip_serializing_if = "Option::is_none")]
    pub(super) reference: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<&'static str>,
    #[serde(rename = "const", skip_serializing_if = "Option::is_none")]
    pub(super) constant: Option<String>,
    #[serde(rename = "enum", skip_serializing_if = "Vec::is_empty")]
    pub(super) one_of_texts: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) minimum: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) maximum: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pattern: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) format: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) items: Option<Box<Schema>>,
    #[serde(skip_serializing_if = "Properties::is_empty")]
    pub(super) properties: Properties,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) required: Vec<String>,
    #[serde(rename = "not", skip_serializing_if = "Option::is_none")]
    pub(super) not: Option<Box<Schema>>,
    #[serde(rename = "if", skip_serializing_if = "Option::is_none")]
    pub(super) when: Option<Box<Schema>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) then: Option<Box<Schema>>,
    #[serde(rename = "anyOf", skip_serializing_if = "Vec::is_empty")]
    pub(super) any_of: Vec<Schema>,
    #[serde(rename = "oneOf", skip_serializing_if = "Vec::is_empty")]
    pub(super) one_of: Vec<Schema>,
    #[serde(rename = "$defs", skip_serializing_if = "Properties::is_empty")]
    pub(super) definitions: Properties,
}

/// Schemas by name, in the order in which they were put in.
#[derive(Default)]
pub(super) struct Properties(pub(super) Vec<(String, Schema)>);

impl Properties {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn with(mut self, name: impl Into<String>, schema: Schema) -> Self {
        self.0.push((name.into(), schema));
        self
    }
}

impl Serialize for Properties {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, schema)| (name, schema)))
    }
}

impl Schema {
    pub(super) fn of(kind: &'static str) -> Self {
        Self { kind: Some(kind), ..Self::default() }
    }

    pub(super) fn list_of(items: Schema) -> Self {
        Self { items: Some(Box::new(items)), ..Self::of("array") }
    }

    /// A text that matches.
    pub(super) fn matching(pattern: &'static str) -> Self {
        Self { pattern: Some(pattern), ..Self::of("string") }
    }

    /// That definition.
    pub(super) fn definition(name: &str) -> Self {
        Self { reference: Some(format!("#/$defs/{name}")), ..Self::default() }
    }

    /// This text, and no other.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { constant: Some(text.into()), ..Self::default() }
    }

    /// One of these texts.
    pub(super) fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self { one_of_texts: texts.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    pub(super) fn any_of(all: impl Into<Vec<Schema>>) -> Self {
        Self { any_of: all.into(), ..Self::default() }
    }

    /// An object with these keys at least.
    pub(super) fn requiring<T: Into<String>>(keys: impl IntoIterator<Item = T>) -> Self {
        Self { required: keys.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    pub(super) fn properties(properties: Properties) -> Self {
        Self { properties, ..Self::default() }
    }

    pub(super) fn described(self, description: impl Into<String>) -> Self {
        Self { description: Some(description.into()), ..self }
    }
}
