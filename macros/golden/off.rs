//! Compiled out: the function as it was, with what its fields name.
#[traced(operation.tokens.created, fields(node_id, count))]
pub fn create(node_id: &str, count: u32) -> u32 {
    count
}
