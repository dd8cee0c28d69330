//! Fields that a span hands down to those below it, by name. Most spans hand down nothing, and share what they were
//! handed.

use std::sync::Arc;

use tense::__private::layer::{Valued, Values};

/// What a span and those below it have of the spans above.
#[derive(Clone, Default)]
pub(crate) struct Inherited(Option<Arc<Vec<Handed>>>);

#[derive(Clone)]
struct Handed {
    name: &'static str,
    /// The value, in the words of its record.
    words: Arc<[u64]>,
    /// By which fields people search, where it comes from.
    indexed: &'static [&'static str],
}

impl Inherited {
    /// Names and values.
    #[inline]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, Valued<'_>)> {
        let all = self.0.as_deref().map_or(&[][..], Vec::as_slice);
        all.iter().filter_map(|handed| Some((handed.name, Values::of(&handed.words).next()?)))
    }

    /// By which of them people search, for a span whose call site does not say.
    #[inline]
    pub(crate) fn indexed(&self) -> &'static [&'static str] {
        self.0.as_deref().and_then(|all| all.last()).map_or(&[], |handed| handed.indexed)
    }

    /// From now on that value has that name.
    pub(super) fn hand_down(&mut self, name: &'static str, value: Valued<'_>, indexed: &'static [&'static str]) {
        let all = Arc::make_mut(self.0.get_or_insert_default());
        all.retain(|known| known.name != name);
        all.push(Handed { name, words: value.words.into(), indexed });
    }
}
