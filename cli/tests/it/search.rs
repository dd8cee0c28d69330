//! Events of all runs that are meant, as the command finds, lists and pages them.

use std::process::{Command, Stdio};

use tense_event::{ErrorKind, Event, Status, Timestamp};

use super::runs::{Bench, error, event, life, loan};
use super::said::{Said, said};
use super::snapshots;

/// The id of one of them.
pub(crate) const fn run(number: u128) -> u128 {
    0xa000 + number
}

/// Three runs of a shop, a minute apart, the second of which fails; one of their fields has another one inside.
pub(crate) fn shop() -> Vec<Event> {
    let mut events = Vec::new();
    for number in 0..3_u64 {
        let trace = run(u128::from(number));
        let status = if number == 1 { Status::Failed } else { Status::Success };
        let mut root = life(trace, 1, 0, "dispatch.checkout", status, 0..90_000 + number);
        let mut query = event(trace, 2, 1, "sql.query", Status::Success, 1_000..4_000 + number * 1_500);
        query.data.insert("statement", "SELECT * FROM orders WHERE id = ?");
        query.service = "orders".into();
        let mut charge = event(trace, 3, 1, "operation.cards.charged", status, 5_000..80_000 + number * 1_000);
        charge.data.insert("amount", 100 * (number + 1));
        let city = ["Bern", "Thun", "Biel"][number as usize];
        charge.data.insert("address", serde_json::json!({ "city": city }));
        if number == 1 {
            charge.event_type = "operation.cards.charge_failed".into();
            charge.error = error(ErrorKind::Error, "CardError", "the card was declined: limit");
            root[1].error = error(ErrorKind::Error, "CardError", "the card was declined: limit");
        }
        for event in root.iter_mut().chain([&mut charge]) {
            event.service = "shop".into();
            event.job_id = Some(format!("job {}", number % 2));
        }
        for mut event in root.into_iter().chain([query, charge]) {
            let minutes = number as i64 * 60_000_000_000;
            event.timestamp = Timestamp::from_unix_nanos(event.timestamp.unix_nanos() + minutes);
            events.push(event);
        }
    }
    events
}

/// `my:order:o7` asks for a field `my`. Where there is none, and one that is called `my:order`, it says how to ask for
/// that.
#[test]
fn a_field_whose_name_has_a_colon_is_found_when_its_name_is_quoted() {
    let mut made = event(0x77, 1, 0, "operation.tokens.created", Status::Success, 0..5);
    made.data.insert("my:order", "o7");
    made.data.insert("url", "http://one");
    let bench = Bench::with([made]);
    for term in ["\"my:order\":o7", r"my\:order:o7", "\"my:order\":*", "url:http://one"] {
        assert_eq!(bench.ask(&["search", term]).code, Some(0), "{term}");
    }
    assert_eq!(bench.ask(&["search", "-\"my:order\":o7"]).code, Some(3));
    for command in ["search", "stats"] {
        let said = bench.ask(&[command, "my:order:o7"]);
        let hint = "; there is a field whose name has a colon: ask for it as '\"my:order\":o7'\n";
        assert!(said.code == Some(3) && said.err.ends_with(hint), "{}", said.err);
        // What is simply not there needs no advice.
        let said = bench.ask(&[command, "url:http://two"]);
        assert!(said.code == Some(3) && !said.err.contains("colon"), "{}", said.err);
    }
}

pub(crate) fn at_width(bench: &Bench, arguments: &[&str], columns: &str) -> Said {
    said(bench.command(arguments).env("COLUMNS", columns).output().unwrap())
}

/// What the command answers at both widths, held against a recorded file.
pub(crate) fn check(bench: &Bench, name: &str, arguments: &[&str]) {
    let mut text = String::new();
    for columns in ["60", "200"] {
        let said = at_width(bench, arguments, columns);
        assert_eq!(said.code, Some(0), "{}", said.err);
        let widest = said.out.lines().map(|line| line.chars().count()).max().unwrap_or(0);
        assert!(widest <= columns.parse().unwrap(), "{widest} of {columns}:\n{}", said.out);
        text += &format!("{columns} columns\n{}\n", said.out);
    }
    snapshots::check(&format!("answers/{name}.txt"), &text);
}

#[test]
fn events_are_listed_the_newest_run_first() {
    let bench = Bench::with(shop());
    check(&bench, "search", &["search"]);
    check(&bench, "search.failed", &["search", "--status", "failed", "amount:*", "--utc"]);
    let markdown = bench.ask(&["search", "--format", "md", "address.city:T*"]);
    snapshots::check("answers/search.md", &markdown.out);
    assert_eq!((markdown.err.as_str(), markdown.code), ("", Some(0)));
}

/// How many events are found.
#[track_caller]
fn found(bench: &Bench, arguments: &[&str]) -> usize {
    let said = bench.ask(&[&["search", "--format", "jsonl"], arguments].concat());
    assert!(matches!(said.code, Some(0 | 3)), "{}", said.err);
    let events: Vec<Event> = said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events.is_empty(), said.code == Some(3), "{}", said.err);
    events.len()
}

#[test]
fn options_and_terms_narrow_a_search() {
    let bench = Bench::with(shop());
    for (arguments, expected) in [
        (&[] as &[&str], 12),
        (&["--type", "operation.cards.*"], 3),
        (&["--type", "operation.cards.charged", "--type", "sql.query"], 5),
        (&["name:operation.cards.charged"], 3),
        (&["--status", "failed"], 2),
        (&["--status", "failed", "--status", "pending"], 5),
        (&["-status:success", "-status:pending", "--limit", "9"], 2),
        (&["--not", "status:success"], 5),
        (&["--service", "orders"], 3),
        (&["--job", "job 1"], 3),
        (&["--job", "job 1", "--user", "nobody"], 0),
        (&["--tag", "saga"], 0),
        (&["--trace", "a001"], 4),
        (&["amount:>100"], 2),
        (&["amount:>100", "-address.city:Biel"], 1),
        (&["address.city:B*"], 2),
        (&["statement:SELECT \\* FROM*"], 3),
        (&["error:*declined: limit"], 2),
        (&["duration:>=77ms"], 4),
        (&["-duration:*"], 3),
        (&["--since", "2026-11-21T10:01:00Z"], 8),
        (&["--since", "2026-11-21T10:01:00Z", "--until", "2026-11-21 10:01:30"], 4),
        (&["--until", "2026-11-21"], 0),
        (&["--last", "5m"], 0),
        (&["--", "-status:success"], 5),
    ] {
        assert_eq!(found(&bench, arguments), expected, "{arguments:?}");
    }
}

/// Two hours ago, 45 minutes ago, ten minutes ago, and in an hour: counted from when somebody asks.
#[test]
fn moments_are_counted_back_from_now() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as i64;
    let minutes = [-120_i64, -45, -10, 60];
    let bench = Bench::with((1..).zip(minutes).map(|(span, minutes)| {
        let mut event = event(run(u128::from(span)), span, 0, "sql.query", Status::Success, 0..1);
        event.timestamp = Timestamp::from_unix_nanos(now + minutes * 60_000_000_000);
        event
    }));
    for (arguments, expected) in [
        (&["--since", "1h"] as &[&str], &[2_u64, 3, 4] as &[u64]),
        (&["--last", "30m"], &[3, 4]),
        (&["--until", "30m"], &[1, 2]),
        (&["--since", "1h", "--until", "30m"], &[2]),
        (&["--since", "3h", "--until", "now"], &[1, 2, 3]),
        (&["--last", "1d", "name:sql.query"], &[1, 2, 3, 4]),
        (&["--since", "90s", "--until", "2s"], &[]),
    ] {
        for question in ["search", "tail"] {
            let said = bench.ask(&[&[question, "--format", "jsonl"], arguments].concat());
            let mut spans: Vec<_> =
                said.json().iter().map(|event| event["span_id"].as_str().unwrap().to_owned()).collect();
            spans.sort();
            let expected: Vec<_> = expected.iter().map(|span| format!("{span:016x}")).collect();
            assert_eq!(spans, expected, "{question} {arguments:?}: {}", said.err);
        }
    }
}

/// Quotes are for terms: `user:"x"` is `--user x`.
#[test]
fn the_value_of_an_option_keeps_its_quotes_and_signs() {
    let values = ["x", "\"x\"", "\"x", ">3", "-x", "x:y", "one*", "one two"];
    let events = values.iter().zip(1_u64..).map(|(value, span)| {
        let mut event = event(run(1), span, 0, "operation.cards.charged", Status::Success, 0..1);
        event.user_id = Some((*value).to_owned());
        event.job_id = event.user_id.clone();
        event.tags = vec![(*value).into()];
        event
    });
    let bench = Bench::with(events);
    for option in ["--user", "--job", "--tag"] {
        for value in values {
            let expected = if value == "one*" { 2 } else { 1 };
            assert_eq!(found(&bench, &[&format!("{option}={value}")]), expected, "{option}={value}");
        }
        assert_eq!(found(&bench, &[&format!(r"{option}=one\*")]), 1, "{option}");
    }
}

#[test]
fn what_failed_and_what_was_undone_is_found() {
    let bench = Bench::with(loan());
    assert_eq!(found(&bench, &["--status", "failed"]), 3);
    assert_eq!(found(&bench, &["--tag", "compensation"]), 2);
    assert_eq!(found(&bench, &["application:L123", "status:pending"]), 2);
    assert_eq!(found(&bench, &["amount:>=5000", "name:operation.ledger.reserved"]), 1);
    assert_eq!(found(&bench, &["error.type:LedgerError", "error:balance*"]), 1);
    bench.check(
        &["search", "error:*", "duration:<1s", "--utc"],
        "
2026-11-21 UTC
10:00:05.001  b0c1d2e3    300 µs  ✗ operation.ledger.debit_failed         LedgerError: balance 120 < 5000",
    );
}

#[test]
fn pages_go_on_where_the_last_one_ended() {
    let bench = Bench::with(shop());
    let whole = bench.ask(&["search", "--json"]).json_whole();
    assert_eq!((whole["events"].as_array().unwrap().len(), whole.get("next")), (12, None));
    let (mut events, mut after) = (Vec::new(), None::<String>);
    loop {
        let mut arguments = vec!["search", "--json", "--limit", "5"];
        arguments.extend(after.iter().flat_map(|cursor| ["--after", cursor.as_str()]));
        let page = bench.ask(&arguments).json_whole();
        events.extend(page["events"].as_array().unwrap().clone());
        after = page["next"].as_str().map(str::to_owned);
        if after.is_none() {
            break;
        }
    }
    assert_eq!(whole["events"].as_array(), Some(&events));
    // Whoever reads text is told on standard error.
    let said = bench.ask(&["search", "--limit", "1"]);
    let cursor = said.err.trim_end().strip_prefix("there may be more: the same search with --after ").unwrap();
    assert_eq!(found(&bench, &["--after", cursor]), 11);
    let wrong = bench.ask(&["search", "--after", "c.1.2.3"]);
    assert_eq!(wrong.code, Some(1));
    assert!(wrong.err.contains("it is of another question or of another store; begin without it"), "{}", wrong.err);
    let odd = bench.ask(&["search", "--after", "../x"]);
    assert!(odd.code == Some(2) && odd.err.contains("use the one of an earlier answer"), "{}", odd.err);
}

#[test]
fn what_is_not_understood_is_told_with_what_to_write() {
    let bench = Bench::with(shop());
    for (arguments, expected) in [
        (&["search", "failed"] as &[&str], "it has no `:`; write `field:value`"),
        (&["search", "--status", "fail"], "it is one of pending, success, failed"),
        (&["search", "duration:>100"], "write a number and its unit"),
        (&["search", "--since", "soon"], "write how long ago (90s, 30m, 1h, 7d)"),
        (&["search", "--last", "1"], "write a number and its unit, one of ns"),
        (&["search", "--last", "1h", "--since", "today"], "cannot be used with"),
        (&["search", "--json", "--format", "md"], "leave out the one that is not meant"),
        (&["search", "--limit", "0"], "0 is not in 1.."),
        (&["search", "--jsno"], "unexpected argument '--jsno'"),
        (&["search", "--trace", "x"], "`x` is no id"),
    ] {
        let said = bench.ask(arguments);
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(said.err.contains(expected), "{}", said.err);
    }
    let nothing = bench.ask(&["search", "order:o1"]);
    assert_eq!((nothing.code, nothing.err.as_str()), (Some(3), "nothing was found; 12 events looked at\n"));
}

#[test]
fn times_are_those_of_whoever_asks() {
    let bench = Bench::with(shop());
    let ask = |arguments: &[&str]| {
        let mut command: Command = bench.command(&[&["search", "--limit=1", "--type=sql.query"], arguments].concat());
        said(command.env("TZ", "Asia/Tokyo").output().unwrap()).out
    };
    assert!(ask(&[]).starts_with("2026-11-21 JST\n19:02:00.007  0000a002 "), "{}", ask(&[]));
    assert!(ask(&["--utc"]).starts_with("2026-11-21 UTC\n10:02:00.007 "), "{}", ask(&["--utc"]));
    assert_eq!(ask(&["--since", "2026-11-21 19:02:01"]), "");
    assert_ne!(ask(&["--since", "2026-11-21 19:02:01", "--utc"]), ask(&["--since", "2026-11-21 10:02", "--utc"]));
    // Traces go by when they began.
    for (since, expected) in [("2026-11-21 10:01:00", 2), ("2026-11-21 10:01:01", 1), ("2026-11-22", 0)] {
        let said = bench.ask(&["traces", "--since", since]);
        assert_eq!(said.out.lines().count(), expected, "{since}: {}", said.out);
    }
    assert_eq!(bench.ask(&["traces", "--last", "1m"]).err, "the database holds no trace that began then\n");
}

#[test]
fn a_time_zone_that_nobody_knows_is_told_once() {
    let bench = Bench::with(shop());
    let ask = |zone: &str, arguments: &[&str]| {
        let mut command: Command = bench.command(&[&["search", "--limit=1", "--since=today"], arguments].concat());
        said(command.env("TZ", zone).output().unwrap())
    };
    let told = "TZ names the time zone `Europe/Berln`, which is not known here: times are in UTC\n";
    let said = ask("Europe/Berln", &[]);
    assert!(said.err.starts_with(told) && !said.err[told.len()..].contains("TZ"), "{}", said.err);
    for (zone, arguments) in [("Europe/Berln", &["--utc"][..]), ("", &[]), ("Asia/Tokyo", &[])] {
        let said = ask(zone, arguments);
        assert!(!said.err.contains("TZ"), "{zone}: {}", said.err);
    }
}

#[test]
fn a_trace_is_named_by_its_job_and_by_what_a_header_says() {
    let bench = Bench::with(shop());
    let newest = bench.ask(&["tree", "job:job 0"]).out;
    assert!(newest.contains("address={\"city\":\"Biel\"}") || newest.contains("Biel"), "{newest}");
    // Without saying that it is one, too.
    assert_eq!(bench.ask(&["tree", "job 0"]).out, newest);
    let id = format!("{:032x}", run(1));
    let header = format!("00-{id}-00f067aa0ba902b7-01");
    let by_header = bench.ask(&["why", &header]).out;
    assert_eq!(by_header, bench.ask(&["why", &id]).out);
    assert!(by_header.contains("the card was declined"), "{by_header}");
    let none = bench.ask(&["tree", "job:job 9"]);
    assert_eq!(none.code, Some(3));
    assert!(none.err.contains("no trace has an event of the job `job 9`"), "{}", none.err);
}

#[test]
fn a_job_whose_id_looks_like_that_of_a_trace_is_found_where_no_trace_has_it() {
    let mut bench = Bench::new();
    let uuid = "5fd924cd-6dfa-48d2-a3a4-95a9b1d6a9b3";
    for (number, job) in [(1, uuid), (2, "20261122"), (3, "00000001")] {
        let mut run = life(number, 1, 0, &format!("dispatch.run_{number}"), Status::Success, 0..1);
        run.iter_mut().for_each(|event| event.job_id = Some(job.to_owned()));
        bench.add(run);
    }
    let asked = |which: &str| bench.ask(&["tree", which]).out.split_whitespace().next().unwrap_or_default().to_owned();
    assert_eq!(asked(uuid), "dispatch.run_1");
    assert_eq!(asked("20261122"), "dispatch.run_2");
    // A trace goes before a job.
    assert_eq!((asked("00000001"), asked("job:00000001")), ("dispatch.run_1".to_owned(), "dispatch.run_3".to_owned()));
}

#[test]
fn a_reader_of_events_that_has_seen_enough_is_no_error() {
    let spans =
        (2..6_000).map(|span| event(0x41, span, 1, "operation.tokens.created", Status::Success, span..span + 5));
    let bench = Bench::with(spans);
    for question in
        [&["search", "--limit", "20000"][..], &["tail", "-n", "20000"], &["search", "--limit=20000", "--json"]]
    {
        let mut child = bench.command(question).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut [0; 10]).unwrap();
        drop(child.stdout.take());
        let said = said(child.wait_with_output().unwrap());
        assert_eq!((said.err.as_str(), said.code), ("", Some(0)), "{question:?}");
    }
}

#[test]
fn nothing_that_is_found_steers_the_terminal() {
    let hostile = "\u{1b}[2J\u{1b}]8;;http://x\u{7}\u{1b}]52;c;aGk=\u{7}\r\n\u{9b}31m\u{202e}gnp | x";
    let mut odd = event(0x31, 1, 0, &format!("dispatch.{hostile}"), Status::Failed, 0..1_000);
    odd.span_name = hostile.to_owned().into();
    odd.data.insert("note", hostile);
    odd.data.insert(hostile.to_owned(), "x".repeat(1_000_000));
    odd.error = error(ErrorKind::Error, "Evil", hostile);
    odd.service = hostile.to_owned().into();
    odd.tags.push(hostile.to_owned().into());
    odd.job_id = Some(hostile.to_owned());
    odd.user_id = Some(hostile.to_owned());
    let bench = Bench::with([odd].into_iter().chain(loan()));
    let job = format!("job:{hostile}");
    for question in [
        &["search"][..],
        &["tail"],
        &["stats"],
        &["stats", "--by", "service"],
        &["stats", "--by", "type", "--sort", "max"],
        &["stats", "--histogram", "error:*"],
        &["job", hostile],
        &["tree", &job],
        &["search", &job],
    ] {
        for form in ["table", "md", "json", "jsonl"] {
            if question[0] == "tree" && form != "table" {
                continue;
            }
            let form: &[&str] = if question[0] == "tree" { &[] } else { &["--format", form] };
            let said = bench.ask(&[question, form].concat());
            assert_eq!(said.code, Some(0), "{question:?}: {}", said.err);
            for text in [&said.out, &said.err] {
                let steers = |c: &char| tense_store::text::is_hostile(*c) && *c != '\n';
                assert_eq!(text.chars().find(steers), None, "{question:?}: {}", text.escape_debug());
            }
            // A line of Markdown is one row; what could not be seen stands below an empty one.
            if form.contains(&"md") {
                let columns = |line: &str| line.replace("\\|", "").matches('|').count();
                let of_head = columns(said.out.lines().next().unwrap());
                let (table, below) = said.out.split_once("\n\n").unwrap_or((&said.out, ""));
                assert!(table.lines().all(|line| columns(line) == of_head), "{}", said.out);
                assert!(
                    below.lines().all(|line| line.is_empty() || line.contains(": not seen in full: ")),
                    "{}",
                    said.out
                );
            }
        }
    }
    let missing = bench.ask(&["job", "\u{1b}[2J"]);
    assert!(missing.code == Some(3) && !missing.err.contains('\u{1b}'), "{}", missing.err);
}
