//! The values that a call recorded, in the order in which its author named them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

/// Names and values in their order; a name occurs once. Lookups walk the list, which beats a map at the handful of
/// fields that an event has.
///
/// ```
/// let mut fields = tense_event::Fields::new();
/// fields.insert("token_id", "t1");
/// fields.insert("token_id", "t2");
/// assert_eq!(serde_json::to_string(&fields).unwrap(), r#"{"token_id":"t2"}"#);
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fields(Vec<(Cow<'static, str>, Value)>);

impl Fields {
    /// No fields; does not allocate.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// No fields, and room for that many.
    pub fn with_capacity(fields: usize) -> Self {
        Self(Vec::with_capacity(fields))
    }

    /// Sets a field; one of the same name keeps its place and gets the new value.
    pub fn insert(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some(place) => place.1 = value,
            None => self.0.push((name, value)),
        }
    }

    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Takes a field out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(at).1)
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// The same; what is behind the name tells one that stands in the program from one that came from outside.
    pub fn named(&self) -> impl Iterator<Item = (&Cow<'static, str>, &Value)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// Names and values to change in place, in order.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&mut Cow<'static, str>, &mut Value)> {
        self.0.iter_mut().map(|(name, value)| (name, value))
    }

    /// Keeps the fields that the question says yes to.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &Value) -> bool) {
        self.0.retain(|(name, value)| keep(name, value));
    }

    /// Takes out what stands behind the first so many fields.
    pub(crate) fn split_off(&mut self, at: usize) -> Vec<(Cow<'static, str>, Value)> {
        if at < self.0.len() { self.0.split_off(at) } else { Vec::new() }
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl IntoIterator for Fields {
    type Item = (Cow<'static, str>, Value);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<N: Into<Cow<'static, str>>, V: Into<Value>> FromIterator<(N, V)> for Fields {
    /// Names and values in their order; the last value of a name counts.
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        let mut all = Self::new();
        for (name, value) in fields {
            all.insert(name, value);
        }
        all
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of field names and values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Fields::new();
                // What comes from outside may have any number of names, and walking the list for each would be
                // quadratic.
                let mut places: HashMap<String, usize> = HashMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    match places.entry(name) {
                        Entry::Occupied(place) => fields.0[*place.get()].1 = value,
                        Entry::Vacant(place) => {
                            fields.0.push((Cow::Owned(place.key().clone()), value));
                            place.insert(fields.0.len() - 1);
                        }
                    }
                }
                Ok(fields)
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn three() -> Fields {
        [("c", json!(1)), ("a", json!("x")), ("b", json!([null]))].into_iter().collect()
    }

    #[test]
    fn names_keep_their_place() {
        let mut fields = three();
        fields.insert("a", "y");
        assert_eq!(serde_json::to_string(&fields).unwrap(), r#"{"c":1,"a":"y","b":[null]}"#);
        assert_eq!(fields.remove("c"), Some(json!(1)));
        assert_eq!(fields.remove("c"), None);
        assert_eq!((fields.len(), fields.is_empty(), fields.get("c")), (2, false, None));
        fields.retain(|name, _| name == "b");
        assert_eq!(fields.into_iter().collect::<Vec<_>>(), [(Cow::Borrowed("b"), json!([null]))]);
    }

    #[test]
    fn json_is_read_in_its_order_and_the_last_of_a_name_counts() {
        let fields: Fields = serde_json::from_str(r#"{"c":0,"a":"x","c":1,"b":[null]}"#).unwrap();
        assert_eq!(fields, three());
        assert!(serde_json::from_str::<Fields>("[1]").unwrap_err().to_string().contains("an object of field names"));
    }

    #[test]
    fn very_many_names_are_read_in_linear_time() {
        let names: Vec<String> = (0..100_000).map(|n| format!("\"{n}\":0")).collect();
        let fields: Fields = serde_json::from_str(&format!("{{{}}}", names.join(","))).unwrap();
        assert_eq!(fields.len(), 100_000);
    }

    #[test]
    fn what_is_split_off_is_gone() {
        let mut fields = three();
        assert_eq!(fields.split_off(9), []);
        assert_eq!(fields.split_off(2), [(Cow::Borrowed("b"), json!([null]))]);
        assert_eq!(fields.len(), 2);
    }
}
