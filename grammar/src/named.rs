//! Values by name: a name and a value enter, and leave in the order of the names.
//!
//! The standard map is compiled anew for every type that is put into it, which was a third of all that this crate gave
//! the compiler to do. So one map leads from names to numbers, and the values stand in a row.

use std::collections::BTreeMap;

/// A map from names to values of any type.
#[derive(Clone, Debug)]
pub(crate) struct Named<T> {
    places: BTreeMap<String, usize>,
    values: Vec<T>,
}

impl<T> Named<T> {
    pub(crate) fn new() -> Self {
        Named { places: BTreeMap::new(), values: Vec::new() }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        self.values.get(*self.places.get(name)?)
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.values.get_mut(*self.places.get(name)?)
    }

    pub(crate) fn contains_key(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    /// Takes the place of the value that had the name.
    pub(crate) fn insert(&mut self, name: String, value: T) {
        match self.places.get(&name).and_then(|place| self.values.get_mut(*place)) {
            Some(old) => *old = value,
            None => {
                self.places.insert(name, self.values.len());
                self.values.push(value);
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> + Clone {
        self.places.keys().map(String::as_str)
    }

    /// By name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.places.iter().filter_map(|(name, place)| Some((name.as_str(), self.values.get(*place)?)))
    }

    /// In the order in which they came, which is the quickest.
    pub(crate) fn values(&self) -> std::slice::Iter<'_, T> {
        self.values.iter()
    }

    /// The names from this one on.
    pub(crate) fn keys_from(&self, name: String) -> impl Iterator<Item = &str> + Clone {
        self.places.range(name..).map(|(name, _)| name.as_str())
    }
}
