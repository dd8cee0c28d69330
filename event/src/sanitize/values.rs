//! A text enters and leaves without the values that are secret by their own shape, whatever their key is.
//!
//! One automaton finds where a rule may begin: the letters that credentials open with, `@`, `://`, `bearer`. Each place
//! is then judged by hand, in time that is bounded by what the rule may reach. What every second log line holds (dates,
//! addresses of machines, UUIDs, versions, hashes) is left alone.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::families::Family;
use super::found::Found;
use super::kinds::{Class, Signs};
use super::made::Made;
use super::rules::Rules;
use super::tokens::{PASETO, TOKENS, Token};
use super::{addresses, authorization, blocks, commands, numbers};

/// What stands at a place where a rule may begin.
#[derive(Debug, Clone, Copy)]
enum Anchor {
    Token(Family, &'static Token),
    Other(Family, Judge),
}

/// Judges a place; the anchor stands from the first place to the second.
type Judge = fn(&mut Found<'_>, &Rules, usize, usize);

/// In any case; each with its family.
const ANCHORS: &[(&str, Family, Judge)] = &[
    ("-----begin", Family::Pem, |found, _, at, end| blocks::begins(found, at, end)),
    ("-----end", Family::Pem, |found, _, at, end| blocks::ends(found, at, end)),
    ("private-lines:", Family::Pem, |found, _, _, end| blocks::putty(found, end)),
    ("eyj", Family::Jwt, |found, _, at, end| jwt(found, at, end)),
    ("bearer", Family::Authorization, |found, _, at, end| authorization::bearer(found, at, end)),
    ("ssws", Family::Authorization, |found, _, at, end| authorization::bearer(found, at, end)),
    ("basic", Family::Authorization, |found, _, at, end| authorization::basic(found, at, end)),
    ("://", Family::Url, |found, _, _, end| addresses::url(found, end)),
    (":\\/\\/", Family::Url, |found, _, _, end| addresses::url(found, end)),
    ("%3a%2f%2f", Family::Url, |found, _, _, end| addresses::encoded_url(found, end)),
    ("@tcp(", Family::Url, |found, _, at, _| addresses::before_at(found, at)),
    ("@unix(", Family::Url, |found, _, at, _| addresses::before_at(found, at)),
    ("thin:", Family::Url, |found, _, _, end| addresses::oracle(found, end)),
    ("@", Family::Email, |found, _, at, end| addresses::email(found, at, end)),
    ("%40", Family::Email, |found, _, at, end| addresses::email(found, at, end)),
    ("%2b", Family::Phone, |found, _, at, end| numbers::encoded_phone(found, at, end)),
    ("--", Family::Keys, |found, rules, at, end| commands::flag(found, rules, at, end)),
    ("password", Family::Keys, |found, _, _, end| commands::spoken(found, end)),
    ("passwd", Family::Keys, |found, _, _, end| commands::spoken(found, end)),
    ("passphrase", Family::Keys, |found, _, _, end| commands::spoken(found, end)),
    ("identified", Family::Keys, |found, _, _, end| commands::identified(found, end)),
    (" -u", Family::Keys, |found, _, at, end| commands::short(found, at, end, b'u')),
    (" -p", Family::Keys, |found, _, at, end| commands::short(found, at, end, b'p')),
    (" -a", Family::Keys, |found, _, at, end| commands::short(found, at, end, b'a')),
    ("--user", Family::Keys, |found, _, at, end| commands::short(found, at, end, b'u')),
    ("</", Family::Keys, |found, rules, at, end| blocks::element(found, rules, at, end, ">")),
    ("&lt;/", Family::Keys, |found, rules, at, end| blocks::element(found, rules, at, end, "&gt;")),
    ("form-data", Family::Keys, |found, rules, _, end| blocks::part_of_form(found, rules, end)),
    (":aa", Family::Token, |found, _, at, end| telegram(found, at, end)),
    ("-us", Family::Token, |found, _, at, end| mailchimp(found, at, end)),
    ("q~", Family::Token, |found, _, at, end| azure_client(found, at, end)),
    (".atlasv1.", Family::Token, |found, _, at, end| terraform(found, at, end)),
];

struct Anchors {
    automaton: Option<AhoCorasick>,
    /// By the number of the pattern.
    all: Vec<Anchor>,
}

static FOUND_BY: Made<Anchors> = Made::by(|| {
    let tokens = TOKENS.iter().map(|token| (token.prefix, Anchor::Token(Family::Token, token)));
    let paseto = PASETO.iter().map(|token| (token.prefix, Anchor::Token(Family::Jwt, token)));
    let others = ANCHORS.iter().map(|(text, family, judge)| (*text, Anchor::Other(*family, *judge)));
    let (texts, all): (Vec<&str>, Vec<Anchor>) = tokens.chain(paseto).chain(others).unzip();
    let automaton = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::DFA))
        .build(texts);
    Anchors { automaton: automaton.ok(), all }
});

/// The text without secret values; `None` when there was none.
pub(super) fn redact(text: &str, signs: Signs, rules: &Rules) -> Option<String> {
    if !signs.may_hold_values() && !signs.may_hold_cards() && !rules.has_patterns() {
        return None;
    }
    let mut found = Found::new(text);
    rules.find(&mut found);
    if signs.may_hold_values() {
        let anchors = &*FOUND_BY;
        // A test builds it. Without it nothing can be known to be clean.
        let Some(automaton) = &anchors.automaton else { return (text != super::MARKER).then(|| super::MARKER.into()) };
        for hit in automaton.find_overlapping_iter(text) {
            match anchors.all[hit.pattern().as_usize()] {
                Anchor::Token(family, token) if rules.on(family) => judge(&mut found, token, hit.start(), hit.end()),
                Anchor::Other(family, judge) if rules.on(family) => judge(&mut found, rules, hit.start(), hit.end()),
                _ => {}
            }
        }
        if rules.on(Family::Token) {
            discord(&mut found);
        }
    }
    if signs.may_hold_phones() && rules.on(Family::Phone) {
        numbers::phones(&mut found);
    }
    if signs.may_hold_cards() && rules.on(Family::Card) {
        numbers::cards(&mut found);
    }
    found.redacted()
}

/// A beginning of the table.
fn judge(found: &mut Found<'_>, token: &Token, at: usize, end: usize) {
    // The long ones are no part of a word by chance.
    let anywhere = token.prefix.len() >= 4 && token.least >= 16;
    if found.covers(at) || &found.bytes[at..end] != token.prefix.as_bytes() || !anywhere && !found.starts_word(at) {
        return;
    }
    let mut stop = found.run(end, token.class);
    while stop > end && matches!(found.bytes[stop - 1], b'.' | b'-' | b'_') {
        stop -= 1;
    }
    let is_exact = token.least == token.most;
    if (token.least..=token.most).contains(&(stop - end)) && (!is_exact || found.ends_word(stop)) {
        found.add(if token.keeps_prefix { end } else { at }, stop);
    }
}

/// Parts in base64, between points, of which the first is JSON: a JWT has three, an encrypted one five. One that has
/// only its header holds nothing.
fn jwt(found: &mut Found<'_>, at: usize, behind: usize) {
    if found.covers(at) || &found.bytes[at..behind] != b"eyJ" {
        return;
    }
    let first = found.run(behind, Class::URL64);
    if first - behind < 10 || found.byte(first) != Some(b'.') {
        return;
    }
    let mut end = found.run(first + 1, Class::URL64);
    if end - first <= 4 && !(end == first + 1 && found.byte(end) == Some(b'.')) {
        return;
    }
    while found.byte(end) == Some(b'.') {
        let next = found.run(end + 1, Class::URL64);
        if next == end + 1 && found.byte(next) != Some(b'.') {
            break;
        }
        end = next;
    }
    found.add(at, end);
}

/// `123456789:AA..`, perhaps behind `bot`.
fn telegram(found: &mut Found<'_>, at: usize, end: usize) {
    let start = found.back(at, Class::DIGIT, 11);
    let stop = found.run(end, Class::URL64);
    let is_bot = found.bytes[..start].ends_with(b"bot");
    if found.bytes[at..end] == *b":AA"
        && matches!(at - start, 8..=10)
        && stop - end >= 33
        && (is_bot || found.starts_word(start))
    {
        found.add(start, stop);
    }
}

/// `<32 hex digits>-us12`
fn mailchimp(found: &mut Found<'_>, at: usize, end: usize) {
    let start = found.back(at, Class::HEX, 33);
    let stop = found.run(end, Class::DIGIT);
    if at - start == 32 && matches!(stop - end, 1..=2) && found.ends_word(stop) && found.starts_word(start) {
        found.add(start, stop);
    }
}

/// `abc8Q~..`: three characters and a digit, and at least 31 behind.
fn azure_client(found: &mut Found<'_>, at: usize, end: usize) {
    const BODY: Class = Class::DOTTED.and(Class::ODD);
    let stop = found.run(end, BODY);
    let before = at.saturating_sub(4);
    if found.bytes[at..end] == *b"Q~"
        && stop - end >= 31
        && found.bytes[before..at].iter().all(|byte| BODY.has(*byte))
        && found.before(at).is_some_and(|byte| byte.is_ascii_digit())
    {
        found.add(before, stop);
    }
}

/// The number of an account in base64, a time and a signature, with points between them: it has no beginning of its
/// own.
fn discord(found: &mut Found<'_>) {
    let mut at = 0;
    while let Some(step) = found.bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'.')) {
        let first = at + step;
        at = first + 1;
        let start = found.back(first, Class::URL64, 29);
        // In base64, digits begin so.
        if !matches!(first - start, 23..=28) || !matches!(found.bytes[start], b'M'..=b'O') || !found.starts_word(start)
        {
            continue;
        }
        let second = found.run(at, Class::URL64);
        if !matches!(second - at, 5..=7) || found.byte(second) != Some(b'.') {
            continue;
        }
        let end = found.run(second + 1, Class::URL64);
        if end - second > 27 {
            found.add(start, end);
        }
    }
}

/// `<14 letters and digits>.atlasv1.<67>`
fn terraform(found: &mut Found<'_>, at: usize, end: usize) {
    let (start, stop) = (found.back(at, Class::ALNUM, 15), found.run(end, Class::URL64));
    if at - start == 14 && stop - end >= 40 {
        found.add(start, stop);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sanitize::MARKER;
    use crate::sanitize::carriers::Seeded;
    use crate::sanitize::examples::{OTHERS, of_token, tokens};

    fn redacted(text: &str) -> Option<String> {
        redact(text, Signs::of(text), &Rules::built_in())
    }

    #[test]
    fn the_automaton_can_be_built() {
        assert!(FOUND_BY.automaton.is_some());
    }

    #[test]
    fn every_rule_hits_its_example_and_misses_the_other() {
        let mut random = Seeded::new(1);
        for _ in 0..50 {
            for token in tokens() {
                let (text, body) = of_token(token, &mut random);
                let clean = redacted(&text).unwrap_or(text);
                assert!(!clean.contains(&body), "{}: {clean}", token.id);
            }
            for (id, make, _) in OTHERS {
                let (text, body) = make(&mut random);
                let clean = redacted(&text).unwrap_or(text);
                assert!(!clean.contains(&body), "{id}: {clean}");
            }
        }
        for token in tokens() {
            assert_eq!(redacted(token.miss), None, "{}: {}", token.id, token.miss);
            // One character too few.
            let (text, _) = of_token(token, &mut random);
            assert_eq!(redacted(&text[..token.prefix.len() + token.least - 1]), None, "{}", token.id);
        }
        for (id, _, miss) in OTHERS {
            assert_eq!(redacted(miss), None, "{id}: {miss}");
        }
    }

    #[test]
    fn plain_values_stay() {
        for text in [
            "2026-11-21T10:00:00.000123Z",
            "2026-11-21 10:00:00+02:00",
            "Sat Nov 21 10:00:00 2026 +0100",
            "192.168.10.254:8080",
            "fe80::1ff:fe23:4567:890a",
            "0190163d-8694-739b-96b6-f0a7b0c1d2e3",
            "0190163d8694739b96b6f0a7b0c1d2e3",
            "d41d8cd98f00b204e9800998ecf8427e",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "db-7.eu-west-1.example.com",
            "v1.2.3-rc.1+build.5",
            "serde@1.0.228",
            "order 20261121-000042",
            "1795255200000123000",
            "0.4111111111111111",
            "getty@tty1.service",
            "git@github.com:tense-rs/tense.git",
            "actions/checkout@v4",
            "sha256:e3b0c44298fc1c149afb",
            "00-0190163d8694739b96b6f0a7b0c1d2e3-96b6f0a7b0c1d2e3-01",
            "https://example.com:8443/a?b=c",
            "+5 -3",
            "C++17",
            "token ring",
            "bearer of news",
            "basic",
            "task-sk-1",
            "eyJhbGciOiJub25lIn0",
            "a@b",
            "1234 5678 9012 3456",
        ] {
            assert_eq!(redacted(text), None, "{text}");
        }
    }

    #[test]
    fn people_and_cards_go() {
        let at = "@example.com";
        for text in [
            format!("a{at}"),
            format!("first.last+tag{at}"),
            format!("jörg{at}"),
            "x%40example.com".to_owned(),
            ["+1 (555)", " 010-9999"].concat(),
            ["+1555", "0109999"].concat(),
            ["+44 20", " 5550 1234"].concat(),
            ["+49.555.", "0101234"].concat(),
            ["+49 (0) 555", " / 0101234"].concat(),
            ["4111 1111", " 1111 1111"].concat(),
            ["3782-822463", "-10005"].concat(),
        ] {
            assert_eq!(redacted(&text).as_deref(), Some(MARKER), "{text}");
        }
    }

    #[test]
    fn a_secret_may_begin_behind_an_escape() {
        let mut random = Seeded::new(2);
        for token in tokens() {
            for before in ["key_", r"line\n", "x%3D", "\u{1b}[0m "] {
                let (text, body) = of_token(token, &mut random);
                let clean = redacted(&format!("{before}{text}")).unwrap_or_default();
                assert!(clean.starts_with(before) && !clean.contains(&body), "{}: {clean}", token.id);
            }
        }
    }

    #[test]
    fn what_was_refused_may_hold_a_secret() {
        let card = ["4111 1111", " 1111 1111"].concat();
        assert_eq!(redacted(&format!("4000 {card}")).as_deref(), Some("4000 [REDACTED]"));
    }
}
