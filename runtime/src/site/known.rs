//! A call site's first call goes in; what `tracing` and the drainer know of it comes out, and is there for good.

use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicU8, AtomicU32};

use tracing_core::field::FieldSet;
use tracing_core::metadata::Kind;
use tracing_core::{Metadata, identify_callsite};

use crate::listed::{Listed, enlist, listed};
use crate::real::LATE;
use crate::site::Site;
use crate::site::evaluated::Interests;
use crate::spec::{Form, MARK, MARKS, Spec};

/// What there is of a call site from its first call on.
#[derive(Debug)]
pub struct Known {
    site: &'static Site,
    registration: AtomicU8,
    pub(super) interests: Interests,
    metadata: Metadata<'static>,
    spec: Spec,
}

/// How far a call site has come with `tracing`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Registration {
    /// Nobody has begun; whoever is told so does.
    Mine,
    /// Another thread is at it. To wait for it could be to wait for oneself.
    Others,
    Done,
}

const NOT_BEGUN: u8 = 0;
const BEGUN: u8 = 1;
const DONE: u8 = 2;

impl Known {
    /// What the site says about its calls.
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// What `tracing` knows of it.
    pub fn metadata(&self) -> &Metadata<'static> {
        &self.metadata
    }

    pub(super) const fn site(&self) -> &'static Site {
        self.site
    }

    pub(super) fn begin_registration(&self) -> Registration {
        match self.registration.compare_exchange(NOT_BEGUN, BEGUN, SeqCst, SeqCst) {
            Ok(_) => Registration::Mine,
            Err(BEGUN) => Registration::Others,
            Err(_) => Registration::Done,
        }
    }

    pub(super) fn end_registration(&self) {
        self.registration.store(DONE, SeqCst);
    }

    /// It was not begun after all.
    pub(super) fn take_registration_back(&self) {
        self.registration.store(NOT_BEGUN, SeqCst);
    }

    /// Whether `tracing` may know of it already.
    pub(super) fn has_begun_registration(&self) -> bool {
        self.registration.load(SeqCst) != NOT_BEGUN
    }

    pub(super) fn is_registered(&self) -> bool {
        self.registration.load(SeqCst) == DONE
    }
}

impl Site {
    pub(super) fn known(&self) -> &'static Known {
        self.listed().unwrap_or_else(|| self.this.get_known())
    }

    /// What there is of it, if it has been called before.
    fn listed(&self) -> Option<&'static Known> {
        listed(self.id.load(SeqCst)).and_then(Listed::ours)
    }

    /// Makes the site known; it is as long in memory as the static is.
    ///
    /// No lock is taken, because a child could find it held for ever. Two threads may both do this; what the one of the
    /// two has made stays, and the other's number stands for nothing.
    #[cold]
    pub(super) fn get_known(&'static self) -> &'static Known {
        if let Some(known) = self.listed() {
            return known;
        }
        self.make_known(|id, number| id.compare_exchange(0, number, SeqCst, SeqCst).err())
    }

    /// `keep` writes the number down, unless there is one already, which it gives back. It is there for the test that
    /// shows what that is good for.
    fn make_known(&'static self, keep: impl FnOnce(&AtomicU32, u32) -> Option<u32>) -> &'static Known {
        let Self { form, names: [span_name, start, done, failed], function, more, module, place, .. } = *self;
        let fields = self.fields();
        // What only comes when a span ends has its place from the beginning on. A field of the author's own that is
        // called so stays the author's.
        let late = LATE.into_iter().filter(|name| form != Form::Point && !fields.contains(name));
        let marked: Vec<&'static str> = fields.iter().copied().chain(late).chain([MARK]).collect();
        let metadata = Metadata::new(
            span_name,
            if more.target.is_empty() { module } else { more.target },
            more.level,
            Some(place.file()),
            Some(place.line()),
            Some(module),
            FieldSet::new(marked.leak(), identify_callsite!(self)),
            if form == Form::Point { Kind::EVENT } else { Kind::SPAN },
        );
        let known = Box::leak(Box::new(Known {
            site: self,
            registration: AtomicU8::new(NOT_BEGUN),
            interests: Interests::default(),
            metadata,
            spec: Spec { form, span_name, start, done, failed, fields, function, more: *more },
        }));
        // Where the numbers are used up nothing is listed under them.
        keep(&self.id, enlist(Listed::Ours(known))).and_then(listed).and_then(Listed::ours).unwrap_or(known)
    }
}

/// Whether that is the metadata of a call site of ours.
pub fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.fields().field(MARK).is_some()
}

/// Whether it is one of another version of this crate, which a program may have beside it.
pub fn is_of_another_version(metadata: &Metadata<'_>) -> bool {
    let fields = metadata.fields();
    fields
        .iter()
        .nth(fields.len().wrapping_sub(1))
        .is_some_and(|last| last.name().starts_with(MARKS) && last.name() != MARK)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether two that meet a call site for the first time, the one while the other does, know it as the same.
    fn is_the_same(site: &'static Site, keep: impl Fn(&AtomicU32, u32) -> Option<u32> + Copy) -> bool {
        let mut others = None;
        let one = site.make_known(|id, number| {
            others = Some(site.make_known(keep));
            keep(id, number)
        });
        others.is_some_and(|others| std::ptr::eq(one, others)) && std::ptr::eq(one, site.known())
    }

    #[test]
    fn those_who_meet_a_call_site_at_the_same_time_know_it_as_the_same() {
        static SITE: Site = Site::action(&SITE, module_path!(), "", "operation.sites.met", "", &[MARK]);
        assert!(is_the_same(&SITE, |id, number| id.compare_exchange(0, number, SeqCst, SeqCst).err()));
    }

    #[test]
    fn the_test_sees_a_number_that_is_written_over() {
        static SITE: Site = Site::action(&SITE, module_path!(), "", "operation.sites.met", "", &[MARK]);
        let over = |id: &AtomicU32, number| {
            id.store(number, SeqCst);
            None
        };
        assert!(!is_the_same(&SITE, over), "the seeded bug was not seen");
    }
}
