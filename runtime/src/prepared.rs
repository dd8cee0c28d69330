//! An event as a value: it is made where a decision is planned, without looking at the clock or at any span, and
//! emitted where the decision is carried out.

use crate::call;
use crate::lasting::Lasting;
use crate::site::Site;
use crate::value::Raw;

/// An event that has not happened yet, made by [`prepared!`](crate::prepared).
///
/// It owns its values, so planning code stays a function of its arguments, and a test can look at what it planned.
/// Making one costs an allocation for the list and one for each text, whether or not anybody records. Dropped without
/// having been emitted it was never there.
///
/// ```
/// use tense::{Prepared, prepared};
///
/// /// Pure: what it decides is what it returns.
/// fn route(token_id: &str, matches: u32) -> Vec<Prepared> {
///     let mut events = vec![prepared!(decision.routing.start, token_id)];
///     if matches == 0 {
///         events.push(prepared!(decision.routing.wait, token_id, matches));
///     }
///     events
/// }
///
/// let events = route("t1", 0);
/// assert_eq!(events[1].name(), "decision.routing.wait");
/// assert_eq!(events[1].to_string(), r#"decision.routing.wait token_id="t1" matches=0"#);
/// events.into_iter().for_each(Prepared::emit);
/// ```
#[derive(Clone)]
#[must_use = "a prepared event happens when it is emitted: `.emit()`"]
pub struct Prepared {
    site: &'static Site,
    values: Vec<Lasting>,
}

impl Prepared {
    /// The event's name.
    pub fn name(&self) -> &'static str {
        self.site.done()
    }

    /// Records it now, below the span that this thread is in. Costs one load and one branch where nobody wants it, and
    /// one allocation more than [`event!`](crate::event) where somebody does.
    pub fn emit(self) {
        call::point(self.site, |take| {
            let values: Vec<Raw<'_>> = self.values.iter().map(Lasting::raw).collect();
            take(&values);
        });
    }
}

/// What [`prepared!`](crate::prepared) expands to.
pub fn prepared(site: &'static Site, values: &[Raw<'_>]) -> Prepared {
    Prepared { site, values: values.iter().copied().map(Lasting::of).collect() }
}

/// Two are the same when they report the same with the same values, wherever they were written.
impl PartialEq for Prepared {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name() && self.site.fields() == other.site.fields() && self.values == other.values
    }
}

/// `decision.routing.wait token_id="t1" matches=0`, not sanitized: for tests.
impl std::fmt::Display for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())?;
        for (name, value) in self.site.fields().iter().zip(&self.values) {
            match value.raw() {
                Raw::Absent => {}
                Raw::Bool(value) => write!(f, " {name}={value}")?,
                Raw::I64(value) => write!(f, " {name}={value}")?,
                Raw::U64(value) => write!(f, " {name}={value}")?,
                Raw::F64(value) => write!(f, " {name}={value}")?,
                Raw::Str(text) | Raw::CutStr(text) => write!(f, " {name}={text:?}")?,
                Raw::Json(text) | Raw::CutJson(text) => write!(f, " {name}={text}")?,
                // What is owned is in one piece.
                Raw::Pieces(_) => {}
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Prepared({self})")
    }
}
