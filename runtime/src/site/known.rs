//! A call site's first call goes in; what `tracing` and the drainer know of it comes out, and is there for good.

use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Mutex, PoisonError};

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

    /// Makes the site known, once; it is as long in memory as the static is.
    #[cold]
    pub(super) fn get_known(&'static self) -> &'static Known {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = self.listed() {
            return known;
        }
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
        self.id.store(enlist(Listed::Ours(known)), SeqCst);
        known
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
