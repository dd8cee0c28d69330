//! Derives names from declared ones: an event enters; its failure, its life, or what it would be called elsewhere
//! leaves.

use std::collections::BTreeMap;

use super::{EventDecl, Registry};
use crate::life;
use crate::nearest::nearest;
use crate::tense::Tense;

impl Registry {
    /// The event that reports the failure of a declared one: what the file names, or else the derived name. The two
    /// ends of a life have one failure.
    ///
    /// ```
    /// # use tense_grammar::Registry;
    /// let registry = Registry::parse(
    ///     "version = 1\n[events]\n\"dispatch.batch.start\" = {}\n\"dispatch.batch.complete\" = {}\n\"sql.query\" = {}\n",
    /// )?;
    /// let failures: Vec<String> = registry.events().map(|event| registry.failure(event)).collect();
    /// assert_eq!(failures, ["dispatch.batch.fail", "dispatch.batch.fail", "sql.query_fail"]);
    /// # Ok::<(), Vec<tense_grammar::RegistryError>>(())
    /// ```
    pub fn failure(&self, event: &EventDecl) -> String {
        let complete = match self.life_of(&event.name) {
            Some((_, complete)) if event.failed.is_none() => complete,
            _ => return self.failure_of(&event.name),
        };
        complete.failed.clone().unwrap_or_else(|| {
            let before = complete.name.rsplit_once('.').map_or("", |(before, _)| before);
            let words = life::words_of(self.tense_of(before.split('.').next().unwrap_or_default()));
            format!("{before}.{}", words.fail)
        })
    }

    /// The start and the completion of the life that this name is an end of, when both are declared.
    ///
    /// ```
    /// # use tense_grammar::Registry;
    /// let registry =
    ///     Registry::parse("version = 1\n[events]\n\"dispatch.batch.start\" = {}\n\"dispatch.batch.complete\" = {}\n")?;
    /// let (start, complete) = registry.life_of("dispatch.batch.complete").unwrap();
    /// assert_eq!((&*start.name, &*complete.name), ("dispatch.batch.start", "dispatch.batch.complete"));
    /// # Ok::<(), Vec<tense_grammar::RegistryError>>(())
    /// ```
    pub fn life_of(&self, name: &str) -> Option<(&EventDecl, &EventDecl)> {
        let (before, action) = name.rsplit_once('.')?;
        let words = life::words_of(self.tense_of(before.split('.').next()?));
        let is_end = action == words.start || action == words.complete;
        // a life needs a name of its own before its word
        if !is_end || !before.contains('.') {
            return None;
        }
        Some((self.event(&format!("{before}.{}", words.start))?, self.event(&format!("{before}.{}", words.complete))?))
    }

    /// The failure event of a declared or free name.
    pub(crate) fn failure_of(&self, event: &str) -> String {
        if let Some(named) = self.event(event).and_then(|event| event.failed.as_ref()) {
            return named.clone();
        }
        let (before, action) = event.rsplit_once('.').unwrap_or(("", event));
        let layer = event.split('.').next().unwrap_or_default();
        let action = life::failed_action(action, self.tense_of(layer), &self.lexicon, self.outcomes_of(layer));
        format!("{before}.{action}")
    }

    /// Works out the names that declared events bring with them: the failure of each action and of each whole life.
    pub(crate) fn derive_names(&mut self) {
        let mut derived = BTreeMap::new();
        for (name, event) in self.events.iter() {
            // a failure that the file names stands in the file itself
            if event.failed.is_none() {
                derived.insert(self.failure_of(name), name.to_owned());
            }
            let (before, action) = name.rsplit_once('.').unwrap_or(("", name));
            let words = life::words_of(self.tense_of(name.split('.').next().unwrap_or_default()));
            if action == words.complete && self.events.contains_key(&format!("{before}.{}", words.start)) {
                derived.insert(format!("{before}.{}", words.fail), name.to_owned());
            }
        }
        self.derived = derived;
    }

    /// The name in a layer that is about the past, spelt with the nearest domain that layer has.
    pub(crate) fn moved_to_past(&self, segments: &[&str], action: &str) -> Option<String> {
        let mut past = self.layers.iter().filter(|(_, layer)| layer.tense == Tense::Past).map(|(name, _)| name);
        let layer = if self.tense_of("operation") == Tense::Past { "operation" } else { past.next()? };
        let events = self.events.keys_from(format!("{layer}.")).map(|name| name.split_once('.').unwrap_or((name, "")));
        let domains = events.take_while(|(of, _)| *of == layer).filter_map(|(_, rest)| rest.split('.').next());
        // as many past names as domains would otherwise take minutes to be told
        let domains = domains.take(1_000);
        let mut moved = vec![layer];
        if let Some((domain, objects)) = segments.get(1..).and_then(<[&str]>::split_first) {
            moved.push(nearest(domain, domains).unwrap_or(domain));
            moved.extend(objects);
        }
        moved.push(action);
        Some(moved.join("."))
    }
}
