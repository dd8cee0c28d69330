//! Lines of any log enter on standard input; they leave on standard output without their secrets.
//!
//! A line is what the sanitizer looks at, and a long one goes in pieces: memory does not grow with it, and nothing is
//! left out. What goes on over several lines is `blocks`.

mod blocks;

use std::io::{self, BufRead, BufReader, Write};

use anyhow::Context;

use crate::commands::Answer;
use crate::lines::CHUNK;
use crate::project::WhichRegistry;
use crate::redaction;
use blocks::Blocks;

const EXAMPLES: &str = "\
Examples:
  tense redact < app.log > clean.log
  kubectl logs -f checkout | tense redact

Values of keys that name a secret, credentials of well-known services, private keys, credentials in addresses and headers, e-mail \
addresses, telephone and card numbers become `[REDACTED]`; home directories become `~`. [redact] in the project's tense.toml adds rules \
and switches some off. Bytes that are no text stay as they are, and so do line ends; a line is written when it is there. It lowers the \
odds and does not find every secret: docs/redaction.md has the figures.

Exit codes: 0 all of it was filtered, 2 the question was not understood, or something could not be read or written.";

/// Filters any log: standard input to standard output, without secrets
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: WhichRegistry,
}

/// The most of a line that is looked at together, in bytes.
const PIECE: usize = 64 << 10;
/// How far back from its end a place is looked for at which a long line can be taken apart.
const REACH: usize = 8 << 10;

pub(crate) fn answer(arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let sanitizer = redaction::sanitizer(&arguments.which.registry()?)
        .context("`[redact]` of the registry cannot be gone by; `tense check` says where")?;
    let mut from = BufReader::with_capacity(CHUNK, io::stdin().lock());
    let mut blocks = Blocks::new(&sanitizer);
    let mut line = Vec::with_capacity(PIECE);
    // Whether what stands here belongs to the secret that the last piece ended in.
    let mut goes_on = false;
    while read_piece(&mut from, &mut line)? {
        let ends = line.ends_with(b"\n");
        let whole = if ends { line.len() } else { cut(&line) };
        let (mut text, rest) = line.split_at(whole);
        if goes_on {
            let secret = text.iter().take_while(|byte| !ends_value(**byte)).count();
            text = &text[secret..];
        }
        let clean = blocks.redacted(text, ends);
        // Of a piece that ends in a value that never ended, the rest is in the next.
        goes_on = !ends && (clean.ends_with(b"[REDACTED]") || goes_on && text.is_empty());
        out.write_all(&clean).context("failed to write")?;
        let rest = rest.to_vec();
        line.clear();
        line.extend_from_slice(&rest);
        // Whoever follows a log wants to see a line when it is there.
        if from.buffer().is_empty() {
            out.flush().context("failed to write")?;
        }
    }
    Ok(Answer::Found)
}

/// Reads on to the end of the line, or as far as a piece goes; whether there is anything.
fn read_piece(from: &mut impl BufRead, line: &mut Vec<u8>) -> anyhow::Result<bool> {
    while line.len() < PIECE {
        let buffer = match from.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error).context("failed to read standard input"),
        };
        if buffer.is_empty() {
            break;
        }
        let most = buffer.len().min(PIECE - line.len());
        let taken = buffer[..most].iter().position(|byte| *byte == b'\n').map_or(most, |at| at + 1);
        line.extend_from_slice(&buffer[..taken]);
        from.consume(taken);
        if line.ends_with(b"\n") {
            break;
        }
    }
    Ok(!line.is_empty())
}

/// Where a piece can be taken apart: behind a blank, or else behind what separates values. What is shorter is the end
/// of the input, and stays whole.
fn cut(piece: &[u8]) -> usize {
    if piece.len() < PIECE {
        return piece.len();
    }
    let from = piece.len() - REACH;
    let last = |ends: fn(&u8) -> bool| piece[from..].iter().rposition(ends).map(|at| from + at + 1);
    last(u8::is_ascii_whitespace).or_else(|| last(|byte| ends_value(*byte))).unwrap_or_else(|| {
        // Not inside of a character.
        (from..piece.len()).rev().find(|at| piece[*at] & 0xc0 != 0x80).unwrap_or(piece.len())
    })
}

fn ends_value(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b',' | b'&' | b';' | b'}' | b')' | b'<')
}
