//! Numbers enter; what leaves are texts that are no longer than they say.

use super::MARKER;

/// How much of everything an event may hold once it is clean.
///
/// ```
/// assert_eq!(tense_event::Limits::default().error_message_chars, 500);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one text that the rules look at; what stands behind them is dropped unseen. Raised where the
    /// limits below would let a longer text stay.
    pub input_bytes: usize,
    /// Characters of the error message.
    pub error_message_chars: usize,
    /// Characters of the input preview.
    pub input_preview_chars: usize,
    /// Stack frames of an error.
    pub stack_frames: usize,
    /// Characters of a text in the data, at any depth, and of one stack frame.
    pub text_chars: usize,
    /// Characters of a name, an id, a tag, or a key of the data; at least 24, so that the keys that `cut` names fit.
    pub name_chars: usize,
    /// Fields of the data, and also tags.
    pub fields: usize,
    /// Levels of arrays and objects in one value; at most 100, because readers of JSON give up soon after.
    pub depth: usize,
    /// Bytes of the whole event as JSON; at least 4 KiB, because ids and names have to fit.
    pub event_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            input_bytes: 16 * 1024,
            error_message_chars: 500,
            input_preview_chars: 100,
            stack_frames: 10,
            text_chars: 1000,
            name_chars: 200,
            fields: 64,
            depth: 32,
            event_bytes: 10 * 1024,
        }
    }
}

impl Limits {
    /// Raises what would contradict the rest: a clean text must fit into the input, else cleaning twice would shorten
    /// twice, and a marker must fit into every text.
    pub(super) fn consistent(mut self) -> Self {
        self.name_chars = self.name_chars.max(24);
        let chars =
            [&mut self.error_message_chars, &mut self.input_preview_chars, &mut self.text_chars, &mut self.name_chars];
        let mut longest = 0;
        for chars in chars {
            *chars = (*chars).max(MARKER.len());
            longest = longest.max(*chars);
        }
        // A character has at most four bytes.
        self.input_bytes = self.input_bytes.max(longest.saturating_mul(4));
        self.depth = self.depth.clamp(1, 100);
        self.event_bytes = self.event_bytes.max(4 * 1024);
        self
    }

    /// Bytes of text in all that the rules look at in one event.
    pub(super) fn total_input_bytes(&self) -> usize {
        self.input_bytes.saturating_mul(4).max(self.event_bytes.saturating_mul(2))
    }

    /// Values in all that are looked at in one event; each takes at least two bytes of JSON.
    pub(super) fn values(&self) -> usize {
        self.event_bytes / 2
    }
}

/// The beginning of the text that has at most so many bytes, on a character boundary.
pub(super) fn first_bytes(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    &text[..before_marker(text, text.floor_char_boundary(bytes))]
}

/// The beginning of the text that has at most so many characters.
pub(super) fn first_chars(text: &str, chars: usize) -> &str {
    // No character is shorter than a byte.
    if text.len() <= chars {
        return text;
    }
    let end = text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at);
    &text[..before_marker(text, end)]
}

/// Moves a cut that would fall inside a marker before it: half a marker says nothing, and no rule knows it.
fn before_marker(text: &str, cut: usize) -> usize {
    let reach = MARKER.len() - 1;
    let from = text.floor_char_boundary(cut.saturating_sub(reach));
    let to = text.ceil_char_boundary(cut.saturating_add(reach));
    let near = &text[from..to];
    // Markers cannot overlap, so one that straddles the cut is the last one that begins before it.
    match near.match_indices(MARKER).map(|(at, _)| from + at).find(|at| (at + 1..at + MARKER.len()).contains(&cut)) {
        Some(start) => start,
        None => cut,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_keeps_characters_whole() {
        assert_eq!(first_chars("aé€😀b", 3), "aé€");
        assert_eq!(first_chars("aé€😀b", 9), "aé€😀b");
        assert_eq!(first_bytes("aé€😀b", 2), "a");
        assert_eq!(first_bytes("aé€😀b", 99), "aé€😀b");
    }

    #[test]
    fn a_cut_inside_a_marker_moves_before_it() {
        let text = format!("ab{MARKER}cd");
        for cut in 0..=text.len() {
            let expected = if (3..12).contains(&cut) { "ab" } else { &text[..cut] };
            assert_eq!(first_chars(&text, cut), expected, "cut at {cut}");
            assert_eq!(first_bytes(&text, cut), expected, "cut at {cut}");
        }
        let wide = format!("é😀{MARKER}😀é");
        assert_eq!(first_chars(&wide, 5), "é😀");
        assert_eq!(first_chars(&wide, 13), format!("é😀{MARKER}😀"));
    }

    #[test]
    fn contradictions_are_raised() {
        let limits = Limits { input_bytes: 1, text_chars: 0, depth: 9999, event_bytes: 0, ..Limits::default() };
        let limits = limits.consistent();
        assert_eq!((limits.input_bytes, limits.text_chars), (2000, 10));
        assert_eq!((limits.depth, limits.event_bytes), (100, 4096));
        assert_eq!(Limits::default().consistent(), Limits::default());
    }
}
