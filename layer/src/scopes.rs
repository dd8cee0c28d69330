//! Notices that a scoped default of somebody else has ended, which `tracing` does not tell: the direct way would stay
//! closed.
//!
//! While somebody else wants to see our call sites, `tracing` is asked from time to time whether that is still so. A
//! new subscriber that comes is told; so the first look comes soon after that, and each further one after twice the
//! time. What was short is over soon, and a log that stands beside our layer for good costs next to nothing.

use std::time::{Duration, Instant};

use tense::__private::layer as runtime;

const FIRST: Duration = Duration::from_millis(50);
/// Each look asks every call site of the program, some 100 ns a site.
const LONGEST: Duration = Duration::from_secs(2);

pub(crate) struct Scopes {
    /// The number of changes at the last look.
    changes: u32,
    /// From when on to look, and how long that was waited for; `None` while nobody else is interested.
    due: Option<(Instant, Duration)>,
}

impl Scopes {
    pub(crate) const fn new() -> Self {
        Self { changes: 0, due: None }
    }

    /// Asks, if it is time to. On a thread without a scoped default.
    pub(crate) fn look(&mut self) {
        // Without a layer of ours in the global default there is no direct way; and where a single scoped default is
        // all that there is, `tracing` would ask this thread's instead.
        let is_wanted = runtime::has_global() && runtime::is_any_wanted_elsewhere();
        if self.is_due(is_wanted, runtime::changes_of_interest(), Instant::now()) {
            runtime::ask_again();
            self.changes = runtime::changes_of_interest();
        }
    }

    fn is_due(&mut self, is_wanted: bool, changes: u32, now: Instant) -> bool {
        let has_changed = std::mem::replace(&mut self.changes, changes) != changes;
        let (due, waited) = match self.due {
            _ if !is_wanted => {
                self.due = None;
                return false;
            }
            Some(due) if !has_changed => due,
            Some(_) | None => *self.due.insert((now + FIRST, FIRST)),
        };
        if now < due {
            return false;
        }
        let wait = (waited * 2).min(LONGEST);
        self.due = Some((now + wait, wait));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ticks of 50 ms over so many seconds, in which one asks; `comes` says at which ticks somebody new comes.
    fn looks(seconds: u32, comes: &[u32]) -> Vec<u32> {
        let (began, mut scopes, mut changes) = (Instant::now(), Scopes::new(), 0);
        let mut looks = Vec::new();
        for tick in 0..seconds * 20 {
            changes += u32::from(comes.contains(&tick));
            if scopes.is_due(true, changes, began + FIRST * tick) {
                looks.push(tick);
            }
        }
        looks
    }

    #[test]
    fn looks_become_rare() {
        assert_eq!(looks(10, &[]), [1, 3, 7, 15, 31, 63, 103, 143, 183]);
    }

    #[test]
    fn one_that_comes_is_looked_after_soon() {
        assert_eq!(looks(5, &[50]), [1, 3, 7, 15, 31, 51, 53, 57, 65, 81]);
    }

    #[test]
    fn nobody_is_asked_when_nobody_is_interested() {
        let mut scopes = Scopes::new();
        assert!(!scopes.is_due(false, 1, Instant::now() + LONGEST * 9));
    }
}
