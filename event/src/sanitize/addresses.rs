//! Addresses were found: of a service, whose credentials stand before its host, or of a person.

use super::authorization::opaque;
use super::found::Found;

/// How far credentials may reach in an address, in bytes.
const URL_REACH: usize = 512;
/// And a mailbox and its domain.
const MAILBOX_REACH: usize = 64;
const DOMAIN_REACH: usize = 255;

/// What ends an address wherever it stands.
const fn ends_url(byte: u8) -> bool {
    byte <= b' ' || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\')
}

/// Behind `://`: `user:password@host`, or a token alone. A password may hold what it should have escaped (`/`, `#`);
/// only where a port stands in its place the `@` belongs to the path.
pub(super) fn url(found: &mut Found<'_>, start: usize) {
    if found.covers(start) {
        return;
    }
    let reach = found.bytes[start..].iter().take(URL_REACH).take_while(|byte| !ends_url(**byte)).count();
    let url = &found.bytes[start..start + reach];
    let authority = url.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(reach);
    let last_at = |part: &[u8]| part.iter().rposition(|byte| *byte == b'@');
    let colon = url[..authority].iter().position(|byte| *byte == b':');
    // `[::1]:80`
    if url.iter().take(colon.unwrap_or(0)).any(|byte| *byte == b'[') || url.first() == Some(&b'[') {
        return;
    }
    if let Some(at) = last_at(&url[..authority]) {
        let user = found.text.get(start..start + at).unwrap_or_default();
        if colon.is_some_and(|colon| colon < at) || user.len() >= 16 && opaque(user) {
            found.add(start, start + at);
        }
    } else if let Some(colon) = colon
        && url[colon + 1..authority].iter().any(|byte| !byte.is_ascii_digit())
        && let Some(at) = last_at(url)
    {
        found.add(start, start + at);
    }
}

/// The same in an address that is a part of another one: `postgres%3A%2F%2Fuser%3Apassword%40host`.
pub(super) fn encoded_url(found: &mut Found<'_>, start: usize) {
    let reach = found.bytes[start..].iter().take(URL_REACH).take_while(|b| !ends_url(**b) && **b != b'&').count();
    let Some(url) = found.text.get(start..start + reach) else { return };
    let slash = url.find("%2F").or_else(|| url.find("%2f")).unwrap_or(url.len());
    let url = &url[..slash];
    if let Some(at) = url.rfind("%40")
        && let Some(colon) = url.find("%3A").or_else(|| url.find("%3a"))
        && colon < at
    {
        found.add(start, start + at);
    }
}

/// `user:password@tcp(host)`
pub(super) fn before_at(found: &mut Found<'_>, at: usize) {
    let word = found.bytes[..at].iter().rev().take(URL_REACH).take_while(|byte| !ends_url(**byte)).count();
    let start = at - word;
    if found.bytes[start..at].contains(&b':') {
        // A key before it stays: `dsn=user:password@tcp(host)`
        let key = found.bytes[start..at].iter().position(|byte| matches!(byte, b'=' | b'/')).map_or(0, |at| at + 1);
        found.add(start + key, at);
    }
}

/// `jdbc:oracle:thin:user/password@host`
pub(super) fn oracle(found: &mut Found<'_>, start: usize) {
    let reach = found.bytes[start..].iter().take(URL_REACH).take_while(|byte| !ends_url(**byte)).count();
    let url = &found.bytes[start..start + reach];
    if let Some(slash) = url.iter().position(|byte| *byte == b'/')
        && slash > 0
        && let Some(at) = url.iter().rposition(|byte| *byte == b'@')
        && slash < at
    {
        found.add(start, start + at);
    }
}

/// Endings that are no mailbox's: units of systemd are `name@instance.service`.
const UNITS: &[&str] = &["mount", "path", "scope", "service", "slice", "socket", "target", "timer"];

/// `jane@example.com` around its `@`.
pub(super) fn email(found: &mut Found<'_>, at: usize, end: usize) {
    if found.covers(at) {
        return;
    }
    let person = |byte: u8| byte.is_ascii_alphanumeric() || byte >= 0x80 || b"._%+'-".contains(&byte);
    let mailbox = found.bytes[..at].iter().rev().take(MAILBOX_REACH).take_while(|byte| person(**byte)).count();
    let start = found.text.ceil_char_boundary(at - mailbox);
    let host = |byte: u8| byte.is_ascii_alphanumeric() || byte >= 0x80 || byte == b'-' || byte == b'.';
    let domain = found.bytes[end..].iter().take(DOMAIN_REACH).take_while(|byte| host(**byte)).count();
    let Some(domain) = found.text.get(end..found.text.floor_char_boundary(end + domain)) else { return };
    // `git@host:path` names a repository.
    if start == at || &found.text[start..at] == "git" {
        return;
    }
    let mut stop = None;
    let mut behind = 0;
    let mut numbers = 0;
    for (nth, label) in domain.split('.').enumerate() {
        behind += label.len() + usize::from(nth > 0);
        let is_number = !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit());
        numbers += usize::from(is_number && numbers == nth);
        let letters = label.len() >= 2 && label.len() <= 24 && label.bytes().all(|byte| byte.is_ascii_alphabetic());
        // `serde@1.0.beta` is a version.
        if nth > 0 && numbers < 2 && (letters || label.starts_with("xn--")) && UNITS.binary_search(&label).is_err() {
            stop = Some(end + behind);
        }
        if label.is_empty() {
            break;
        }
    }
    if let Some(stop) = stop {
        let unit = domain.rsplit('.').next().is_some_and(|label| UNITS.binary_search(&label).is_ok());
        if !unit {
            found.add(start, stop);
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn units_are_sorted() {
        assert!(super::UNITS.is_sorted());
    }
}
