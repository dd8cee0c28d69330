//! A registry enters; what each name that was given up is called today leaves, for names as well that nobody has ever
//! written down: the failure of an old name, its life, the span that it stood for.
//!
//! Which of them there were depended on the tense of a layer at that time, which nobody knows any more. So all that may
//! have been are led on, but for those that mean something today, and those that would lead to two places.

use std::collections::{BTreeMap, BTreeSet};

use tense_grammar::{EventDecl, Form, Registry, Resolved, Tense, Written};

/// What became of old names.
pub(crate) struct Successors {
    /// Types of events.
    types: Led,
    /// Names of spans.
    spans: Led,
    /// Names under `[removed]`, and what followed from them.
    removed: BTreeSet<String>,
}

/// Old to new.
type Led = BTreeMap<String, String>;

impl Successors {
    pub(crate) fn of(registry: &Registry) -> Self {
        let old = Old::of(registry);
        let (mut types, mut spans) = (Candidates::default(), Candidates::default());
        for event in registry.events() {
            let (failure, span) = (registry.failure(event), span_of(registry, event));
            for was in &event.was {
                spans.lead(was.clone(), span);
                for failed in old.failures(was) {
                    spans.lead(failed.clone(), span);
                    types.lead(failed, &failure);
                }
                if let Some(life) = old.life(was) {
                    spans.lead(life.span.to_owned(), span);
                    types.lead(life.fail, &failure);
                }
            }
        }
        let mut types = types.unless(|name| registry.declaring(name).is_some() || registry.removed(name).is_some());
        // what somebody has written down goes before what may have been
        types.extend(registry.events().flat_map(|event| event.was.iter().map(|was| (was.clone(), event.name.clone()))));
        let today = spans_of_today(registry, &old);
        let spans = spans.unless(|name| registry.declaring(name).is_some() || today.contains(name));

        let mut removed = BTreeSet::new();
        for (name, _) in registry.removals() {
            removed.extend(old.failures(name));
            removed.extend(old.life(name).map(|life| life.fail));
            removed.insert(name.to_owned());
        }
        removed.retain(|name| registry.declaring(name).is_none() && !types.contains_key(name));
        Self { types, spans, removed }
    }

    /// What a type of event is called today, if it is called something else.
    pub(crate) fn of_type(&self, name: &str) -> Option<&str> {
        self.types.get(name).map(String::as_str)
    }

    /// The same of a span, which is grouped by: the declared name, without the word of its life.
    pub(crate) fn of_span(&self, name: &str) -> Option<&str> {
        self.spans.get(name).map(String::as_str)
    }

    /// Whether a name was removed, itself or as what follows from one.
    pub(crate) fn is_removed(&self, name: &str) -> bool {
        self.removed.contains(name)
    }
}

/// The name of the spans that report this event.
fn span_of<'r>(registry: &Registry, event: &'r EventDecl) -> &'r str {
    let before = registry.life_of(&event.name).and_then(|_| event.name.rsplit_once('.')).map(|(before, _)| before);
    before.unwrap_or(&event.name)
}

/// Whatever still has an end of a life declared below it.
fn spans_of_today<'r>(registry: &'r Registry, old: &Old<'_>) -> BTreeSet<&'r str> {
    registry.events().filter_map(|event| old.life(&event.name).map(|life| life.span)).collect()
}

/// Names with all that they may lead to.
#[derive(Default)]
struct Candidates(BTreeMap<String, BTreeSet<String>>);

impl Candidates {
    fn lead(&mut self, from: String, to: &str) {
        self.0.entry(from).or_default().insert(to.to_owned());
    }

    /// Those that lead to one place, and are not in use.
    fn unless(self, is_in_use: impl Fn(&str) -> bool) -> Led {
        let sure = self.0.into_iter().filter(|(from, to)| to.len() == 1 && !is_in_use(from));
        sure.filter_map(|(from, to)| Some((from, to.into_iter().next()?))).collect()
    }
}

/// What the grammar derives from a name whose layer may have been of any tense.
struct Old<'r> {
    /// A registry with a layer of the past, and one of its layers. The words of the project are known to its own.
    past: (&'r Registry, &'r str),
    /// The same for the present.
    present: (&'r Registry, &'r str),
    /// The words of a life: how it starts, completes and fails, in either tense.
    words: Vec<[String; 3]>,
}

struct OldLife<'n> {
    span: &'n str,
    fail: String,
}

impl<'r> Old<'r> {
    fn of(registry: &'r Registry) -> Self {
        static BUILT_IN: std::sync::LazyLock<Registry> = std::sync::LazyLock::new(Registry::builtin);
        let built_in = &*BUILT_IN;
        let layer = |tense: Tense, known: &'r str| {
            let own = registry.layers().find(|(_, layer)| layer.tense == tense);
            own.map_or((built_in, known), |(name, _)| (registry, name))
        };
        let words = ["operation", "dispatch"].iter().filter_map(|layer| words_of_lives(built_in, layer)).collect();
        Self { past: layer(Tense::Past, "operation"), present: layer(Tense::Present, "dispatch"), words }
    }

    /// What an action may have been called when it failed.
    fn failures(&self, name: &str) -> BTreeSet<String> {
        let (before, action) = name.rsplit_once('.').unwrap_or(("", name));
        let failures = [self.past, self.present].map(|(registry, layer)| {
            let mut alone = EventDecl::default();
            // Nothing between the dots: no declared event has that name, with a failure of its own.
            alone.name = format!("{layer}..{action}");
            let failed = registry.failure(&alone);
            format!("{before}.{}", failed.rsplit_once('.').map_or(&*failed, |(_, failed)| failed))
        });
        failures.into()
    }

    /// The life that a name may have been an end of.
    fn life<'n>(&self, name: &'n str) -> Option<OldLife<'n>> {
        let (span, word) = name.rsplit_once('.').filter(|(span, _)| span.contains('.'))?;
        let [.., fail] = self.words.iter().find(|[start, complete, _]| word == start || word == complete)?;
        Some(OldLife { span, fail: format!("{span}.{fail}") })
    }
}

fn words_of_lives(registry: &Registry, layer: &str) -> Option<[String; 3]> {
    let life = registry.resolve(&Written::new(&[layer, "life", "*"], Form::Action)).ok()?;
    let Resolved::Life { start, complete, fail, .. } = life else { return None };
    Some([start, complete, fail].map(|name| name.rsplit('.').next().unwrap_or_default().to_owned()))
}
