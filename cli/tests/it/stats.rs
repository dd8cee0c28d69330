//! How often operations ended, failed, and how long they took, as the command says it.

use tense_event::{ErrorKind, Event, Status};

use super::runs::{Bench, error, event};
use super::search::{at_width, check, shop};
use super::snapshots;

/// A hundred queries that take 1 to 100 ms, every tenth of which fails; and one that stands for many.
fn queries() -> Vec<Event> {
    (1..=100_u64)
        .map(|nth| {
            let status = if nth % 10 == 0 { Status::Failed } else { Status::Success };
            let mut query = event(0x51, nth, 0, "sql.query", status, 0..nth * 1_000);
            query.service = if nth % 2 == 0 { "orders" } else { "stock" }.into();
            if status == Status::Failed {
                query.event_type = "sql.query_failed".into();
                query.error = error(ErrorKind::Error, "Timeout", "took too long");
            }
            query
        })
        .collect()
}

#[test]
fn operations_are_a_table_the_costliest_first() {
    let bench = Bench::with(shop().into_iter().chain(queries()));
    check(&bench, "stats", &["stats"]);
    check(&bench, "stats.histogram", &["stats", "--histogram", "name:sql.query"]);
    snapshots::check("answers/stats.md", &bench.ask(&["stats", "--format", "md", "--by", "type"]).out);
}

/// One in four loses a race, and one in ten fails.
#[test]
fn what_was_dropped_is_no_failure() {
    let bench = Bench::with(queries().into_iter().enumerate().map(|(nth, mut query)| {
        if nth % 4 == 0 {
            query.status = Status::Failed;
            query.error = error(ErrorKind::Cancelled, "", "");
        }
        query
    }));
    check(&bench, "stats.dropped", &["stats"]);
    check(&bench, "stats.dropped.histogram", &["stats", "--histogram"]);
    let told = bench.ask(&["stats", "--json", "name:sql.query"]).json_whole();
    let one = &told["operations"][0];
    assert_eq!((&one["count"], &one["failed"], &one["cancelled"]), (&100.into(), &10.into(), &25.into()));
    assert_eq!(one["error_rate"], 0.1);
    // Reading the events says the same as what was counted as they came.
    let read = bench.ask(&["stats", "--json", "duration:>0ms"]).json_whole();
    assert_eq!(read["operations"][0]["cancelled"], 25);
}

#[test]
fn what_is_counted_and_in_which_order_is_said_by_options() {
    let bench = Bench::with(queries());
    let ask = |arguments: &[&str]| {
        let all = bench.ask(&[&["stats", "--json"], arguments].concat()).json_whole();
        let names = all["operations"].as_array().unwrap().iter();
        names.map(|one| format!("{} {}", one["operation"].as_str().unwrap(), one["count"])).collect::<Vec<_>>()
    };
    assert_eq!(ask(&[]), ["sql.query 100"]);
    assert_eq!(ask(&["--by", "type"]), ["sql.query 90", "sql.query_failed 10"]);
    assert_eq!(ask(&["--by", "type", "--sort", "rate"]), ["sql.query_failed 10", "sql.query 90"]);
    assert_eq!(ask(&["--by", "type", "--sort", "p50", "--limit", "1"]), ["sql.query_failed 10"]);
    assert_eq!(ask(&["--by", "service", "duration:>90ms"]), ["orders 5", "stock 5"]);
    assert_eq!(ask(&["--by", "service", "--status", "failed"]), ["orders 10"]);
    assert_eq!(ask(&["--since", "today", "--service", "orders"]), Vec::<String>::new());
    let told = bench.ask(&["stats", "--json"]).json_whole();
    let one = &told["operations"][0];
    let near = |key: &str, expected: f64| {
        let told = one[key].as_f64().unwrap();
        assert!((told - expected).abs() <= expected * 0.004, "{key}: {told}");
    };
    near("p50_ms", 50.0);
    near("p95_ms", 95.0);
    near("p99_ms", 99.0);
    assert_eq!(
        (one["min_ms"].as_f64(), one["max_ms"].as_f64(), one["total_ms"].as_f64()),
        (Some(1.0), Some(100.0), Some(5050.0))
    );
    assert_eq!(
        (one["failed"].as_u64(), one["error_rate"].as_f64(), told["looked_at"].as_u64()),
        (Some(10), Some(0.1), Some(100))
    );
}

#[test]
fn an_event_counts_for_those_that_sampling_left_out() {
    let mut events = queries();
    events[4].sample_weight = 900;
    events[5].sample_weight = 0;
    let bench = Bench::with(events);
    let told = bench.ask(&["stats", "--json"]).json_whole();
    let one = &told["operations"][0];
    assert_eq!(
        (one["count"].as_u64(), one["events"].as_u64(), one["failed"].as_u64()),
        (Some(998), Some(99), Some(10))
    );
    let median = one["p50_ms"].as_f64().unwrap();
    assert!((median - 5.0).abs() < 0.02, "{median}");
    // Where the two differ, people are told.
    let wide = at_width(&bench, &["stats"], "200");
    assert!(wide.out.contains("events") && wide.out.contains("  99"), "{}", wide.out);
}

#[test]
fn what_has_no_duration_or_has_not_ended_is_no_number_that_is_made_up() {
    let mut point = event(0x61, 1, 0, "log.info", Status::Success, 0..5);
    point.duration = None;
    let open = event(0x61, 2, 0, "dispatch.batch.start", Status::Pending, 0..5);
    let bench = Bench::with([point, open]);
    let told = bench.ask(&["stats", "--json"]).json_whole();
    let operations = told["operations"].as_array().unwrap();
    assert_eq!((operations.len(), operations[0].get("p50_ms")), (1, None));
    bench.check(&["stats"], "operation  count\nlog.info       1");
    let drawn = bench.ask(&["stats", "--histogram"]);
    assert_eq!(drawn.out, "log.info  1 time\n  how long it took is not known\n");
    let none = bench.ask(&["stats", "--status", "pending"]);
    assert_eq!((none.code, none.err.as_str()), (Some(3), "no operation has ended; 2 events looked at\n"));
}

#[test]
fn terms_that_match_nothing_are_named() {
    let bench = Bench::with(shop().into_iter().chain(queries()));
    let check = |arguments: &[&str], expected: &str| {
        let said = bench.ask(&[&["stats"], arguments].concat());
        assert_eq!((said.out.as_str(), said.err.trim_end(), said.code), ("", expected, Some(3)), "{arguments:?}");
    };
    check(&["order:o9"], "no event matches `order:o9`");
    check(&["order:o9", "--status", "failed", "-name:*"], "no event matches `order:o9`, nor `-name:*`");
    check(&["--service", "mail", "--service", "post"], "no event matches `service:mail` or `service:post`");
    check(
        &["amount:>100", "--service", "stock"],
        "no event matches all of `service:stock`, `amount:>100`, though each of them matches some",
    );
    check(&["--since", "2026-11-21T10:30:00Z", "name:sql.query"], "there is no event of that time");
    check(
        &["--until", "2026-11-21T10:00:30Z", "city:Thun", "duration:>1ms"],
        "no event of that time matches `city:Thun`",
    );
    // In JSON as well, beside an answer without operations.
    let said = bench.ask(&["stats", "order:o9", "--json"]);
    assert_eq!((said.err.as_str(), said.code), ("no event matches `order:o9`\n", Some(3)));
    assert_eq!(said.json_whole()["operations"], serde_json::json!([]));
}
