//! `tracing`'s own attribute: where nobody listens, and with a layer that does nothing on the registry that every layer
//! needs.

use tracing_subscriber::prelude::*;

use super::{Recorder, Work, nothing_to_wait_for, told_by_attribute};

work!(
    // With its name alone a field would be empty.
    child(id, name): #[tracing::instrument(skip_all, fields(id = id, name = name), err)];
    root: #[tracing::instrument(skip_all)];
    told: told_by_attribute,
);

/// Also for those who come in as layers.
pub(super) const ROOTS: &[(Work, super::Root)] = roots!();

pub(super) const OFF: Recorder =
    Recorder { name: "tracing, no subscriber", set_up: || Ok(nothing_to_wait_for()), roots: ROOTS, delivers: false };

pub(super) const REGISTRY: Recorder = Recorder {
    name: super::REGISTRY,
    set_up: || {
        tracing_subscriber::registry().with(Empty).init();
        Ok(nothing_to_wait_for())
    },
    roots: ROOTS,
    delivers: false,
};

/// A layer that does nothing.
#[derive(Debug)]
pub struct Empty;

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Empty {}
