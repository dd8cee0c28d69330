//! `REGISTRY` says what the file says.
