//! Terms as people type them: what they mean, held against a slow reference, and what is said of those that mean
//! nothing.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};
use tense_event::{ErrorInfo, ErrorKind, Event, SpanId, Status, Timestamp, TraceId};
use tense_store::query::{Key, Number, Operator, Pattern, Query, Term, Test};

fn event() -> Event {
    let id = TraceId::from_bytes(*b"0123456789abcdef");
    let at = Timestamp::from_unix_nanos(1_000);
    let mut event = Event::new(id, SpanId::new(0xbeef).unwrap(), "operation.cards.charge_failed", Status::Failed, at);
    event.span_name = "operation.cards.charged".into();
    event.duration = Some(Duration::from_millis(120));
    event.service = "shop".into();
    event.source = "src/cards.rs:12".into();
    event.tags = vec!["saga".into(), "slow".into()];
    event.job_id = Some("job 1".to_owned());
    let mut error = ErrorInfo::new(ErrorKind::Panic);
    error.error_message = "card 12: \"declined\"".to_owned();
    event.error = Some(error);
    event.data.insert("amount", 120.5);
    event.data.insert("count", 3);
    event.data.insert("as_text", "17");
    event.data.insert("status", "paid");
    event.data.insert("a.b", "dotted");
    event.data.insert("a:b", "colon");
    event.data.insert(r"a\b", "back");
    event.data.insert("-a", "dash");
    event.data.insert("data.x", "again");
    event.data.insert("address", json!({ "city": "Bern", "lines": ["one", 2, null, { "deep": true }] }));
    event.data.insert("stars", "2 * 3");
    event.data.insert("path", r"C:\*.txt");
    event.data.insert("sign", ">5");
    event
}

#[track_caller]
fn term(text: &str) -> Term {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn terms_mean_what_they_say() {
    let event = event();
    let holds = [
        "type:operation.cards.*",
        "type:*.charge_failed",
        "event_type:operation.*",
        "name:operation.cards.charged",
        "status:failed",
        "-status:success",
        "level:info",
        "service:sh*p",
        "source:src/cards.rs:12",
        "trace:30313233343536373839616263646566",
        "trace:30313233-3435-3637-3839-616263646566",
        "trace:63646566",
        "span:beef",
        "-parent:*",
        "job:job 1",
        "job_id:\"job 1\"",
        "-user:*",
        "tag:slow",
        "tags:s*",
        "-tag:fast",
        "duration:>100ms",
        "duration:<=0.12s",
        "duration:120ms",
        "duration:*",
        "duration_ms:>=120",
        "error:*declined*",
        "error.kind:panic",
        "error.message:card 12: \\\"declined\"",
        "error.message:\"card 12: \\\"declined\\\"\"",
        "amount:>100",
        "amount:120.5",
        "amount:120.50",
        "amount:<1.3e2",
        "count:3.0",
        "count:=3",
        "count:>= 3",
        "-count:>3",
        "-nothing:>3",
        "as_text:>16",
        "as_text:17.0",
        "data.status:paid",
        "a.b:dotted",
        "data.a.b:dotted",
        "\"a:b\":colon",
        r"a\:b:colon",
        r"-a\:b:comma",
        r"data.a\:b:c*",
        r"a\b:back",
        "\"-a\":dash",
        "data.data.x:again",
        "address.city:Bern",
        "address.lines:two*",
        "address.lines:2",
        "address.lines:null",
        "address.lines.deep:true",
        "address.lines:>1",
        "stars:\"2 * 3\"",
        "stars:2 \\* 3",
        "stars:2*3",
        r"path:C:\\\*.txt",
        r"path:C:\*.txt",
        "sign:\">5\"",
        "sign:\\>5",
        "address:*",
    ];
    for text in holds {
        let expected = text != "address.lines:two*" && text != r"path:C:\*.txt";
        assert_eq!(term(text).matches(&event), expected, "{text}");
    }
    for text in
        ["stars:\"2*3\"", "type:operation.cards", "service:Shop", "amount:120", "count:\"\"", "address.city.x:*", "a:*"]
    {
        assert!(!term(text).matches(&event), "{text}");
    }
}

#[test]
fn what_is_no_term_is_told_with_what_to_write() {
    let check = |text: &str, expected: &str| {
        let told = text.parse::<Term>().unwrap_err().to_string();
        assert!(told.contains(expected), "{told}");
        assert!(!told.contains('\u{1b}') && told.len() < 500, "{told}");
    };
    check("failed", "read `failed` as a term: it has no `:`; write `field:value`");
    check("", "it has no `:`");
    check("\"a:b\"", "`\"my:field\":value` where the name has a colon");
    check(r"a\:b", "`\"my:field\":value` where the name has a colon");
    check(":x", "nothing stands before the `:`");
    check("-:x", "nothing stands before the `:`");
    check("amount:", "write `field:*` for any value, `-field:*` for none");
    check("note:\"a", "the quote that begins at character 6 does not end");
    check("-\"a:b", "the quote that begins at character 2 does not end");
    check("note:\"a\"b", "`b` stands behind the quote");
    check("amount:>ten", "`>` compares numbers, and `ten` is none; write for example `amount:>100`");
    check("amount:<=", "`<=` compares numbers, and `` is none");
    check("duration:>100", "`100` is no duration; write a number and its unit, one of ns, us, ms, s, m, h, d");
    check("service:>a", "`service` is no number, so `>` compares nothing; write `service:value`");
    check("status:fail", "`status` is never `fail`; it is one of pending, success, failed");
    check("error.kind:Panic", "it is one of error, panic, cancelled");
    check("trace:b0c", "`b0c` is no id; write its 32 hex digits, or at least 4 of its last ones");
    check("span:xyz1", "write its 16 hex digits");
    check("a\u{1b}[31m", r"read `a\u{1b}[31m` as a term");
    check(&"a".repeat(100_000), "it is longer than 10000 bytes");
}

#[test]
fn a_query_asks_for_one_of_each_group_within_a_time() {
    let at = |nanos| Timestamp::from_unix_nanos(nanos);
    let all = Query::new();
    let check = |query: &Query, expected: bool| assert_eq!(query.matches(&event()), expected, "{query:?}");
    check(&all, true);
    // It happened at 1,000.
    check(&all.clone().since(at(1_000)).until(at(1_001)), true);
    check(&all.clone().since(at(1_001)), false);
    check(&all.clone().until(at(1_000)), false);
    let services = |one: &str, other: &str| all.clone().any_of([one, other].map(|name| Term::is(Key::Service, name)));
    check(&services("shop", "mail"), true);
    check(&services("mail", "stock"), false);
    check(&services("shop", "mail").with(term("tag:saga")).with(term("tag:slow")), true);
    check(&services("shop", "mail").with(term("tag:saga")).with(term("tag:fast")), false);
    check(&services("shop", "mail").any_of([term("tag:fast"), term("count:3")]), true);
    check(&services("shop", "mail").any_of([term("tag:fast"), term("-count:3")]), false);
    check(&services("shop", "mail").any_of([]), true);
}

#[test]
fn a_store_is_told_what_an_index_can_narrow() {
    let types = ["sql.query", "http.request"].map(|wanted| Term::is(Key::Type, wanted));
    let query = Query::new().any_of(types).with(term("job:j1")).with(term("-user:u1")).with(term("service:s*"));
    assert_eq!(query.exact(&Key::Type), Some(vec!["sql.query", "http.request"]));
    assert_eq!(query.exact(&Key::Job), Some(vec!["j1"]));
    assert_eq!(query.exact(&Key::User), None);
    assert_eq!(
        (query.exact(&Key::Service), query.patterns(&Key::Service).map(|all| all[0].prefix())),
        (None, Some("s"))
    );
    assert_eq!(query.traces(), None);
    let narrower = query.with(Term::is(Key::Type, "sql.query"));
    assert_eq!(narrower.exact(&Key::Type), Some(vec!["sql.query"]));
    // One of two fields: neither narrows.
    let either = Query::new().any_of([term("job:j1"), term("user:u1")]);
    assert_eq!((either.exact(&Key::Job), either.exact(&Key::User)), (None, None));
    assert!(Query::new().any_of([]).is_all());
}

/// What `docs/search.md` promises is understood: each term of its first table, and each name of its second one as what
/// every event has its place for.
#[test]
fn the_page_about_terms_is_right() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/search.md");
    let page = std::fs::read_to_string(page).unwrap();
    let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let (mut terms, mut names) = (0, 0);
    for row in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.split('|').collect();
        for text in quoted(cells[1]) {
            // What stands before and behind the row counts.
            if cells.len() == 4 {
                term(text.strip_prefix("--not ").unwrap_or(&text));
                terms += 1;
            } else {
                assert!(!matches!(Key::named(&text), Key::Field(_)), "{text}");
                names += 1;
            }
        }
    }
    assert!(terms >= 11 && names >= 20, "{terms} {names}");
}

/// Whether a pattern means a text, by every way to read it.
fn slowly(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['*', rest @ ..] => (0..=text.len()).any(|at| slowly(rest, &text[at..])),
        ['\\', c @ ('*' | '\\' | '"' | '<' | '>' | '='), rest @ ..] | [c, rest @ ..] => {
            text.first() == Some(c) && slowly(rest, &text[1..])
        }
    }
}

/// All values at a path, by every way to read it.
fn values<'v>(value: &'v Value, path: &[&str]) -> Vec<&'v Value> {
    match value {
        Value::Array(list) => list.iter().flat_map(|item| values(item, path)).collect(),
        Value::Object(map) if !path.is_empty() => (1..=path.len())
            .filter_map(|at| Some((map.get(&path[..at].join("."))?, &path[at..])))
            .flat_map(|(value, rest)| values(value, rest))
            .collect(),
        value if path.is_empty() => vec![value],
        _ => vec![],
    }
}

fn key() -> impl Strategy<Value = Key> {
    let fixed = [Key::Type, Key::Name, Key::Service, Key::Job, Key::User, Key::Tag, Key::ErrorMessage, Key::Source];
    prop_oneof![
        proptest::sample::select(fixed.to_vec()),
        "[a-c:. \"\\\\*-]{1,6}|status|data\\.status|duration_ms|data\\.data\\.a|é".prop_map(Key::Field),
    ]
}

fn test() -> impl Strategy<Value = Test> {
    let sign = proptest::sample::select(vec![
        Operator::Less,
        Operator::AtMost,
        Operator::Equal,
        Operator::AtLeast,
        Operator::More,
    ]);
    let number = prop_oneof![
        any::<i64>().prop_map(|whole| Number::Whole(whole.into())),
        any::<f64>().prop_filter("finite", |real| real.is_finite()).prop_map(Number::Real),
    ];
    prop_oneof![
        "[ab*\\\\\"<>=: \n-]{0,8}|\\PC{0,8}".prop_map(|text| Test::Is(Pattern::new(&text))),
        "[ab*\\\\\"<>=: \n-]{0,8}|\\PC{0,8}".prop_map(|text| Test::Is(Pattern::exactly(text))),
        (sign, number).prop_map(|(sign, number)| Test::Compares(sign, number)),
    ]
}

fn data() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3..4_i64).prop_map(Value::from),
        (-3..4_i64).prop_map(|n| json!(n as f64 / 2.0)),
        "[ab1.]{0,3}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[ab]|a\\.b|", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    #[test]
    fn a_term_is_read_as_it_is_written(is_negated in any::<bool>(), key in key(), test in test()) {
        prop_assume!(!matches!((&key, &test), (known, Test::Compares(..)) if !matches!(known, Key::Field(_))));
        let term = Term { is_negated, key, test };
        let text = term.to_string();
        prop_assert_eq!(text.parse::<Term>().map_err(|error| error.to_string()), Ok(term), "{}", text);
    }

    #[test]
    fn a_duration_is_read_as_it_is_written(nanos in any::<u64>(), shift in 0..64_u32) {
        let test = Test::Lasts(Operator::More, Duration::from_nanos(nanos >> shift));
        let term = Term { is_negated: false, key: Key::Duration, test };
        prop_assert_eq!(term.to_string().parse::<Term>().unwrap(), term);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC*|[-a:\"\\\\*<>=.0-9 ms]*") {
        if let Ok(term) = text.parse::<Term>() {
            term.matches(&event());
            prop_assert_eq!(term.to_string().parse::<Term>().unwrap(), term);
        }
    }

    #[test]
    fn a_pattern_means_what_it_means_slowly(pattern in "[ab*\\\\.]{0,8}", text in "[ab*\\\\.]{0,8}") {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        prop_assert_eq!(Pattern::new(&pattern).matches(&text), slowly(&chars(&pattern), &chars(&text)));
    }

    #[test]
    fn a_field_means_what_it_means_slowly(
        fields in proptest::collection::btree_map("[ab]|a\\.b|", data(), 0..3),
        path in "[ab](\\.[ab]){0,3}",
        wanted in "[ab1.]{0,2}\\*?|-?[0-3](\\.[05])?",
        number in -3..4_i64,
        sign in proptest::sample::select(vec!["<", "<=", "=", ">=", ">"]),
    ) {
        let mut event = event();
        event.data = fields.clone().into_iter().collect();
        let all = json!(fields);
        let found = values(&all, &path.split('.').collect::<Vec<_>>());
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let read = |value: &Value| text(value).parse::<f64>().ok().filter(|_| !value.is_boolean());
        let is = found.iter().any(|value| {
            let as_number = wanted.parse::<f64>().ok();
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            slowly(&chars(&wanted), &chars(&text(value))) || as_number.is_some() && as_number == read(value)
        });
        let term = Term::is(Key::Field(path.clone()), wanted.as_str());
        prop_assert_eq!(term.matches(&event), is, "{} in {}", term, all);
        let compares = found.iter().filter_map(|value| read(value)).any(|value| match sign {
            "<" => value < number as f64,
            "<=" => value <= number as f64,
            "=" => value == number as f64,
            ">=" => value >= number as f64,
            _ => value > number as f64,
        });
        let term: Term = format!("{path}:{sign}{number}").parse().unwrap();
        prop_assert_eq!(term.matches(&event), compares, "{} in {}", term, all);
    }
}
