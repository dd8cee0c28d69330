//! Events that nobody should write: every command about runs answers, in bounded time, and nothing of them steers the
//! terminal.

use std::time::Duration;

use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
use tense_store::text;

use crate::it::asked::{all, in_time, tense};
use crate::it::runs::{Bench, error};

const LONGEST: usize = 1_000_000;

/// What may do something to a terminal, each as the word that it is.
fn hostile() -> [String; 12] {
    [
        "\u{1b}[2J\u{1b}[31m".to_owned(),
        "\u{1b}]52;c;aGVsbG8=\u{7}".to_owned(),
        "\u{1b}]8;;https://example.invalid\u{7}here\u{1b}]8;;\u{7}".to_owned(),
        "\u{7}\u{8}\r\n\t".to_owned(),
        "\u{202e}txt.exe".to_owned(),
        "\u{2066}\u{2067}\u{2069}".to_owned(),
        "\u{9b}31m\u{90}".to_owned(),
        "\u{200b}\u{feff}\u{2028}".to_owned(),
        "\u{e0041}\u{7f}\0".to_owned(),
        "'; DROP TABLE events; --".to_owned(),
        "=cmd()|' /C calc'!A0".to_owned(),
        "x".repeat(LONGEST),
    ]
}

fn made(nth: u64, name: &str, at: i64) -> Event {
    let (trace, span) = (TraceId::from_bytes((0x7000 + u128::from(nth)).to_be_bytes()), SpanId::new(nth + 1).unwrap());
    Event::new(trace, span, name.to_owned(), Status::Failed, Timestamp::from_unix_nanos(at))
}

/// Asks every command, in each form, for each of the latest traces.
#[track_caller]
fn answers(bench: &Bench, traces: usize) {
    let folder = bench.folder();
    let listed = bench.ask(&["traces", "--json", "--limit", "1000"]).json_whole();
    let ids: Vec<&str> =
        listed["traces"].as_array().unwrap().iter().map(|of| of["trace_id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), traces);
    for asked in all().iter().filter(|asked| asked.is_about_runs && asked.name != "import") {
        let is_of_a_trace = asked.arguments.iter().any(|word| word == "last");
        for id in if is_of_a_trace { &ids[..] } else { &ids[..1] } {
            let words: Vec<String> = asked
                .arguments
                .iter()
                .map(|word| if word == "last" { (*id).to_owned() } else { word.clone() })
                .collect();
            // `table` is what a command answers in that is asked for no form.
            let forms: &[&str] = match asked.name.as_str() {
                "export" => &["table", "otlp-json", "jaeger", "zipkin", "chrome", "speedscope", "md"],
                _ if asked.help.contains("--format <FORM>") => &["table", "json", "jsonl", "md"],
                _ => &["table"],
            };
            for form in forms {
                let is_for_screens = *form == "table" && asked.name != "export";
                let words = match *form {
                    "table" => words.clone(),
                    form => [&words[..], &["--format".to_owned(), form.to_owned()]].concat(),
                };
                // Others are as wide as they are.
                let widths: &[&str] = if is_for_screens { &["60", "200"] } else { &["60"] };
                for columns in widths {
                    let said = in_time(tense(folder, &words).env("COLUMNS", columns), &asked.name);
                    let steers = |c: &char| text::is_hostile(*c) && *c != '\n';
                    for told in [&said.out, &said.err] {
                        assert_eq!(told.chars().find(steers), None, "tense {words:?}: {}", told.escape_debug());
                    }
                    if is_for_screens {
                        let longest = said.out.lines().map(str::len).max().unwrap_or(0);
                        assert!(longest < 10_000, "tense {words:?} writes a line of {longest} bytes");
                    }
                }
            }
        }
    }
}

#[test]
fn that_steer_terminals_are_shown_as_what_they_are() {
    let events = hostile().into_iter().enumerate().map(|(nth, text)| {
        let mut event = made(nth as u64, &text, 1_795_255_200_000_000_000 + nth as i64);
        event.service = text.clone().into();
        event.source = text.clone().into();
        event.tags.push(text.clone().into());
        event.data.insert("field", text.clone());
        event.data.insert(text.clone(), "key");
        event.error = error(tense_event::ErrorKind::Error, "E", &text);
        event
    });
    let bench = Bench::with(events);
    answers(&bench, hostile().len());
}

#[test]
fn of_absurd_moments_and_durations_are_answered() {
    let moments = [0, -1, i64::MAX, i64::MIN, i64::MAX - 1, i64::MIN + 1, 9_223_372_036_000_000_000, 253_402_300_799];
    let durations =
        [Duration::ZERO, Duration::MAX, Duration::from_nanos(i64::MAX as u64), Duration::from_nanos(u64::MAX)];
    let events = moments.into_iter().zip(durations.into_iter().cycle()).enumerate().map(|(nth, (at, took))| {
        let mut event = made(nth as u64, "operation.tokens.create_failed", at);
        event.duration = Some(took);
        event.data.insert("nan", f64::NAN);
        event.data.insert("infinite", f64::INFINITY);
        event.data.insert("large", f64::MAX);
        event.data.insert("least", i64::MIN);
        event
    });
    let bench = Bench::with(events);
    answers(&bench, moments.len());
}

/// Each is the parent of the next one, the last one that of the first, one is its own, and one has none that is here;
/// children begin before their parents and end behind them.
#[test]
fn that_make_no_tree_are_answered() {
    let at = 1_795_255_200_000_000_000;
    let trace = TraceId::from_bytes(0x77_u128.to_be_bytes());
    let mut events: Vec<Event> = Vec::new();
    for nth in 1..=1002_u64 {
        let id = SpanId::new(nth).unwrap();
        let mut event = Event::new(
            trace,
            id,
            "operation.tokens.created",
            Status::Success,
            Timestamp::from_unix_nanos(at - nth as i64 * 1_000),
        );
        event.parent_span_id = match nth {
            1001 => SpanId::new(1001),
            1002 => SpanId::new(4_711),
            nth => SpanId::new(nth % 1000 + 1),
        };
        event.duration = Some(Duration::from_nanos(nth));
        events.push(event);
    }
    // The same span once more, with another end.
    let mut again = events[0].clone();
    again.status = Status::Failed;
    events.push(again);
    answers(&Bench::with(events), 1);
}
