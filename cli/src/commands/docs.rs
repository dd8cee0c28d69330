//! `tense docs`: the registry enters; the style guide that it is leaves, as Markdown.
//!
//! The page in its order: `layers` with an example each, and below each layer its `events`; `gone` and exempt names; what comes from
//! other crates, and the data `policy`. `markdown` makes texts of people fit to stand in it.

mod markdown;
mod layers;
mod events;
mod gone;
mod policy;

use std::io::Write;

use tense_grammar::Registry;

use crate::commands::Answer;
use crate::destination::Destination;
use crate::project::Which;

const EXAMPLES: &str = "\
Examples:
  tense docs                                  the style guide, on standard output
  tense docs --output docs/events.md          into a file
  tense docs --output docs/events.md --check  in CI: whether that file is up to date

The same registry always makes the same page.

Exit codes: 0 written, or as it would be written; 1 the file of --output --check is another; 2 the question was not understood, \
or there was nothing to read.";

/// Writes the style guide of a registry as Markdown
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: Which,

    #[command(flatten)]
    destination: Destination,
}

pub(crate) fn answer(arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let registry = arguments.which.registry()?;
    arguments.destination.take(&page(&registry), out)
}

fn page(registry: &Registry) -> String {
    let mut page = String::from(
        "# Events of this project\n\n<!-- Written by `tense docs` from tense.toml. Do not change it here. -->\n\n",
    );
    page += &head(registry);
    layers::overview(&mut page, registry);
    for (layer, decl) in layers::used(registry) {
        layers::section(&mut page, registry, layer, decl);
        for event in registry.events().filter(|event| layers::of(event) == layer) {
            events::section(&mut page, registry, event);
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
fn head(registry: &Registry) -> String {
    let events = registry.events().count();
    let exempt = registry.events().filter(|event| event.exempt.is_some()).count();
    let layers = layers::used(registry).count();
    let noun = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
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
        noun(events, "event"),
        noun(layers, "layer"),
    )
}
