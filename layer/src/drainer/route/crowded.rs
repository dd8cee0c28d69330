//! Spans with more below them than they may have.

use tense::__private::layer::Ending::{Error, Success};

use super::program::{At, HALF, Layer, Program, told};
use crate::sampling::{Limits, Sampling};

const TRACE: (u64, u64) = (1, HALF);

#[test]
fn what_is_too_much_below_a_span_is_left_out_and_its_end_says_how_much() {
    let mut layer = Layer::with(Sampling::new(), Limits::new().children_per_span(2).events_per_span(3));
    let mut program = Program::default();
    let root = program.begin(At::Batch, TRACE, 0, 1);
    for n in 0..5 {
        program.point(TRACE, root, 10 + n);
    }
    for n in 0..4 {
        let child = program.begin(At::Query, TRACE, root, 20 + 5 * n);
        program.point(TRACE, child, 21 + 5 * n);
        let below = program.begin(At::Query, TRACE, child, 22 + 5 * n);
        program.end(below, 23 + 5 * n, Error);
        program.end(child, 24 + 5 * n, Success);
    }
    program.end(root, 100, Success);
    layer.pass(200, program.take());
    let events = layer.events();
    let child = [("log.step", 1), ("sql.query_fail", 1), ("sql.query", 1)];
    let logs = [("log.step", 1); 3];
    let all = [&[("dispatch.batch.start", 1)][..], &logs, &child, &child, &[("dispatch.batch.complete", 1)]].concat();
    assert_eq!(told(&events), all);
    // Two moments, and of two children each three.
    let left_out: Vec<u64> = events.iter().map(|event| event.left_out).filter(|left_out| *left_out > 0).collect();
    assert_eq!(left_out, [8]);
    let health = layer.route.health(0);
    assert_eq!((health.limited, health.sampled_out, health.emitted, health.pending), (8, 0, 11, 1));
    // 13 spans and 9 moments: what was left out is what is missing.
    assert_eq!(13 - 4 + 9, health.emitted - health.pending + health.limited);
}

#[test]
fn what_comes_below_one_that_was_left_out_is_left_out_also_when_that_has_ended() {
    let mut layer = Layer::with(Sampling::new(), Limits::new().children_per_span(1));
    let mut program = Program::default();
    let root = program.begin(At::Query, TRACE, 0, 1);
    let kept = program.begin(At::Query, TRACE, root, 2);
    let crowded = program.begin(At::Query, TRACE, root, 3);
    program.end(crowded, 4, Success);
    let late = program.begin(At::Query, TRACE, crowded, 5);
    program.end(late, 6, Success);
    program.end(root, 7, Success);
    // Nobody is left that could say so; it is counted all the same.
    let later = program.begin(At::Query, TRACE, crowded, 8);
    program.end(later, 9, Success);
    program.end(kept, 10, Success);
    layer.pass(20, program.take());
    let events = layer.events();
    assert_eq!(events.iter().map(|event| event.left_out).collect::<Vec<_>>(), [2, 0]);
    assert_eq!((layer.route.health(0).limited, layer.route.health(0).emitted), (3, 2));
}

#[test]
fn as_many_spans_may_be_open_as_was_said() {
    let mut layer = Layer::with(Sampling::new(), Limits::new().open_spans(16));
    let mut program = Program::default();
    let spans: Vec<u64> = (0..20).map(|n| program.begin(At::Query, TRACE, 0, 1 + n)).collect();
    for (n, span) in spans.into_iter().enumerate() {
        program.end(span, 100 + n as u64, Success);
    }
    layer.pass(200, program.take());
    // Ends without a begin wait for one pass.
    layer.pass(201, Vec::new());
    let health = layer.route.health(0);
    assert_eq!((health.spans_given_up, health.records_lost, health.emitted), (4, 4, 16));
}
