//! A closed registry goes in; functions and points under every name that it declares come out, so that each of them is
//! shown to compile and to be emitted.

pub mod operation;
pub mod dispatch;
pub mod decision;
pub mod queries;
