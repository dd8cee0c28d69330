//! When something was, as a person says it (`1h`, `yesterday 14:00`, RFC 3339), enters; a moment leaves.

use std::str::FromStr;
use std::time::{Duration, SystemTime};

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp as Instant, ToSpan};
use tense_event::Timestamp;
use tense_store::query::duration;

use crate::commands::NoSense;

/// A moment that was said, before it is known what time it is, and where.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Moment {
    /// `now`
    Now,
    /// `90m`, `2d`, `1h ago`: so long before now.
    Ago(Duration),
    /// A day before today so often, and a time of it: `today`, `yesterday 14:00`.
    Day(i64, Time),
    /// `14:00`: when it was so late last.
    Time(Time),
    /// `2026-11-21`, `2026-11-21 14:00`: on the clock of whoever asks.
    Local(DateTime),
    /// `2026-11-21T14:00:00Z`
    At(Instant),
}

const HOW: &str = "write how long ago (90s, 30m, 1h, 7d), a time (14:00), a day (today, yesterday, 2026-11-21), both \
    (\"yesterday 14:00\", \"2026-11-21 14:00\"), or RFC 3339 (2026-11-21T14:00:00Z)";

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        // The reader of times takes one out of a date as well.
        let is_time =
            |text: &str| text.contains(':') && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.'));
        let time = |text: &str| if is_time(text) { text.parse::<Time>().ok() } else { None };
        let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
        let day = match first {
            "now" if rest.is_empty() => return Ok(Self::Now),
            "today" => Some(0),
            "yesterday" => Some(1),
            _ => None,
        };
        if let Some(day) = day {
            let time = if rest.is_empty() { Some(Time::midnight()) } else { time(rest.trim()) };
            return time.map(|time| Self::Day(day, time)).ok_or_else(|| not_understood(text));
        }
        if let Some(ago) = duration(text.strip_suffix("ago").unwrap_or(text)) {
            return Ok(Self::Ago(ago));
        }
        if let Some(time) = time(text) {
            return Ok(Self::Time(time));
        }
        if let Ok(at) = text.parse() {
            return Ok(Self::At(at));
        }
        text.parse().map(Self::Local).map_err(|_| not_understood(text))
    }
}

/// What is wrong with a moment that nobody can find on a clock or in a calendar, as far as that can be told.
fn not_understood(text: &str) -> String {
    let numbers = |text: &str, sign| text.split(sign).map(str::parse::<u32>).collect::<Result<Vec<_>, _>>();
    let (first, last) = (text.split([' ', 'T']).next().unwrap_or(text), text.rsplit([' ', 'T']).next().unwrap_or(text));
    if text.strip_prefix(['-', '+']).is_some_and(|long| duration(long).is_some()) {
        return format!("how long ago is written without a sign; {HOW}");
    }
    if first.parse::<Date>().is_err() && numbers(first, '-').is_ok_and(|date| date.len() == 3) {
        return format!("there is no such day in the calendar; {HOW}");
    }
    if last.parse::<Time>().is_err() && numbers(last, ':').is_ok_and(|time| time.len() > 1) {
        return format!("a day goes from 00:00 to 23:59:59; {HOW}");
    }
    HOW.to_owned()
}

impl Moment {
    /// The moment that was meant, by a clock of that zone.
    pub(crate) fn at(&self, zone: &TimeZone) -> anyhow::Result<Timestamp> {
        self.said_at(now(), zone)
    }

    fn said_at(&self, now: Instant, zone: &TimeZone) -> anyhow::Result<Timestamp> {
        self.resolve(now, zone).ok_or_else(|| {
            anyhow::anyhow!("this is further away than the calendar goes, which ends with the year 9999")
        })
    }

    /// The moment that was meant, on a clock of that zone that shows that time.
    fn resolve(&self, now: Instant, zone: &TimeZone) -> Option<Timestamp> {
        let today = now.to_zoned(zone.clone()).date();
        let local = |local: DateTime| local.to_zoned(zone.clone()).ok().map(|at| at.timestamp());
        let at = match self {
            Self::Now => now,
            Self::Ago(ago) => now.checked_sub(*ago).unwrap_or(Instant::MIN),
            Self::Day(days, time) => local(today.checked_sub(days.days()).ok()?.to_datetime(*time))?,
            Self::Time(time) => match local(today.to_datetime(*time))? {
                later if later > now => local(today.yesterday().ok()?.to_datetime(*time))?,
                earlier => earlier,
            },
            Self::Local(at) => local(*at)?,
            Self::At(at) => *at,
        };
        let nanos = at.as_nanosecond().clamp(i64::MIN.into(), i64::MAX.into());
        i64::try_from(nanos).ok().map(Timestamp::from_unix_nanos)
    }
}

/// From when until when.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Period {
    /// What happened then or later: how long ago (90s, 30m, 1h, 7d), a time (14:00), a day (today, yesterday,
    /// 2026-11-21), both ("yesterday 14:00"), or RFC 3339
    #[arg(long, value_name = "WHEN")]
    since: Option<Moment>,

    /// What happened before, said in the same ways
    #[arg(long, value_name = "WHEN")]
    until: Option<Moment>,

    /// What happened within so long before now: 30m, 24h, 7d
    #[arg(long, value_name = "TIME", conflicts_with_all = ["since", "until"], value_parser = length)]
    last: Option<Duration>,
}

impl Period {
    /// Since when, and until when.
    pub(crate) fn resolve(&self, zone: &TimeZone) -> anyhow::Result<(Option<Timestamp>, Option<Timestamp>)> {
        let last = self.last.map(Moment::Ago);
        between(last.as_ref().or(self.since.as_ref()), self.until.as_ref(), zone)
    }
}

/// Since when, and until when; an error where nothing lies between the two.
pub(crate) fn between(
    since: Option<&Moment>,
    until: Option<&Moment>,
    zone: &TimeZone,
) -> anyhow::Result<(Option<Timestamp>, Option<Timestamp>)> {
    let now = now();
    let resolve = |moment: Option<&Moment>| moment.map(|moment| moment.said_at(now, zone)).transpose();
    let (since, until) = (resolve(since)?, resolve(until)?);
    if let (Some(since), Some(until)) = (since, until) {
        anyhow::ensure!(
            since < until,
            NoSense(format!(
                "nothing lies between --since, {since}, and --until, {until}: the first has to be earlier"
            ))
        );
    }
    Ok((since, until))
}

/// The moment that is so long ago.
pub(crate) fn ago(long: Duration) -> Timestamp {
    let at = Moment::Ago(long).resolve(now(), &TimeZone::UTC);
    at.unwrap_or(Timestamp::from_unix_nanos(i64::MIN))
}

/// Reads how long something is among the arguments, `100ms`, `1h30m`, `7d`: the one reader for all of them.
pub(crate) fn length(text: &str) -> Result<Duration, &'static str> {
    duration(text).ok_or("write a number and its unit, one of ns, us, ms, s, m, h, d: 100ms, 1.5s, 1h30m, 7d")
}

fn now() -> Instant {
    Instant::try_from(SystemTime::now()).unwrap_or(Instant::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_said_in_many_ways() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let now: Instant = "2026-11-21T10:30:00Z".parse().unwrap();
        let check = |said: &str, expected: &str| {
            let moment = said.parse::<Moment>().unwrap_or_else(|error| panic!("{said}: {error}"));
            let at = moment.resolve(now, &zone).unwrap();
            assert_eq!(at.to_string(), expected, "{said}");
        };
        check("now", "2026-11-21T10:30:00Z");
        check("90m", "2026-11-21T09:00:00Z");
        check("1h30m ago", "2026-11-21T09:00:00Z");
        check("today", "2026-11-20T22:00:00Z");
        check("yesterday", "2026-11-19T22:00:00Z");
        check("yesterday 14:00", "2026-11-20T12:00:00Z");
        check(" 12:00 ", "2026-11-21T10:00:00Z");
        check("12:29:59.5", "2026-11-21T10:29:59.5Z");
        check("13:00", "2026-11-20T11:00:00Z");
        check("2026-11-01", "2026-10-31T22:00:00Z");
        check("2026-11-01 06:15", "2026-11-01T04:15:00Z");
        check("2026-11-01T06:15:00Z", "2026-11-01T06:15:00Z");
        check("2026-11-01T06:15:00-01:00", "2026-11-01T07:15:00Z");
        check("300000000m", "1677-09-21T00:12:43.145224192Z");
        for wrong in ["", "soon", "1", "25:00", "2026-13-01", "yesterday noon", "-1h", "now 5", "ago"] {
            assert!(wrong.parse::<Moment>().unwrap_err().contains("RFC 3339"), "{wrong}");
        }
        for (wrong, why) in [
            ("-1h", "without a sign"),
            ("2026-02-29", "no such day"),
            ("2026-02-30 14:00", "no such day"),
            ("24:00", "to 23:59:59"),
            ("yesterday 24:00", "to 23:59:59"),
            ("2026-11-21 14:60", "to 23:59:59"),
        ] {
            let told = wrong.parse::<Moment>().unwrap_err();
            assert!(told.contains(why), "{wrong}: {told}");
        }
        let beyond = "9999-12-31 23:00".parse::<Moment>().unwrap().said_at(now, &TimeZone::fixed(jiff::tz::offset(-2)));
        assert!(beyond.unwrap_err().to_string().contains("year 9999"));
    }
}
