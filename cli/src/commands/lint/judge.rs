//! The sources and the registries of their crates enter; for each registry what is wrong with each name leaves, and
//! which events are emitted where.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use tense_grammar::{Form, Registry, Resolved, Violation, Written, WrittenField};

use super::finding::{Finding, Level};
use super::renamed::{self, Rename};
use crate::sources::{Exemption, Field, File, Macro, Name, Place, Site, Sources, shown};

/// What one registry says about the crates that it holds for.
pub(super) struct Judged {
    /// Its `tense.toml`; nothing for what is built in.
    pub(super) file: Option<PathBuf>,
    pub(super) registry: Registry,
    /// The file has mistakes, so that nothing can be judged by it.
    pub(super) is_broken: bool,
    pub(super) crates: BTreeSet<PathBuf>,
    pub(super) findings: Vec<Finding>,
    /// The events that sources name, each with the places that do.
    pub(super) emitted: Emitted,
    /// The same of tests, which no reader of a running program ever sees.
    pub(super) emitted_in_tests: Emitted,
    /// Events that follow from those that are emitted: failures, and what old names would be.
    pub(super) implied: BTreeSet<String>,
    /// Old names and what to write instead, where `--fix` may.
    pub(super) renames: Vec<Rename>,
    /// How many names there are, and how many of them nobody can know.
    pub(super) names: usize,
    pub(super) unknown: usize,
    /// Exemptions, in the file and in sources.
    pub(super) exempt: usize,
}

/// Events, each with the files and the places that emit it.
pub(super) type Emitted = BTreeMap<String, Vec<(String, Place)>>;

impl Judged {
    /// Judges all names, in groups of those that have the same registry.
    pub(super) fn all(sources: &Sources) -> Vec<Self> {
        let mut by_file: BTreeMap<Option<PathBuf>, BTreeSet<PathBuf>> = BTreeMap::new();
        for krate in &sources.crates {
            by_file.entry(Registry::locate(krate)).or_default().insert(krate.clone());
        }
        let judged = by_file.into_iter().map(|(file, crates)| {
            let mut judged = Self::new(file, crates.clone());
            for source in sources.files.iter().filter(|source| crates.contains(&source.krate)) {
                source.sites.iter().for_each(|site| judged.site(source, site));
                source.set.iter().for_each(|field| judged.set(source, field));
            }
            judged.renames = renamed::settle(judged.renames, &judged.emitted, &mut judged.findings);
            judged
        });
        judged.collect()
    }

    fn new(file: Option<PathBuf>, crates: BTreeSet<PathBuf>) -> Self {
        let mut findings = Vec::new();
        let read = file.as_deref().map(|path| registry(path, &mut findings));
        let is_broken = matches!(read, Some(None));
        let registry = read.flatten().unwrap_or_else(Registry::builtin);
        let exempt = registry.events().filter(|event| event.exempt.is_some()).count();
        Self {
            file,
            registry,
            is_broken,
            crates,
            findings,
            emitted: BTreeMap::new(),
            emitted_in_tests: BTreeMap::new(),
            implied: BTreeSet::new(),
            renames: Vec::new(),
            names: 0,
            unknown: 0,
            exempt,
        }
    }

    fn site(&mut self, source: &File, site: &Site) {
        if site.covers_nothing {
            return self.block(source, site);
        }
        self.names += 1;
        self.exempt += usize::from(site.arguments.exempt.is_some());
        let Some(name) = site.known_name() else {
            self.unknown += 1;
            return;
        };
        let segments: Vec<&str> = name.segments.iter().map(|segment| segment.text.as_str()).collect();
        if self.is_broken {
            return;
        }
        let mut written = Written::new(&segments, site.which.form());
        written.function = site.function.as_deref();
        written.exempt_tense = site.arguments.exempt.as_ref().and_then(Exemption::reason);
        let file = shown(&source.path);
        match self.registry.resolve(&written) {
            Ok(resolved) => self.resolved(source, &file, site, name, &resolved),
            Err(violations) => {
                let is_malformed = matches!(site.arguments.exempt, Some(Exemption::Malformed));
                for violation in violations.iter().filter(|told| !(is_malformed && told.rule.starts_with("tense/"))) {
                    match new_name(name, site.which, violation) {
                        Some(new) => self.renamed(source, &file, site, name, new, Level::Error),
                        None => self.findings.push(
                            of_method(&file, site, violation).unwrap_or_else(|| of_grammar(&file, name, violation)),
                        ),
                    }
                }
            }
        }
    }

    /// The name of a block without methods to cover: nothing is emitted, but its words and its layer are judged.
    fn block(&mut self, source: &File, site: &Site) {
        let Some(name) = site.known_name().filter(|_| !self.is_broken) else { return };
        let segments: Vec<&str> = name.segments.iter().map(|segment| segment.text.as_str()).collect();
        let mut written = Written::new(&segments, site.which.form());
        written.function = site.function.as_deref();
        let violations = self.registry.resolve(&written).err().unwrap_or_default();
        let of_block = |told: &&Violation| told.rule.starts_with("name/") || told.rule == "registry/unknown-layer";
        let file = shown(&source.path);
        self.findings.extend(violations.iter().filter(of_block).map(|told| of_grammar(&file, name, told)));
    }

    /// A field of `context!`. Without a file names are open, these as well.
    fn set(&mut self, source: &File, field: &Field) {
        if self.is_broken || self.file.is_none() {
            return;
        }
        if let Err(violation) = self.registry.set_by_context(&field.name) {
            let (file, name) = (shown(&source.path), Some(field.name.clone()));
            let finding =
                Finding::at(violation.rule, Level::Error, field.place.in_file(&file), name, violation.message);
            self.findings.push(finding.suggesting(violation.suggestion));
        }
    }

    fn resolved(&mut self, source: &File, file: &str, site: &Site, name: &Name, resolved: &Resolved) {
        let is_for_tests = is_for_tests(source, site);
        let emitted = if is_for_tests { &mut self.emitted_in_tests } else { &mut self.emitted };
        let mut emit = |event: &String| {
            emitted.entry(event.clone()).or_default().push((file.to_owned(), name.place.clone()));
        };
        let (failed, renamed) = match resolved {
            Resolved::Action { event, failed, renamed } => {
                emit(event);
                (failed, renamed)
            }
            Resolved::Life { start, complete, fail, renamed, .. } => {
                emit(start);
                emit(complete);
                (fail, renamed)
            }
        };
        if !is_for_tests {
            self.implied.insert(failed.clone());
        }
        if let Some(violation) = renamed {
            match new_name(name, site.which, violation) {
                Some(new) => self.renamed(source, file, site, name, new, Level::Warning),
                None => self.findings.push(of_grammar(file, name, violation)),
            }
        }
        let Some(fields) = &site.arguments.fields else { return };
        let written: Vec<_> =
            fields.iter().map(|field| WrittenField { name: &field.name, later: field.later }).collect();
        for violation in self.registry.contract(resolved, site.which.form(), &written).err().into_iter().flatten() {
            let last = name.segments.last().map_or(&name.place, |segment| &segment.place);
            let nowhere = site.arguments.fields_place.as_ref().unwrap_or(last);
            let place = violation.field.and_then(|index| fields.get(index)).map_or(nowhere, |field| &field.place);
            let finding =
                Finding::at(violation.rule, Level::Error, place.in_file(file), Some(name.dotted()), violation.message);
            self.findings.push(finding.suggesting(violation.suggestion));
        }
    }

    /// An old name, also one that is refused, says that somebody emits the new one.
    fn renamed(&mut self, source: &File, file: &str, site: &Site, name: &Name, new: String, level: Level) {
        let segments: Vec<&str> = new.split('.').collect();
        let resolved = self.registry.resolve(&Written::new(&segments, site.which.form())).ok();
        let (events, failure) = match resolved.filter(|_| !is_for_tests(source, site)) {
            Some(Resolved::Action { event, failed, .. }) => (vec![event], Some(failed)),
            Some(Resolved::Life { start, complete, fail, .. }) => (vec![start, complete], Some(fail)),
            None => (Vec::new(), None),
        };
        self.implied.extend(events.iter().cloned().chain(failure));
        let (path, file, pieces) = (source.path.clone(), file.to_owned(), name.pieces(&source.text, &new));
        self.renames.push(Rename { path, file, name: name.clone(), new, pieces, events, level });
    }
}

fn is_for_tests(source: &File, site: &Site) -> bool {
    source.is_test || site.is_test
}

/// The registry of a file; its mistakes are findings.
fn registry(path: &Path, findings: &mut Vec<Finding>) -> Option<Registry> {
    let file = shown(path);
    let finding = |rule, line, column, message| Finding::at(rule, Level::Error, (&file, line, column), None, message);
    match Registry::load(path) {
        Ok(Ok(registry)) => return Some(registry),
        Ok(Err(mistakes)) => findings
            .extend(mistakes.into_iter().map(|error| finding(error.rule, error.line, error.column, error.message))),
        Err(error) => {
            let message = format!("this file cannot be read: {error} [file/unreadable]");
            findings.push(finding("file/unreadable", 1, 1, message));
        }
    }
    None
}

/// What to write in place of a whole name that is an old one. Only one end of a life may be old: that is for a person.
fn new_name(name: &Name, which: Macro, violation: &Violation) -> Option<String> {
    let new = violation.suggestion.as_ref().filter(|_| violation.rule == "registry/renamed")?;
    let written = name.dotted();
    let is_life = which.form() == Form::Life || written.ends_with(".*");
    if !is_life {
        return Some(new.clone());
    }
    let is_whole = violation.judged == written.strip_suffix(".*").unwrap_or(&written);
    is_whole.then(|| if which.form() == Form::Life { new.clone() } else { format!("{new}.*") })
}

/// Of one method among many it is told there that its name gives no action, in the words of the macros.
fn of_method(file: &str, site: &Site, violation: &Violation) -> Option<Finding> {
    let place = site.method.as_ref().filter(|_| violation.rule == "name/function")?;
    let told = format!(
        "no action can be made of the method's name `{}`: leave it out with `#[traced(skip)]`, or give it a `#[traced(..)]` of \
         its own [name/function]",
        site.function.as_deref().unwrap_or_default()
    );
    let name = site.known_name().map(Name::dotted);
    Some(Finding::at("name/function", Level::Error, place.in_file(file), name, told))
}

/// A verdict of the grammar, in the words of the compiler and at its place.
fn of_grammar(file: &str, name: &Name, violation: &Violation) -> Finding {
    let place = name.segments.get(violation.segment).map_or(&name.place, |segment| &segment.place);
    let finding =
        Finding::at(violation.rule, Level::Error, place.in_file(file), Some(name.dotted()), violation.message.clone());
    finding.suggesting(violation.suggestion.clone())
}
