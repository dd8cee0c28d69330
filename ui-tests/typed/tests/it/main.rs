//! What a program records comes back as the structs of its `tense.toml`; spans of other crates become its events.

mod declared;
mod typed;
mod foreign;
