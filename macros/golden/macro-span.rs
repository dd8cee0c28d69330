//! A span as a value, with a field that is filled in later.

fn import(batch: u64) {
    span!(dispatch.batch.*, fields(batch, stored = _), tags("saga"));
}
