//! What a program wants to keep goes in; for each event that could be made, whether it is, and how many it stands for,
//! comes out.

mod options;

pub use options::{Limits, Sampling};
