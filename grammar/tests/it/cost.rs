//! What a check costs, with room for a slow machine that does a lot besides.
//! `cargo run --release -p tense-benches --bin naming` measures it; this only sees to it that nobody makes it ten times
//! as much without noticing.

use std::time::{Duration, Instant};

use tense_grammar::{Form, Registry, Written, WrittenField};

const REFERENCE: &str = include_str!("../../../ui-tests/coordinator/tense.toml");

/// Ten times the limit of a check.
const CHECK: Duration = Duration::from_micros(100);

/// The shortest of several turns: others on the machine make a turn longer, nobody makes it shorter.
fn shortest(turns: usize, mut turn: impl FnMut()) -> Duration {
    let timed = |_| {
        let began = Instant::now();
        turn();
        began.elapsed()
    };
    (0..turns).map(timed).min().unwrap()
}

fn resolves(registry: &Registry, name: &str) -> bool {
    let segments: Vec<&str> = name.split('.').collect();
    registry.resolve(&Written::new(&segments, Form::Action)).is_ok()
}

/// A closed registry; the names are about as long as people make them.
fn large(events: usize) -> String {
    let event = |n| {
        format!(
            "[events.\"operation.room{n}.status_updated\"]\nwas = [\"operation.room{n}.update_status\"]\n\
             fields = {{ room_id = \"string\", seats = \"integer\", note = \"string?\" }}\n"
        )
    };
    format!("version = 1\nclosed = true\n{}", (0..events).map(event).collect::<String>())
}

#[test]
fn a_check_takes_microseconds() {
    let registry = Registry::parse(REFERENCE).unwrap();
    let declared: Vec<&str> = registry.events().map(|event| event.name.as_str()).collect();
    let old: Vec<&str> = registry.events().flat_map(|event| &event.was).map(String::as_str).collect();
    let misspelt: Vec<String> = declared.iter().map(|name| name.replacen(".", ".q", 1)).collect();
    let misspelt: Vec<&str> = misspelt.iter().map(String::as_str).collect();
    // a misspelt name is held against every declared one
    let table = [("declared", &declared, true, 1), ("old", &old, false, 1), ("misspelt", &misspelt, false, 10)];
    for (what, names, passes, times) in table {
        let took =
            shortest(20, || names.iter().for_each(|name| assert_eq!(resolves(&registry, name), passes, "{name}")));
        let each = took / u32::try_from(names.len()).unwrap();
        assert!(each <= CHECK * times, "{what}: {each:?}");
    }
}

/// Ten times the limit for two thousand calls under five hundred events.
#[test]
fn a_large_crate_is_named_in_a_moment() {
    let text = large(500);
    let took = shortest(3, || {
        let registry = Registry::parse(&text).unwrap();
        let names: Vec<&str> = registry.events().map(|event| event.name.as_str()).collect();
        let fields = ["room_id", "seats"].map(|name| WrittenField { name, later: false });
        for name in names.iter().cycle().take(2_000) {
            let segments: Vec<&str> = name.split('.').collect();
            let resolved = registry.resolve(&Written::new(&segments, Form::Action)).unwrap();
            registry.contract(&resolved, Form::Action, &fields).unwrap();
        }
    });
    assert!(took <= Duration::from_secs(2), "{took:?}");
}

/// Sixteen times the events are about sixteen times the work, and not two hundred and fifty-six times.
#[test]
fn reading_takes_linear_time() {
    let (small, large) = (large(200), large(3_200));
    let read = |text: &str, turns| shortest(turns, || assert!(Registry::parse(text).is_ok()));
    let (small, large) = (read(&small, 20), read(&large, 3));
    assert!(large <= small * 16 * 5, "{small:?}, {large:?}");
}
