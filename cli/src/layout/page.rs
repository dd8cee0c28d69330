//! A text as wide as the terminal enters; it leaves as it is, or as a block of Markdown, in which it stands as it
//! would there, without colours.

use std::io::{self, Write};

use anstream::adapter::strip_str;

/// Where a text for people goes.
pub(crate) struct Page<W> {
    out: W,
    /// All of it, where it is to be a block: what stands in it decides how the block is fenced.
    block: Option<Vec<u8>>,
}

impl<W: Write> Page<W> {
    pub(crate) const fn plain(out: W) -> Self {
        Self { out, block: None }
    }

    pub(crate) const fn fenced(out: W) -> Self {
        Self { out, block: Some(Vec::new()) }
    }

    /// There is no more of it. Nothing is no block.
    pub(crate) fn end(mut self) -> io::Result<()> {
        let Some(block) = self.block.filter(|block| !block.is_empty()) else { return Ok(()) };
        let text = strip_str(&String::from_utf8_lossy(&block)).to_string();
        // A fence is ended by no fewer backticks than it begins with.
        let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
        let fence = "`".repeat(longest.max(2) + 1);
        let line_feed = if text.ends_with('\n') { "" } else { "\n" };
        write!(self.out, "{fence}text\n{text}{line_feed}{fence}\n")
    }
}

impl<W: Write> Write for Page<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.block {
            Some(block) => block.write(bytes),
            None => self.out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_block_does_not_end_it_and_has_no_colours() {
        let block = |text: &str| {
            let mut out = Vec::new();
            let mut page = Page::fenced(&mut out);
            page.write_all(text.as_bytes()).unwrap();
            page.end().unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(block("\u{1b}[31ma\u{1b}[0m\n"), "```text\na\n```\n");
        assert_eq!(block("a\n````\nb"), "`````text\na\n````\nb\n`````\n");
        assert_eq!(block(""), "");
    }
}
