//! What was found enters; the text of a `tense.toml` leaves that has no mistake and under which every name stays what
//! it is.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;
use tense_grammar::{Registry, Tense, layer_of};

use super::found::Found;
use super::layers::{self, Layer};

/// A file to be written.
pub(super) struct Proposal {
    pub(super) text: String,
    pub(super) declared: usize,
    pub(super) layers: usize,
    /// How many comments ask a person to decide.
    pub(super) remarks: usize,
}

/// Events that are not declared, with the reason.
type Withheld = BTreeMap<String, String>;

const HEAD: &str = "\
# The events of this workspace, as its sources name them. `tense check` judges this file, `tense lint` the sources by it.
version = 1

# Open: a name that is not declared here compiles as well. When the events below are what you want, give each its `fields`
# (an event without them has none in a closed file) and write `closed = true`: from then on the compiler refuses every other
# name and field.
closed = false
";

pub(super) fn make(found: &Found) -> anyhow::Result<Proposal> {
    let layers = layers_of(found);
    let mut withheld: Withheld = BTreeMap::new();
    for (event, place) in &found.exempt {
        let reason = format!(
            "its tense is excused in {place}: declare it with `exempt = {{ rule = \"tense\", reason = \"..\" }}` and take the \
             excuse out of the source"
        );
        withheld.insert(event.clone(), reason);
    }
    report_once(found, &layers, &mut withheld)?;
    // each turn withholds an event at least, so it ends
    loop {
        let (text, lines) = render(found, &layers, &withheld);
        let before = withheld.len();
        let registry = match Registry::parse(&text) {
            Ok(registry) => registry,
            Err(mistakes) => {
                for mistake in &mistakes {
                    if let Some(event) = lines.get(&mistake.line) {
                        withheld.insert(event.clone(), mistake.message.clone());
                    }
                }
                if withheld.len() == before {
                    let first = mistakes.first().map(ToString::to_string).unwrap_or_default();
                    bail!("no file could be made of these names: {first}");
                }
                continue;
            }
        };
        let changed = found.annotations.iter().filter(|annotation| !annotation.stays(&registry));
        for event in changed.flat_map(|annotation| &annotation.events) {
            let reason = "declared, it would not be what it is today: see `tense check` of its name";
            withheld.entry(event.clone()).or_insert_with(|| reason.to_owned());
        }
        if withheld.len() == before {
            let told = layers.iter().filter(|layer| layer.nearly.is_some() || layer.failure.is_some()).count();
            let remarks = withheld.len() + found.refused.len() + told;
            return Ok(Proposal { text, declared: lines.len(), layers: layers.len(), remarks });
        }
    }
}

/// The layers of all names; without names those that are built in.
fn layers_of(found: &Found) -> Vec<Layer> {
    let mut names: BTreeSet<String> =
        found.annotations.iter().map(|annotation| annotation.layer().to_owned()).collect();
    if names.is_empty() {
        names = Registry::builtin().layers().map(|(name, _)| name.to_owned()).collect();
    }
    names.iter().map(|name| layers::propose(name, &found.annotations)).collect()
}

/// Where a past and a present layer report one operation, declaring the past one would refuse the other.
fn report_once(found: &Found, layers: &[Layer], withheld: &mut Withheld) -> anyhow::Result<()> {
    let (text, _) = render(&Found::default(), layers, withheld);
    let Ok(registry) = Registry::parse(&text) else { bail!("no file could be made of these layers") };
    let mut operations: BTreeMap<String, Vec<&String>> = BTreeMap::new();
    for event in found.events.keys() {
        if let Some(operation) = registry.operation_of(event) {
            operations.entry(operation).or_default().push(event);
        }
    }
    for events in operations.values() {
        let is_in = |tense| events.iter().any(|event| registry.tense_of(layer_of(event)) == tense);
        if is_in(Tense::Past) && is_in(Tense::Present) {
            let all = events.iter().map(|event| format!("`{event}`")).collect::<Vec<_>>().join(" and ");
            for event in events {
                let reason =
                    format!("{all} report one operation, which has one event: take the others out of the sources");
                withheld.insert((*event).clone(), reason);
            }
        }
    }
    Ok(())
}

/// The text, and which event is declared in which of its lines.
fn render(found: &Found, layers: &[Layer], withheld: &Withheld) -> (String, BTreeMap<usize, String>) {
    let mut text = HEAD.to_owned();
    for Layer { name, tense, nearly, failure } in layers {
        text.push('\n');
        if let Some(nearly) = nearly {
            let tense = nearly.tense.as_str();
            text += &comment(&format!(
                "{} of {} names are in the {tense} tense. To make it a rule, see what becomes of the others and write `{tense}`:",
                nearly.keep, nearly.all
            ));
            nearly.others.iter().for_each(|other| text += &comment(&format!("  {other}")));
        } else if *tense == Tense::Any && !matches!(name.as_str(), "debug" | "log" | "sql") {
            text += &comment("Its names keep neither tense more than the other. Decide for `past` or `present`:");
        }
        if let Some((today, then)) = failure {
            text +=
                &comment(&format!("By its tense a failure is called `{then}`; without this layer it was `{today}`."));
        }
        text += &format!("[layers.{name}]\ntense = \"{}\"\n", tense.as_str());
    }
    let mut lines = BTreeMap::new();
    let mut line = text.lines().count() + 1;
    for (event, fields) in &found.events {
        // an empty line, and one that is a comment or a table
        text.push('\n');
        line += 2;
        if let Some(reason) = withheld.get(event) {
            text += &comment(&format!("Not declared, {event}: {reason}"));
            continue;
        }
        lines.insert(line - 1, event.clone());
        text += &format!("[events.\"{event}\"]\n");
        if !fields.is_empty() {
            let all = fields.iter().map(|field| format!("{field} = \"..\"")).collect::<Vec<_>>().join(", ");
            text += &comment(&format!("fields = {{ {all} }}"));
            line += 1;
        }
    }
    if !found.refused.is_empty() {
        text.push('\n');
        text += &comment("These do not compile today:");
        found.refused.iter().for_each(|refused| text += &comment(&format!("  {refused}")));
    }
    (text, lines)
}

/// A line that TOML does not read. What a path or a message holds of control characters would end it.
fn comment(sentence: &str) -> String {
    format!("# {}\n", tense_store::text::escape(sentence))
}
