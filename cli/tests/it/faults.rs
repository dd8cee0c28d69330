//! What goes wrong around the command goes wrong on purpose, under every one of its questions: what lies where the
//! database should, a terminal that is none, arguments and events that nobody should write. `docs/reliability.md` lists
//! them all.

mod database;
#[cfg(target_os = "linux")]
mod protected;
mod terminal;
mod texts;
mod arguments;
