//! What the benches share, in the order in which a comparison of spans walks through it; and at the end workspaces
//! whose compilation is timed.

pub mod spans;
pub mod burst;
pub mod cpu;
pub mod machine;
pub mod comparison;
pub mod behind;
pub mod turns;
pub mod report;
pub mod random;
pub mod bomb;
pub mod runs;
pub mod workspace;
