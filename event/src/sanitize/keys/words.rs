//! A key enters, in whatever style it is written; its words leave, lower case.

/// Bytes of a key that count, from its end, and words in them.
const KEY_BYTES: usize = 96;
const KEY_WORDS: usize = 16;

/// The words of a key, lower case, one behind the other.
pub(super) struct Words {
    letters: [u8; KEY_BYTES],
    /// Where each word ends in `letters`.
    ends: [u8; KEY_WORDS],
    pub(super) count: usize,
}

impl Words {
    pub(super) fn of(key: &str) -> Self {
        let bytes = key.as_bytes();
        let bytes = &bytes[bytes.len().saturating_sub(KEY_BYTES)..];
        let mut words = Self { letters: [0; KEY_BYTES], ends: [0; KEY_WORDS], count: 0 };
        let mut len = 0;
        for (at, byte) in bytes.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| bytes.get(at));
            let behind = bytes.get(at + 1);
            // `camelCase`, and the last capital of `HTTPServer`. A plural of capitals (`APIKeys`) splits the same way.
            let camel = byte.is_ascii_uppercase()
                && before.is_some_and(|before| {
                    before.is_ascii_lowercase()
                        || before.is_ascii_digit()
                        || (before.is_ascii_uppercase() && behind.is_some_and(u8::is_ascii_lowercase))
                });
            if camel || !byte.is_ascii_alphanumeric() {
                words.end(len);
            }
            if byte.is_ascii_alphanumeric() {
                words.letters[len] = byte.to_ascii_lowercase();
                len += 1;
            }
        }
        words.end(len);
        words
    }

    /// Ends a word; of too many words the first are forgotten, because the last decide.
    fn end(&mut self, at: usize) {
        if at == self.start(self.count) {
            return;
        }
        if self.count == KEY_WORDS {
            self.ends.copy_within(1.., 0);
            self.count -= 1;
        }
        self.ends[self.count] = at as u8;
        self.count += 1;
    }

    fn start(&self, word: usize) -> usize {
        if word == 0 { 0 } else { usize::from(self.ends[word - 1]) }
    }

    /// Words from the first to before the last, joined.
    pub(super) fn joined(&self, first: usize, last: usize) -> &[u8] {
        &self.letters[self.start(first)..self.start(last)]
    }

    pub(super) fn word(&self, at: usize) -> &[u8] {
        self.joined(at, at + 1)
    }
}
