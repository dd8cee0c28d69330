//! Which events a question is about: options and terms enter, a query leaves.

use std::ffi::OsString;

use jiff::tz::TimeZone;
use tense_store::query::{Key, Query, Term, TermError, Test};
use tense_store::{Store, text};

use crate::moments::Period;

/// What terms are, below the help of questions that take some.
pub(crate) const TERMS: &str = "\
Terms, all of which have to hold:
  order:o7             the field `order` is o7; a field in a field is order.address.city:Bern
  -order:o7            it is not, or it is not there
  order:*              it is there; `*` stands for any text, as in message:*time-out*
  message:\"2 * 3: 6\"   between quotes everything means itself
  '\"my:order\":o7'      a field whose name has a colon: its name stands in quotes
  amount:>100          compares numbers: > >= < <= =
  duration:>100ms      compares with how long it took, in ns us ms s m h d
  error:*declined*     what the error says; also error.kind:panic, error.type, error.processor

What every event has its place for: type name status level service source trace span parent job worker machine user \
correlation tag duration error sample_weight. A field that is called so is data.type, data.name and so on.

Several of one option mean any of them; different options and terms have to hold together. \
Quote a term for the shell where it has `*`, `<`, `>`, quotes or spaces.";

/// Turns `-field:value` into `--not=field:value`, where questions take terms: what begins with a dash is an option to
/// the reader of arguments, wherever it stands.
pub(crate) fn negated_terms(arguments: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    let (mut takes_terms, mut are_values) = (false, false);
    arguments.map(move |argument| {
        let Some(text) = argument.to_str() else { return argument };
        takes_terms |= ["search", "tail", "stats"].contains(&text);
        are_values |= text == "--";
        match text.strip_prefix('-') {
            Some(term) if takes_terms && !are_values && !term.starts_with('-') && term.contains(':') => {
                format!("--not={term}").into()
            }
            _ => argument,
        }
    })
}

/// Which events are meant.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Filter {
    /// What has to hold of an event, as `field:value`, `-field:value`, `field:>100` or `duration:>100ms`
    #[arg(value_name = "TERM", value_parser = term)]
    terms: Vec<Term>,

    /// What must not hold: the same as -TERM
    #[arg(long = "not", value_name = "TERM", value_parser = term)]
    not: Vec<Term>,

    /// Of that event type; `*` stands for any text: 'operation.tokens.*'
    #[arg(long = "type", value_name = "PATTERN", value_parser = |text: &str| of(Key::Type, text))]
    types: Vec<Term>,

    /// That ended so: pending, success or failed
    #[arg(long, value_name = "STATUS", value_parser = |text: &str| of(Key::Status, text))]
    status: Vec<Term>,

    /// Of that program
    #[arg(long, value_name = "NAME", value_parser = |text: &str| of(Key::Service, text))]
    service: Vec<Term>,

    /// Of that job
    #[arg(long, value_name = "ID", value_parser = |text: &str| of(Key::Job, text))]
    job: Vec<Term>,

    /// Done for that user
    #[arg(long, value_name = "ID", value_parser = |text: &str| of(Key::User, text))]
    user: Vec<Term>,

    /// With that tag; each of several has to be there
    #[arg(long, value_name = "TAG", value_parser = |text: &str| of(Key::Tag, text))]
    tag: Vec<Term>,

    /// Of that trace: its id, or the last digits of it
    #[arg(long, value_name = "ID", value_parser = |text: &str| of(Key::Trace, text))]
    trace: Vec<Term>,

    #[command(flatten)]
    period: Period,
}

/// So many names are looked for that somebody may have meant.
const MEANT: usize = 4;
/// Characters of a term that is shown.
const SHOWN: usize = 200;

fn term(text: &str) -> Result<Term, String> {
    text.parse().map_err(|error: TermError| error.to_string())
}

/// The term that an option stands for.
fn of(key: Key, text: &str) -> Result<Term, String> {
    match key {
        Key::Status | Key::Trace => {
            format!("{key}:{text}").parse().map_err(|error: TermError| error.problem.to_string())
        }
        // A star stands for any text; signs and quotes mean themselves here.
        key => Ok(Term::is(key, text)),
    }
}

impl Filter {
    /// The query, by a clock in that zone.
    pub(crate) fn query(&self, zone: &TimeZone) -> anyhow::Result<Query> {
        let mut query = Query::new();
        for any in [&self.types, &self.status, &self.service, &self.job, &self.user, &self.trace] {
            query = query.any_of(any.iter().cloned());
        }
        for every in [&self.tag, &self.terms] {
            query = every.iter().cloned().fold(query, Query::with);
        }
        for term in &self.not {
            query = query.with(Term { is_negated: !term.is_negated, ..term.clone() });
        }
        let (since, until) = self.period.resolve(zone)?;
        query = since.into_iter().fold(query, Query::since);
        Ok(until.into_iter().fold(query, Query::until))
    }

    /// What may have been meant, where nothing was found: `my:order:o7` asks for a field `my`, and there is one that is
    /// called `my:order`.
    pub(crate) fn hint(&self, store: &dyn Store) -> Option<String> {
        let meant = self.terms.iter().chain(&self.not).flat_map(|term| {
            let (name, value) = match (&term.key, &term.test) {
                (Key::Field(name), Test::Is(pattern)) => (name.as_str(), pattern.to_string()),
                _ => ("", String::new()),
            };
            let colons = value.match_indices(':').map(|(at, _)| (format!("{name}:{}", &value[..at]), &value[at + 1..]));
            colons.map(|(name, value)| (name, value.to_owned())).collect::<Vec<_>>()
        });
        meant.filter(|(_, value)| !value.is_empty()).take(MEANT).find_map(|(name, value)| {
            let any = Query::new().with(Term::is(Key::Field(name.clone()), "*"));
            store.search(&any, None, 1).ok().filter(|page| !page.events.is_empty())?;
            let term = format!("'{}'", Term::is(Key::Field(name), value.as_str()));
            Some(format!("there is a field whose name has a colon: ask for it as {}", text::excerpt(&term, SHOWN)))
        })
    }
}
