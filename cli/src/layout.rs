//! How wide a text is on the screen, how wide the screen is, and what parts of an answer look like.

use std::env;
use std::fmt::Display;
use std::io::IsTerminal;

use anstyle::{AnsiColor, Style};
use jiff::tz::TimeZone;
use tense_event::Timestamp;
use tense_store::tree::Role;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// For names of runs: what the eye looks for first.
pub(crate) const STRONG: Style = Style::new().bold();
/// For what only matters to whoever asks twice.
pub(crate) const FAINT: Style = Style::new().dimmed();
/// For what failed.
pub(crate) const FAILURE: Style = AnsiColor::Red.on_default();
const STOPPED: Style = AnsiColor::Yellow.on_default();
const UNDONE: Style = AnsiColor::Cyan.on_default();

/// 2026-11-21 10:00:00
pub(crate) const DAY_AND_TIME: &str = "%Y-%m-%d %H:%M:%S";
/// The same without the year, for narrow screens.
pub(crate) const SHORT_DAY_AND_TIME: &str = "%m-%d %H:%M:%S";

/// What a note of that role looks like.
pub(crate) const fn style(role: Role) -> Style {
    match role {
        Role::Failure => FAILURE,
        Role::Stopped => STOPPED,
        Role::Undone => UNDONE,
        _ => FAINT,
    }
}

/// A text in a style; what is no terminal gets the text alone.
pub(crate) fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// How many columns there are: what `COLUMNS` says, else a usual window, else, where nobody looks at lines, plenty.
pub(crate) fn columns() -> usize {
    let named = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    named.unwrap_or_else(|| if std::io::stdout().is_terminal() { 120 } else { 200 }).clamp(60, 200)
}

/// How many columns a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The beginning of a text that fits, with an ellipsis when something was left out.
pub(crate) fn fit(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut room = columns.saturating_sub(1);
    let fits = text.chars().take_while(|c| {
        let wide = c.width().unwrap_or(0);
        let fits = wide <= room;
        room = room.saturating_sub(wide);
        fits
    });
    fits.chain(['…']).collect()
}

/// So many spaces as the text lacks.
pub(crate) fn padding(text: &str, columns: usize) -> String {
    " ".repeat(columns.saturating_sub(width(text)))
}

/// `1 file`, `2 files`
pub(crate) fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A moment in the time zone of whoever asks.
pub(crate) fn moment(at: Timestamp, format: &str) -> String {
    moment_in(at, format, &TimeZone::system())
}

/// A moment in that time zone.
pub(crate) fn moment_in(at: Timestamp, format: &str, zone: &TimeZone) -> String {
    match jiff::Timestamp::from_nanosecond(at.unix_nanos().into()) {
        Ok(at) => at.to_zoned(zone.clone()).strftime(format).to_string(),
        // Not reachable: jiff's range is wider than that of 64 bits of nanoseconds.
        Err(_) => at.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(fit("漢字漢字", 8), "漢字漢字");
        assert_eq!(fit("漢字漢字", 7), "漢字漢…");
        assert_eq!(fit("漢字漢字", 6), "漢字…");
        assert_eq!(fit("abc", 0), "…");
        assert_eq!(padding("漢", 4).len(), 2);
    }
}
