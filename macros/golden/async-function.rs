//! An async function of four lines with two fields.
#[tense::traced(operation.tokens.created, fields(node_id, count))]
pub async fn create(node_id: &str, count: u32, flag: bool) -> Result<u32, std::num::ParseIntError> {
    let sum = count.wrapping_add(7);
    if flag { report(sum).await; }
    let more: u32 = node_id.parse()?;
    Ok(sum.wrapping_mul(more))
}
