//! The shape of schema 1, and what the sanitizer promises to whoever meets it from outside.

#[cfg(test)]
#[path = "it/sanitizer.rs"]
mod sanitizer;
#[cfg(test)]
#[path = "it/schema.rs"]
mod schema;
#[cfg(test)]
#[path = "it/secrets.rs"]
mod secrets;
