//! What comes into an event without its author's naming it, and what never does.

use tense_event::Limits;
use tense_grammar::Registry;

use crate::markdown::{code, codes};

pub(super) fn handed_down(page: &mut String, registry: &Registry) {
    *page += "## Handed down\n\n`job_id`, `worker_id`, `machine_id` and `user_id` are recorded once, and stand at the top of every event below.";
    let own = codes(registry.inherit());
    if !own.is_empty() {
        *page += &format!(" Handed down among the data: {own}.");
    }
    *page += " Where an event declares one as always there and it is not, the event names it under `absent`.\n\n";
}

pub(super) fn foreign(page: &mut String, registry: &Registry) {
    let mut rules = registry.foreign_rules().peekable();
    if rules.peek().is_none() {
        return;
    }
    *page += "## From other crates\n\n";
    for (source, rule) in rules {
        let fields = codes(rule.fields.iter().map(String::as_str));
        let fields = if fields.is_empty() { "no fields".to_owned() } else { fields };
        *page += &format!("- {} becomes {}, with {fields}\n", code(source), code(&rule.event));
    }
    *page += "\n";
}

pub(super) fn data(page: &mut String) {
    let Limits { error_message_chars, input_preview_chars, stack_frames, text_chars, fields, event_bytes, .. } =
        Limits::default();
    *page += &format!(
        "## Data\n\n\
         - Nothing is recorded unless it is named in `fields(..)`, `record!` or `event!`. The outcome always is: whether a call \
         succeeded, and the type and the message of its error.\n\
         - Of a span of another crate its name and its times are kept, and no fields but those that `[foreign]` lists; of `info!` and its \
         like, the message.\n\
         - Record identifiers, counts and values that decide something; no payloads, and nothing that a person wrote.\n\
         - Before an event leaves the process, secrets in it are redacted: values under names such as `password`, and texts that \
         have the shape of a credential. That lowers the odds and is no promise. What is not recorded needs no rule.\n\
         - After that it is shortened, and `cut` names what was: an error message to {error_message_chars} characters, an input \
         preview to {input_preview_chars}, a text to {text_chars}, the call sites of an error to {stack_frames}, the fields to \
         {fields}, the whole to {} KB.\n",
        event_bytes / 1024,
    );
}
