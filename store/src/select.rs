//! How a person names a trace: text enters, the traces that it may mean leave.

use std::str::FromStr;

use tense_event::TraceId;

use crate::TraceSummary;

/// At most so many traces are told of those that end in digits that a person typed: more would not be read.
pub const CANDIDATES: usize = 20;

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
    /// The whole id, with or without the dashes of a UUID, which may be such as a document makes of them.
    Id(TraceId),
    /// The last digits of the id, at least four, in lower case.
    Suffix(String),
    /// The same, written as no UUID is, `2026-11-21` or `aB3d`: where no trace has these digits, the id of a job.
    SuffixOrJob {
        /// The digits alone, in lower case.
        digits: String,
        /// All of it.
        job: String,
    },
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
#[non_exhaustive]
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
        let plain = with_plain_dashes(text);
        if let Some(id) = traceparent(&plain) {
            return id.parse().map(Self::Id).map_err(|_| given(text));
        }
        let digits = plain.replace('-', "").to_ascii_lowercase();
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        match (is_hex, digits.len()) {
            (true, SHORTEST..32) => {
                let suffix = Self::Suffix(digits.clone());
                let is_usual = suffix.or_job().contains(&Self::Job(plain.clone()));
                Ok(if is_usual { suffix } else { Self::SuffixOrJob { digits, job: text.to_owned() } })
            }
            (true, 32) => digits.parse().map(Self::Id).map_err(|_| given(text)),
            (_, 0) => Err(given(text)),
            _ if text.chars().any(char::is_control) => Err(given(text)),
            _ => Ok(Self::Job(text.to_owned())),
        }
    }
}

impl Selector {
    /// What else may be meant where nothing is found. Digits that no trace has may be the id of a job that looks like
    /// that of a trace, as a number or a UUID does; and the id of a job may have been typed in other letters, or been
    /// copied from a document that makes its dashes longer. The first that is found is meant.
    ///
    /// ```
    /// use tense_store::Selector;
    /// let job = |id: &str| Selector::Job(id.to_owned());
    /// assert_eq!("4711".parse::<Selector>()?.or_job(), [job("4711")]);
    /// assert_eq!("b0c1d2e3".parse::<Selector>()?.or_job(), [job("b0c1d2e3"), job("B0C1D2E3")]);
    /// assert_eq!("order\u{2013}a7".parse::<Selector>()?.or_job(), [job("order-a7"), job("ORDER-A7")]);
    /// assert!(Selector::Last.or_job().is_empty());
    /// # Ok::<(), tense_store::SelectorError>(())
    /// ```
    pub fn or_job(&self) -> Vec<Self> {
        let (written, plain) = match self {
            Self::Suffix(digits) => (None, vec![digits.clone(), with_dashes_of_uuid(digits)]),
            Self::Id(id) => (None, vec![with_dashes_of_uuid(&id.to_string()), id.to_string()]),
            Self::Job(id) | Self::SuffixOrJob { job: id, .. } => {
                let plain = with_plain_dashes(id);
                let digits = plain.replace('-', "");
                let is_uuid = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                let of_uuid = if is_uuid { vec![with_dashes_of_uuid(&digits), digits] } else { Vec::new() };
                (Some(id.clone()), [vec![plain], of_uuid].concat())
            }
            Self::Last | Self::LastFailed => (None, Vec::new()),
        };
        let in_letters = plain.iter().flat_map(|id| [id.clone(), id.to_lowercase(), id.to_uppercase()]);
        let mut jobs: Vec<Self> = Vec::new();
        for job in written.into_iter().chain(in_letters).map(Self::Job) {
            if job != *self && !jobs.contains(&job) {
                jobs.push(job);
            }
        }
        jobs
    }
}

/// The dashes and minus signs that documents and chats put in the place of a hyphen.
fn with_plain_dashes(text: &str) -> String {
    text.replace(|c| matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'), "-")
}

/// The last digits of a UUID, of at most 32, with the dashes that it has among them.
fn with_dashes_of_uuid(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + 4);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && matches!(digits.len() - at, 12 | 16 | 20 | 24) {
            text.push('-');
        }
        text.push(digit);
    }
    text
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
    /// Several traces end in these digits: the newest [`CANDIDATES`] of them, the newest first.
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
        check("0190163d\u{2013}8694\u{2013}739b\u{2011}96b6\u{2212}f0a7b0c1d2e3", Selector::Id(id));
        check(" d2e3 ", Selector::Suffix("d2e3".to_owned()));
        check("96b6-f0a7b0c1d2e3", Selector::Suffix("96b6f0a7b0c1d2e3".to_owned()));
        check("last", Selector::Last);
        check("00-0190163d8694739b96b6f0a7b0c1d2e3-00f067aa0ba902b7-01", Selector::Id(id));
        check("cc-0190163D8694739B96B6F0A7B0C1D2E3-00f067aa0ba902b7-01-more", Selector::Id(id));
        check("job:j 1:2", Selector::Job("j 1:2".to_owned()));
        let commit = "a".repeat(40);
        let either = |digits: &str, job: &str| Selector::SuffixOrJob { digits: digits.to_owned(), job: job.to_owned() };
        check("2026-11-21", either("20261121", "2026-11-21"));
        check("aB3d", either("ab3d", "aB3d"));
        for job in ["nightly-1", "abc", "xyz12345", "order\u{2013}7", &commit] {
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
    #[test]
    fn an_id_of_a_job_is_looked_for_in_other_letters_and_with_other_dashes() {
        let check = |text: &str, expected: &[&str]| {
            let jobs = text.parse::<Selector>().unwrap().or_job();
            let expected: Vec<_> = expected.iter().map(|id| Selector::Job((*id).to_owned())).collect();
            assert_eq!(jobs, expected, "{text}");
        };
        let (lower, upper) = ("0190163d-8694-739b-96b6-f0a7b0c1d2e3", "0190163D-8694-739B-96B6-F0A7B0C1D2E3");
        let all = [lower, upper, &lower.replace('-', ""), &upper.replace('-', "")];
        for text in [lower, upper, &upper.replace('-', "\u{2013}"), all[2], all[3]] {
            check(text, &all);
        }
        check("1234-123456789012", &["1234123456789012", "1234-123456789012"]);
        check("job:Order\u{2014}a7", &["Order-a7", "order-a7", "ORDER-A7"]);
        check("2026\u{2013}11\u{2013}21", &["2026\u{2013}11\u{2013}21", "2026-11-21"]);
    }
}
