//! `tense redact`: any log in, the same log without its secrets out.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use super::said::Folder;

/// Asks with bytes that may be no text.
fn bytes(folder: &Folder, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child =
        folder.command(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input).ok());
        child.wait_with_output().unwrap().stdout
    })
}

#[track_caller]
fn check(input: &str, expected: &str) {
    let said = Folder::new().pipe(&["redact"], input.as_bytes());
    assert_eq!((said.out.as_str(), said.err.as_str(), said.code), (expected, "", Some(0)), "{input}");
}

/// Pieces are joined here, so that the repository has nothing that looks like a key.
fn token() -> String {
    ["gh", "p_", "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3z"].concat()
}

#[test]
fn lines_lose_their_secrets_and_nothing_else() {
    check("", "");
    check("no secret, no line end", "no secret, no line end");
    check("a\n\nb\n", "a\n\nb\n");
    check("user=bob password=hunter2\r\nnext\r\n", "user=bob password=[REDACTED]\r\nnext\r\n");
    check("{\"api_key\":\"x y\",\"n\":1}\n", "{\"api_key\":\"[REDACTED]\",\"n\":1}\n");
    check("at /home/jane/app/main.rs\n", "at ~/app/main.rs\n");
    check("tab\tand \u{1b}[31mred\u{1b}[0m\n", "tab\tand \u{1b}[31mred\u{1b}[0m\n");
    check(&format!("got {}, thanks\n", token()), "got [REDACTED], thanks\n");
}

#[test]
fn bytes_that_are_no_text_stay_and_hide_nothing() {
    let folder = Folder::new();
    assert_eq!(bytes(&folder, &["redact"], b"\xff\x00\xfe caf\xe9\n"), b"\xff\x00\xfe caf\xe9\n");
    assert_eq!(bytes(&folder, &["redact"], b"\xff password=hun\xe9ter2 n=1\n"), b"\xff password=[REDACTED] n=1\n");
}

#[test]
fn a_block_goes_over_all_its_lines() {
    let (begin, end) =
        (["-----BEGIN RSA ", "PRIVATE KEY-----"].concat(), ["-----END RSA ", "PRIVATE KEY-----"].concat());
    let line = "MIIabcdefghijklmnopqrstuvwxyz0123456789+/ABCDEFGHIJKLMNOPQRSTUVW";
    check(
        &format!("before\n{begin}\n{line}\nMIIa\n{end}\nbehind\n"),
        "before\n[REDACTED]\n[REDACTED]\n[REDACTED]\n[REDACTED]\nbehind\n",
    );
    // With what a logger writes before each line, and an end that never comes.
    check(
        &format!("12:00 INFO {begin}\r\n12:00 INFO {line}\r\n12:01 INFO listening on port 80\r\n"),
        "12:00 INFO [REDACTED]\r\n12:00 INFO [REDACTED]\r\n12:01 INFO listening on port 80\r\n",
    );
    check(
        "a:\n  password: |\n    one two\n    three\n  n: 3\n",
        "a:\n  password: |\n    [REDACTED]\n    [REDACTED]\n  n: 3\n",
    );
    check("password = \"\"\"\na b\nc\"\"\"\nn = 3\n", "password = \"\"\"\n[REDACTED]\n[REDACTED]\"\"\"\nn = 3\n");
}

#[test]
fn a_line_of_megabytes_goes_in_pieces() {
    let of = |secret: bool| {
        let object = |nth: u32| {
            let password = if secret { format!("hunter{nth}x") } else { "[REDACTED]".to_owned() };
            format!("{{\"n\":{nth},\"password\":\"{password}\",\"token_id\":\"t{nth}\"}} ")
        };
        (0..60_000).map(object).collect::<String>()
    };
    let said = Folder::new().pipe(&["redact"], of(true).as_bytes());
    assert!(said.out == of(false) && said.code == Some(0));
    // Without a blank: nothing is lost, and a value that is longer than a piece goes whole.
    let long = "é".repeat(300_000);
    assert!(Folder::new().pipe(&["redact"], long.as_bytes()).out == long);
    let said =
        Folder::new().pipe(&["redact"], format!("{{\"password\":\"{}\",\"n\":1}}\n", "k".repeat(300_000)).as_bytes());
    assert_eq!(said.out, "{\"password\":\"[REDACTED]\",\"n\":1}\n");
}

#[test]
fn a_line_comes_out_when_it_is_there() {
    let folder = Folder::new();
    let mut child = folder.command(&["redact"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    stdin.write_all(b"password=x\n").unwrap();
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert_eq!(line, "password=[REDACTED]\n");
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn whoever_stops_reading_is_no_error() {
    let folder = Folder::new();
    let mut child = folder
        .command(&["redact"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    while stdin.write_all(&[b'\n'; 4096]).is_ok() {}
    drop(stdin);
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
}

const REGISTRY: &str = "version = 1
[redact]
keys = [\"pin\"]
off = [\"email\"]
[redact.keep_keys]
session_id = \"numbers the visits of a page, and opens nothing\"
[redact.rules.badge]
pattern = 'BADGE-([0-9]{6})'
hit = [\"BADGE-123456\"]
miss = [\"BADGE-12\"]
";

#[test]
fn the_project_says_what_else_is_secret() {
    let folder = Folder::new().with("tense.toml", REGISTRY);
    let line = b"pin=1 session_id=abc jane@example.com BADGE-123456 password=x\n";
    let expected = "pin=[REDACTED] session_id=abc jane@example.com BADGE-[REDACTED] password=[REDACTED]\n";
    assert_eq!(folder.pipe(&["redact"], line).out, expected);
    let elsewhere = Folder::new().with("other.toml", REGISTRY);
    assert_eq!(elsewhere.pipe(&["redact", "--rules", "other.toml"], line).out, expected);
}

#[test]
fn a_registry_with_mistakes_lets_nothing_through() {
    let folder = Folder::new().with("tense.toml", "version = 1\n[redact]\nof = [\"email\"]\n");
    let said = folder.pipe(&["redact"], b"password=x\n");
    assert_eq!((said.out.as_str(), said.code), ("", Some(2)));
    assert!(said.err.contains("line 3, column 1: `of` is not a key of [redact]"), "{}", said.err);
}

#[test]
fn check_tries_the_patterns() {
    for (from, to, expected) in [
        (
            "BADGE-([0-9]{6})",
            "BADGE-([0-9]{6}",
            "tense.toml:8:11: the pattern of the rule `badge` cannot be read: unclosed group",
        ),
        (
            "BADGE-([0-9]{6})",
            "(a|b)(c)",
            "8:11: the pattern of the rule `badge` has 2 groups, and one at most says what goes",
        ),
        (
            "BADGE-([0-9]{6})",
            "[0-9]*",
            "8:11: the pattern of the rule `badge` matches an empty text: write `+` for `*`",
        ),
        ("BADGE-([0-9]{6})", r"\w{500}", "8:11: the pattern of the rule `badge` is too large once it is compiled"),
        ("BADGE-123456", "BADGE-1234", "8:11: the rule `badge` does not find anything in its example `BADGE-1234`"),
        (
            "BADGE-12\"",
            "BADGE-654321\"",
            "8:11: the rule `badge` finds something in `BADGE-654321`, which is listed under `miss`",
        ),
    ] {
        let text = REGISTRY.replace(from, to);
        let said = Folder::new().with("tense.toml", &text).ask(&["check"]);
        assert!(said.out.contains(expected), "{}{}", said.out, said.err);
        assert_eq!(said.code, Some(1));
    }
    let said = Folder::new().with("tense.toml", REGISTRY).ask(&["check"]);
    assert_eq!(said.code, Some(0), "{}", said.out);
}

#[test]
fn a_key_of_the_project_is_hidden_in_the_style_guide() {
    let text = format!("{REGISTRY}[events.\"operation.cards.read\"]\nfields = {{ pin = \"string\" }}\n");
    let said = Folder::new().with("tense.toml", &text).ask(&["docs"]);
    assert!(said.out.contains("always redacted"), "{}{}", said.out, said.err);
}

/// The command as a whole process, which is asked line by line and says how long it took.
struct Filter {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Filter {
    fn new(folder: &Folder) -> Self {
        let mut child = folder.command(&["redact"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (to, from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut filter = Self { child, to, from: BufReader::new(from) };
        // Its rules are made by then.
        filter.time("warm\n");
        filter
    }

    /// Until all these lines are back. They must fit into a pipe together.
    fn time(&mut self, lines: &str) -> Duration {
        let began = Instant::now();
        self.to.write_all(lines.as_bytes()).unwrap();
        self.to.flush().unwrap();
        let mut line = Vec::new();
        for _ in lines.lines() {
            line.clear();
            assert!(self.from.read_until(b'\n', &mut line).unwrap() > 0, "it ended");
        }
        began.elapsed()
    }

    /// Whether a line of so many bytes takes more than four times as long as ten of a tenth of them, where ten times
    /// would be quadratic: both in this process, one after the other. Of the tries the best ones count, in which nobody
    /// else had the processor; it is asked until it is not slower, from so many tries on, or ten times.
    fn is_slower_together(&mut self, fragment: &str, bytes: usize, tries: usize) -> bool {
        let repeated = |bytes: usize| fragment.repeat((bytes / fragment.len()).max(1));
        // A plain line behind each: a block that one of them opens is not gone on with by the next.
        let plain = "12:01 INFO listening on port 80\n";
        let together = format!("{}\n{plain}", repeated(bytes));
        let apart = format!("{}\n{plain}", repeated(bytes / 10)).repeat(10);
        // What pipes take, and threads until they run.
        let (mut of_one, mut of_many, given) = (Duration::MAX, Duration::MAX, Duration::from_millis(5));
        for tried in 1..=10 {
            of_one = of_one.min(self.time(&together));
            of_many = of_many.min(self.time(&apart));
            if tried >= tries && of_one <= 4 * of_many + given {
                return false;
            }
        }
        true
    }

    fn end(mut self) {
        drop(self.to);
        assert!(self.child.wait().unwrap().success());
    }
}

/// What rules begin and go on with, over and over. Pieces, as everywhere here: nothing looks like a key.
#[rustfmt::skip]
const FRAGMENTS: [&[&str]; 40] = [
    &["-----BEGIN "], &["-----BEGIN ", "PRIVATE KEY-----"], &["-----END "], &["@"], &["="], &["\""], &["7"], &["\\\""],
    &["ey", "Jaaaaaaaaaa."], &["password="], &["password='"], &["a:b@"], &["://a:b@"], &["Some("], &["token={"],
    &["token=["], &["bearer "], &["basic aaaaaaaa "], &["+49 "], &["4111 "], &["a@b.c "], &["%3D"], &["%2500"],
    &["\u{200b}"], &["\u{1b}["], &["<token>"], &["identified by '"], &["/home/"], &["gh", "p_"], &["aaaaaaaa"],
    &["&quot;"], &["\\u0022"], &["é"], &["curl -u a:"], &["(\"token\", "], &["A"], &["/home/", "token={", "+49 "],
    &["://a:b@", "token=[", "/home/"], &["é", "curl -u a:", "%25"], &["curl -u a:", "Some(", "a:b@"],
];

#[test]
fn no_line_of_many_kilobytes_takes_more_than_its_share() {
    let mut filter = Filter::new(&Folder::new());
    for fragment in FRAGMENTS {
        let fragment = fragment.concat();
        assert!(!filter.is_slower_together(&fragment, 10 << 10, 5), "{fragment:?} again and again");
    }
    filter.end();
}

/// A pattern that looks through all of the rest of the line at each of its places.
#[test]
fn a_rule_that_is_quadratic_would_be_noticed() {
    let rule = "version = 1\n[redact.rules.slow]\npattern = '.*[^A-Z]|[A-Z]'\nhit = [\"A\"]\nmiss = []\n";
    let mut filter = Filter::new(&Folder::new().with("tense.toml", rule));
    assert!(filter.is_slower_together("A", 4 << 10, 10));
    filter.end();
}
