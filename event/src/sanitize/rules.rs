//! A text enters and leaves without the values that are secret by their own shape, whatever their key is.
//!
//! One alternation, so that a clean text is read once. In each pattern exactly one group captures, and that is what
//! goes. Curated on purpose: hundreds of rules cost hundreds of megabytes and find little more. What every second log
//! line holds (dates, addresses of machines, UUIDs, versions, hashes) is left alone.

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

use super::MARKER;

/// One kind of secret value.
struct Rule {
    #[cfg_attr(not(test), expect(dead_code, reason = "tests tell by it which rule broke"))]
    id: &'static str,
    /// Its one capturing group is what is redacted.
    pattern: &'static str,
    /// Decides about what a pattern cannot: checksums, counts. It sees the captured part.
    check: fn(&str) -> bool,
    /// How to make up an example: the repository must not hold anything that looks like a live credential, so the
    /// pieces are joined at run time.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests make up examples from it"))]
    hit: &'static [Piece],
    /// Something similar that stays.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests hold the rule to it"))]
    miss: &'static str,
}

/// A part of an example.
#[cfg_attr(not(test), expect(dead_code, reason = "tests make up examples from it"))]
#[derive(Debug, Clone, Copy)]
enum Piece {
    /// As it stands.
    Lit(&'static str),
    /// So many characters of an alphabet, with a digit among them.
    Run(&'static str, usize),
    /// A card number of so many digits behind this beginning, with its checksum.
    Card(&'static str, usize),
    /// `user:password` made of so many letters each, in base64.
    Pair(usize),
}

use Piece::{Card, Lit, Pair, Run};

const DIGITS: &str = "0123456789";
const HEX: &str = "0123456789abcdef";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const fn rule(
    id: &'static str,
    pattern: &'static str,
    check: fn(&str) -> bool,
    hit: &'static [Piece],
    miss: &'static str,
) -> Rule {
    Rule { id, pattern, check, hit, miss }
}

fn always(_: &str) -> bool {
    true
}

/// Where several rules match at one place, the first wins: whole blocks and headers before the tokens in them.
/// Classes are ASCII (`(?u:..)` marks the exceptions, which need no Unicode tables).
#[rustfmt::skip]
const RULES: &[Rule] = &[
    // Blocks, addresses with passwords, headers.
    rule("pem", r"(-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?us:.)*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\z))",
        always, &[Lit("-----BEGIN RSA "), Lit("PRIVATE KEY-----\n"), Run(BASE64, 64), Lit("\n"), Run(BASE64, 40), Lit("\n-----END RSA "), Lit("PRIVATE KEY-----")],
        "-----BEGIN CERTIFICATE-----"),
    rule("url_userinfo", r#"://((?u:[^\x00-\x20/?#"'<>\\:\[\]])*:(?u:[^\x00-\x20/?#"'<>\\])*)@"#,
        always, &[Lit("://"), Run(LOWER, 6), Lit(":"), Run(ALNUM, 14), Lit("@")], "https://host:8080/a@b"),
    rule("jwt", r"(eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)*)",
        always, &[Lit("ey"), Lit("J"), Run(URL64, 30), Lit("."), Lit("ey"), Lit("J"), Run(URL64, 60), Lit("."), Run(URL64, 43)], "eyJpZCI6MX0"),
    rule("paseto", r"\b(v[1-4]\.(?:local|public)\.[A-Za-z0-9_-]{20,}(?:\.[A-Za-z0-9_-]*)?)",
        always, &[Lit("v4."), Lit("local."), Run(URL64, 60)], "v2.local.address"),
    rule("bearer", r"\b(?i:bearer)(?:[ :=]|%20){1,3}([A-Za-z0-9._~+/=-]{8,})",
        opaque, &[Lit("Bearer "), Run(URL64, 32)], "bearer authentication failed"),
    rule("basic", r"\b(?i:basic)(?: |%20){1,3}([A-Za-z0-9+/_-]{6,}(?:=|%3D){0,2})",
        base64_pair, &[Lit("Basic "), Pair(9)], "basic authentication"),
    rule("flag", r#"--(?i:[a-z0-9-]{0,40}(?:password|passwd|passphrase|secret|token|api-?key|access-key))[ =]("(?u:[^"\x00-\x1f])*"|'(?u:[^'\x00-\x1f])*'|(?u:[^\x00-\x20])+)"#,
        no_plain_word, &[Lit("--db-password "), Run(ALNUM, 12)], "--token is missing"),
    rule("spoken_password", r#"\b(?i:password|passwd|passphrase|identified by)(?i: is)? ["']((?u:[^\x00-\x1f"'])+)["']"#,
        always, &[Lit("ALTER USER u WITH PASSWORD '"), Run(ALNUM, 12), Lit("'")], "the password is 'soon"),
    // Cloud.
    rule("aws_key_id", r"\b((?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16,})",
        always, &[Lit("AK"), Lit("IA"), Run(UPPER32, 16)], "AKIAMI"),
    rule("azure_account_key", r"\b(?:AccountKey|SharedAccessKey)=([A-Za-z0-9+/=]{24,})",
        always, &[Lit("AccountKey"), Lit("="), Run(BASE64, 86), Lit("==")], "AccountKey"),
    rule("google_api_key", r"(AIza[A-Za-z0-9_-]{35,})",
        always, &[Lit("AI"), Lit("za"), Run(URL64, 35)], "AIzawa"),
    rule("google_oauth", r"\b(ya29\.[A-Za-z0-9_-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,})",
        always, &[Lit("ya"), Lit("29."), Run(URL64, 60)], "ya29.txt"),
    rule("digitalocean", r"\b(do[opr]_v1_[a-f0-9]{40,})",
        always, &[Lit("do"), Lit("p_v1_"), Run(HEX, 64)], "dop_v1_x"),
    rule("databricks", r"\b(dapi[a-f0-9]{32,}(?:-[0-9])?)",
        always, &[Lit("da"), Lit("pi"), Run(HEX, 32)], "dapi0"),
    rule("vault", r"\b(hv[sbr]\.[A-Za-z0-9_-]{20,})",
        always, &[Lit("hv"), Lit("s."), Run(URL64, 24)], "hvs.rs"),
    // Source hosting and package registries.
    rule("github", r"(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})",
        always, &[Lit("gh"), Lit("p_"), Run(ALNUM, 36)], "ghp_short"),
    rule("gitlab", r"\b(gl(?:pat|ptt|rt|dt|cbt|oas)-[A-Za-z0-9_.-]{20,})",
        always, &[Lit("gl"), Lit("pat-"), Run(URL64, 20)], "glpat-x"),
    rule("npm", r"\b(npm_[A-Za-z0-9]{30,})",
        always, &[Lit("np"), Lit("m_"), Run(ALNUM, 36)], "npm_config_registry"),
    rule("pypi", r"\b(pypi-[A-Za-z0-9_-]{32,})",
        always, &[Lit("py"), Lit("pi-"), Run(URL64, 80)], "pypi-mirror"),
    rule("crates_io", r"\b(cio[A-Za-z0-9]{32})\b",
        always, &[Lit("ci"), Lit("o"), Run(ALNUM, 32)], "ciopfs"),
    rule("rubygems", r"\b(rubygems_[a-f0-9]{32,})",
        always, &[Lit("ruby"), Lit("gems_"), Run(HEX, 48)], "rubygems_version"),
    rule("docker", r"\b(dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,})",
        always, &[Lit("dckr"), Lit("_pat_"), Run(URL64, 27)], "dckr_pat"),
    // Chat, mail, telephony.
    rule("slack", r"\b(xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{10,}|xapp-[0-9]-[A-Za-z0-9-]{10,})",
        always, &[Lit("xo"), Lit("xb-"), Run(DIGITS, 12), Lit("-"), Run(DIGITS, 12), Lit("-"), Run(ALNUM, 24)], "xoxo-hugs"),
    rule("chat_webhook", r"(?:hooks\.slack\.com/(?:services|workflows)/|discord(?:app)?\.com/api/webhooks/)([A-Za-z0-9/_-]{16,})",
        always, &[Lit("https://hooks.slack"), Lit(".com/services/"), Run(UPPER32, 9), Lit("/"), Run(UPPER32, 9), Lit("/"), Run(ALNUM, 24)], "hooks.slack.com/docs"),
    rule("telegram", r"(?:\b|bot)([0-9]{8,10}:[A-Za-z0-9_-]{35,})",
        always, &[Run(DIGITS, 9), Lit(":A"), Lit("A"), Run(URL64, 33)], "12345678:9"),
    rule("sendgrid", r"\b(SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,})",
        always, &[Lit("S"), Lit("G."), Run(URL64, 22), Lit("."), Run(URL64, 43)], "SG.example"),
    rule("mailgun", r"\b(key-[a-f0-9]{32})\b",
        always, &[Lit("ke"), Lit("y-"), Run(HEX, 32)], "key-1234"),
    rule("mailchimp", r"\b([a-f0-9]{32}-us[0-9]{1,2})\b",
        always, &[Run(HEX, 32), Lit("-u"), Lit("s12")], "d41d8cd98f00b204e9800998ecf8427e-use"),
    rule("twilio", r"\b(SK[a-f0-9]{32})\b",
        always, &[Lit("S"), Lit("K"), Run(HEX, 32)], "SKU-12"),
    // Payment.
    rule("stripe", r"\b([sr]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{24,})",
        always, &[Lit("sk_"), Lit("live_"), Run(ALNUM, 24)], "sk_live_"),
    rule("square", r"\b(sq0[a-z]{3}-[A-Za-z0-9_-]{20,})",
        always, &[Lit("sq0"), Lit("atp-"), Run(URL64, 22)], "sq0"),
    rule("shopify", r"\b(shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32,})",
        always, &[Lit("shp"), Lit("at_"), Run(HEX, 32)], "shpat_"),
    // Models, monitoring, tools.
    rule("model_api", r"\b(sk-(?:proj|ant|svcacct|admin|or-v1|lf)-[A-Za-z0-9_-]{16,}|sk-[A-Za-z0-9]{32,}|gsk_[A-Za-z0-9]{32,}|xai-[A-Za-z0-9]{40,})",
        always, &[Lit("sk"), Lit("-proj-"), Run(URL64, 48)], "sk-some-slovak-page-slug-of-words"),
    rule("hugging_face", r"\b(hf_[A-Za-z0-9]{30,})",
        always, &[Lit("h"), Lit("f_"), Run(ALNUM, 34)], "hf_transfer"),
    rule("grafana", r"\b(gl(?:sa|c)_[A-Za-z0-9+/=_]{20,})",
        always, &[Lit("gl"), Lit("sa_"), Run(ALNUM, 32), Lit("_"), Run(HEX, 8)], "glc_x"),
    rule("sentry", r"\b(sntry[su]_[A-Za-z0-9+/=_]{20,})",
        always, &[Lit("sntry"), Lit("s_"), Run(ALNUM, 60)], "sntrys_x"),
    rule("new_relic", r"\b(NRAK-[A-Z0-9]{27,})",
        always, &[Lit("NR"), Lit("AK-"), Run(UPPER32, 27)], "NRAK-1"),
    rule("postman", r"\b(PMAK-[a-f0-9]{24}-[a-f0-9]{34})\b",
        always, &[Lit("PM"), Lit("AK-"), Run(HEX, 24), Lit("-"), Run(HEX, 34)], "PMAK-1"),
    rule("linear", r"\b(lin_(?:api|oauth)_[A-Za-z0-9]{32,})",
        always, &[Lit("lin"), Lit("_api_"), Run(ALNUM, 40)], "lin_api_x"),
    rule("atlassian", r"\b(AT(?:ATT|CTT|BB)[A-Za-z0-9_=-]{30,})",
        always, &[Lit("AT"), Lit("ATT"), Run(URL64, 60)], "ATATT"),
    rule("age", r"(AGE-SECRET-KEY-1[A-Z0-9]{20,})",
        always, &[Lit("AGE-SECRET"), Lit("-KEY-1"), Run(UPPER32, 58)], "AGE-SECRET-KEY-"),
    // People.
    rule("email", r"((?u:[A-Za-z0-9._%+'\x{80}-\x{10ffff}-]+)(?:@|%40)(?:(?u:[A-Za-z0-9\x{80}-\x{10ffff}-]+)\.)+(?:[A-Za-z]{2,24}|xn--[a-z0-9-]{2,40}))",
        mailbox, &[Run(LOWER, 7), Lit("@exa"), Lit("mple.com")], "git@github.com:tense-rs/tense.git"),
    rule("phone", r"(?:\A|\\[nrt]|(?u:[^A-Za-z0-9_+]))(\+[1-9][0-9]{0,2}(?: ?\(0\))?(?:(?:[ .-]| ?/ ?)?\(?[0-9]{2,5}\)?){2,5})\b",
        phone, &[Lit("+1 "), Lit("555"), Lit("-"), Run(DIGITS, 3), Lit("-"), Run(DIGITS, 4)], "at +01:00, +20 ms, +1234567"),
    rule("card", r"(?:\A|\\[nrt]|(?u:[^.A-Za-z0-9_-]))([2-6][0-9]{13,18}|[2-6][0-9]{3}[ -][0-9]{4}[ -][0-9]{4}[ -][0-9]{4}(?:[ -]?[0-9]{3})?|3[0-9]{3}[ -][0-9]{6}[ -][0-9]{4,5})\b",
        card, &[Card("4", 16)], "order 4111111111111112"),
];

/// The rules, compiled when the first text comes; `None` cannot happen (a test compiles them), and would redact
/// everything.
static ALTERNATION: OnceLock<Option<Regex>> = OnceLock::new();

/// Compiled before the cell is touched: one that is being filled when the process forks stays so in the child.
fn compiled() -> Option<&'static Regex> {
    if let Some(compiled) = ALTERNATION.get() {
        return compiled.as_ref();
    }
    let compiled = compile(&alternation());
    ALTERNATION.get_or_init(|| compiled).as_ref()
}

/// What a word may begin behind, beyond the boundary that `\b` at the start of a pattern asks for: `key_AKIA..`, the
/// line break of a text that was escaped (`\nAKIA..`), the byte of a percent code (`%3DAKIA..`).
const BEHIND: &str = r"(?:\b|_|\\[nrt]|%[0-9A-Fa-f]{2})";

fn alternation() -> String {
    RULES.iter().map(|rule| format!("(?:{})", widened(rule.pattern))).collect::<Vec<_>>().join("|")
}

fn widened(pattern: &str) -> String {
    match pattern.strip_prefix(r"\b") {
        Some(rest) => format!("{BEHIND}{rest}"),
        None => pattern.to_owned(),
    }
}

fn compile(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).unicode(false).size_limit(8 << 20).dfa_size_limit(4 << 20).build().ok()
}

/// The text without secret values; `None` when there was none.
pub(super) fn redact(text: &str) -> Option<String> {
    let Some(alternation) = compiled() else { return (text != MARKER).then(|| MARKER.to_owned()) };
    let mut groups = None;
    let mut new = String::new();
    let (mut copied, mut at) = (0, 0);
    // A search without groups first: it is several times faster, and nearly all texts are clean.
    while let Some(found) = alternation.find_at(text, at) {
        let groups = groups.get_or_insert_with(|| alternation.capture_locations());
        // From where the match was found, the same match is found again, now with its groups.
        alternation.captures_read_at(groups, text, found.start());
        let Some((rule, (start, end))) =
            RULES.iter().enumerate().find_map(|(nth, rule)| Some((rule, groups.get(nth + 1)?)))
        else {
            at = found.end().max(at + 1);
            continue;
        };
        if (rule.check)(&text[start..end]) {
            new.push_str(&text[copied..start]);
            new.push_str(MARKER);
            (copied, at) = (end, end.max(at + 1));
        } else {
            at = behind_the_first_word(text, start.max(at));
        }
        if !text.is_char_boundary(at) {
            // Behind the end; a match ends on a boundary.
            break;
        }
    }
    if copied == 0 {
        return None;
    }
    new.push_str(&text[copied..]);
    Some(new)
}

/// Where the search goes on when a check has said no: another secret may begin inside what was refused.
fn behind_the_first_word(text: &str, from: usize) -> usize {
    let word = text[from..].bytes().take_while(u8::is_ascii_alphanumeric).count();
    text.ceil_char_boundary(from + word.max(1))
}

/// Whether a number is a card's, for numbers that are no text.
pub(super) fn is_card(number: u64) -> bool {
    // Shorter ones are never cards; this spares nearly all numbers the formatting.
    number >= 10_u64.pow(13) && card(&number.to_string())
}

/// Whether a word is a token rather than a part of a sentence ("bearer authentication", "token expired").
fn opaque(text: &str) -> bool {
    let digit = text.bytes().any(|byte| byte.is_ascii_digit());
    let inner_capital = text.bytes().skip(1).any(|byte| byte.is_ascii_uppercase());
    let lower = text.bytes().any(|byte| byte.is_ascii_lowercase());
    (digit && text.len() >= 8) || (inner_capital && lower && text.len() >= 16)
}

fn no_plain_word(text: &str) -> bool {
    text != MARKER && !text.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'.' | b',' | b':'))
}

/// Whether this is the base64 of `user:password`.
fn base64_pair(text: &str) -> bool {
    let (mut bits, mut have) = (0_u32, 0);
    let mut colon = false;
    for byte in text.bytes() {
        let Some(six) = (match byte {
            b'A'..=b'Z' => Some(byte - b'A'),
            b'a'..=b'z' => Some(byte - b'a' + 26),
            b'0'..=b'9' => Some(byte - b'0' + 52),
            b'+' | b'-' => Some(62),
            b'/' | b'_' => Some(63),
            _ => None,
        }) else {
            break;
        };
        bits = (bits << 6 | u32::from(six)) & 0xffff;
        have += 6;
        if have >= 8 {
            have -= 8;
            let decoded = (bits >> have & 0xff) as u8;
            if decoded < b' ' {
                return false;
            }
            colon |= decoded == b':';
        }
    }
    colon
}

/// Endings that are no mailbox's: units of systemd are `name@instance.service`.
const UNITS: &[&str] = &["mount", "path", "scope", "service", "slice", "socket", "target", "timer"];

fn mailbox(text: &str) -> bool {
    let ending = text.rsplit('.').next().unwrap_or("");
    // `git@host:path` names a repository.
    !text.starts_with("git@") && UNITS.binary_search(&ending).is_err()
}

fn phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let grouped = text.contains([' ', '-', '.', '(', '/']);
    // `+10.25 100.33` are two numbers; `+123456789` is a difference. With a country code, people write 10 digits or
    // more, or they write groups.
    (if grouped { 8..=15 } else { 10..=15 }).contains(&digits) && !(text.contains('.') && text.contains(' '))
}

/// A known issuer, the length that it uses, and the checksum: of sixteen random digits one number in forty passes.
fn card(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let first = |n: usize| digits.iter().take(n).fold(0, |number, digit| number * 10 + digit);
    let issued = match digits.len() {
        14 => matches!(first(2), 36 | 38) || matches!(first(3), 300..=305),
        15 => matches!(first(2), 34 | 37),
        16 => {
            first(1) == 4
                || matches!(first(2), 51..=55 | 62 | 65)
                || matches!(first(4), 2221..=2720 | 3528..=3589 | 6011)
                || matches!(first(3), 644..=649)
        }
        19 => first(1) == 4 && text.contains([' ', '-']) || first(2) == 62 && text.contains([' ', '-']),
        _ => false,
    };
    issued && luhn(&digits)
}

fn luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match at % 2 {
            0 => *digit,
            _ if *digit < 5 => digit * 2,
            _ => digit * 2 - 9,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::sanitize::carriers::Seeded;

    /// What must not survive of an example: everything behind the first literal pieces, unless that is all.
    pub(in crate::sanitize) fn example(id: &str, random: &mut Seeded) -> Option<(String, String)> {
        let rule = RULES.iter().find(|rule| rule.id == id)?;
        let mut text = String::new();
        let mut body = String::new();
        for piece in rule.hit {
            let part = match *piece {
                Lit(text) => text.to_owned(),
                Run(alphabet, length) => random.run(alphabet, length),
                Card(first, length) => random.card(first, length),
                Pair(length) => Seeded::base64(&format!("{}:{}", random.run(LOWER, length), random.run(ALNUM, length))),
            };
            if !matches!(piece, Lit(_)) && part.len() > body.len() {
                body.clone_from(&part);
            }
            text.push_str(&part);
        }
        Some((text, body))
    }

    pub(in crate::sanitize) fn ids() -> impl Iterator<Item = &'static str> {
        RULES.iter().map(|rule| rule.id)
    }

    #[test]
    fn every_rule_compiles_alone_with_one_group() {
        for rule in RULES {
            assert_eq!(compile(&widened(rule.pattern)).map(|regex| regex.captures_len()), Some(2), "{}", rule.id);
        }
        assert!(compiled().is_some());
        assert!(UNITS.is_sorted());
    }

    #[test]
    fn every_rule_hits_its_example_and_misses_the_other() {
        let mut random = Seeded::new(1);
        for rule in RULES {
            let only = compile(&widened(rule.pattern)).unwrap();
            for _ in 0..50 {
                let (text, body) = example(rule.id, &mut random).unwrap();
                let found = only.captures(&text).and_then(|groups| groups.get(1));
                assert!(found.is_some_and(|found| (rule.check)(found.as_str())), "{}: {text}", rule.id);
                let clean = redact(&text).unwrap_or(text);
                assert!(!clean.contains(&body), "{}: {clean}", rule.id);
            }
            assert_eq!(redact(rule.miss), None, "{}: {}", rule.id, rule.miss);
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
            assert_eq!(redact(text), None, "{text}");
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
            assert_eq!(redact(&text).as_deref(), Some(MARKER), "{text}");
        }
    }

    #[test]
    fn a_secret_may_begin_behind_an_escape() {
        let mut random = Seeded::new(2);
        for rule in RULES.iter().filter(|rule| !matches!(rule.id, "telegram" | "pem" | "url_userinfo" | "email")) {
            for before in ["key_", r"line\n", "x%3D", "\u{1b}[0m "] {
                if before == "key_" && matches!(rule.id, "phone" | "card") {
                    continue;
                }
                let before = if before == "x%3D" && matches!(rule.id, "phone" | "card") { "=" } else { before };
                let (text, body) = example(rule.id, &mut random).unwrap();
                let clean = redact(&format!("{before}{text}")).unwrap_or_default();
                assert!(clean.starts_with(before) && !clean.contains(&body), "{}: {clean}", rule.id);
            }
        }
    }

    #[test]
    fn what_was_refused_may_hold_a_secret() {
        let card = ["4111 1111", " 1111 1111"].concat();
        assert_eq!(redact(&format!("4000 {card}")).as_deref(), Some("4000 [REDACTED]"));
    }
}
