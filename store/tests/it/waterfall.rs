//! The rows of a waterfall: every span has one or is counted in one, however few rows there are.

use proptest::prelude::*;
use tense_event::{Status, Timestamp};
use tense_store::waterfall::{Row, RowKind, Waterfall};
use tense_store::{Span, Trace};

use super::drawn::{TRACE, any_trace, call, extent, moment};

/// A line of a log has no row.
fn is_line(trace: &Trace, span: &Span) -> bool {
    span.is_log() && trace.children(span).next().is_none()
}

fn spans_of(row: &Row<'_>) -> usize {
    let own = match row.what {
        RowKind::Several { count, .. } | RowKind::Others { count } => count,
        _ => 1,
    };
    own + row.hidden
}

/// The path, put together again from what the rows say.
fn path(waterfall: &Waterfall<'_>) -> Vec<(Timestamp, Timestamp)> {
    let mut path: Vec<_> = waterfall.rows.iter().flat_map(|row| row.waited_for.iter().copied()).collect();
    path.sort_unstable();
    path
}

proptest! {
    #[test]
    fn every_span_is_in_one_row_and_the_path_has_no_hole(trace in any_trace(), most in 0_usize..20) {
        let waterfall = trace.waterfall(most);
        let spans = trace.spans().iter().filter(|span| !is_line(&trace, span)).count();
        prop_assert_eq!(waterfall.rows.iter().map(spans_of).sum::<usize>(), spans);
        prop_assert!(waterfall.rows.len() <= 2 * most + 1);
        if spans <= most {
            prop_assert!(waterfall.rows.iter().all(|row| matches!(row.what, RowKind::One(_)) && row.hidden == 0));
        }
        for row in &waterfall.rows {
            if let RowKind::One(span) = row.what {
                prop_assert_eq!(moment(row.from)..moment(row.to), extent(&trace, span));
            }
            prop_assert!(row.waited_for.windows(2).all(|pair| pair[0].1 < pair[1].0));
        }
        // Lines of logs have no rows, so what was waited for there may be told by nobody when nothing is above them.
        let root = trace.longest_root().unwrap();
        if !trace.spans().iter().any(|span| is_line(&trace, span)) {
            let told = path(&waterfall);
            let whole = extent(&trace, root);
            let mut until = whole.start;
            for (from, to) in told {
                prop_assert_eq!(moment(from), until);
                until = moment(to);
            }
            prop_assert_eq!(until, whole.end);
        }
        // Rows are a walk: each is at most one deeper than the one before.
        let depths: Vec<usize> = waterfall.rows.iter().map(|row| row.depth).collect();
        prop_assert!(depths.first().is_none_or(|depth| *depth == 0));
        prop_assert!(depths.windows(2).all(|pair| pair[1] <= pair[0] + 1));
    }
}

#[test]
fn failures_come_first_then_what_was_waited_for_then_what_took_longest() {
    let mut events = vec![call(1, 0, "dispatch.run", 0..1000)];
    events.extend((2..100).map(|id| call(id, 1, "operation.row.read", id as i64..id as i64 + 1)));
    events.push(call(200, 1, "operation.stock.read", 10..900));
    events.push(call(201, 1, "operation.mail.sent", 5..6));
    events.push(call(202, 1, "operation.bill.sent", 950..951));
    events.push(call(203, 1, "operation.other.done", 20..30));
    events.push(call(204, 203, "operation.deep.done", 21..22));
    events[100].status = Status::Failed;
    let trace = Trace::from_events(TRACE, events);
    let waterfall = trace.waterfall(4);
    let names = waterfall.rows.iter().map(|row| match row.what {
        RowKind::One(span) => span.name.to_string(),
        RowKind::Several { first, count } => format!("{} × {count}", first.name),
        RowKind::Others { count } => format!("{count} others"),
        _ => String::new(),
    });
    let expected =
        ["dispatch.run", "operation.row.read × 98", "operation.mail.sent", "operation.stock.read", "2 others"];
    assert_eq!(names.collect::<Vec<_>>(), expected[..].iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    assert_eq!(waterfall.rows[4].hidden, 1);
}

#[test]
fn a_chain_of_a_hundred_thousand_and_as_many_kinds_have_few_rows() {
    let many = 100_000;
    let chain = (1..=many).map(|id| call(id, id - 1, "dispatch.step", id as i64..2 * many as i64 - id as i64));
    let waterfall_of = |trace: &Trace| trace.waterfall(50).rows.len();
    assert_eq!(waterfall_of(&Trace::from_events(TRACE, chain)), 51);
    let kinds = (2..=many).map(|id| {
        let mut event = call(id, 1, "", id as i64..id as i64 + 1);
        event.event_type = format!("operation.kind_{id}.done").into();
        event.span_name = event.event_type.clone();
        event
    });
    let trace = Trace::from_events(TRACE, kinds.chain([call(1, 0, "dispatch.run", 0..many as i64 + 5)]));
    assert_eq!(waterfall_of(&trace), 51);
    assert_eq!(Trace::from_events(TRACE, []).waterfall(9).rows, []);
}
