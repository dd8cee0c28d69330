//! A value enters; one line of JSON leaves that does nothing to a terminal.

use std::io::Write;

use serde::Serialize;
use tense_store::json::harmless;

/// Writes a value and a line feed.
pub(crate) fn line(out: &mut impl Write, value: &impl Serialize) -> anyhow::Result<()> {
    Ok(writeln!(out, "{}", harmless(&serde_json::to_string(value)?))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tense_store::text;

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
