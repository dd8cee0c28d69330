//! How long a person waits for an answer, of a whole process, from its start until it has ended.

use std::process::Stdio;
use std::time::{Duration, Instant};

use tense_event::Status;

use super::runs::{Bench, event, life};

/// What may take how long: the figures that were asked for of ten and of one million events, an optimized program and a
/// quiet machine. This one is not optimized, the machine is whatever it is, and so the best of many counts: what a
/// process always does, such as reading a file that it need not read, is in the best as well.
const QUESTIONS: [(&[&str], Duration); 2] =
    [(&["why", "last-failed"], Duration::from_millis(30)), (&["stats"], Duration::from_millis(200))];

#[test]
fn an_answer_is_there_before_one_looks() {
    let mut bench = Bench::new();
    for hundred in 0..20_u128 {
        bench.add((hundred * 100..hundred * 100 + 100).flat_map(|trace| {
            let status = if trace % 30 == 7 { Status::Failed } else { Status::Success };
            let trace = 0x0190_163d_8694_739b_0000_0000_0000_0001 + (trace << 100);
            let [start, end] = life(trace, 1, 0, "dispatch.checkout", status, 0..90_000);
            let steps = (2..6).map(move |span| event(trace, span, 1, "sql.query", Status::Success, 10..span * 1_000));
            [start, end].into_iter().chain(steps)
        }));
    }
    for (question, most) in QUESTIONS {
        let mut best = Duration::MAX;
        for _ in 0..300 {
            let began = Instant::now();
            let status = bench.command(question).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
            best = best.min(began.elapsed());
            assert_eq!(status.code(), Some(0), "{question:?}");
            if best <= most {
                break;
            }
        }
        assert!(best <= most, "{question:?} took {best:?} at best, and {most:?} is the most");
    }
}
