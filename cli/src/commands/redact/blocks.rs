//! What goes on over several lines: the block of a private key, and the indented lines of a value in YAML.

use tense_event::Sanitizer;

const MARKER: &str = "[REDACTED]";
/// Lines of the longest block. One that goes on behind them was never closed, and the log would be lost with it.
const LONGEST: usize = 400;

/// Redacts one line after the other, and knows what they are part of.
pub(super) struct Blocks<'s> {
    sanitizer: &'s Sanitizer,
    inside: Inside,
    lines: usize,
}

/// What a line is a part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    /// A private key, up to its end.
    Key,
    /// A value of YAML: lines that are indented by more than this.
    Indented(usize),
    /// A value between three quotes.
    Quotes(&'static str),
}

impl<'s> Blocks<'s> {
    pub(super) fn new(sanitizer: &'s Sanitizer) -> Self {
        Self { sanitizer, inside: Inside::Nothing, lines: 0 }
    }

    /// A line, or a piece of one, with its end.
    pub(super) fn redacted(&mut self, bytes: &[u8], is_line: bool) -> Vec<u8> {
        let end = bytes.iter().rev().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        let (bytes, end) = bytes.split_at(bytes.len() - end);
        let raw = Raw::read(bytes);
        let clean = self.line(&raw.text, is_line);
        let mut clean = raw.written(&clean);
        clean.extend_from_slice(end);
        clean
    }

    fn line(&mut self, text: &str, is_line: bool) -> String {
        if self.inside != Inside::Nothing {
            self.lines += 1;
            if let Some(hidden) = self.inner(text) {
                return hidden;
            }
            (self.inside, self.lines) = (Inside::Nothing, 0);
        }
        let clean = self.sanitizer.redact(text);
        if is_line {
            self.inside = self.begins(text, &clean);
        }
        clean.into_owned()
    }

    /// What begins in a line and goes on in the next.
    fn begins(&self, text: &str, clean: &str) -> Inside {
        let opens = text.rfind("-----BEGIN").filter(|at| !text[*at..].contains("-----END"));
        if opens.is_some() && !clean.contains("-----BEGIN") {
            return Inside::Key;
        }
        // Whether a value would be a secret if it stood here.
        let hides = |key: &str| self.sanitizer.redact(&format!("{key}x1y2z3w4")).ends_with(MARKER);
        if let Some(key) = text.trim_end_matches(['-', '+']).strip_suffix(['|', '>'])
            && key.ends_with(": ")
            && hides(key)
        {
            return Inside::Indented(indent(text));
        }
        for quotes in ["\"\"\"", "'''"] {
            if text.matches(quotes).count() == 1 && hides(text) {
                return Inside::Quotes(quotes);
            }
        }
        Inside::Nothing
    }

    /// The line as a part of what it is in; `None` when that has ended.
    fn inner(&mut self, text: &str) -> Option<String> {
        if self.lines > LONGEST {
            return None;
        }
        match self.inside {
            Inside::Nothing => None,
            Inside::Key if text.contains("-----END") => {
                // The end is hidden by the sanitizer, with what is left of the key before it.
                (self.inside, self.lines) = (Inside::Nothing, 0);
                let clean = self.sanitizer.redact(text);
                Some(if clean == text { MARKER.to_owned() } else { clean.into_owned() })
            }
            Inside::Key => {
                let word = text.split_whitespace().next_back().unwrap_or_default();
                let coded = word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-'));
                let is_alone = text.trim() == word;
                let is_head = text.split_once(": ").is_some_and(|(name, _)| {
                    matches!(name.trim(), "Proc-Type" | "DEK-Info" | "Version" | "Comment" | "Hash")
                });
                if is_head || text.trim().is_empty() {
                    return Some(text.to_owned());
                }
                // Behind what a logger writes before each line.
                (coded && (is_alone || word.len() >= 20)).then(|| text.replacen(word, MARKER, 1))
            }
            Inside::Indented(_) if text.trim().is_empty() => Some(text.to_owned()),
            Inside::Indented(by) => {
                let indent = indent(text);
                (indent > by).then(|| format!("{}{MARKER}", &text[..indent]))
            }
            Inside::Quotes(quotes) => match text.find(quotes) {
                Some(at) => {
                    (self.inside, self.lines) = (Inside::Nothing, 0);
                    Some(format!("{MARKER}{}", &text[at..]))
                }
                None => Some(MARKER.to_owned()),
            },
        }
    }
}

fn indent(text: &str) -> usize {
    text.len() - text.trim_start_matches(' ').len()
}

/// The text of bytes of which some may be no text: each of these is a character of its own that nobody else uses.
struct Raw {
    text: String,
    has_bytes: bool,
}

/// Behind this code point stand 256 for private use.
const FIRST_BYTE: u32 = 0x10_fe00;

impl Raw {
    fn read(bytes: &[u8]) -> Self {
        let mut text = String::with_capacity(bytes.len());
        let mut has_bytes = false;
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            for byte in chunk.invalid() {
                has_bytes = true;
                text.extend(char::from_u32(FIRST_BYTE + u32::from(*byte)));
            }
        }
        Self { text, has_bytes }
    }

    /// What was redacted of it, with its bytes as they were.
    fn written(&self, clean: &str) -> Vec<u8> {
        if !self.has_bytes {
            return clean.as_bytes().to_vec();
        }
        let mut bytes = Vec::with_capacity(clean.len());
        for char in clean.chars() {
            match u8::try_from(u32::from(char).wrapping_sub(FIRST_BYTE)) {
                Ok(byte) => bytes.push(byte),
                Err(_) => bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        bytes
    }
}
