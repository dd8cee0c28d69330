//! What nobody wants: nothing of it is looked at. Only on the direct way: while a layer stands in a scoped default,
//! every call asks.

use tense::{fail, log, record, span, traced};

use crate::capture;

#[test]
fn a_span_that_nobody_wants_is_not_looked_at() {
    let _alone = capture();
    let mut looked = 0;
    let mut look = || {
        looked += 1;
        looked
    };
    span!(operation.rows.loaded, level = "trace", fields(n = look()), || ());
    span!(operation.rows.loaded, level = "trace", fields(n = look())).in_scope(|| ());
    let span = span!(operation.rows.loaded, level = "trace", fields(n = look(), last = _)).start();
    assert!(!span.is_recorded());
    fail!(in span, "{}", look());
    record!(in span, last = 1);
    span.end();
    assert_eq!(looked, 0);
}

#[test]
fn a_reason_that_nobody_wants_is_not_worked_out() {
    let _alone = capture();
    #[traced(operation.rows.imported, level = "trace", fields(n = _))]
    fn import(looked: &mut u32) {
        let mut look = || *looked += 1;
        fail!(
            "{:?}",
            look(),
            n = {
                look();
                1
            }
        );
    }
    let mut looked = 0;
    import(&mut looked);
    assert_eq!(looked, 0);
}

#[test]
fn a_line_that_nobody_wants_is_not_formatted() {
    let capture = capture();
    // There is no span that it could belong to.
    let mut looked = 0;
    let mut look = || {
        looked += 1;
        looked
    };
    log!(step, "{}", look());
    log!(data, n = look());
    let span = span!(operation.rows.counted, level = "trace").start();
    span.in_scope(|| log!(step, "{n}", n = look()));
    span.end();
    assert_eq!(looked, 0);
    assert!(capture.events().is_empty());
}
