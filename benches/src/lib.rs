//! What the benches share: the spans that are compared, and workspaces whose compilation is timed.

pub mod spans;
pub mod workspace;
