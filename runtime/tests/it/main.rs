//! What annotated functions do, seen by a program that has no layer: what they would do without the attribute.

mod shapes;
#[cfg(feature = "tokio")]
mod timeless;
