//! What the macros make of `off.rs`.

pub fn create(node_id: &str, count: u32) -> u32 {
    let _ = node_id;
    let _ = count;
    count
}
