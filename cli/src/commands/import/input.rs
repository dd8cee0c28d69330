//! The name of a file enters; its bytes leave, from behind what some put in front of a text, one line at a time if
//! wanted; or what it is instead, and what to do with it.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};

use anyhow::{Context, bail};

/// So much is looked at to tell what a file is.
const HEAD: u64 = 256;
/// What some editors write in front of a text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// What begins otherwise than any text of JSON, and what to do with it.
const OTHERS: [(&[u8], &str); 8] = [
    (b"\x1f\x8b", "is packed by gzip: `zcat FILE | tense import -` reads it"),
    (b"\x28\xb5\x2f\xfd", "is packed by zstd: `zstdcat FILE | tense import -` reads it"),
    (b"\xfd7zXZ", "is packed by xz: `xzcat FILE | tense import -` reads it"),
    (b"BZh", "is packed by bzip2: `bzcat FILE | tense import -` reads it"),
    (b"PK\x03\x04", "is a ZIP file: `unzip -p FILE | tense import -` reads it"),
    (
        b"SQLite format 3",
        "is a database: `tense traces --db FILE` asks it, and `tense export --all --db FILE` writes what is in it",
    ),
    (b"\xff\xfe", "is text in UTF-16: `iconv -f UTF-16 -t UTF-8 FILE | tense import -` reads it"),
    (b"\xfe\xff", "is text in UTF-16: `iconv -f UTF-16 -t UTF-8 FILE | tense import -` reads it"),
];

/// The first key of what answers with OTLP/JSON inside of something else (Jaeger, and Tempo in its two versions), what
/// it says soon after, and how to take it out.
const WRAPPED: [(&str, &str, &str); 3] = [
    ("result", "\"resourceSpans\"", ".result"),
    ("trace", "\"resourceSpans\"", ".trace"),
    ("batches", "\"resource\"", "{resourceSpans: .batches}"),
];

/// What is read.
pub(super) struct Input {
    name: String,
    reader: BufReader<Box<dyn Read>>,
    /// What it begins with, without space.
    head: Vec<u8>,
}

impl Input {
    /// Opens a file, or for `-` standard input.
    pub(super) fn open(file: &OsStr) -> anyhow::Result<Self> {
        let name = file.to_string_lossy().into_owned();
        let mut source: Box<dyn Read> = match &*name {
            "-" => Box::new(io::stdin().lock()),
            _ => {
                let opened = File::open(file).with_context(|| format!("failed to open {name}"))?;
                if opened.metadata().is_ok_and(|found| found.is_dir()) {
                    bail!("{name} is a folder: name a file in it");
                }
                Box::new(opened)
            }
        };
        let mut head = Vec::new();
        (&mut source).take(HEAD).read_to_end(&mut head).with_context(|| failed(&name))?;
        let (shown, file) = if name == "-" { ("standard input", "FILE") } else { (&*name, &*name) };
        for (beginning, what) in OTHERS {
            if head.starts_with(beginning) {
                bail!("{shown} {}", what.replace("FILE", file));
            }
        }
        let text = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&head).to_vec();
        let begins = text.trim_ascii_start().to_vec();
        if let Some(reader) = made_for(&begins) {
            bail!(
                "{shown} is made for {reader}, and JSON lines or OTLP/JSON are read: `tense export` writes both, and what writes the \
                 former can mostly write OTLP/JSON as well"
            );
        }
        for (key, said, inner) in WRAPPED {
            if begins_with_key(&begins, key) && has(&begins, said) {
                bail!("{shown} holds OTLP/JSON under `{key}`: `jq -c '{inner}' {file} | tense import -` takes it out");
            }
        }
        if begins.first() == Some(&b'[') {
            bail!(
                "{shown} is one list of JSON, and one object a line is read: `jq -c '.[]' {file} | tense import -` makes lines of it"
            );
        }
        for signal in ["resourceLogs", "resourceMetrics", "resource_logs", "resource_metrics"] {
            if begins_with_key(&begins, signal) {
                bail!("{shown} is OTLP and holds no spans but `{signal}`: spans stand in `resourceSpans`");
            }
        }
        let reader = BufReader::with_capacity(1 << 16, Box::new(Cursor::new(text).chain(source)) as Box<dyn Read>);
        Ok(Self { name, reader, head: begins })
    }

    /// What it is called.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn is_empty(&self) -> bool {
        self.head.is_empty()
    }

    /// Whether it is an object whose first key is that of OTLP.
    pub(super) fn begins_as_otlp(&self) -> bool {
        is_otlp(&self.head)
    }

    /// Whether it is an object that does not stand on one line.
    pub(super) fn goes_over_lines(&self) -> bool {
        let behind = self.head.strip_prefix(b"{").unwrap_or_default();
        behind.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r')) == Some(&b'\n')
    }

    /// The next line with its end, and one byte more than `longest` of one that is longer; whether there is one.
    pub(super) fn line(&mut self, bytes: &mut Vec<u8>, longest: u64) -> anyhow::Result<bool> {
        bytes.clear();
        let read = (&mut self.reader).take(longest + 1).read_until(b'\n', bytes).with_context(|| failed(&self.name))?;
        if bytes.last() != Some(&b'\n') && read as u64 > longest {
            self.reader.skip_until(b'\n').with_context(|| failed(&self.name))?;
        }
        Ok(read > 0)
    }

    /// As much as a line may have, or to its end: what is behind it has not been skipped.
    pub(super) fn beginning(&mut self, bytes: &mut Vec<u8>, longest: u64) -> anyhow::Result<()> {
        bytes.clear();
        (&mut self.reader).take(longest).read_until(b'\n', bytes).with_context(|| failed(&self.name))?;
        Ok(())
    }

    /// Whether what comes next is a line of OTLP.
    pub(super) fn goes_on_as_otlp(&mut self) -> anyhow::Result<bool> {
        Ok(is_otlp(self.reader.fill_buf().with_context(|| failed(&self.name))?))
    }

    pub(super) fn reader(&mut self) -> &mut impl BufRead {
        &mut self.reader
    }
}

fn failed(name: &str) -> String {
    format!("failed to read {}", if name == "-" { "standard input" } else { name })
}

/// What reads it, if it is what we or others export for that alone.
fn made_for(begins: &[u8]) -> Option<&'static str> {
    let has = |word| has(begins, word);
    let is_list = begins.first() == Some(&b'[');
    if begins_with_key(begins, "data") && has("\"traceID\"") {
        Some("Jaeger")
    } else if is_list && has("\"traceId\"") {
        Some("Zipkin")
    } else if begins_with_key(begins, "traceEvents") || is_list && has("\"ph\"") {
        Some("Perfetto")
    } else if begins_with_key(begins, "$schema") && has("speedscope") {
        Some("speedscope")
    } else {
        None
    }
}

fn has(begins: &[u8], word: &str) -> bool {
    begins.windows(word.len()).any(|some| some == word.as_bytes())
}

fn is_otlp(begins: &[u8]) -> bool {
    begins_with_key(begins, "resourceSpans") || begins_with_key(begins, "resource_spans")
}

/// Whether it is an object with that key at first.
fn begins_with_key(begins: &[u8], key: &str) -> bool {
    let found = begins.strip_prefix(b"{").and_then(|rest| rest.trim_ascii_start().strip_prefix(b"\""));
    let behind = found.and_then(|found| found.strip_prefix(key.as_bytes()));
    behind.is_some_and(|behind| behind.first() == Some(&b'"'))
}
