//! By what traces are found: keys and values enter, the numbers leave under which `labels` and `marks` list traces.
//!
//! A label leads to a trace, a mark to a block of neighbours. Both only narrow: two values may have one number, and
//! what is behind it has been deleted now and then, so whoever follows them looks whether it is there.
//!
//! Labels are hashes, so those of a batch lie all over their index. They are kept by ages, one of so many traces behind
//! the other: what is written then lies in that part of the index which belongs to the present age, and that part stays
//! as small however large the file is. Whoever looks for a value looks into each age.

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::BuildHasherDefault;
use std::ops::RangeInclusive;

use rusqlite::{Connection, params};
use serde_json::Value;

use super::names::{Named, PlaceHasher};
use crate::query::Number;

/// Traces in a block, as a power of two.
pub(crate) const BLOCK: u32 = 6;

/// What a mark is about. The number of a name stands in front of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    Type = 0,
    Service = 1,
    Tag = 2,
    Status = 3,
}

impl About {
    const fn key(self) -> &'static str {
        match self {
            Self::Type => "\0type",
            Self::Service => "\0service",
            Self::Tag => "\0tag",
            Self::Status => "\0status",
        }
    }
}

/// The number of a key and its value: six bytes in the file, and above all numbers of names.
pub(crate) fn label(key: &str, value: &str) -> i64 {
    // FNV-1a, and the last step of splitmix64: the same on every machine, for as long as files are kept.
    let bytes = key.bytes().chain([0xff]).chain(value.bytes());
    let mut hash = bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (((hash ^ (hash >> 31)) as i64 >> 18) & ((1 << 46) - 1)) | 1 << 46
}

/// Traces of one age, as a power of two: their labels are some megabytes. Few where it is tested what many make.
const AGE: u32 = if cfg!(test) { 2 } else { 16 };
/// So many ages are told apart; what comes later belongs to the last one.
const AGES: i64 = 1 << 15;
/// The bits of a label.
const LABEL: u32 = 47;

/// The age of a trace. In the first one are also all labels that programs have written which knew of no ages.
const fn age(trace: i64) -> i64 {
    let age = trace >> AGE;
    if age < 0 {
        0
    } else if age < AGES {
        age
    } else {
        AGES - 1
    }
}

/// A label as it stands in the file beside that trace.
pub(crate) const fn aged(label: i64, trace: i64) -> i64 {
    label | age(trace) << LABEL
}

/// The ages that the file has traces of, but for the first one.
pub(crate) struct Ages(RangeInclusive<i64>);

impl Ages {
    /// Those up to that trace.
    pub(crate) fn up_to(db: &Connection, from: i64) -> rusqlite::Result<Self> {
        let mut ends = db.prepare_cached("SELECT (SELECT min(no) FROM traces), (SELECT max(no) FROM traces)")?;
        let (first, last) =
            ends.query_row([], |row| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?)))?;
        Ok(Self(age(first.unwrap_or(0)).max(1)..=age(last.unwrap_or(0).min(from))))
    }

    /// Under which numbers a label stands in the file: those of its ages, the last one first; and the one that it has
    /// without an age.
    pub(crate) fn of(&self, label: i64) -> [Vec<i64>; 2] {
        [self.0.clone().rev().map(|age| label | age << LABEL).collect(), vec![label]]
    }
}

/// The number of a name in one of its roles.
pub(crate) fn mark(about: About, name: Named<'_>) -> i64 {
    match name {
        Named::Id(id) => id << 3 | about as i64,
        Named::Text(text) => label(about.key(), text),
    }
}

/// The text by which people search for a value, the same for all ways to write a number; none for a list or an object.
pub(crate) fn text_of(value: &Value) -> Option<Cow<'_, str>> {
    match (Number::of(value), value) {
        (Some(number), _) => Some(of_number(number)),
        (None, Value::String(text)) => Some(text.into()),
        (None, Value::Array(_) | Value::Object(_)) => None,
        (None, scalar) => Some(scalar.to_string().into()),
    }
}

/// The text under which a value is listed that somebody writes so.
pub(crate) fn text_for(asked: &str) -> Cow<'_, str> {
    match Number::read(asked) {
        Some(number) => of_number(number),
        None => asked.into(),
    }
}

/// Numbers that are equal have one text; some that are not, too.
fn of_number(number: Number) -> Cow<'static, str> {
    let real = match number {
        Number::Whole(whole) => whole as f64,
        // Zero has one sign.
        Number::Real(real) => real + 0.0,
    };
    real.to_string().into()
}

/// A power of two, so that the place of a mark is a few bits of it.
const LAST: usize = 16;

/// What a batch is found by, each once.
#[derive(Debug, Default)]
pub(crate) struct Found {
    labels: Vec<(i64, i64)>,
    /// Some of those that came last, each in the place that its number gives it: nearly all are among them.
    last: [(i64, i64); LAST],
    marks: HashSet<(i64, i64), BuildHasherDefault<PlaceHasher>>,
}

impl Found {
    /// The trace is found by that.
    pub(crate) fn label(&mut self, trace: i64, label: i64) {
        self.labels.push((aged(label, trace), trace));
    }

    /// So is its block.
    pub(crate) fn mark(&mut self, trace: i64, mark: i64) {
        let new = (mark, trace >> BLOCK);
        // The lowest bits say what it is about.
        let last = &mut self.last[(mark ^ mark >> 3) as usize % LAST];
        if *last != new {
            *last = new;
            self.marks.insert(new);
        }
    }

    /// Writes what the file does not hold yet.
    pub(crate) fn save(mut self, db: &Connection) -> rusqlite::Result<()> {
        // In the order of the tables, so that neighbours are written together.
        self.labels.sort_unstable();
        self.labels.dedup();
        let mut insert = db.prepare_cached("INSERT OR IGNORE INTO labels (label, trace) VALUES (?1, ?2)")?;
        for (label, trace) in self.labels {
            insert.execute(params![label, trace])?;
        }
        let mut marks: Vec<_> = self.marks.into_iter().collect();
        marks.sort_unstable();
        let mut insert = db.prepare_cached("INSERT OR IGNORE INTO marks (mark, block) VALUES (?1, ?2)")?;
        for (mark, block) in marks {
            insert.execute(params![mark, block])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tense_event::{Event, Sanitizer, SpanId, Status, Timestamp, TraceId};

    use super::*;
    use crate::query::Query;
    use crate::{Found, Retention, Selector, SqliteStore, Store, conformance};

    /// Here, where an age has four traces.
    #[test]
    fn a_file_of_many_ages_keeps_what_is_promised() {
        conformance(|| {
            let folder = tempfile::tempdir().unwrap();
            move || SqliteStore::open(folder.path().join("tense.db")).unwrap()
        });
    }

    #[test]
    fn what_has_a_label_is_found_at_every_age_and_without_one_until_it_goes() {
        let (folder, sanitizer) = (tempfile::tempdir().unwrap(), Sanitizer::default());
        let path = folder.path().join("tense.db");
        let event = |number: u64| {
            let (trace, at) = (TraceId::from_halves(7, number), Timestamp::from_unix_nanos(number as i64));
            let mut event = Event::new(trace, SpanId::new(number).unwrap(), "dispatch.run", Status::Success, at);
            event.job_id = Some(format!("job-{}", number % 5));
            sanitizer.clean(event)
        };
        let mut store = SqliteStore::open(&path).unwrap();
        let (early, late) = ((1..=40).map(event).collect::<Vec<_>>(), (41..=60).map(event).collect::<Vec<_>>());
        assert_eq!(store.append(&early).unwrap().stored, 40);
        // As programs wrote them that knew of no ages.
        let db = Connection::open(&path).unwrap();
        let count = || db.query_row("SELECT count(*) FROM labels", [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(db.execute("UPDATE labels SET label = label & ((1 << 47) - 1)", []).unwrap(), 40);
        assert_eq!(store.append(&late).unwrap().stored, 20);
        assert!(
            db.query_row("SELECT max(label) >= 1 << 47 FROM labels", [], |row| row.get::<_, bool>(0)).unwrap(),
            "what is tested has to be there"
        );

        let query = Query::new().with("job:job-3".parse().unwrap());
        let found = |store: &SqliteStore, query: &Query| {
            let page = store.search(query, None, 100).unwrap();
            assert_eq!(page.progress.looked_at, page.events.len() as u64, "the labels lead to nothing else");
            page.events.iter().map(|event| event.span_id.get()).collect::<Vec<_>>()
        };
        let of_job: Vec<u64> = (0..12).rev().map(|nth| 5 * nth + 3).collect();
        assert_eq!(found(&store, &query), of_job);
        let job = Selector::Job("job-3".to_owned());
        assert_eq!(store.find(&job).unwrap(), Found::One(TraceId::from_halves(7, 58)));

        while store.purge(&Retention::nothing().ended_before(Timestamp::from_unix_nanos(50))).unwrap().more {}
        assert_eq!(count(), 11);
        assert_eq!(found(&store, &query), [58, 53]);
        while store.purge(&Retention::nothing().ended_before(Timestamp::from_unix_nanos(100))).unwrap().more {}
        assert_eq!(count(), 0);
    }

    #[test]
    fn labels_are_the_same_on_every_machine_and_no_numbers_of_names() {
        assert_eq!(label("job_id", "j1"), 0x5dd1f15a035e);
        assert_ne!(label("job_id", "j1"), label("job_i", "dj1"));
        for text in ["", "a", "token"] {
            let label = label("k", text);
            assert!(label >> 46 == 1, "{label:x}");
        }
        assert!(mark(About::Status, Named::Id(super::super::names::MOST)) < 1 << 46);
    }
}
