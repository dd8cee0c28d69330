//! Plain values enter; decisions leave, and prepared events that tell how they were made. Nothing here looks at a
//! clock, a database or a span, so a test is a table of values.
//!
//! A token's way: [`lifecycle`] begins a run and sends tokens off, [`completion`] says what becomes of the result of a
//! task, [`routing`] looks for the ways out of a node, [`sync`] lets siblings wait for each other, and [`completion`]
//! ends the run.

pub(crate) mod lifecycle;
pub(crate) mod routing;
pub(crate) mod sync;
pub(crate) mod completion;

/// Gives out the ids of new tokens.
#[derive(Debug)]
pub(crate) struct TokenIds<'r> {
    run: &'r str,
    taken: u64,
}

impl<'r> TokenIds<'r> {
    /// Of a run that has so many tokens.
    pub(crate) const fn new(run: &'r str, taken: u64) -> Self {
        Self { run, taken }
    }

    pub(crate) fn next(&mut self) -> String {
        self.taken += 1;
        format!("{}.t{}", self.run, self.taken)
    }
}

#[cfg(test)]
pub(crate) mod told {
    //! A plan as a text that tests compare.

    use crate::decision::Plan;

    pub(crate) fn decisions(plan: &Plan) -> Vec<String> {
        let one = |decision: &crate::decision::Decision| {
            format!("{} {}", decision.kind(), decision.token_id().unwrap_or("-"))
        };
        plan.decisions.iter().map(one).collect()
    }

    pub(crate) fn events(plan: &Plan) -> Vec<String> {
        plan.events.iter().map(ToString::to_string).collect()
    }
}
