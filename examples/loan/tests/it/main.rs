//! The program as a person meets it: it runs as a child process, and what it printed and what it stored are compared
//! with what has to be there. [`program`] runs it and reads the database; each of the other modules is a story.

#![expect(clippy::unwrap_used, reason = "in tests a panic is how a failure is told")]

mod at_once;
mod bad_input;
mod command;
mod failures;
mod kill;
mod program;
