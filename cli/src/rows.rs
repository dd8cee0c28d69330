//! Events enter one by one; each leaves as a line of a table, below a line with the day whenever that is another one.

use std::io::Write;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use tense_event::{Event, Status};
use tense_store::text::{duration, excerpt, value};

use crate::layout::{FAILURE, FAINT, STRONG, columns, fit, padding, paint, width};
use crate::{format::Format, json, markdown};

/// From so many columns on there is room for parts of seconds and for programs.
const WIDE: usize = 100;
/// How long most durations are.
const TOOK: usize = 8;
/// How long most event types are.
const TYPE: usize = 36;
/// Of a text, before it is made to fit.
const TEXT: usize = 200;

/// Writes events, as they come.
pub(crate) struct Rows {
    format: Format,
    zone: TimeZone,
    columns: usize,
    day: Option<Date>,
    has_head: bool,
}

impl Rows {
    pub(crate) fn new(format: Format, zone: TimeZone) -> Self {
        Self { format, zone, columns: columns(), day: None, has_head: false }
    }

    /// One more event. In JSON an object a line, also for [`Format::Json`].
    pub(crate) fn write(&mut self, out: &mut impl Write, event: &Event) -> anyhow::Result<()> {
        match self.format {
            Format::Table => self.row(out, event),
            Format::Json | Format::Jsonl => json::line(out, event),
            Format::Md => self.markdown(out, event),
        }
    }

    fn row(&mut self, out: &mut impl Write, event: &Event) -> anyhow::Result<()> {
        let at = jiff::Timestamp::from_nanosecond(event.timestamp.unix_nanos().into())?.to_zoned(self.zone.clone());
        if self.day != Some(at.date()) {
            self.day = Some(at.date());
            writeln!(out, "{}", paint(FAINT, at.strftime("%Y-%m-%d %Z")))?;
        }
        let is_wide = self.columns >= WIDE;
        let time = at.strftime(if is_wide { "%H:%M:%S.%3f" } else { "%H:%M:%S" });
        let took = event.duration.map(duration).unwrap_or_default();
        let left = format!("{time}  {}  {}{took}  ", event.trace_id.short(), padding(&took, TOOK));
        let (mark, style) = match event.status {
            Status::Failed => ("✗ ", FAILURE),
            Status::Pending => ("… ", FAINT),
            Status::Success => ("  ", anstyle::Style::new()),
        };
        let room = self.columns.saturating_sub(width(&left) + width(mark));
        let name = fit(&excerpt(&event.event_type, TEXT), room);
        let mut line = format!(
            "{left}{}{}",
            paint(style, mark),
            if event.status == Status::Failed { paint(style, &name) } else { paint(STRONG, &name) }
        );
        let said = said(event, is_wide);
        let name_width = width(&name).max(if is_wide { TYPE } else { 0 });
        let room = room.saturating_sub(name_width + 2);
        if !said.is_empty() && room > 5 {
            line += &format!("{}  {}", padding(&name, name_width), fit(&said, room));
        }
        writeln!(out, "{line}")?;
        Ok(())
    }

    fn markdown(&mut self, out: &mut impl Write, event: &Event) -> anyhow::Result<()> {
        if !self.has_head {
            self.has_head = true;
            writeln!(
                out,
                "| time | trace | event | status | took | service | details |\n|---|---|---|---|---:|---|---|"
            )?;
        }
        let at = jiff::Timestamp::from_nanosecond(event.timestamp.unix_nanos().into())?.to_zoned(self.zone.clone());
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} |",
            at.strftime("%Y-%m-%d %H:%M:%S.%3f %Z"),
            event.trace_id,
            markdown::inline(&excerpt(&event.event_type, TEXT)),
            event.status.as_str(),
            event.duration.map(duration).unwrap_or_default(),
            markdown::inline(&excerpt(&event.service, TEXT)),
            markdown::inline(&said(event, false)),
        )?;
        Ok(())
    }
}

/// What an event says: why it failed, what it is called elsewhere, what it recorded.
fn said(event: &Event, with_service: bool) -> String {
    let mut parts = Vec::new();
    if let Some(error) = &event.error {
        parts.extend(
            [error.error_type.as_ref(), &error.error_message]
                .iter()
                .filter(|text| !text.is_empty())
                .map(|text| excerpt(text, TEXT)),
        );
        parts = vec![parts.join(": ")];
    }
    for (name, id) in [("job", &event.job_id), ("user", &event.user_id)] {
        parts.extend(id.as_ref().map(|id| format!("{name}={}", value(&id.as_str().into(), TEXT))));
    }
    parts.extend(event.data.iter().map(|(name, data)| format!("{}={}", excerpt(name, TEXT), value(data, TEXT))));
    if with_service && !event.service.is_empty() {
        parts.push(format!("[{}]", excerpt(&event.service, TEXT)));
    }
    parts.retain(|part| !part.is_empty());
    parts.join("  ")
}
