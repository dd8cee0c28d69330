//! Values whose own code panics, fails or never ends: the caller does not notice, and nobody prints. Each case in a
//! process of its own, whose standard error has to stay empty.

#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

#[macro_use]
mod apart;
mod kept;

use std::fmt::{self, Debug, Display};
use std::panic::{catch_unwind, set_hook};
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

use kept::Kept;
use serde_json::{Value, json};
use tense::{Json, event, traced};
use tense_event::CleanEvent;

/// The one event that has come since the last time.
fn event(kept: &Kept) -> CleanEvent {
    let mut events = kept.take();
    assert_eq!(events.len(), 1, "{events:#?}");
    events.remove(0)
}

fn data(kept: &Kept) -> Value {
    serde_json::to_value(&event(kept).data).unwrap()
}

/// Panics wherever it is asked for anything.
struct Broken;

impl Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("so far ")?;
        panic!("no form")
    }
}

impl Debug for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl serde::Serialize for Broken {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("no structure")
    }
}

impl std::error::Error for Broken {}

#[traced(operation.values.seen, fields(?value, k = %value, json = Json::of(value)))]
fn see(value: &Broken) -> u8 {
    7
}

#[traced(operation.values.refused)]
fn refuse() -> Result<(), Broken> {
    Err(Broken)
}

const SHOWN: &str = "so far <panicked while it was formatted>";

fn shown() -> Value {
    json!({"value": SHOWN, "k": SHOWN, "json": "<panicked while it was serialized>"})
}

cases! {
    /// Under the hook of the standard library, which prints.
    fn a_form_that_panics_is_shown_as_such() {
        let (kept, _guard) = Kept::init();
        assert_eq!(see(&Broken), 7);
        assert_eq!(data(&kept), shown());
        assert!(refuse().is_err());
        let error = event(&kept).error.clone().unwrap();
        assert_eq!(error.error_message, SHOWN);
    }

    fn the_hosts_own_hook_hears_its_own_panics_only() {
        static HEARD: AtomicU32 = AtomicU32::new(0);
        set_hook(Box::new(|_| {
            HEARD.fetch_add(1, Relaxed);
        }));
        let (kept, _guard) = Kept::init();
        assert_eq!(see(&Broken), 7);
        assert_eq!(data(&kept), shown());
        assert_eq!(HEARD.load(Relaxed), 0);
        assert!(catch_unwind(|| panic!("the host's own")).is_err());
        assert_eq!(HEARD.load(Relaxed), 1);
    }

    /// A panic inside of a panic would abort the process, if it left the destructor.
    fn a_destructor_may_show_it_while_its_thread_panics() {
        set_hook(Box::new(|_| {}));
        struct Tidy;
        impl Drop for Tidy {
            fn drop(&mut self) {
                assert!(std::thread::panicking());
                see(&Broken);
            }
        }
        let (kept, _guard) = Kept::init();
        let payload = catch_unwind(|| {
            let _tidy = Tidy;
            panic!("the host's own")
        })
        .unwrap_err();
        assert_eq!(payload.downcast_ref::<&str>(), Some(&"the host's own"));
        assert_eq!(data(&kept), shown());
        // What the host says of the next panic is heard again.
        #[traced(operation.work.burnt)]
        fn burn() {
            panic!("again")
        }
        assert!(catch_unwind(burn).is_err());
        assert!(event(&kept).error.clone().unwrap().error_message.starts_with("again at "));
    }

    fn a_form_that_fails_or_never_ends_is_shown_as_far_as_it_came() {
        struct Failing;
        impl Debug for Failing {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("so far")?;
                Err(fmt::Error)
            }
        }
        struct Endless;
        impl Debug for Endless {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                loop {
                    f.write_str("and on ")?;
                }
            }
        }
        let (kept, _guard) = Kept::init();
        event!(operation.values.seen, failing = ?Failing, endless = ?Endless, nested = ?vec![Some(Endless)]);
        let event = event(&kept);
        assert_eq!(event.data.get("failing").unwrap(), "so far");
        assert!(event.data.get("endless").unwrap().as_str().unwrap().starts_with("and on and on "));
        assert!(event.data.get("nested").unwrap().as_str().unwrap().starts_with("[Some(and on "));
        assert!(["endless", "nested"].iter().all(|key| event.cut.iter().any(|cut| cut == key)), "{:?}", event.cut);
    }

    fn what_is_too_deep_for_json_or_no_json_is_a_text() {
        struct Refusing;
        impl serde::Serialize for Refusing {
            fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
                Err(serde::ser::Error::custom("not today"))
            }
        }
        struct Deep(usize);
        impl serde::Serialize for Deep {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if self.0 == 0 { serializer.serialize_u8(1) } else { serializer.serialize_some(&[Self(self.0 - 1)]) }
            }
        }
        let (kept, _guard) = Kept::init();
        event!(operation.values.seen, refusing = Json::of(&Refusing), deep = Json::of(&Deep(500)));
        let data = data(&kept);
        assert_eq!(data["refusing"], "<could not be serialized: not today>");
        assert!(data["deep"].to_string().starts_with("\"[[[["), "{}", data["deep"]);
    }
}
