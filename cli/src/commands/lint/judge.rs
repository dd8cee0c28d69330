//! The sources and the registries of their crates enter; for each registry what is wrong with each name leaves, and which
//! events are emitted where.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use tense_grammar::{Form, Registry, Resolved, Violation, Written, WrittenField};

use super::finding::{Finding, Level};
use crate::sources::{Exemption, File, Macro, Name, Place, Site, Sources, shown};

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
    pub(super) emitted: BTreeMap<String, Vec<(String, Place)>>,
    /// Events that follow from these: failures, and what old names would be.
    pub(super) implied: BTreeSet<String>,
    /// Old names and what to write instead, by file.
    pub(super) renames: Vec<Rename>,
    /// How many names there are, and how many of them nobody can know.
    pub(super) names: usize,
    pub(super) unknown: usize,
    /// Exemptions, in the file and in sources.
    pub(super) exempt: usize,
}

/// An old name in a source.
pub(super) struct Rename {
    pub(super) path: PathBuf,
    pub(super) name: Name,
    /// What to write, wildcards included.
    pub(super) new: String,
}

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
            }
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
        let (emitted, implied, renames) = (BTreeMap::new(), BTreeSet::new(), Vec::new());
        Self { file, registry, is_broken, crates, findings, emitted, implied, renames, names: 0, unknown: 0, exempt }
    }

    fn site(&mut self, source: &File, site: &Site) {
        self.names += 1;
        self.exempt += usize::from(site.arguments.exempt.is_some());
        let Some(name) = &site.name else {
            self.unknown += 1;
            return;
        };
        let segments: Vec<&str> = name.segments.iter().map(|segment| segment.text.as_str()).collect();
        if segments.last() == Some(&"_") && site.function.is_none() && matches!(site.which, Macro::Traced) {
            // the function's name comes from a macro
            self.unknown += 1;
            return;
        }
        if self.is_broken {
            return;
        }
        let mut written = Written::new(&segments, form_of(site.which));
        written.function = site.function.as_deref();
        written.exempt_tense = site.arguments.exempt.as_ref().and_then(Exemption::reason);
        let file = shown(&source.path);
        match self.registry.resolve(&written) {
            Ok(resolved) => self.resolved(source, &file, site, name, &resolved),
            Err(violations) => {
                let is_malformed = matches!(site.arguments.exempt, Some(Exemption::Malformed));
                for violation in violations.iter().filter(|told| !(is_malformed && told.rule.starts_with("tense/"))) {
                    match new_name(name, site.which, violation) {
                        Some(new) => {
                            self.imply(&new, form_of(site.which));
                            self.renamed(source, &file, name, new, Level::Error);
                        }
                        None => self.findings.push(
                            of_method(&file, site, violation).unwrap_or_else(|| of_grammar(&file, name, violation)),
                        ),
                    }
                }
            }
        }
    }

    fn resolved(&mut self, source: &File, file: &str, site: &Site, name: &Name, resolved: &Resolved) {
        let mut emit = |event: &String| {
            self.emitted.entry(event.clone()).or_default().push((file.to_owned(), name.place.clone()));
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
        self.implied.insert(failed.clone());
        if let Some(violation) = renamed {
            match new_name(name, site.which, violation) {
                Some(new) => self.renamed(source, file, name, new, Level::Warning),
                None => self.findings.push(of_grammar(file, name, violation)),
            }
        }
        let Some(fields) = &site.arguments.fields else { return };
        let written: Vec<_> =
            fields.iter().map(|field| WrittenField { name: &field.name, later: field.later }).collect();
        for violation in self.registry.contract(resolved, form_of(site.which), &written).err().into_iter().flatten() {
            let last = name.segments.last().map_or(&name.place, |segment| &segment.place);
            let nowhere = site.arguments.fields_place.as_ref().unwrap_or(last);
            let place = violation.field.and_then(|index| fields.get(index)).map_or(nowhere, |field| &field.place);
            let finding =
                Finding::at(violation.rule, Level::Error, (file, place), Some(name.dotted()), violation.message);
            self.findings.push(finding.suggesting(violation.suggestion));
        }
    }

    /// An old name that is refused still says that somebody emits the new one.
    fn imply(&mut self, name: &str, form: Form) {
        let segments: Vec<&str> = name.split('.').collect();
        match self.registry.resolve(&Written::new(&segments, form)) {
            Ok(Resolved::Action { event, failed, .. }) => self.implied.extend([event, failed]),
            Ok(Resolved::Life { start, complete, fail, .. }) => self.implied.extend([start, complete, fail]),
            Err(_) => {}
        }
    }

    fn renamed(&mut self, source: &File, file: &str, name: &Name, new: String, level: Level) {
        let old = name.dotted();
        let how = match name.pieces(&source.text, &new) {
            Some(_) => ", or let `tense lint --fix` write it",
            None => " by hand, since something stands between its words",
        };
        let message = format!("`{old}` has a new name: write `{new}`{how} [lint/renamed]");
        let finding = Finding::at("lint/renamed", level, (file, &name.place), Some(old), message);
        self.findings.push(finding.suggesting(Some(new.clone())));
        self.renames.push(Rename { path: source.path.clone(), name: name.clone(), new });
    }
}

/// The registry of a file; its mistakes are findings.
fn registry(path: &Path, findings: &mut Vec<Finding>) -> Option<Registry> {
    let finding = |rule, line, column, message| Finding {
        rule,
        level: Level::Error,
        file: shown(path),
        line,
        column,
        name: None,
        message,
        suggestion: None,
    };
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

pub(crate) fn form_of(which: Macro) -> Form {
    match which {
        Macro::Traced | Macro::Span => Form::Action,
        Macro::Stage | Macro::Pipeline => Form::Life,
        Macro::Point => Form::Point,
    }
}

/// What to write in place of a whole name that is an old one. Only one end of a life may be old: that is for a person.
fn new_name(name: &Name, which: Macro, violation: &Violation) -> Option<String> {
    let new = violation.suggestion.as_ref().filter(|_| violation.rule == "registry/renamed")?;
    let written = name.dotted();
    let is_life = form_of(which) == Form::Life || written.ends_with(".*");
    if !is_life {
        return Some(new.clone());
    }
    let is_whole = violation.judged == written.strip_suffix(".*").unwrap_or(&written);
    is_whole.then(|| if form_of(which) == Form::Life { new.clone() } else { format!("{new}.*") })
}

/// A verdict of the grammar, in the words of the compiler and at its place.
/// Of one method among many it is told there that its name gives no action, in the words of the macros.
fn of_method(file: &str, site: &Site, violation: &Violation) -> Option<Finding> {
    let place = site.method.as_ref().filter(|_| violation.rule == "name/function")?;
    let told = format!(
        "no action can be made of the method's name `{}`: leave it out with `#[traced(skip)]`, or give it a `#[traced(..)]` of \
         its own [name/function]",
        site.function.as_deref().unwrap_or_default()
    );
    Some(Finding::at("name/function", Level::Error, (file, place), site.name.as_ref().map(Name::dotted), told))
}

fn of_grammar(file: &str, name: &Name, violation: &Violation) -> Finding {
    let place = name.segments.get(violation.segment).map_or(&name.place, |segment| &segment.place);
    let finding =
        Finding::at(violation.rule, Level::Error, (file, place), Some(name.dotted()), violation.message.clone());
    finding.suggesting(violation.suggestion.clone())
}
