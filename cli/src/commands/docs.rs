//! `tense docs`: the registry enters; the style guide that it is leaves, as Markdown.
//!
//! The page in its order, with the help of what [`index::Index`] has looked up once: `layers` with an example each, and
//! below each layer its `events`; `gone` and exempt names; what comes from other crates, and the data `policy`.
//! [`markdown`](crate::markdown) makes texts of people fit to stand in it.

mod index;
mod layers;
mod events;
mod gone;
mod policy;

use std::io::Write;

use tense_grammar::Registry;

use self::index::Index;
use crate::commands::Answer;
use crate::destination::{Destination, EXIT_CODES};
use crate::layout::counted;
use crate::project::WhichRegistry;

const EXAMPLES: &str = "\
Examples:
  tense docs                                  the style guide, on standard output
  tense docs --output docs/events.md          into a file
  tense docs --output docs/events.md --check  in CI: whether that file is up to date

The same registry always makes the same page.";

/// Writes the style guide of a registry as Markdown
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: WhichRegistry,

    #[command(flatten)]
    destination: Destination,
}

pub(crate) fn answer(arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let registry = arguments.which.registry()?;
    arguments.destination.take(&page(&registry), arguments.which.path()?.as_deref(), out)
}

fn page(registry: &Registry) -> String {
    let index = Index::of(registry);
    let mut page = String::from(
        "# Events of this project\n\n<!-- Written by `tense docs` from tense.toml. Do not change it here. -->\n\n",
    );
    page += &head(registry, &index);
    layers::overview(&mut page, &index);
    for layer in &index.layers {
        layers::section(&mut page, registry, &index, layer);
        for event in &layer.events {
            events::section(&mut page, registry, &index, event);
        }
    }
    policy::handed_down(&mut page, registry);
    gone::exempt(&mut page, registry);
    gone::renamed(&mut page, registry);
    gone::removed(&mut page, registry);
    policy::foreign(&mut page, registry);
    policy::data(&mut page);
    page
}

/// How much there is, and what a name is.
fn head(registry: &Registry, index: &Index<'_>) -> String {
    let events = registry.events().count();
    let exempt = registry.events().filter(|event| event.exempt.is_some()).count();
    let closed = if registry.is_closed() {
        "Names are closed: one that is not declared here does not compile."
    } else {
        "Names are open: one that is not declared here has only to fit its layer."
    };
    let migrating = if registry.is_migrating() {
        " Old names still compile, with a warning, and stand for the new ones."
    } else {
        ""
    };
    format!(
        "{} in {}, {exempt} exempt. {closed}{migrating}\n\n\
         A name is `layer.domain.action`, in lower-case words joined by single underscores; two segments are enough. The layer \
         decides the tense of the action, and the compiler holds every name to it.\n\n",
        counted(events, "event"),
        counted(index.layers.len(), "layer"),
    )
}
