//! Arguments and standard input enter; what is to be judged leaves, one line at a time.
//!
//! A million lines take no more memory than one, and one takes no more than [`LONGEST`], however long it is.

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};

use anyhow::Context;
use tense_store::text;

use crate::layout::counted;
use crate::progress::Progress;

/// Stands for standard input among the arguments.
const STANDARD_INPUT: &str = "-";
/// The longest line that is looked at, in bytes. Names in use have less than a hundred.
pub(crate) const LONGEST: usize = 4096;
/// How much is read, and written, at once, in bytes.
pub(crate) const CHUNK: usize = 1 << 16;
/// After so many lines is told how many there were.
const TOLD: u64 = 128;
/// How much of a line that is too long is shown, in characters.
const SHOWN: usize = 120;

/// One line, or one argument.
pub(crate) struct Line<'a> {
    /// What stood there. With a fault: what can be shown of it.
    pub(crate) text: Cow<'a, str>,
    /// Why it cannot be judged.
    pub(crate) fault: Option<Fault>,
}

/// Why a line cannot be judged, whatever it should have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    NotUtf8,
    TooLong,
}

impl Fault {
    /// What is wrong, and what to do, without the rule's id.
    pub(crate) fn sentence(self) -> String {
        match self {
            Fault::NotUtf8 => {
                "this is not UTF-8, and a name is plain ASCII: look at how the list was written".to_owned()
            }
            Fault::TooLong => {
                format!("this has more than {LONGEST} bytes, so it is left unread: is it one name on a line?")
            }
        }
    }
}

impl<'a> Line<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        if bytes.len() > LONGEST {
            let beginning = String::from_utf8_lossy(&bytes[..LONGEST]);
            let end = beginning.char_indices().nth(SHOWN).map_or(beginning.len(), |(end, _)| end);
            return Self { text: format!("{}…", &beginning[..end]).into(), fault: Some(Fault::TooLong) };
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Self { text: text.into(), fault: None },
            Err(_) => Self { text: String::from_utf8_lossy(bytes), fault: Some(Fault::NotUtf8) },
        }
    }

    /// The text as it may stand at the head of a line on a terminal.
    pub(crate) fn shown(&self) -> String {
        if self.text.is_empty() { "\"\"".to_owned() } else { text::excerpt(&self.text, SHOWN) }
    }
}

/// Hands over the arguments in order, and for `-` the lines of standard input, with a progress of its lines unless
/// whoever asks sees them go by: because they type them, or because the answer to each `is_shown`.
pub(crate) fn each<W: Write>(
    arguments: &[OsString],
    is_shown: bool,
    out: &mut W,
    mut take: impl FnMut(&mut W, &Line<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    for argument in arguments {
        if argument == STANDARD_INPUT {
            let progress = Progress::endless().unless(is_shown || io::stdin().is_terminal());
            of_input(BufReader::with_capacity(CHUNK, io::stdin().lock()), &progress, out, &mut take)?;
        } else {
            take(out, &Line::new(argument.as_encoded_bytes()))?;
        }
    }
    Ok(())
}

fn of_input<W: Write>(
    mut input: BufReader<impl Read>,
    progress: &Progress,
    out: &mut W,
    take: &mut impl FnMut(&mut W, &Line<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut line = Vec::with_capacity(LONGEST + 2);
    for taken in 0_u64.. {
        // Whoever writes a line and waits for its answer before the next one gets it. Before the progress is drawn as
        // well: both may be on one terminal, and what is kept back until there is much of it would tear its line.
        if input.buffer().is_empty() || taken % TOLD == 0 {
            progress.beside(|| out.flush())?;
            progress.at(taken, || format!("{} read", counted(usize::try_from(taken).unwrap_or(usize::MAX), "line")));
        }
        line.clear();
        // One byte more than a line may have, and its `\r\n`.
        let most = LONGEST as u64 + 3;
        let read = (&mut input).take(most).read_until(b'\n', &mut line).context(READING)?;
        if read == 0 {
            return Ok(());
        }
        if line.last() == Some(&b'\n') {
            line.pop();
            if line.last() == Some(&b'\r') {
                line.pop();
            }
        } else if line.len() > LONGEST {
            input.skip_until(b'\n').context(READING)?;
        }
        take(out, &Line::new(&line))?;
    }
    Ok(())
}

const READING: &str = "failed to read standard input";

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads in pieces of so many bytes, so that every line is torn somewhere.
    fn read(bytes: &[u8], piece: usize) -> Vec<(String, Option<Fault>)> {
        let mut lines = Vec::new();
        let input = BufReader::with_capacity(piece, bytes);
        of_input(input, &Progress::endless(), &mut io::sink(), &mut |_, line| {
            lines.push((line.text.to_string(), line.fault));
            Ok(())
        })
        .unwrap();
        lines
    }

    #[test]
    fn lines_end_in_a_line_feed_or_a_carriage_return_before_it() {
        let fine = |text: &str| (text.to_owned(), None);
        for piece in [1, 2, 3, 64] {
            assert_eq!(read(b"", piece), []);
            assert_eq!(read(b"\n", piece), [fine("")]);
            assert_eq!(read(b"a.b\r\n\r\n\nc.d", piece), [fine("a.b"), fine(""), fine(""), fine("c.d")]);
            assert_eq!(read(b"a\rb\r\r\n", piece), [fine("a\rb\r")]);
            let torn = ("a\u{fffd}".to_owned(), Some(Fault::NotUtf8));
            assert_eq!(read(b"a\xff\nb", piece), [torn, fine("b")]);
        }
    }

    #[test]
    fn a_line_is_read_up_to_a_limit_and_the_next_one_is_read_again() {
        for ending in ["\n", "\r\n"] {
            for (length, is_told) in [(LONGEST, false), (LONGEST + 1, true), (LONGEST + 2, true), (9 * LONGEST, true)] {
                let text = format!("{}{ending}next{ending}", "a".repeat(length));
                let lines = read(text.as_bytes(), 100);
                assert_eq!(lines.len(), 2, "{length}");
                assert_eq!(lines[0].1, is_told.then_some(Fault::TooLong), "{length}");
                assert_eq!(lines[1], ("next".to_owned(), None), "{length}");
            }
        }
    }
}
