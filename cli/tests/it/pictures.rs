//! What happened in the time of a run, as the command draws it: held against files in `tests/snapshots`, at 60 and at
//! 200 columns, and where nothing but ASCII is understood.

use std::fmt::Write as _;

use tense_event::{ErrorKind, Event, Status};

use super::runs::{Bench, error, event, life, loan};
use super::said::said;
use super::snapshots;

const ORDER: u128 = 0x0190_163d_8694_739b_96b6_f0a7_0000_0042;

/// An order that is taken in one service, waits in a queue, is packed in another by 37 calls next to each other and
/// three beside each other, and shipped at the second attempt in a third. The clock of a fourth, which was asked before
/// all that, is behind.
fn order() -> Vec<Event> {
    let at = |events: Vec<Event>, service: &'static str| {
        events.into_iter().map(move |mut event| {
            event.service = service.into();
            event
        })
    };
    let ms = 1_000;
    let mut web = vec![
        event(ORDER, 1, 0, "operation.order.placed", Status::Success, 0..900 * ms),
        event(ORDER, 2, 1, "operation.cart.loaded", Status::Success, 2 * ms..9 * ms),
        event(ORDER, 3, 1, "operation.job.queued", Status::Success, 10 * ms..10 * ms),
        event(ORDER, 4, 1, "log.info", Status::Success, 11 * ms..11 * ms),
    ];
    for point in &mut web[2..] {
        point.duration = None;
    }
    web[2].data.insert("queue", "packing");
    web[3].data.insert("message", "the order is on its way");
    let mut shop = life(ORDER, 10, 1, "dispatch.packing", Status::Success, 250 * ms..600 * ms).to_vec();
    shop.extend((0..37).map(|n| {
        event(ORDER, 20 + n, 10, "operation.item.packed", Status::Success, (255 + 4 * n) * ms..(258 + 4 * n) * ms)
    }));
    for (n, name) in
        ["operation.label.printed", "operation.bill.printed", "operation.box.closed"].into_iter().enumerate()
    {
        let n = n as u64;
        shop.push(event(ORDER, 70 + n, 10, name, Status::Success, (420 + 10 * n) * ms..(480 + 40 * n) * ms));
    }
    let mut fails = event(ORDER, 81, 80, "operation.parcel.ship_failed", Status::Failed, 611 * ms..640 * ms);
    fails.span_name = "operation.parcel.shipped".into();
    fails.error = error(ErrorKind::Error, "Busy", "the carrier is busy");
    let mut post = life(ORDER, 80, 10, "dispatch.shipping", Status::Success, 610 * ms..890 * ms).to_vec();
    post.push(fails);
    post.push(event(ORDER, 82, 80, "operation.parcel.shipped", Status::Success, 740 * ms..888 * ms));
    let early = event(ORDER, 90, 2, "operation.stock.read", Status::Success, ms..8 * ms);
    at(web, "web").chain(at(shop, "shop")).chain(at(post, "post")).chain(at(vec![early], "stock")).collect()
}

/// What the command says, at 60 and at 200 columns, and in ASCII.
fn pages(bench: &Bench, question: &[&str]) -> String {
    let mut pages = String::new();
    for (columns, locale) in [("60", "C.UTF-8"), ("200", "C.UTF-8"), ("60", "C")] {
        let mut command = bench.command(question);
        let said = said(command.env("COLUMNS", columns).env("LC_ALL", locale).output().unwrap());
        assert_eq!((said.err.as_str(), said.code), ("", Some(0)), "{question:?}");
        let most = columns.parse().unwrap();
        assert!(
            said.out.lines().filter(|line| !line.starts_with("not seen")).all(|line| line.chars().count() <= most),
            "{}",
            said.out
        );
        assert!(locale != "C" || said.out.is_ascii(), "{}", said.out);
        writeln!(pages, "$ COLUMNS={columns} LC_ALL={locale} tense {}\n{}", question.join(" "), said.out).unwrap();
    }
    pages
}

#[test]
fn pictures_of_time() {
    for (name, events) in [("loan", loan()), ("order", order())] {
        let bench = Bench::with(events);
        for question in ["timeline", "waterfall", "concurrency"] {
            snapshots::check(&format!("{question}.{name}.txt"), &pages(&bench, &[question, "last"]));
        }
    }
    let bench = Bench::with(order());
    snapshots::check("correlate.order.txt", &pages(&bench, &["correlate", "last"]));
    snapshots::check("concurrency.names.txt", &pages(&bench, &["concurrency", "last", "--by", "name"]));
    snapshots::check("waterfall.folded.txt", &pages(&bench, &["waterfall", "last", "--limit", "8"]));
    let part = ["timeline", "last", "--from", "600ms", "--to", "0.75s", "--idle", "50ms"];
    snapshots::check("timeline.part.txt", &pages(&bench, &part));
}

/// A program asks two others, one of which asks it back and, on another of its own machines, itself; one was not asked.
#[test]
fn the_head_of_the_hand_offs_names_ways_that_were_taken() {
    let call = |span, parent, service: &'static str, machine: &str| {
        let us = span * 10..1_000 - span * 10;
        let mut call = event(ORDER, span, parent, "operation.page.served", Status::Success, us);
        (call.service, call.machine_id) = (service.into(), (!machine.is_empty()).then(|| machine.to_owned()));
        call
    };
    let calls = vec![
        call(1, 0, "a", ""),
        call(2, 1, "c", "m1"),
        call(3, 1, "b", ""),
        call(4, 2, "a", ""),
        call(5, 2, "c", "m2"),
    ];
    let alone = call(6, 0, "d", "");
    let head =
        |calls: Vec<Event>| Bench::with(calls).ask(&["correlate", "last"]).out.lines().nth(1).unwrap().to_owned();
    assert_eq!(head(calls.clone()), "4 hand-offs: a → c, a → b, c → a, within c");
    assert_eq!(head([calls, vec![alone]].concat()), "4 hand-offs: a → c, a → b, c → a, within c; without one: d");
}

#[test]
fn durations_stand_in_one_column_on_a_narrow_screen_too() {
    let mut funding = event(0x91, 2, 1, "dispatch.funding", Status::Success, 10..110);
    funding.data.insert("instalment", 104_000_000_000_u64);
    let root = event(0x91, 1, 0, "dispatch.loan", Status::Success, 0..500);
    let bench = Bench::with([root, funding, event(0x91, 3, 1, "dispatch.notify", Status::Success, 200..300)]);
    let said = said(bench.command(&["tree", "last"]).env("COLUMNS", "60").output().unwrap());
    let ends: Vec<_> =
        said.out.lines().map(|line| line.split(" µs").next().unwrap_or_default().chars().count()).collect();
    assert_eq!(ends.len(), 3, "{}", said.out);
    assert!(ends.iter().all(|end| *end == ends[0]), "{}", said.out);
}

#[test]
fn programs_get_the_same_with_numbers() {
    let bench = Bench::with(order());
    let ask = |question: &[&str]| bench.ask(question).json_whole();

    let timeline = ask(&["timeline", "last", "--json", "--idle", "50ms"]);
    assert_eq!(timeline["moments"].as_array().map(Vec::len), Some(2 * 47 + 2));
    let idle: Vec<_> =
        timeline["idle"].as_array().unwrap().iter().map(|idle| (&idle["kind"], &idle["duration_ms"])).collect();
    assert_eq!(idle, [(&"queued".into(), &239.0.into()), (&"back_off".into(), &100.0.into())]);
    let part = ask(&["timeline", "last", "--json", "--limit", "3", "--from", "600ms"]);
    assert_eq!((part["moments"].as_array().map(Vec::len), &part["left_out"]), (Some(3), &5.into()));
    assert_eq!(part["moments"][0]["offset_ms"], 600.0);

    let waterfall = ask(&["waterfall", "last", "--json"]);
    assert_eq!((&waterfall["duration_ms"], &waterfall["rows"][5]["count"]), (&900.0.into(), &37.into()));
    assert_eq!(waterfall["rows"][4]["waited_for_ms"][0], serde_json::json!([250.0, 255.0]));

    let at_once = ask(&["concurrency", "last", "--json", "--by", "service"]);
    assert_eq!((&at_once["all"]["peak"], &at_once["all"]["peak_offset_ms"]), (&3.into(), &440.0.into()));
    let keys: Vec<_> = at_once["groups"].as_array().unwrap().iter().map(|group| &group["key"]).collect();
    assert_eq!(keys, ["web", "shop", "post", "stock"]);

    let handoffs = ask(&["correlate", "last", "--json"]);
    assert_eq!(handoffs["services"], serde_json::json!(["web", "stock", "shop", "post"]));
    assert_eq!(
        (&handoffs["handoffs"][0]["skew_ms"], &handoffs["handoffs"][1]["delay_ms"]),
        (&1.0.into(), &239.0.into())
    );
}

#[test]
fn nothing_from_an_event_steers_the_terminal_however_odd_its_width() {
    let hostile = "\u{1b}[2J\u{1b}]52;c;aGk=\u{7}\r\n\u{9b}31m\u{202e}gnp";
    for odd in [hostile, "❤\u{fe0f}", "漢", "👩\u{200d}💻", "e\u{301}", "🇩🇪"].map(|odd| odd.repeat(30)) {
        let mut root = event(ORDER, 1, 0, &format!("dispatch.{odd}"), Status::Failed, 0..1_000);
        root.error = error(ErrorKind::Error, "Evil", &odd);
        root.service = format!("web{odd}").into();
        let mut below = event(ORDER, 2, 1, &format!("operation.{odd}"), Status::Success, 200..900);
        below.service = odd.clone().into();
        below.worker_id = Some(odd.clone());
        let mut line = event(ORDER, 3, 1, "log.info", Status::Success, 300..300);
        line.duration = None;
        line.data.insert("message", odd.clone());
        line.data.insert(odd.clone(), odd.repeat(10_000));
        let bench = Bench::with([root, below, line]);
        for question in ["timeline", "waterfall", "concurrency --by=name", "concurrency --by=service", "correlate"] {
            for more in [None, Some("--json")] {
                let words: Vec<&str> = question.split(' ').chain(["last"]).chain(more).collect();
                let said = said(bench.command(&words).env("COLUMNS", "60").output().unwrap());
                assert_eq!((said.err.as_str(), said.code), ("", Some(0)), "{words:?}");
                let steers = |c: &char| tense_store::text::is_hostile(*c) && *c != '\n';
                assert_eq!(said.out.chars().find(steers), None, "{words:?}: {}", said.out.escape_debug());
                let is_short = |line: &str| line.chars().count() < 200;
                assert!(more.is_some() || said.out.lines().all(is_short), "{words:?}: {}", said.out);
            }
        }
    }
}

#[test]
fn what_is_not_there_is_said() {
    let bench = Bench::with(loan());
    let late = bench.ask(&["timeline", "last", "--from", "1h"]);
    assert_eq!((late.out.as_str(), late.code), ("", Some(3)));
    assert_eq!(late.err, "nothing happened in that time; the trace ended 5.02 s after its begin\n");
    let alone = bench.ask(&["correlate", "last"]);
    assert_eq!((alone.out.as_str(), alone.code), ("", Some(3)));
    assert_eq!(alone.err, "nothing was handed over: all that is known ran in one process\n");
    let nonsense = bench.ask(&["timeline", "last", "--from", "soon"]);
    assert_eq!(nonsense.code, Some(2));
    assert!(
        nonsense.err.contains("write a number and its unit, one of ns, us, ms, s, m, h, d: 100ms, 1.5s, 1h30m, 7d"),
        "{}",
        nonsense.err
    );
}

#[test]
fn a_run_that_goes_on_is_drawn_until_the_last_that_is_known() {
    let mut events = loan();
    events.retain(|event| event.status == Status::Pending || ![1, 5].contains(&event.span_id.get()));
    let bench = Bench::with(events);
    let drawn = bench.ask(&["waterfall", "last"]).out;
    assert!(drawn.starts_with("dispatch.loan  not finished  2026-11-21 10:00:00 UTC\n"), "{drawn}");
    assert_eq!(drawn.lines().filter(|line| line.contains("▶ ") && line.ends_with(" open")).count(), 2, "{drawn}");
    assert!(drawn.contains("▶ not finished") && drawn.ends_with("2 spans that have not ended\n"), "{drawn}");
    let told = bench.ask(&["timeline", "last"]).out;
    assert!(told.contains("dispatch.funding  begins, not finished"), "{told}");
}

#[test]
fn a_hundred_thousand_spans_have_a_page() {
    let name = |n: u64| format!("operation.kind_{}.done", n % 300);
    let mut events: Vec<Event> =
        (2..100_000).map(|n| event(ORDER, n, 1 + n / 1_000, &name(n), Status::Success, n * 10..n * 10 + 7)).collect();
    events.push(event(ORDER, 1, 0, "operation.all.done", Status::Success, 0..1_000_000));
    for (n, event) in events.iter_mut().enumerate() {
        event.service = ["web", "shop", "post"][n % 3].into();
    }
    let bench = Bench::with(events);
    for (question, most) in [("timeline", 240), ("waterfall", 90), ("concurrency", 30), ("correlate", 60)] {
        let said = said(bench.command(&[question, "last"]).env("COLUMNS", "60").output().unwrap());
        let lines = said.out.lines().count();
        assert!((5..most).contains(&lines) && said.code == Some(0), "{question}: {lines} lines\n{}", said.out);
        assert!(said.out.lines().all(|line| line.chars().count() <= 60), "{}", said.out);
    }
}
