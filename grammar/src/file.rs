//! Reads `tense.toml`: a text enters, a [`Registry`] leaves, or every mistake in it with its line and column.
//!
//! Nothing is skipped in silence. A key that is not known is an error, with the one that was probably meant.
//!
//! The walk: `values` takes values of a kind out of tables; `language` reads the layers and the words, which all names
//! are judged by; `event` one declared event; `names` what entries say about each other; `foreign` the spans of other
//! crates; `redact` what is secret in values; `settings` how much is recorded and how it is delivered. `places` says
//! where declared events stand.

mod values;
mod language;
mod event;
mod names;
mod foreign;
mod redact;
mod settings;
mod places;

use std::fmt;
use std::io::Read as _;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::named::Named;
use crate::registry::{FieldKind, Registry};
use crate::violation::short;
use names::Taken;
use values::{Cursor, placed};

/// A mistake in `tense.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryError {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// The rule's id, stable across versions: `file/key`, `tense/past`, ..
    pub rule: &'static str,
    /// What is wrong, and what to write instead, ending with the rule's id in brackets.
    pub message: String,
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for RegistryError {}

/// The only version of the format so far.
const VERSION: &str = "1";

/// The largest file that is read, in bytes: some thousands of events. Beyond it a build would seem to hang.
const LARGEST: usize = 1 << 20;

const KEYS: &[&str] =
    &["closed", "context", "events", "foreign", "layers", "migrating", "redact", "removed", "version", "words"];

impl Registry {
    /// Reads a `tense.toml`. All mistakes are told at once, in the order of the file; one that cannot be read as text
    /// is a mistake at its first bad byte.
    ///
    /// # Errors
    /// The outer one when the file cannot be opened or read, the inner one for what is wrong with it. It is at most 1
    /// MiB.
    ///
    /// ```
    /// # let dir = std::env::temp_dir().join(format!("tense-load-{}", std::process::id()));
    /// # std::fs::create_dir_all(&dir)?;
    /// let path = dir.join("tense.toml");
    /// std::fs::write(&path, b"version = 1\nclosed = \xff")?;
    /// let errors = tense_grammar::Registry::load(&path)?.unwrap_err();
    /// assert_eq!((errors[0].line, errors[0].column, errors[0].rule), (2, 10, "file/text"));
    /// # std::fs::remove_dir_all(&dir)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn load(path: &Path) -> std::io::Result<Result<Registry, Vec<RegistryError>>> {
        Registry::read(&mut open(path)?)
    }

    /// The same from whatever can be read, such as a pipe, which [`Registry::load`] refuses. Waits for whoever writes
    /// into it.
    ///
    /// # Errors
    /// As [`Registry::load`].
    ///
    /// ```
    /// let registry = tense_grammar::Registry::read(&mut "version = 1".as_bytes())?.unwrap();
    /// assert!(!registry.is_closed());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn read(from: &mut dyn std::io::Read) -> std::io::Result<Result<Registry, Vec<RegistryError>>> {
        Ok(text_of(from)?.and_then(|text| Registry::parse(&text)))
    }

    /// Reads the text of a `tense.toml`. All mistakes are told at once, in the order of the file.
    ///
    /// ```
    /// use tense_grammar::Registry;
    ///
    /// let errors = Registry::parse("version = 1\n[layers.operation]\ntence = \"past\"\n").unwrap_err();
    /// assert_eq!(
    ///     errors[0].to_string(),
    ///     "line 3, column 1: `tence` is not a key of a layer: did you mean `tense`? [file/key]"
    /// );
    /// ```
    pub fn parse(text: &str) -> Result<Registry, Vec<RegistryError>> {
        let document = document(text)?;
        let mut reader = Reader::new();
        reader.document(document.get_ref());
        reader.registry.redact.rules.sort_by_key(|rule| rule.at);
        let mut cursor = Cursor::new(text);
        for rule in &mut reader.registry.redact.rules {
            (rule.line, rule.column) = cursor.at(rule.at);
        }
        if reader.faults.is_empty() { Ok(reader.registry) } else { Err(placed(text, reader.faults)) }
    }
}

/// A pipe would make a build wait for whoever writes into it.
fn open(path: &Path) -> std::io::Result<std::fs::File> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is no regular file"));
    }
    std::fs::File::open(path)
}

fn text_of(from: &mut dyn std::io::Read) -> std::io::Result<Result<String, Vec<RegistryError>>> {
    let mut bytes = Vec::new();
    // one byte more than is read at most: `document` says what is wrong with it
    let most = u64::try_from(LARGEST).unwrap_or(u64::MAX).saturating_add(1);
    from.take(most).read_to_end(&mut bytes)?;
    let is_too_large = bytes.len() > LARGEST;
    Ok(String::from_utf8(bytes).map_err(|error| {
        if is_too_large {
            return vec![too_large()];
        }
        let good = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let good = String::from_utf8_lossy(good);
        let sentence = "this byte is not UTF-8 text, which a `tense.toml` is: save the file as UTF-8";
        placed(&good, vec![Fault::new(good.len()..good.len(), "file/text", sentence)])
    }))
}

fn document(text: &str) -> Result<Spanned<DeTable<'_>>, Vec<RegistryError>> {
    if text.len() > LARGEST {
        return Err(vec![too_large()]);
    }
    let (document, syntax) = DeTable::parse_recoverable(text);
    if syntax.is_empty() {
        return Ok(document);
    }
    // half a document would only yield mistakes that nobody made
    let faults = syntax
        .iter()
        .map(|error| Fault::new(error.span().unwrap_or(0..0), "file/syntax", short(error.message())))
        .collect();
    Err(placed(text, faults))
}

fn too_large() -> RegistryError {
    let sentence = format!(
        "this file is larger than {} MiB, the most that is read: a registry declares events, and data goes elsewhere",
        LARGEST >> 20
    );
    RegistryError { line: 1, column: 1, rule: "file/size", message: format!("{sentence} [file/size]") }
}

/// A mistake: where in the text, which rule, and the whole message.
struct Fault {
    span: Range<usize>,
    rule: &'static str,
    message: String,
}

impl Fault {
    fn new(span: Range<usize>, rule: &'static str, sentence: impl fmt::Display) -> Self {
        Fault { span, rule, message: format!("{sentence} [{rule}]") }
    }
}

type Key<'i> = Spanned<DeString<'i>>;
type Value<'i> = Spanned<DeValue<'i>>;

struct Reader {
    registry: Registry,
    faults: Vec<Fault>,
    /// Every declared, derived, old or removed name, and who has it.
    taken: Named<Taken>,
    /// The type of each inherited field, as the first event that declares it has it.
    handed_down: Named<FieldKind>,
}

impl Reader {
    fn new() -> Self {
        Self { registry: Registry::builtin(), faults: Vec::new(), taken: Named::new(), handed_down: Named::new() }
    }

    /// Whether it is of the version that is read here.
    fn head(&mut self, document: &DeTable<'_>) -> bool {
        let tables = settings::tables();
        let keys: Vec<&str> = KEYS.iter().copied().chain(tables).collect();
        let keys_known = self.known_keys("tense.toml", &keys, document);
        match document.get("version") {
            None if !keys_known => {}
            None => self.fault(0..0, "file/version", "the first thing to say is `version = 1`"),
            Some(version) => {
                let number = version.get_ref().as_integer().filter(|number| number.radix() == 10);
                if number.is_some_and(|number| number.as_str() == VERSION) {
                    return true;
                }
                let sentence = "this is not a version that can be read here: write `version = 1`";
                self.fault(version.span(), "file/version", sentence);
            }
        }
        false
    }

    fn document(&mut self, document: &DeTable<'_>) {
        self.head(document);
        self.registry.closed = self.bool(document, "closed");
        self.registry.migrating = self.bool(document, "migrating");
        // the events are judged by the layers' tenses and the project's words, so these come first
        for (name, layer) in self.table(document, "layers").into_iter().flatten() {
            self.layer(name, layer);
        }
        for (verb, participle) in self.table(document, "words").into_iter().flatten() {
            self.word(verb, participle);
        }
        if let Some(context) = self.table(document, "context") {
            self.context(context);
        }
        let events = self.table(document, "events");
        for (name, event) in events.into_iter().flatten() {
            self.event(name, event);
        }
        self.registry.derive_names();
        self.take_derived_names();
        for (name, event) in events.into_iter().flatten() {
            self.failed(name, event);
            self.was(name, event);
            self.fields_of_call(name, event);
        }
        self.failures(events.into_iter().flatten().map(|(name, _)| name));
        for (name, reason) in self.table(document, "removed").into_iter().flatten() {
            self.removed(name, reason);
        }
        self.owners(events.into_iter().flatten().map(|(name, _)| name));
        for (target, rule) in self.table(document, "foreign").into_iter().flatten() {
            self.foreign(target, rule);
        }
        if let Some(redact) = self.table(document, "redact") {
            self.redact(redact);
        }
        self.settings(document);
    }
}
