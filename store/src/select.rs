//! How a person names a trace: text enters, the traces that it may mean leave.

use std::str::FromStr;

use tense_event::TraceId;

use crate::TraceSummary;

/// Fewer digits than this would match by accident.
const SHORTEST: usize = 4;

/// What a person typed to name a trace.
///
/// ```
/// use tense_store::Selector;
/// assert_eq!("last-failed".parse(), Ok(Selector::LastFailed));
/// assert_eq!("B0C1D2E3".parse(), Ok(Selector::Suffix("b0c1d2e3".to_owned())));
/// assert!(matches!("0190163d-8694-739b-96b6-f0a7b0c1d2e3".parse(), Ok(Selector::Id(_))));
/// assert_eq!("order-4711".parse(), Ok(Selector::Job("order-4711".to_owned())));
/// assert!("job:".parse::<Selector>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Selector {
    /// The whole id, with or without the dashes of a UUID.
    Id(TraceId),
    /// The last digits of the id, at least four, in lower case.
    Suffix(String),
    /// `last`: the trace that began last.
    Last,
    /// `last-failed`: of those in which a root span failed, the one that began last.
    LastFailed,
    /// `job:ID`, or what can be nothing else: of those with an event of that job, the one that began last.
    Job(String),
}

/// Why a text names no trace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "read `{}` as a trace: use the last 8 digits of its id (or any 4 to 32 of its last ones), `last`, `last-failed`, \
     the id of a job, or a `traceparent`",
    given.escape_debug()
)]
pub struct SelectorError {
    /// The text, or its beginning when it is long.
    pub given: String,
}

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, SelectorError> {
        let text = text.trim();
        match text {
            "last" => return Ok(Self::Last),
            "last-failed" => return Ok(Self::LastFailed),
            _ => {}
        }
        if let Some(job) = text.strip_prefix("job:") {
            return if job.is_empty() { Err(given(text)) } else { Ok(Self::Job(job.to_owned())) };
        }
        if let Some(id) = traceparent(text) {
            return id.parse().map(Self::Id).map_err(|_| given(text));
        }
        let digits = text.replace('-', "").to_ascii_lowercase();
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        match (is_hex, digits.len()) {
            (true, SHORTEST..32) => Ok(Self::Suffix(digits)),
            (true, 32) => digits.parse().map(Self::Id).map_err(|_| given(text)),
            (_, 0) => Err(given(text)),
            _ if text.chars().any(char::is_control) => Err(given(text)),
            _ => Ok(Self::Job(text.to_owned())),
        }
    }
}

impl Selector {
    /// What else the same digits may be where no trace has them: the id of a job that looks like that of a trace, as a
    /// number or a UUID does. The first that is found is meant.
    ///
    /// ```
    /// use tense_store::Selector;
    /// let digits: Selector = "4711".parse()?;
    /// assert_eq!(digits.or_job(), [Selector::Job("4711".to_owned())]);
    /// assert!(Selector::Last.or_job().is_empty());
    /// # Ok::<(), tense_store::SelectorError>(())
    /// ```
    pub fn or_job(&self) -> Vec<Self> {
        match self {
            Self::Suffix(digits) => vec![Self::Job(digits.clone())],
            Self::Id(id) => {
                let digits = id.to_string();
                let (a, b, c, d, e) = (&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]);
                vec![Self::Job(format!("{a}-{b}-{c}-{d}-{e}")), Self::Job(digits)]
            }
            Self::Last | Self::LastFailed | Self::Job(_) => Vec::new(),
        }
    }
}

/// The trace id in a W3C `traceparent`, `00-<32 digits>-<16 digits>-<2 digits>`; later versions may have more behind
/// it.
fn traceparent(text: &str) -> Option<&str> {
    let mut parts = text.split('-');
    let [version, trace, span, flags] = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    let all = [(version, 2), (trace, 32), (span, 16), (flags, 2)];
    let is_one = |(part, digits): (&str, usize)| part.len() == digits && part.bytes().all(|b| b.is_ascii_hexdigit());
    (all.into_iter().all(is_one) && !version.eq_ignore_ascii_case("ff")).then_some(trace)
}

fn given(text: &str) -> SelectorError {
    SelectorError { given: text.chars().take(40).collect() }
}

/// What a look-up found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Found {
    /// This one.
    One(TraceId),
    /// Several traces end in these digits; the newest of them.
    Many(Vec<TraceSummary>),
    /// None.
    Nothing,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_names_a_trace_in_several_ways() {
        let id: TraceId = "0190163d8694739b96b6f0a7b0c1d2e3".parse().unwrap();
        let check = |text: &str, expected| assert_eq!(text.parse::<Selector>(), Ok(expected), "{text}");
        check("0190163d8694739b96b6f0a7b0c1d2e3", Selector::Id(id));
        check("0190163D-8694-739B-96B6-F0A7B0C1D2E3", Selector::Id(id));
        check(" d2e3 ", Selector::Suffix("d2e3".to_owned()));
        check("last", Selector::Last);
        check("00-0190163d8694739b96b6f0a7b0c1d2e3-00f067aa0ba902b7-01", Selector::Id(id));
        check("cc-0190163D8694739B96B6F0A7B0C1D2E3-00f067aa0ba902b7-01-more", Selector::Id(id));
        check("job:j 1:2", Selector::Job("j 1:2".to_owned()));
        let commit = "a".repeat(40);
        for job in ["nightly-1", "abc", "xyz12345", &commit] {
            check(job, Selector::Job(job.to_owned()));
        }
        let later = "ff-0190163d8694739b96b6f0a7b0c1d2e3-00f067aa0ba902b7-01";
        let no_span = "zz-0190163d8694739b96b6f0a7b0c1d2e3-................-01";
        for not_a_trace in [later, no_span] {
            check(not_a_trace, Selector::Job(not_a_trace.to_owned()));
        }
        for wrong in ["job:", "", "-", "b\u{1b}x", "00000000000000000000000000000000"] {
            assert!(wrong.parse::<Selector>().is_err(), "{wrong}");
        }
    }
}
