//! What is being planned: lives, and points inside of them.

use tense::{event, traced};

/// Everything in this file, once.
pub fn all() {
    routing();
    event!(decision.routing.evaluate_transition);
    event!(decision.routing.transition_matched);
    event!(decision.sync.start);
    event!(decision.sync.check_condition);
    event!(decision.sync.wait);
    event!(decision.sync.activate);
    event!(decision.sync.sibling_group_check);
    event!(decision.sync.skipped_wrong_sibling_group);
    event!(decision.sync.continuation);
    event!(decision.lifecycle.start);
    event!(decision.lifecycle.root_token_planned);
    completion();
    event!(decision.completion.no_mapping);
    event!(decision.completion.extract);
}

#[traced(decision.routing.*)]
fn routing() {}

#[traced(decision.completion.*)]
fn completion() {}
