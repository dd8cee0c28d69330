//! The sources of a workspace without a file enter; its events, by the names that they have today, leave.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use tense_grammar::{Form, Registry, Resolved, Written};

use crate::sources::{Exemption, Name, Site, Sources, shown};

/// What the sources of a workspace emit.
#[derive(Default)]
pub(super) struct Found {
    /// Each event, with the names of its fields.
    pub(super) events: BTreeMap<String, BTreeSet<String>>,
    /// Each annotation that compiles today.
    pub(super) annotations: Vec<Annotation>,
    /// Events whose tense is excused in a source, with the place.
    pub(super) exempt: BTreeMap<String, String>,
    /// Names that do not compile today: the place and the message.
    pub(super) refused: Vec<String>,
    /// How many names nobody can know.
    pub(super) unknown: usize,
    /// The folders of the crates that write names.
    pub(super) crates: BTreeSet<PathBuf>,
}

/// A name as it was written, to be asked about again.
pub(super) struct Annotation {
    segments: Vec<String>,
    form: Form,
    function: Option<String>,
    exempt: Option<String>,
    /// The events of a call that succeeds.
    pub(super) events: Vec<String>,
}

impl Annotation {
    fn of(name: &Name, site: &Site) -> Self {
        Self {
            segments: name.segments.iter().map(|segment| segment.text.clone()).collect(),
            form: site.which.form(),
            function: site.function.clone(),
            exempt: site.arguments.exempt.as_ref().and_then(Exemption::reason).map(str::to_owned),
            events: Vec::new(),
        }
    }

    pub(super) fn layer(&self) -> &str {
        self.segments.first().map(String::as_str).unwrap_or_default()
    }

    /// What the grammar says of it by this registry.
    pub(super) fn resolve(&self, registry: &Registry) -> Result<Resolved, Vec<tense_grammar::Violation>> {
        let segments: Vec<&str> = self.segments.iter().map(String::as_str).collect();
        let mut written = Written::new(&segments, self.form);
        written.function = self.function.as_deref();
        written.exempt_tense = self.exempt.as_deref();
        registry.resolve(&written)
    }

    /// What its failure is called by this registry.
    pub(super) fn failure(&self, registry: &Registry) -> Option<String> {
        match self.resolve(registry).ok()? {
            Resolved::Action { failed, .. } => Some(failed),
            Resolved::Life { fail, .. } => Some(fail),
        }
    }

    /// Whether it is called the same by this registry.
    pub(super) fn stays(&self, registry: &Registry) -> bool {
        self.resolve(registry).is_ok_and(|resolved| events_of(&resolved) == self.events)
    }
}

fn events_of(resolved: &Resolved) -> Vec<String> {
    match resolved {
        Resolved::Action { event, .. } => vec![event.clone()],
        Resolved::Life { start, complete, .. } => vec![start.clone(), complete.clone()],
    }
}

impl Found {
    pub(super) fn of(sources: &Sources, crates: &BTreeSet<PathBuf>) -> Self {
        let mut found = Self::default();
        let registry = Registry::builtin();
        for source in sources.files.iter().filter(|source| crates.contains(&source.krate) && !source.sites.is_empty()) {
            found.crates.insert(source.krate.clone());
            for site in source.sites.iter().filter(|site| !site.covers_nothing) {
                found.site(&registry, site, &shown(&source.path));
            }
        }
        found
    }

    fn site(&mut self, registry: &Registry, site: &Site, file: &str) {
        let Some(name) = site.known_name() else {
            self.unknown += 1;
            return;
        };
        let place = format!("{file}:{}:{}", name.place.line, name.place.column);
        let mut annotation = Annotation::of(name, site);
        match annotation.resolve(registry) {
            Err(violations) => {
                self.refused.extend(violations.iter().map(|violation| format!("{place}: {}", violation.message)));
            }
            Ok(resolved) => {
                annotation.events = events_of(&resolved);
                let last = annotation.events.len().saturating_sub(1);
                for (index, event) in annotation.events.iter().enumerate() {
                    if site.arguments.exempt.is_some() {
                        self.exempt.insert(event.clone(), place.clone());
                    }
                    let fields = site.arguments.fields.iter().flatten();
                    // what the body fills in is not there at the start
                    let carried = fields.filter(|field| index == last || !field.later).map(|field| field.name.clone());
                    self.events.entry(event.clone()).or_default().extend(carried);
                }
                self.annotations.push(annotation);
            }
        }
    }
}
