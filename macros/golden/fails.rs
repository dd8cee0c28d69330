//! A function that says itself that it has failed: there is a variable by which `fail!` finds it.

#[traced(operation.rows.imported, fields(wanted, missing = _))]
async fn import(wanted: u64, found: u64) -> u64 {
    if found < wanted {
        tense::fail!("rows are missing", missing = wanted - found);
    }
    found
}
