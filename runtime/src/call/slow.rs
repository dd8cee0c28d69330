//! The slow way: a span of ours is made a real one of `tracing`, and the layers of ours that claim it get their
//! records.

use crate::call::late::LeftOpen;
use crate::call::written::{begin_for, end};
use crate::call::{Open, late};
use crate::clock;
use crate::foreign::Tie;
use crate::outcome::Outcome;
use crate::real::Real;
use crate::record;
use crate::site::Site;
use crate::thread::Local;
use crate::value::Raw;

/// A span that is a real one of `tracing` as well.
pub(crate) struct Slow {
    site: &'static Site,
    real: Real,
    pub(super) began: u64,
    span: u64,
    /// As the first of our layers records it, if one does.
    open: Open,
    /// As further layers of ours do.
    also: Vec<Open>,
    /// As those know it for which its begin found no room.
    lost: Vec<Open>,
}

impl Slow {
    /// Begins one, with an id that was given out before, or 0 for none, and enters it. `None` when this thread's
    /// subscriber does not want it.
    #[cold]
    pub(crate) fn begin(site: &'static Site, wish: u64, values: &[Raw<'_>]) -> Option<Box<Self>> {
        let local = Local::current().filter(|local| !local.stack.is_silent())?;
        // Which layers record it is only known once it is made, so a pipeline's word is looked for on the very top.
        // An id that was given out already, to `record!`, stays.
        let hinted = local.stack.hinted_span(site).filter(|_| wish == 0);
        let span = hinted.unwrap_or_else(|| local.span_id_or(wish));
        let began = clock::ticks();
        let tie = Tie { trace: local.trace_id(began), span };
        let (real, claims) = Real::open(site, tie, values)?;
        let mut slow = Box::new(Self { site, real, began, span, open: Open::OFF, also: Vec::new(), lost: Vec::new() });
        for layer in claims {
            let open = begin_for(local, site, layer, Some(tie), 0, began, values);
            if open.lost_span().is_some() {
                slow.lost.push(open);
            } else if slow.open.is_recorded() && open.is_recorded() {
                slow.also.push(open);
            } else if open.is_recorded() {
                slow.open = open;
            }
        }
        let left_open = || LeftOpen { site, real: slow.real.clone(), ours: slow.opens().copied().collect() };
        late::begin(span, site.is_left_open().then(left_open));
        let mut entering = Entering(Some(slow));
        entering.0.as_ref().inspect(|slow| slow.enter());
        entering.0.take()
    }

    // Other layers are asked while it is not on the stack: where one of them panics, it does not stay there.

    #[cold]
    pub(super) fn enter(&self) {
        self.real.enter();
        if let Some(local) = Local::current() {
            self.opens().for_each(|open| local.stack.enter(*open));
            self.lost.iter().for_each(|open| local.stack.enter_lost(*open));
        }
    }

    #[cold]
    pub(super) fn exit(&self) {
        if let Some(local) = Local::current() {
            // By one id, once for each layer.
            self.lost.iter().for_each(|_| local.stack.exit_lost(self.span));
            self.opens().for_each(|_| local.stack.exit(self.span));
        }
        self.real.exit();
    }

    #[cold]
    pub(super) fn end(&self, outcome: &Outcome) {
        let ticks = clock::ticks();
        let failed = late::end(self.span);
        Local::lend(|local| {
            if let Some(Outcome::Other(told)) = &failed {
                // The first one has heard of it when it was said.
                let values = [Raw::Str(told.error_type), told.message.raw()];
                self.also.iter().for_each(|open| _ = record::failed(local, ticks, open.span, open.layer, &values));
            }
            self.opens().for_each(|open| end(local, ticks, open.span, open.layer, outcome));
        });
        // What a call ends with stands before what it has said while it ran.
        let is_told = matches!(outcome, Outcome::Other(_));
        self.real.ended(self.site, failed.as_ref().filter(|_| !is_told).unwrap_or(outcome));
    }

    /// What the body has of it: to fill it in, and to say that it failed.
    pub(crate) const fn handle(&self) -> Open {
        Open { span: self.span, is_real: true, ..self.open }
    }

    fn opens(&self) -> impl Iterator<Item = &Open> {
        std::iter::once(&self.open).filter(|open| open.is_recorded()).chain(&self.also)
    }
}

/// A span that is being entered; it has ended if somebody else's layer panics then.
struct Entering(Option<Box<Slow>>);

impl Drop for Entering {
    fn drop(&mut self) {
        if let Some(slow) = self.0.take() {
            slow.end(&Outcome::panicked(slow.began));
        }
    }
}

impl std::fmt::Debug for Slow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slow").field("open", &self.open).field("also", &self.also).finish_non_exhaustive()
    }
}
