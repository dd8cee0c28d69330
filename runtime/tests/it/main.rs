//! What annotated functions do, seen by a program. Without a layer: the results; with records drained by hand: the records.

mod records;
mod shapes;
