//! A query enters; the traces leave in which something may be meant, the one that came last in front.
//!
//! Labels and marks narrow them where the query asks for what they know; the one that leaves the fewest leads, and the
//! others are held against it. A list that would be long is taken piece by piece. What has marks and is among the words
//! of a trace, its worker and its machine, is asked of these before an event is read.

use std::collections::{BTreeSet, HashSet};
use std::hash::BuildHasherDefault;

use rusqlite::{Connection, Row, params};

use super::labels::{self, About, Ages, BLOCK, label, mark};
use super::names::{self, Named, Names, PlaceHasher};
use super::read::Place;
use super::words;
use crate::query::{Key, Query};

/// The longest piece of a list.
const PIECE: usize = 4096;
/// So many values are looked up; whoever asks for more of them reads on without.
const VALUES: usize = 64;
/// So many traces are taken at a time.
const CHUNK: i64 = 1 << BLOCK;

/// Numbers of traces or blocks from a place on, the largest first.
#[derive(Debug)]
struct List {
    numbers: Vec<i64>,
    of_blocks: bool,
    /// Whether there are no more behind them.
    is_whole: bool,
}

impl List {
    /// How many traces would be looked at.
    fn weight(&self) -> usize {
        let each = if self.of_blocks { 1 << BLOCK } else { 1 };
        if self.is_whole { self.numbers.len() * each } else { usize::MAX / 2 + each }
    }
}

type Numbers = HashSet<i64, BuildHasherDefault<PlaceHasher>>;

/// How the way goes on.
#[derive(Debug)]
pub(crate) enum Step {
    /// Something may be meant in these.
    Traces(Vec<Place>),
    /// It took too long: in no trace down to this one, which began then, is anything meant.
    Late { no: i64, began: i64 },
    /// There are none, or, when [`Seek::rest`] says so, a new way is to be taken from there.
    End,
}

/// The way through the traces.
#[derive(Debug)]
pub(crate) struct Seek {
    lead: Option<List>,
    /// How far `lead` has come.
    at: usize,
    traces: Option<Numbers>,
    blocks: Option<Numbers>,
    /// Texts of which a trace has to have one.
    texts: Vec<(words::Key, Vec<String>)>,
    /// Only traces that were under way between these moments.
    first: i64,
    last: i64,
    /// Nothing above it is left.
    below: i64,
}

impl Seek {
    /// From the trace of that number on.
    pub(crate) fn new(db: &Connection, query: &Query, (first, last): (i64, i64), from: i64) -> rusqlite::Result<Self> {
        let mut lists = lists(db, query, from)?;
        if let Some(traces) = query.traces() {
            let mut numbers = Vec::new();
            for id in traces {
                numbers.extend(Place::find(db, id)?.map(|place| place.no).filter(|no| *no <= from));
            }
            numbers.sort_unstable_by(|one, other| other.cmp(one));
            numbers.dedup();
            lists.push(List { numbers, of_blocks: false, is_whole: true });
        }
        if first != i64::MIN || last != i64::MAX {
            lists.extend(in_time(db, first, last, from)?);
        }
        lists.sort_by_key(List::weight);
        let mut lists = lists.into_iter();
        let lead = lists.next();
        let texts = [(Key::Worker, words::Key::Worker), (Key::Machine, words::Key::Machine)];
        let texts = texts.iter().filter_map(|(key, word)| Some((*word, said(query, key)?)));
        let texts = texts.map(|(word, texts)| (word, texts.into_iter().map(str::to_owned).collect())).collect();
        let mut seek = Self { lead, at: 0, traces: None, blocks: None, texts, first, last, below: from };
        // The next one of each kind says no often enough.
        for list in lists.filter(|list| list.is_whole) {
            let place = if list.of_blocks { &mut seek.blocks } else { &mut seek.traces };
            place.get_or_insert_with(|| list.numbers.into_iter().collect());
        }
        Ok(seek)
    }

    /// Some of them, unless there are none left or it takes too long, which is asked after each chunk.
    pub(crate) fn next(&mut self, db: &Connection, is_over: &mut dyn FnMut() -> bool) -> rusqlite::Result<Step> {
        loop {
            let Some((low, high)) = self.range() else { return Ok(Step::End) };
            let mut select = db.prepare_cached(
                "SELECT trace, no, base, words, began, ended FROM traces WHERE no BETWEEN ?1 AND ?2
                 ORDER BY no DESC LIMIT ?3",
            )?;
            let mut rows = select.query(params![low, high, CHUNK])?;
            let (mut found, mut seen, mut last) = (Vec::new(), 0, None);
            while let Some(row) = rows.next()? {
                seen += 1;
                last = Some((row.get(1)?, row.get(4)?));
                found.extend(self.take(row)?);
            }
            if self.lead.is_none() {
                self.below = last.filter(|_| seen == CHUNK).map_or(i64::MIN, |(no, _): (i64, _)| no.saturating_sub(1));
            }
            if !found.is_empty() {
                return Ok(Step::Traces(found));
            }
            // Where nothing is, nothing can be gone on from; but that takes no time either.
            if let Some((no, began)) = last
                && is_over()
            {
                return Ok(Step::Late { no, began });
            }
        }
    }

    /// From where on it has to be asked anew.
    pub(crate) fn rest(&self) -> Option<i64> {
        let lead = self.lead.as_ref().filter(|lead| !lead.is_whole)?;
        let last = *lead.numbers.last()?;
        Some(if lead.of_blocks { last << BLOCK } else { last }.saturating_sub(1))
    }

    /// Between which numbers to look next.
    fn range(&mut self) -> Option<(i64, i64)> {
        let Some(lead) = &self.lead else {
            return (self.below != i64::MIN).then_some((i64::MIN, self.below));
        };
        let number = *lead.numbers.get(self.at)?;
        self.at += 1;
        if lead.of_blocks {
            return Some((number << BLOCK, self.below.min(number << BLOCK | (CHUNK - 1))));
        }
        // What came one after the other is read so.
        let mut lowest = number;
        while number - lowest < CHUNK - 1
            && let Some(next) = lead.numbers.get(self.at)
            && next.checked_add(1) == Some(lowest)
        {
            (lowest, self.at) = (*next, self.at + 1);
        }
        Some((lowest, number))
    }

    fn take(&self, row: &Row<'_>) -> rusqlite::Result<Option<Place>> {
        let (no, began, ended): (i64, i64, i64) = (row.get(1)?, row.get(4)?, row.get(5)?);
        let is_meant = ended >= self.first
            && began <= self.last
            && self.traces.as_ref().is_none_or(|traces| traces.contains(&no))
            && self.blocks.as_ref().is_none_or(|blocks| blocks.contains(&(no >> BLOCK)))
            && self.has_texts(row.get_ref(3)?.as_blob_or_null()?.unwrap_or_default());
        if is_meant { Place::read(row).map(Some) } else { Ok(None) }
    }

    /// Whether a trace may have what is asked for, by its words.
    fn has_texts(&self, words: &[u8]) -> bool {
        self.texts.iter().all(|(wanted, texts)| {
            let mut any = words::has_more(words);
            let read = words::read(words, |key, text, _| {
                any = any || key == *wanted && text.here().is_some_and(|text| texts.contains(&text));
            });
            // Who reads its events will say what is damaged.
            any || read.is_err()
        })
    }
}

/// The texts of which an event has one under that key. None of them is what is not there.
fn said<'q>(query: &'q Query, key: &Key) -> Option<Vec<&'q str>> {
    query.exact(key).filter(|texts| texts.iter().all(|text| !text.is_empty()))
}

/// What labels and marks know of what is asked.
fn lists(db: &Connection, query: &Query, from: i64) -> rusqlite::Result<Vec<List>> {
    let mut lists = Vec::new();
    for (key, name) in [(Key::Job, "job_id"), (Key::User, "user_id"), (Key::Correlation, "correlation_key")] {
        if let Some(texts) = said(query, &key) {
            lists.extend(traces_with(db, texts.into_iter().map(|text| label(name, text)).collect(), from)?);
        }
    }
    for (key, name) in [(Key::Worker, "worker_id"), (Key::Machine, "machine_id")] {
        if let Some(texts) = said(query, &key) {
            lists.extend(blocks_with(db, texts.into_iter().map(|text| label(name, text)).collect(), from)?);
        }
    }
    if let Some(words) = query.exact(&Key::Status)
        && !words.contains(&"success")
    {
        let number = |word: &str| if word == "failed" { 2 } else { 0 };
        let marks = words.into_iter().map(|word| mark(About::Status, Named::Id(number(word)))).collect();
        lists.extend(blocks_with(db, marks, from)?);
    }
    for (key, about) in [(Key::Type, About::Type), (Key::Service, About::Service), (Key::Tag, About::Tag)] {
        if let Some(marks) = named(db, query, &key, about)? {
            lists.extend(blocks_with(db, marks, from)?);
        }
    }
    // In an order, so that of two lists that are as long the same one leads each time.
    let fields: BTreeSet<&str> = query
        .groups()
        .flatten()
        .filter_map(|term| match &term.key {
            // A path may lead through names with dots.
            Key::Field(name) if !name.contains('.') => Some(name.as_str()),
            _ => None,
        })
        .collect();
    for name in fields {
        let texts = query.exact(&Key::Field(name.to_owned()));
        let Some(texts) = texts else { continue };
        if Names::is_labelled(db, name)? {
            let labels = texts.into_iter().map(|text| label(name, &labels::text_for(text))).collect();
            lists.extend(traces_with(db, labels, from)?);
        }
    }
    Ok(lists)
}

/// The marks of all names that are asked for; none when that are too many, or some may have none.
fn named(db: &Connection, query: &Query, key: &Key, about: About) -> rusqlite::Result<Option<Vec<i64>>> {
    let Some(patterns) = query.patterns(key) else { return Ok(None) };
    let mut all = db.prepare_cached("SELECT id, name FROM names WHERE name >= ?1 ORDER BY name")?;
    let mut marks = Vec::new();
    for pattern in patterns {
        if let Some(text) = pattern.as_exact() {
            let id = Names::find(db, text)?;
            // A tag may have come before there was room for its name.
            let was_text = about == About::Tag && id.is_some_and(|id| id > names::MOST_WITHIN);
            marks.extend(id.map(|id| mark(about, Named::Id(id))));
            marks.extend((id.is_none() || was_text).then(|| mark(about, Named::Text(text))));
            continue;
        }
        // Those for which there was no room have a mark of their own each.
        let full: bool =
            db.query_row("SELECT coalesce(max(id), 0) >= ?1 FROM names", [names::MOST_WITHIN], |row| row.get(0))?;
        let prefix = pattern.prefix();
        if full || prefix.is_empty() {
            return Ok(None);
        }
        let mut rows = all.query([prefix])?;
        while let Some(row) = rows.next()? {
            let name = row.get_ref(1)?.as_str().unwrap_or_default();
            if !name.starts_with(prefix) {
                break;
            }
            if pattern.matches(name) {
                marks.push(mark(about, Named::Id(row.get(0)?)));
            }
        }
    }
    Ok(Some(marks))
}

/// The traces that one of the labels leads to.
fn traces_with(db: &Connection, labels: Vec<i64>, from: i64) -> rusqlite::Result<Option<List>> {
    let Some(labels) = few(labels) else { return Ok(None) };
    let ages = Ages::up_to(db, from)?;
    let rows = labels.into_iter().flat_map(|label| ages.of(label)).collect();
    list(db, "labels", "label", "trace", rows, from, false).map(Some)
}

/// The blocks that have one of the marks.
fn blocks_with(db: &Connection, marks: Vec<i64>, from: i64) -> rusqlite::Result<Option<List>> {
    let Some(marks) = few(marks) else { return Ok(None) };
    let rows = marks.into_iter().map(|mark| vec![mark]).collect();
    list(db, "marks", "mark", "block", rows, from >> BLOCK, true).map(Some)
}

/// Each once, unless there are too many.
fn few(mut keys: Vec<i64>) -> Option<Vec<i64>> {
    keys.sort_unstable();
    keys.dedup();
    (keys.len() <= VALUES).then_some(keys)
}

/// Keys come in rows: what is behind one of a row lies below what is behind those before it.
fn list(
    db: &Connection,
    table: &str,
    key: &str,
    place: &str,
    rows: Vec<Vec<i64>>,
    from: i64,
    of_blocks: bool,
) -> rusqlite::Result<List> {
    let sql = format!("SELECT {place} FROM {table} WHERE {key} = ?1 AND {place} <= ?2 ORDER BY {place} DESC LIMIT ?3");
    let mut select = db.prepare_cached(&sql)?;
    let (mut numbers, mut lowest, mut is_whole) = (Vec::new(), i64::MIN, true);
    for keys in rows {
        let mut some: Vec<i64> = Vec::new();
        for key in keys {
            let room = PIECE - some.len();
            for number in select.query_map(params![key, from, room as i64], |row| row.get(0))? {
                some.push(number?);
            }
            if some.len() == PIECE {
                break;
            }
        }
        if some.len() == PIECE {
            is_whole = false;
            lowest = lowest.max(some.last().copied().unwrap_or(lowest));
        }
        numbers.extend(some);
    }
    numbers.sort_unstable_by(|one, other| other.cmp(one));
    numbers.dedup();
    // Below it some of another key may be missing.
    numbers.retain(|number| *number >= lowest);
    Ok(List { numbers, of_blocks, is_whole })
}

/// Numbers of traces, up to ?4, that were under way between the moments ?1 and ?2, both included. ?3 is an hour behind
/// ?1. In three parts that have nothing in common, so that of all indexes only a piece is read: what began then; what
/// began before and ended soon; and what began before and did not, which took more than an hour.
pub(super) const UNDER_WAY: [&str; 3] = [
    "traces INDEXED BY traces_by_time WHERE began BETWEEN ?1 AND ?2 AND ?3 >= ?1 AND no <= ?4",
    "traces INDEXED BY traces_by_end WHERE ended BETWEEN ?1 AND ?3 AND began < ?1 AND ?2 >= ?1 AND no <= ?4",
    "traces INDEXED BY traces_of_long
     WHERE ended - began > 3600000000000 AND ended > ?3 AND began < ?1 AND ?2 >= ?1 AND no <= ?4",
];

/// An hour behind a moment.
pub(super) const fn hour_behind(nanos: i64) -> i64 {
    nanos.saturating_add(3_600_000_000_000)
}

/// So many traces that were under way then are many. Few where it is tested what many make.
const MOST: usize = if cfg!(test) { 100 } else { 50_000 };

/// The traces that were under way then, unless they are many.
fn in_time(db: &Connection, first: i64, last: i64, from: i64) -> rusqlite::Result<Option<List>> {
    let mut numbers = Vec::new();
    for part in UNDER_WAY {
        let mut select = db.prepare_cached(&format!("SELECT no FROM {part} LIMIT ?5"))?;
        let most = (MOST + 1 - numbers.len()) as i64;
        let rows = select.query_map([first, last, hour_behind(first), from, most], |row| row.get(0))?;
        for row in rows {
            numbers.push(row?);
        }
        if numbers.len() > MOST {
            return Ok(None);
        }
    }
    numbers.sort_unstable_by(|one: &i64, other| other.cmp(one));
    Ok(Some(List { numbers, of_blocks: false, is_whole: true }))
}
