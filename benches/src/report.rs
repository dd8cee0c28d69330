//! Figures go in; a file of JSON comes out, with facts about the machine beside them.

use std::path::Path;

use anyhow::Context as _;
use serde_json::Value;

use crate::machine::Machine;

/// Writes these figures, which are an object, if there is a file to write them to.
///
/// # Errors
/// A file that cannot be written.
pub fn write(file: Option<&Path>, machine: &Machine, mut figures: Value) -> anyhow::Result<()> {
    let Some(file) = file else { return Ok(()) };
    figures["machine"] = serde_json::to_value(machine)?;
    std::fs::write(file, format!("{figures:#}\n")).with_context(|| format!("failed to write {}", file.display()))
}
