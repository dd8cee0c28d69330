//! How wide a text is on the screen, how wide the screen is, and what parts of an answer look like; [`page`] makes a
//! block of Markdown of it where one is wanted, and [`screen`] knows what of that the terminal understands.

pub(crate) mod page;
pub(crate) mod screen;

use std::env;
use std::fmt::Display;
use std::io::IsTerminal;
use std::time::Duration;

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
/// The same where no other moment beside it tells the zone.
pub(crate) const ZONED: &str = "%Y-%m-%d %H:%M:%S %Z";
/// Without the year and the seconds, for narrow screens.
pub(crate) const SHORT_ZONED: &str = "%m-%d %H:%M %Z";

/// So much of a name, a type, a place in the source is taken, before it is made to fit.
pub(crate) const NAME: usize = 120;
/// An error message is shown as long as an event may keep it.
pub(crate) const MESSAGE: usize = 500;

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

/// Whether somebody says `CLICOLOR_FORCE=0`, which forces nothing; those who ask the environment for us take any word
/// for a yes.
fn forces_nothing() -> bool {
    env::var_os("CLICOLOR_FORCE").is_some_and(|word| word == "0")
}

/// Then: whether there are colours without it.
fn wants_colours() -> bool {
    let is = |name: &str, word: &str| env::var_os(name).is_some_and(|is| is == word);
    let is_set = |name: &str| env::var_os(name).is_some_and(|is| !is.is_empty());
    std::io::stdout().is_terminal()
        && !is_set("NO_COLOR")
        && !is("CLICOLOR", "0")
        && is_set("TERM")
        && !is("TERM", "dumb")
}

/// Decides about colours where the environment has to be read in a way of our own.
pub(crate) fn choose_colours() {
    if forces_nothing() {
        let choice = if wants_colours() { anstream::ColorChoice::Always } else { anstream::ColorChoice::Never };
        choice.write_global();
    }
}

/// The same for the help.
pub(crate) fn of_help() -> clap::ColorChoice {
    match forces_nothing() {
        true if wants_colours() => clap::ColorChoice::Always,
        true => clap::ColorChoice::Never,
        false => clap::ColorChoice::Auto,
    }
}

/// How many columns there are: what `COLUMNS` says, else a usual window, else, where nobody looks at lines, plenty.
pub(crate) fn columns() -> usize {
    named_columns().unwrap_or_else(|| if std::io::stdout().is_terminal() { 120 } else { 200 })
}

/// How many columns `COLUMNS` says, as far as lines of so many can be read.
pub(crate) fn named_columns() -> Option<usize> {
    let named: usize = env::var("COLUMNS").ok()?.parse().ok()?;
    Some(named.clamp(60, 200))
}

/// How many columns a text takes.
pub(crate) fn width(text: &str) -> usize {
    // Nearly every text, and there may be millions.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) { text.len() } else { text.width() }
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

/// The lines of a text, broken at spaces so that each fits; a word that is wider than a line is cut.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let line = lines.last_mut().filter(|line| line.is_empty() || width(line) + 1 + width(word) <= columns);
        match line {
            Some(line) if line.is_empty() => line.push_str(&fit(word, columns)),
            Some(line) => *line = format!("{line} {word}"),
            None => lines.push(fit(word, columns)),
        }
    }
    lines
}

/// So many spaces as the text lacks.
pub(crate) fn padding(text: &str, columns: usize) -> String {
    " ".repeat(columns.saturating_sub(width(text)))
}

/// Parts with something between them, in as many lines as it takes; what is too long for one is cut.
pub(crate) fn lines(parts: &[String], between: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if width(line) + width(between) + width(part) <= columns => *line += &format!("{between}{part}"),
            _ => lines.push(fit(part, columns)),
        }
    }
    lines
}

/// A bar of so many columns for the whole; whatever is more than nothing can be seen.
pub(crate) fn bar(share: f64, columns: usize) -> String {
    const PARTS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let eighths = (share * columns as f64 * 8.0).round() as usize;
    let eighths = if share > 0.0 { eighths.max(1) } else { 0 };
    let end = PARTS.get((eighths % 8).wrapping_sub(1));
    "█".repeat(eighths / 8) + &end.map(char::to_string).unwrap_or_default()
}

/// A column for each value, as high as it is of the most; nothing where it is nothing.
pub(crate) fn sparkline(values: &[f64], most: f64) -> String {
    const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let height = |value: &f64| match (value / most * 8.0).ceil() {
        height if height >= 1.0 => HEIGHTS[(height as usize).min(8) - 1],
        _ => ' ',
    };
    values.iter().map(height).collect()
}

/// In seconds.
const HOUR: u64 = 3_600;

/// So many spaces for so many levels, as far as there is room; deeper, with the depth as a number.
pub(crate) fn indent(depth: usize, room: usize) -> String {
    let most = room / 6;
    if depth <= most { "  ".repeat(depth) } else { format!("{}⋯{depth} ", "  ".repeat(most.saturating_sub(2))) }
}

/// Moments of a trace as times since its begin, all in one unit, which suits how long it took; from an hour on in
/// days, hours, minutes and seconds, with as much of the seconds as tells neighbours apart.
#[derive(Clone, Copy)]
pub(crate) struct Offsets {
    unit: &'static str,
    per_second: f64,
    digits: usize,
    in_words: bool,
}

impl Offsets {
    pub(crate) const fn of(whole: Duration) -> Self {
        let (unit, per_second, digits) = match whole.as_millis() {
            0 => ("µs", 1e6, 1),
            1..100 => ("ms", 1e3, 3),
            100..10_000 => ("ms", 1e3, 1),
            10_000..3_600_000 => ("s", 1.0, 3),
            3_600_000..86_400_000 => ("s", 1.0, 1),
            _ => ("s", 1.0, 0),
        };
        Self { unit, per_second, digits, in_words: whole.as_secs() >= HOUR }
    }

    /// `+4.0 ms`, `+1 h 30 m 00.0 s`
    pub(crate) fn show(self, since: Duration) -> String {
        if self.in_words {
            return self.words(since);
        }
        format!("+{:.*} {}", self.digits, since.as_secs_f64() * self.per_second, self.unit)
    }

    fn words(self, since: Duration) -> String {
        let step = 10_u128.pow(9 - self.digits as u32);
        let since = (since.as_nanos() + step / 2) / step * step;
        let (whole, nanos) = (since / 1_000_000_000, since % 1_000_000_000);
        let whole = u64::try_from(whole).unwrap_or(u64::MAX);
        let (days, hours, minutes) = (whole / (24 * HOUR), whole / HOUR % 24, whole / 60 % 60);
        let fraction = if self.digits == 0 { String::new() } else { format!(".{}", nanos / step) };
        let seconds = format!("{:02}{fraction} s", whole % 60);
        match (days, hours, minutes) {
            (0, 0, 0) => format!("+{whole}{fraction} s"),
            (0, 0, minutes) => format!("+{minutes} m {seconds}"),
            (0, hours, minutes) => format!("+{hours} h {minutes:02} m {seconds}"),
            (days, hours, minutes) => format!("+{days} d {hours:02} h {minutes:02} m {seconds}"),
        }
    }

    /// As it can be given to an option: `4.0ms`, no later than it is.
    pub(crate) fn option(self, since: Duration) -> String {
        let shift = 10_f64.powi(i32::try_from(self.digits).unwrap_or(0));
        let rounded = (since.as_secs_f64() * self.per_second * shift).floor() / shift;
        format!("{rounded:.*}{}", self.digits, self.unit.replace('µ', "u"))
    }
}

/// `1 file`, `2 files`
pub(crate) fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A moment in the time zone of whoever asks.
pub(crate) fn moment_in(at: Timestamp, format: &str, zone: &TimeZone) -> String {
    match jiff::Timestamp::from_nanosecond(at.unix_nanos().into()) {
        Ok(at) => at.to_zoned(zone.clone()).strftime(format).to_string(),
        // Not reachable: jiff's range is wider than that of 64 bits of nanoseconds.
        Err(_) => at.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use tense_store::query;

    use super::*;

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(fit("漢字漢字", 8), "漢字漢字");
        assert_eq!(fit("漢字漢字", 7), "漢字漢…");
        assert_eq!(fit("漢字漢字", 6), "漢字…");
        assert_eq!(fit("abc", 0), "…");
        assert_eq!(padding("漢", 4).len(), 2);
    }

    #[test]
    fn bars_and_lines_have_eighths() {
        assert_eq!(["", "▏", "██", "██▌", "█████"], [0.0, 0.001, 0.4, 0.5, 7.0].map(|share| bar(share, 5)));
        assert_eq!(bar(f64::NAN, 5), "");
        assert_eq!(sparkline(&[0.0, 0.1, 1.0, 4.0, 8.0], 8.0), " ▁▁▄█");
        assert_eq!(sparkline(&[0.0, 0.0], 0.0), "  ");
    }

    #[test]
    fn what_is_shown_can_be_asked_for() {
        for (whole, since, shown, option) in [
            (900, 1_234, "+1.2 µs", "1.2us"),
            (5_000_000_000, 4_999_960_000, "+5000.0 ms", "4999.9ms"),
            (60_000_000_000, 59_999_000_000, "+59.999 s", "59.999s"),
            (7_200_000_000_000, 5_400_033_000_000, "+1 h 30 m 00.0 s", "5400.0s"),
            (7_200_000_000_000, 3_599_960_000_000, "+1 h 00 m 00.0 s", "3599.9s"),
            (7_200_000_000_000, 61_250_000_000, "+1 m 01.3 s", "61.2s"),
            (7_200_000_000_000, 700_000_000, "+0.7 s", "0.7s"),
            (172_800_000_000_000, 90_000_600_000_000, "+1 d 01 h 00 m 01 s", "90000s"),
        ] {
            let offsets = Offsets::of(Duration::from_nanos(whole));
            let since = Duration::from_nanos(since);
            assert_eq!((offsets.show(since).as_str(), offsets.option(since).as_str()), (shown, option));
            assert!(query::duration(option).is_some_and(|asked| asked <= since));
        }
    }

    #[test]
    fn what_is_deep_has_its_depth_as_a_number() {
        assert_eq!(indent(3, 20), "      ");
        assert_eq!(indent(100_000, 20), "  ⋯100000 ");
    }

    #[test]
    fn lines_are_broken_where_words_end() {
        assert_eq!(wrap("one two  three", 8), ["one two", "three"]);
        assert_eq!(wrap("漢字 漢字漢字漢字 a", 7), ["漢字", "漢字漢…", "a"]);
        assert_eq!(wrap("", 8), [""]);
        assert_eq!(wrap("wide", 0), ["…"]);
    }
}
