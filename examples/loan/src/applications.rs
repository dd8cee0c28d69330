//! The file of applications enters, one JSON object a line; applications that cannot be wrong in form leave, and beside
//! them one error for every line that could not be read: line, field, and what is right.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use serde_json::{Map, Value};

/// The hundred lines that the program brings along.
const SHIPPED: (&str, &str) = ("applications.jsonl", include_str!("../applications.jsonl"));

/// Someone asks for a loan.
#[derive(Debug, Clone)]
pub(crate) struct Application {
    /// `L017`
    pub(crate) id: String,
    pub(crate) amount: u32,
    /// In a year.
    pub(crate) income: u32,
    pub(crate) months: u32,
    pub(crate) fund: Fund,
    pub(crate) inbox: Inbox,
    /// How long the whole run may take; whoever asked has left by then.
    pub(crate) deadline: Option<Duration>,
}

/// Where the money of a loan comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fund {
    Home,
    Car,
    Study,
}

impl Fund {
    pub(crate) const ALL: [Self; 3] = [Self::Home, Self::Car, Self::Study];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Car => "car",
            Self::Study => "study",
        }
    }
}

/// How the applicant's inbox takes a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inbox {
    /// At once.
    Prompt,
    /// The first time too late, then at once.
    Drowsy,
    /// Never.
    Silent,
}

impl Inbox {
    pub(crate) const ALL: [Self; 3] = [Self::Prompt, Self::Drowsy, Self::Silent];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::Drowsy => "drowsy",
            Self::Silent => "silent",
        }
    }
}

/// What became of the file.
#[derive(Debug, Default)]
pub(crate) struct Applications {
    pub(crate) good: Vec<Application>,
    pub(crate) bad: Vec<BadLine>,
}

/// A line that is no application: `applications.jsonl:17: field `amount`: ..`
#[derive(Debug)]
pub(crate) struct BadLine {
    file: PathBuf,
    line: usize,
    fault: Fault,
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("field `{name}`: {what}")]
    Field { name: String, what: String },
    #[error("not a JSON object: {0}")]
    NotAnObject(String),
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line, self.fault)
    }
}

/// Reads the named file, or the one that the program brings along.
pub(crate) fn read(named: Option<&Path>) -> anyhow::Result<Applications> {
    let Some(path) = named else { return Ok(parse(Path::new(SHIPPED.0), SHIPPED.1.as_bytes())) };
    let bytes = std::fs::read(path).with_context(|| {
        format!("read {}: --applications takes a file with one application a line, as JSON", path.display())
    })?;
    Ok(parse(path, &bytes))
}

fn parse(file: &Path, bytes: &[u8]) -> Applications {
    let mut applications = Applications::default();
    let mut lines_by_id = BTreeMap::new();
    for (line, text) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        if text.trim_ascii().is_empty() {
            continue;
        }
        let read = application(text).and_then(|application| match lines_by_id.insert(application.id.clone(), line) {
            Some(earlier) => Err(field("id", format!("{} is on line {earlier} already", application.id))),
            None => Ok(application),
        });
        match read {
            Ok(application) => applications.good.push(application),
            Err(fault) => applications.bad.push(BadLine { file: file.to_owned(), line, fault }),
        }
    }
    applications
}

fn application(text: &[u8]) -> Result<Application, Fault> {
    let value: Value = serde_json::from_slice(text).map_err(|error| Fault::NotAnObject(without_line(&error)))?;
    let Value::Object(fields) = value else {
        return Err(Fault::NotAnObject(format!("this is {}", kind(&value))));
    };
    let mut fields = Fields(fields);
    let application = Application {
        id: fields.id()?,
        amount: fields.positive("amount")?,
        income: fields.whole("income")?,
        months: fields.whole("months")?,
        fund: fields.one_of("fund", Fund::ALL, Fund::name)?,
        inbox: fields.one_of("inbox", Inbox::ALL, Inbox::name)?,
        deadline: fields.optional("deadline_ms", Fields::positive)?.map(|ms| Duration::from_millis(ms.into())),
    };
    fields.nothing_else()?;
    Ok(application)
}

/// The fields of one line that nobody has asked for yet.
struct Fields(Map<String, Value>);

impl Fields {
    fn take(&mut self, name: &str) -> Result<Value, Fault> {
        self.0.remove(name).ok_or_else(|| field(name, "is missing"))
    }

    fn optional<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Self, &str) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        if self.0.contains_key(name) { read(self, name).map(Some) } else { Ok(None) }
    }

    fn text(&mut self, name: &str) -> Result<String, Fault> {
        match self.take(name)? {
            Value::String(text) if !text.is_empty() => Ok(text),
            other => Err(field(name, format!("a text is wanted, and this is {}", kind(&other)))),
        }
    }

    /// Ends up on terminals and in file names of whoever greps for it.
    fn id(&mut self) -> Result<String, Fault> {
        let id = self.text("id")?;
        let is_plain = id.len() <= 32 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        if is_plain { Ok(id) } else { Err(field("id", "up to 32 letters, digits, `-`, `_` and `.` are wanted")) }
    }

    fn whole(&mut self, name: &str) -> Result<u32, Fault> {
        self.at_least(0, name)
    }

    fn positive(&mut self, name: &str) -> Result<u32, Fault> {
        self.at_least(1, name)
    }

    fn at_least(&mut self, least: u32, name: &str) -> Result<u32, Fault> {
        let value = self.take(name)?;
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok()).filter(|number| *number >= least);
        let wanted = || format!("a whole number from {least} to {} is wanted, and this is {}", u32::MAX, kind(&value));
        number.ok_or_else(|| field(name, wanted()))
    }

    fn one_of<T: Copy, const N: usize>(
        &mut self,
        name: &str,
        all: [T; N],
        called: fn(T) -> &'static str,
    ) -> Result<T, Fault> {
        let text = self.text(name)?;
        all.into_iter()
            .find(|one| called(*one) == text)
            .ok_or_else(|| field(name, format!("`{}` is none of {}", shown(&text), all.map(called).join(", "))))
    }

    fn nothing_else(self) -> Result<(), Fault> {
        match self.0.keys().next() {
            Some(name) => Err(field(&shown(name), "is not a field of an application")),
            None => Ok(()),
        }
    }
}

fn field(name: &str, what: impl Into<String>) -> Fault {
    Fault::Field { name: name.to_owned(), what: what.into() }
}

/// What a value is, for whoever has to find it in the line.
fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::String(text) if text.is_empty() => "an empty text".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => format!("\"{}\"", shown(text)),
    }
}

/// The beginning of a text from outside, without what a terminal would obey.
fn shown(text: &str) -> String {
    const MOST: usize = 40;
    let more = if text.chars().count() > MOST { ".." } else { "" };
    text.chars().take(MOST).flat_map(char::escape_debug).chain(more.chars()).collect()
}

/// Every line is a document of its own to serde_json: only the column means something.
fn without_line(error: &serde_json::Error) -> String {
    error.to_string().replace("at line 1 column", "at column")
}
