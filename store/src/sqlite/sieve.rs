//! A query enters; what can be said of a row without making an event of it leaves: that it is not meant, or that it may
//! be.
//!
//! A scan reads millions of rows and finds few. Names are compared once for each name and not for each row, and of a
//! body only the field is looked at that is asked about.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use tense_event::Timestamp;

use super::body;
use super::bytes::{Scalar, Text};
use super::columns::{duration, status_of};
use super::names::{Names, PlaceHasher};
use crate::query::{Key, Number, Query, Term, Test};

/// The columns of a row that decide most questions; what nothing is asked of may be left out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head<'r> {
    pub(crate) kind: ValueRef<'r>,
    pub(crate) status: i64,
    pub(crate) name: ValueRef<'r>,
    pub(crate) at: i64,
    pub(crate) duration: Option<i64>,
    pub(crate) service: ValueRef<'r>,
    /// `None` when it was not read.
    pub(crate) body: Option<&'r [u8]>,
}

/// A query, to be held against rows.
#[derive(Debug)]
pub(crate) struct Sieve<'q> {
    first: i64,
    last: i64,
    groups: Vec<Vec<Check<'q>>>,
    /// Whether a row that passes is meant, and none else.
    pub(crate) is_exact: bool,
    /// Whether that is so by its names and its status alone.
    pub(crate) is_of_names: bool,
    /// Of which columns anything is asked, besides the moment.
    pub(crate) columns: Columns,
}

/// Columns that have to be read; to read one takes as long as to ask it something.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Columns {
    pub(crate) names: bool,
    pub(crate) status: bool,
    pub(crate) duration: bool,
    pub(crate) body: bool,
}

#[derive(Debug)]
struct Check<'q> {
    term: &'q Term,
    of: Of,
}

/// What a term asks about.
#[derive(Debug)]
enum Of {
    Kind(Said),
    Name(Said),
    Service(Said),
    Status([bool; 3]),
    Duration,
    /// One of these names is the field's, or leads to it.
    Field(Vec<i64>),
    /// The error, when there is one.
    Error,
    /// What only the event can tell.
    Rest,
}

/// What was said of each name.
type Said = HashMap<i64, bool, BuildHasherDefault<PlaceHasher>>;

impl<'q> Sieve<'q> {
    /// Of a query that may be asked of many rows.
    pub(crate) fn new(db: &Connection, query: &'q Query) -> rusqlite::Result<Self> {
        let (since, until) = query.range();
        let first = since.map_or(i64::MIN, Timestamp::unix_nanos);
        // Before the first moment of all there is nothing.
        let (first, last) = match until.map(|until| until.unix_nanos().checked_sub(1)) {
            None => (first, i64::MAX),
            Some(Some(last)) => (first, last),
            Some(None) => (1, 0),
        };
        let mut groups = Vec::new();
        for group in query.groups() {
            let checks = group.iter().map(|term| Ok(Check { of: Of::new(db, term)?, term }));
            groups.push(checks.collect::<rusqlite::Result<Vec<_>>>()?);
        }
        let mut columns = Columns::default();
        for check in groups.iter().flatten() {
            match check.of {
                Of::Kind(_) | Of::Name(_) | Of::Service(_) => columns.names = true,
                Of::Status(_) => columns.status = true,
                Of::Duration => columns.duration = true,
                Of::Field(_) | Of::Error => columns.body = true,
                Of::Rest => {}
            }
        }
        let is_exact = groups.iter().flatten().all(|check| !matches!(check.of, Of::Field(_) | Of::Error | Of::Rest));
        Ok(Self { first, last, groups, is_exact, is_of_names: is_exact && !columns.duration, columns })
    }

    /// From when until when, both included.
    pub(crate) const fn range(&self) -> (i64, i64) {
        (self.first, self.last)
    }

    /// Whether the row may be meant.
    #[inline]
    pub(crate) fn passes(&mut self, db: &Connection, names: &mut Names, row: &Head<'_>) -> rusqlite::Result<bool> {
        if row.at < self.first || row.at > self.last {
            return Ok(false);
        }
        for group in &mut self.groups {
            let mut any = false;
            for check in group {
                if check.passes(db, names, row)? {
                    any = true;
                    break;
                }
            }
            if !any {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Of {
    fn new(db: &Connection, term: &Term) -> rusqlite::Result<Self> {
        Ok(match (&term.test, &term.key) {
            (Test::Lasts(..), _) | (Test::Is(_), Key::Duration) => Self::Duration,
            (_, Key::Type) => Self::Kind(Said::default()),
            (_, Key::Name) => Self::Name(Said::default()),
            (_, Key::Service) => Self::Service(Said::default()),
            (Test::Is(pattern), Key::Status) => {
                Self::Status(["pending", "success", "failed"].map(|word| pattern.matches(word) != term.is_negated))
            }
            // That it is not there, or not so, is asked of the event.
            (_, Key::Field(path)) if !term.is_negated && !path.is_empty() => {
                let mut ids = Vec::new();
                // Names may have dots themselves.
                for end in path.match_indices('.').map(|(at, _)| at).chain([path.len()]) {
                    ids.extend(Names::find(db, &path[..end])?);
                }
                Self::Field(ids)
            }
            (_, Key::ErrorKind | Key::ErrorType | Key::ErrorMessage | Key::ErrorProcessor) if !term.is_negated => {
                Self::Error
            }
            _ => Self::Rest,
        })
    }
}

impl Check<'_> {
    #[inline]
    fn passes(&mut self, db: &Connection, names: &mut Names, row: &Head<'_>) -> rusqlite::Result<bool> {
        let term = self.term;
        let (said, column) = match &mut self.of {
            Of::Kind(said) => (said, row.kind),
            Of::Name(said) if row.name == ValueRef::Null => (said, row.kind),
            Of::Name(said) => (said, row.name),
            Of::Service(said) => (said, row.service),
            Of::Status(wanted) => {
                return Ok(status_of(row.status).is_none() || wanted.get(row.status as usize).is_none_or(|is| *is));
            }
            Of::Duration => return Ok(lasts(term, row.duration) != term.is_negated),
            Of::Field(ids) => return Ok(row.body.is_none_or(|body| may_have(term, ids, body))),
            Of::Error => {
                return Ok(row.body.is_none_or(|body| body::error_kind(body).map_or(true, |kind| kind.is_some())));
            }
            Of::Rest => return Ok(true),
        };
        match column {
            ValueRef::Integer(id) => {
                if let Some(is) = said.get(&id) {
                    return Ok(*is);
                }
                // What has no name is no event, and whoever reads it will say so.
                let is = names.text(db, id)?.is_none_or(|text| is_so(term, text));
                said.insert(id, is);
                Ok(is)
            }
            ValueRef::Text(text) => Ok(std::str::from_utf8(text).map_or(true, |text| is_so(term, text))),
            ValueRef::Null => Ok(is_so(term, "")),
            _ => Ok(true),
        }
    }
}

/// Whether a term holds of a name. What is empty is not there, and no name is a number.
fn is_so(term: &Term, text: &str) -> bool {
    let holds = match &term.test {
        Test::Is(pattern) => !text.is_empty() && pattern.matches(text),
        Test::Compares(..) | Test::Lasts(..) => false,
    };
    holds != term.is_negated
}

fn lasts(term: &Term, nanos: Option<i64>) -> bool {
    let took = nanos.map(duration);
    match &term.test {
        Test::Lasts(comparison, wanted) => took.is_some_and(|took| comparison.holds(took.cmp(wanted))),
        // Any duration, when it is asked for as a text.
        Test::Is(pattern) => took.is_some() && pattern.matches("0"),
        Test::Compares(..) => false,
    }
}

/// Whether a body may have such a field.
fn may_have(term: &Term, ids: &[i64], body: &[u8]) -> bool {
    let Key::Field(path) = &term.key else { return true };
    let is_number = |text: &str| Number::read(text).is_some();
    let found = body::any_field(body, |name, value| {
        let is_named_so = match name {
            Text::Name(id) => ids.contains(&id),
            Text::Plain(name) => path.starts_with(name),
            _ => true,
        };
        is_named_so
            && match (&term.test, value) {
                // A text may be meant as a number.
                (Test::Is(pattern), Scalar::Text(Text::Plain(text))) => {
                    pattern.matches(text) || pattern.as_exact().is_some_and(is_number)
                }
                (Test::Compares(comparison, wanted), Scalar::Whole(number)) => {
                    comparison.holds(Number::Whole(number.into()).order(*wanted))
                }
                _ => true,
            }
    });
    // What cannot be read is for whoever reads it as an event.
    found.unwrap_or(true)
}
