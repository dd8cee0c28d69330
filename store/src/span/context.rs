//! An event enters; what it belongs to leaves: a job, a worker, a machine, a user, shared by all spans of which that is
//! the same.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use tense_event::Event;

use crate::sqlite::names::PlaceHasher;

/// What a span belongs to: keys and values.
pub type Context = Arc<[(&'static str, String)]>;

/// So many contexts are known by their bytes at a time, those of the calls that are under way together: few, since
/// their hash has no key, and whoever chooses ids that collide makes each look-up go through all of them.
const KNOWN_BY_BYTES: usize = 64;

/// What each span of a trace belongs to; nearly always it is what the one before belongs to, or one shortly before.
#[derive(Debug, Default)]
pub(crate) struct Contexts {
    last: Option<Context>,
    all: HashSet<Context>,
    /// As a store has written them.
    by_bytes: HashMap<Box<[u8]>, Context, BuildHasherDefault<PlaceHasher>>,
}

impl Contexts {
    /// The context of an event.
    pub(super) fn of(&mut self, event: &mut Event) -> Context {
        let context = [
            ("job_id", event.job_id.take()),
            ("worker_id", event.worker_id.take()),
            ("machine_id", event.machine_id.take()),
            ("user_id", event.user_id.take()),
            ("correlation_key", event.correlation_key.take()),
        ];
        self.share(context.into_iter().filter_map(|(key, value)| Some((key, value?))).collect())
    }

    /// The context of an event which `read` puts there, unless one of the same bytes was read before.
    pub(crate) fn of_bytes<E>(
        &mut self,
        bytes: &[u8],
        event: &mut Event,
        read: impl FnOnce(&mut Event) -> Result<(), E>,
    ) -> Result<Context, E> {
        if let Some(known) = self.by_bytes.get(bytes) {
            return Ok(Arc::clone(known));
        }
        read(event)?;
        let context = self.of(event);
        if self.by_bytes.len() >= KNOWN_BY_BYTES {
            self.by_bytes.clear();
        }
        self.by_bytes.insert(bytes.into(), Arc::clone(&context));
        Ok(context)
    }

    fn share(&mut self, context: Vec<(&'static str, String)>) -> Context {
        if let Some(last) = self.last.as_ref().filter(|last| last[..] == context[..]) {
            return Arc::clone(last);
        }
        let known = self.all.get(context.as_slice()).cloned();
        let context = known.unwrap_or_else(|| {
            let context = Context::from(context);
            self.all.insert(Arc::clone(&context));
            context
        });
        self.last = Some(Arc::clone(&context));
        context
    }
}
