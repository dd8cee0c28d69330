//! Sources with and without a mistake go in; what the compiler says about each is held against what it should say.
//!
//! A case is named for its mistake and opens with the sentences that have to be told, one `//~` line for each. `exact`
//! compares every letter, with the compiler that the `.stderr` files were recorded with. `sentences` asks any compiler
//! for our own sentences. `tidy` looks at the house itself, `typescript` at types for other programs, `versions` at two
//! of ours in one program.

#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

mod case;
mod exact;
mod generated;
mod rebuild;
mod sentences;
mod signatures;
mod tidy;
mod typescript;
mod versions;
