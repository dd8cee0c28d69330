//! The headers `traceparent` and `tracestate` of W3C Trace Context (<https://www.w3.org/TR/trace-context/>) go in and
//! come out.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::TraceContext;
use super::trace::{halves, hex};

/// Why a text is no `traceparent`. The specification asks for a new trace then; a `tracestate` beside it means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TraceparentError {
    /// It has not 55 characters, or, in a version after 00, fewer.
    Length {
        /// How many bytes it has.
        got: usize,
    },
    /// The version is not two lower-case hex digits, or it is `ff`, which there is none of.
    Version,
    /// There is no dash between two parts.
    Dash {
        /// Where it was expected, in bytes from the start.
        at: usize,
    },
    /// The trace id is not 32 lower-case hex digits, or all of them are zero.
    TraceId,
    /// The span id is not 16 lower-case hex digits, or all of them are zero.
    SpanId,
    /// The flags are not two lower-case hex digits.
    Flags,
}

impl fmt::Display for TraceparentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no traceparent: ")?;
        match self {
            Self::Length { got } => {
                write!(f, "it has {got} bytes instead of 55, as in `00-<32 hex digits>-<16 hex digits>-<2 hex digits>`")
            }
            Self::Version => f.write_str("the version is two lower-case hex digits, and not `ff`"),
            Self::Dash { at } => write!(f, "a dash is missing at byte {at}"),
            Self::TraceId => f.write_str("the trace id is 32 lower-case hex digits that are not all zero"),
            Self::SpanId => f.write_str("the span id is 16 lower-case hex digits that are not all zero"),
            Self::Flags => f.write_str("the flags are two lower-case hex digits"),
        }
    }
}

impl std::error::Error for TraceparentError {}

/// Of the flags the one that says that the trace is kept; the others are not ours to pass on.
const SAMPLED: u128 = 1;

/// Reads a `traceparent` of version 00; of a later one what version 00 knows.
///
/// ```
/// let above: tense::TraceContext = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse()?;
/// assert!(above.is_sampled());
/// # Ok::<(), tense::TraceparentError>(())
/// ```
impl FromStr for TraceContext {
    type Err = TraceparentError;

    fn from_str(header: &str) -> Result<Self, TraceparentError> {
        // White space around a header's value is no part of it.
        let header = header.trim_matches([' ', '\t']);
        let part = |from: usize, to: usize| header.get(from..to).and_then(lower_hex);
        let length = TraceparentError::Length { got: header.len() };
        let version = part(0, 2).filter(|version| *version != 0xff);
        let version = version.ok_or(if header.len() < 2 { length } else { TraceparentError::Version })?;
        if header.len() < 55 || version == 0 && header.len() > 55 {
            return Err(length);
        }
        if let Some(at) = [2, 35, 52].into_iter().find(|at| header.as_bytes()[*at] != b'-') {
            return Err(TraceparentError::Dash { at });
        }
        // What a later version adds stands behind one more dash.
        if header.as_bytes().get(55).is_some_and(|next| *next != b'-') {
            return Err(TraceparentError::Dash { at: 55 });
        }
        let trace = part(3, 35).filter(|trace| *trace != 0).ok_or(TraceparentError::TraceId)?;
        let span = part(36, 52).filter(|span| *span != 0).ok_or(TraceparentError::SpanId)?;
        let flags = part(53, 55).ok_or(TraceparentError::Flags)?;
        // Sixteen digits fit into a word.
        Ok(Self { is_sampled: flags & SAMPLED != 0, ..Self::new(halves(trace), span as u64) })
    }
}

fn lower_hex(digits: &str) -> Option<u128> {
    if digits.bytes().any(|b| b.is_ascii_uppercase()) { None } else { hex(digits) }
}

/// What is passed on, in bytes: as much as the specification asks every vendor to.
const LONGEST: usize = 512;
/// Entries that are longer go first where it is too much.
const LONG: usize = 128;
/// Entries that there may be.
const MOST: usize = 32;

impl TraceContext {
    /// The header `traceparent`, version 00. `None` in a trace that has no span yet: there is nothing to be below.
    ///
    /// ```
    /// let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    /// assert_eq!(header.parse::<tense::TraceContext>()?.traceparent().as_deref(), Some(header));
    /// # Ok::<(), tense::TraceparentError>(())
    /// ```
    pub fn traceparent(&self) -> Option<String> {
        let flags = u8::from(self.is_sampled);
        let (high, low) = self.trace;
        (self.parent != 0).then(|| format!("00-{high:016x}{low:016x}-{:016x}-{flags:02x}", self.parent))
    }

    /// The header `tracestate`, as it came: what other vendors keep beside the trace.
    ///
    /// ```
    /// let above: tense::TraceContext = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse()?;
    /// assert_eq!(above.tracestate(), None);
    /// assert_eq!(above.with_tracestate("congo=t61rcWkgMzE").tracestate(), Some("congo=t61rcWkgMzE"));
    /// # Ok::<(), tense::TraceparentError>(())
    /// ```
    pub fn tracestate(&self) -> Option<&str> {
        self.tracestate.as_deref()
    }

    /// The same with that `tracestate`; several headers of that name are joined by commas beforehand. One that breaks
    /// the specification's grammar is left out as a whole. Of more than 512 bytes whole entries are left out, as it
    /// says: first those of more than 128, then those at the end.
    ///
    /// ```
    /// let above = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse::<tense::TraceContext>()?;
    /// let above = above.with_tracestate("congo=t61rcWkgMzE,rojo=00f067aa0ba902b7");
    /// assert_eq!(above.tracestate(), Some("congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"));
    /// # Ok::<(), tense::TraceparentError>(())
    /// ```
    pub fn with_tracestate(self, header: &str) -> Self {
        Self { tracestate: bounded(header).map(Arc::from), ..self }
    }
}

/// The list, with what is passed on of it; `None` where it is none, or empty.
fn bounded(header: &str) -> Option<String> {
    // Nobody has to read a header without end.
    if header.len() > 16 * 1024 {
        return None;
    }
    let mut entries: Vec<&str> =
        header.split(',').map(|entry| entry.trim_matches([' ', '\t'])).filter(|entry| !entry.is_empty()).collect();
    let mut keys: Vec<&str> = entries.iter().filter_map(|entry| key_of(entry)).collect();
    keys.sort_unstable();
    keys.dedup();
    // One that is no entry has no key, and a key stands there once.
    if entries.is_empty() || entries.len() > MOST || keys.len() < entries.len() {
        return None;
    }
    let len = |entries: &[&str]| entries.iter().map(|entry| entry.len() + 1).sum::<usize>().saturating_sub(1);
    if len(&entries) <= LONGEST {
        return Some(header.trim_matches([' ', '\t']).to_owned())
            .filter(|whole| whole.len() <= LONGEST)
            .or_else(|| Some(entries.join(",")));
    }
    entries.retain(|entry| entry.len() <= LONG);
    while len(&entries) > LONGEST {
        entries.pop();
    }
    Some(entries.join(",")).filter(|rest| !rest.is_empty())
}

/// The key of an entry that keeps to the grammar: `key` or `tenant@system`, and printable ASCII.
fn key_of(entry: &str) -> Option<&str> {
    let (key, value) = entry.split_once('=')?;
    let is_char = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-*/".contains(&b);
    let is_word = |word: &str, longest: usize| !word.is_empty() && word.len() <= longest && word.bytes().all(is_char);
    let begins_by_letter = |word: &str| word.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    let is_key = match key.split_once('@') {
        Some((tenant, system)) => {
            let first = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
            is_word(tenant, 241)
                && tenant.bytes().next().is_some_and(first)
                && is_word(system, 14)
                && begins_by_letter(system)
        }
        None => is_word(key, 256) && begins_by_letter(key),
    };
    let is_value =
        (1..=256).contains(&value.len()) && value.bytes().all(|b| matches!(b, 0x20..=0x7e) && b != b',' && b != b'=');
    (is_key && is_value).then_some(key)
}

#[cfg(test)]
mod tests;
