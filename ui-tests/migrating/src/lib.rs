//! Functions under old names go in; while their registry is migrating they compile, with a warning each.

#![expect(deprecated, reason = "the old names are what is shown here; without a warning this line would be one")]

use tense::{event, traced};

/// Under its old name, which was filed in another layer.
#[traced(dispatch.token.created, fields(node_id))]
pub fn create(node_id: &str) {}

/// Under its old name, as a point.
pub fn note_created(node_id: &str) {
    event!(operation.tokens.create, node_id);
}

/// A life under its old name. It forgets to fill in how many were applied when there are none.
#[traced(dispatch.batches.*, fields(count, applied = _, token_id = "t1"))]
pub fn run(count: u64) -> Result<(), &'static str> {
    if count == 0 {
        return Ok(());
    }
    create("n1");
    tense::record!(applied = count);
    if count > 9 { Err("too many") } else { Ok(()) }
}
