//! A value enters; one line of JSON leaves that does nothing to a terminal.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;
use tense_store::text;

/// Writes a value and a line feed.
pub(crate) fn line(out: &mut impl Write, value: &impl Serialize) -> anyhow::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Harmless)).map_err(io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(())
}

/// JSON allows raw characters that steer a terminal, C1 controls and bidirectional marks; their escape means the same.
struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W: Write + ?Sized>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        const DELETE: u8 = 0x7f;
        // What else is hostile in ASCII has an escape of its own in JSON, and is no part of a fragment.
        if fragment.is_ascii() && !fragment.as_bytes().contains(&DELETE) {
            return out.write_all(fragment.as_bytes());
        }
        let mut written = 0;
        for (at, c) in fragment.char_indices().filter(|(_, c)| text::is_hostile(*c)) {
            out.write_all(&fragment.as_bytes()[written..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            written = at + c.len_utf8();
        }
        out.write_all(&fragment.as_bytes()[written..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_harmless_and_reads_as_what_it_was() {
        for hostile in
            ["\u{1b}[2J\"\\\n", "\u{9b}31m", "a\u{202e}b", "\u{e0041}", "a\u{7f}b", "\u{feff}", "Zoë 漢字", ""]
        {
            let mut out = Vec::new();
            line(&mut out, &hostile).unwrap();
            let out = String::from_utf8(out).unwrap();
            let out = out.strip_suffix('\n').unwrap();
            assert!(!out.chars().any(text::is_hostile), "{out}");
            assert_eq!(serde_json::from_str::<String>(out).unwrap(), hostile);
        }
    }
}
