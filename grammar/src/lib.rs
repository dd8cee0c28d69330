//! The grammar of event names: a name and a `tense.toml` enter, a verdict with the right name leaves.
//!
//! An event is called `layer.domain.action`, and its layer decides the tense of the action: what an `operation` reports
//! has happened (`operation.tokens.created`), what `dispatch` reports is being done (`dispatch.batch.start`). This
//! crate is the one place where that rule lives. The macros ask it at compile time, the command and the layer
//! afterwards.
//!
//! Start with [`Registry::resolve`]; all else serves it.
//!
//! ```
//! use tense_grammar::{Form, Registry, Resolved, Written};
//!
//! let registry = Registry::builtin();
//!
//! // `#[traced(operation.tokens._)] fn update_status(..)`
//! let written = Written::new(&["operation", "tokens", "_"], Form::Action).function("update_status");
//! let Ok(Resolved::Action { event, failed, .. }) = registry.resolve(&written) else { panic!() };
//! assert_eq!(event, "operation.tokens.status_updated");
//! assert_eq!(failed, "operation.tokens.status_update_failed");
//!
//! // `#[traced(dispatch.branch.merged)]`
//! let written = Written::new(&["dispatch", "branch", "merged"], Form::Action);
//! let violations = registry.resolve(&written).unwrap_err();
//! assert_eq!(violations[0].segment, 2);
//! assert_eq!(violations[0].suggestion.as_deref(), Some("merge"));
//! ```
//!
//! The modules, in the order a name walks through them:
//!
//! | module | what it decides |
//! |---|---|
//! | `name` | segments and words, `_` and `*` |
//! | `words`, `spelling`, `inflect`, `base` | is a word past, what is its participle, its base |
//! | `conjugate` | all forms of a verb, from any of them |
//! | `tense` | does the action keep its layer's tense |
//! | `suggest`, `nearest` | what to write instead |
//! | `life` | the names that follow from it: start, complete, failure |
//! | `violation` | how a mistake is told |
//! | `named`, `registry`, `file`, `locate` | what the project declares, where `tense.toml` is wrong, where it is |
//! | `settings` | what else can be set, in the file and from outside |
//! | `ownership` | does an event report what another layer owns |
//! | `resolve` | all of the above in order |
//! | `contract` | do the fields of a call fit its events |
//! | `filled_in` | which fields are not the author's |

mod name;
mod words;
mod spelling;
mod inflect;
mod base;
mod conjugate;
mod tense;
mod suggest;
mod nearest;
mod life;
mod violation;
mod named;
mod settings;
mod registry;
mod file;
mod locate;
mod ownership;
mod resolve;
mod contract;
pub mod built_in;
pub mod filled_in;

pub use conjugate::{Conjugation, conjugate, gerund, simple_past, third_person};
pub use contract::{Carried, Contract, FieldViolation, WrittenField};
pub use file::RegistryError;
pub use inflect::{Past, base, is_past, participle};
pub use name::{Form, Written, layer_of};
pub use nearest::nearest;
pub use registry::{
    EventDecl, FieldDecl, FieldKind, ForeignRule, LayerDecl, REDACT_FAMILIES, Redact, RedactRule, Registry,
};
pub use resolve::Resolved;
pub use settings::{SETTINGS, Setting, SettingError, SettingKind, SettingSpec, SettingValue};
pub use tense::Tense;
pub use violation::Violation;
