//! The program as a person meets it: it runs as a child process, and what it printed and what it stored are compared
//! with what has to be there. [`program`] runs it and reads the database; each of the other modules is a story.

#![expect(clippy::unwrap_used, reason = "in tests a panic is how a failure is told")]

mod at_once;
mod bad_definitions;
mod command;
mod events;
mod fan_out;
mod import;
mod kill;
mod legacy;
mod legacy_file;
mod lookups;
mod nested;
mod parameters;
mod program;
mod registry;
mod schema;
mod split_branch;
mod start;
mod whole_sections;
mod workflows;
