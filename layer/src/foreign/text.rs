//! Texts that somebody else's code shows go in; they are kept on the stack as long as they are short, so that most cost
//! no allocation.

use std::fmt::{self, Debug, Display, Write};

use tense::__private::{MOST_BYTES, Raw, show};

/// What all texts of one span or event have together, in bytes, before one has to be allocated.
const ROOM: usize = 512;

/// The texts of one span or event.
pub(crate) struct Texts {
    bytes: [u8; ROOM],
    used: usize,
}

/// One of them, at most 4 KiB of it.
#[derive(Debug)]
pub(crate) enum Text {
    Here { from: usize, until: usize },
    Apart { text: String, is_cut: bool },
}

impl Texts {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; ROOM], used: 0 }
    }

    /// A text as it is.
    pub(crate) fn plain(&mut self, text: &str) -> Text {
        let mut shown = self.begin();
        // The error only says that it was cut, which is noted.
        shown.write_str(text).ok();
        shown.finish()
    }

    /// Its `Debug` form, which is somebody else's code.
    pub(crate) fn debug(&mut self, value: &dyn Debug) -> Text {
        let mut shown = self.begin();
        show(&mut shown, format_args!("{value:?}"));
        shown.finish()
    }

    /// Its `Display` form.
    pub(crate) fn display(&mut self, value: &dyn Display) -> Text {
        let mut shown = self.begin();
        show(&mut shown, format_args!("{value}"));
        shown.finish()
    }

    fn begin(&mut self) -> Shown<'_> {
        Shown { from: self.used, until: self.used, texts: self, apart: None, is_cut: false }
    }

    /// As it is written into a record.
    pub(crate) fn raw<'a>(&'a self, text: &'a Text) -> Raw<'a> {
        match text {
            Text::Here { from, until } => {
                let bytes = self.bytes.get(*from..*until).unwrap_or_default();
                Raw::Str(str::from_utf8(bytes).unwrap_or_default())
            }
            Text::Apart { text, is_cut: true } => Raw::CutStr(text),
            Text::Apart { text, is_cut: false } => Raw::Str(text),
        }
    }
}

/// A text that is being shown.
struct Shown<'a> {
    texts: &'a mut Texts,
    from: usize,
    until: usize,
    /// Where it goes when it does not fit.
    apart: Option<String>,
    is_cut: bool,
}

impl Shown<'_> {
    fn finish(self) -> Text {
        match self.apart {
            Some(text) => Text::Apart { text, is_cut: self.is_cut },
            None => {
                self.texts.used = self.until;
                Text::Here { from: self.from, until: self.until }
            }
        }
    }
}

impl Write for Shown<'_> {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        if self.is_cut {
            return Err(fmt::Error);
        }
        if self.apart.is_none() {
            if let Some(place) = self.texts.bytes.get_mut(self.until..self.until + more.len()) {
                place.copy_from_slice(more.as_bytes());
                self.until += more.len();
                return Ok(());
            }
            let here = self.texts.bytes.get(self.from..self.until).unwrap_or_default();
            self.apart = Some(str::from_utf8(here).unwrap_or_default().to_owned());
        }
        let text = self.apart.get_or_insert_default();
        let left = MOST_BYTES.saturating_sub(text.len());
        if more.len() > left {
            self.is_cut = true;
            text.push_str(more.get(..more.floor_char_boundary(left)).unwrap_or_default());
            return Err(fmt::Error);
        }
        text.push_str(more);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_out_as_they_were_shown_wherever_they_are_kept() {
        let mut texts = Texts::new();
        let long = "ä".repeat(MOST_BYTES);
        let shown = [texts.plain("short"), texts.plain(&long[..600]), texts.debug(&"quoted"), texts.plain(&long)];
        let raws: Vec<_> = shown.iter().map(|text| texts.raw(text)).collect();
        assert_eq!(raws[..3], [Raw::Str("short"), Raw::Str(&long[..600]), Raw::Str("\"quoted\"")]);
        assert_eq!(raws[3], Raw::CutStr(&long[..MOST_BYTES]));
        assert_eq!(texts.used, 13, "what is kept apart takes no room here");
    }

    #[test]
    fn a_text_that_is_shown_in_pieces_may_move_in_between() {
        struct Pieces;
        impl Debug for Pieces {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (0..100).try_for_each(|_| f.write_str("0123456789"))
            }
        }
        let mut texts = Texts::new();
        let text = texts.debug(&Pieces);
        assert_eq!(texts.raw(&text), Raw::Str(&"0123456789".repeat(100)));
    }
}
