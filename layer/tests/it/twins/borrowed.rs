//! Arguments that the fields borrow: large ones go through a block of their own, and all are dropped in their order.

use crate::capture;

use super::{Noisy, abandoned, fail, outcome, rest, run, said};

struct Order {
    id: u32,
    line: Noisy,
}

fn order() -> Order {
    Order { id: 7, line: Noisy("line") }
}

mod plain {
    use super::{Noisy, Order, fail, rest};

    pub(super) async fn pack(a: Noisy, order: Order, mut left: Vec<u32>, _b: Noisy) -> Result<u32, String> {
        let _l = Noisy("local");
        rest().await;
        left.push(order.id);
        drop(a);
        fail("no")?;
        drop(order.line);
        Ok(order.id)
    }

    #[allow(unused_variables, reason = "with the attribute it is used")]
    pub(super) async fn unread(order: Order, _b: Noisy) {
        let _l = Noisy("local");
        rest().await;
    }
}

mod traced {
    use tense::{record, traced};

    use super::{Noisy, Order, fail, rest};

    #[traced(operation.orders.packed, fields(order.id, first = left.first().copied(), last = _))]
    pub(super) async fn pack(a: Noisy, order: Order, mut left: Vec<u32>, _b: Noisy) -> Result<u32, String> {
        let _l = Noisy("local");
        rest().await;
        left.push(order.id);
        record!(last = order.id);
        drop(a);
        fail("no")?;
        drop(order.line);
        Ok(order.id)
    }

    // Named in the text alone, which is the compiler's business.
    #[traced(operation.orders.labelled, fields(order.id, label = format!("{left:?}{:>wide$}", 7)))]
    pub(super) async fn label(order: Order, left: Vec<u32>, wide: usize) -> usize {
        rest().await;
        left.len() + order.id as usize + wide
    }

    // A field only looks, but nobody keeps it from changing what may be changed.
    #[traced(operation.orders.drawn, fields(order.id, first = left.next()))]
    pub(super) async fn draw(order: Order, mut left: impl Iterator<Item = u32>) -> Option<u32> {
        rest().await;
        left.next().map(|next| next + order.id)
    }

    // No lint is told of an argument that the fields alone name.
    #[deny(unused)]
    #[traced(operation.orders.left, fields(order.id))]
    pub(super) async fn unread(order: Order, _b: Noisy) {
        let _l = Noisy("local");
        rest().await;
    }
}

#[test]
fn what_the_fields_borrow_is_dropped_in_its_order() {
    let left = || vec![3];
    same!(pack(Noisy("a"), order(), left(), Noisy("b")) => run);
    same!(pack(Noisy("a"), order(), left(), Noisy("b")) => abandoned);
    same!(unread(order(), Noisy("b")) => run);
    same!(unread(order(), Noisy("b")) => abandoned);
}

#[test]
fn what_the_fields_borrow_is_recorded() {
    let recorded = capture();
    run(traced::pack(Noisy("a"), order(), vec![3], Noisy("b"))).unwrap_err();
    let events = recorded.events();
    let of = |field: &str| events[0].data.get(field).map(ToString::to_string);
    assert_eq!([of("id"), of("first"), of("last")], ["7", "3", "7"].map(|text| Some(text.to_owned())));
    said();
}

#[test]
fn what_a_field_changes_is_changed() {
    let recorded = capture();
    assert_eq!(run(traced::draw(order(), [3, 4].into_iter())), Some(11));
    assert_eq!(recorded.events()[0].data.get("first").map(ToString::to_string).as_deref(), Some("3"));
    said();
}

#[test]
fn what_a_text_among_the_fields_names_is_there() {
    let recorded = capture();
    assert_eq!(run(traced::label(order(), vec![3], 2)), 10);
    assert_eq!(recorded.events()[0].data.get("label").map(ToString::to_string).as_deref(), Some(r#""[3] 7""#));
    said();
}
