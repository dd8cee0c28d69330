//~ `registry!()` takes nothing but where to find the crate `tense`, if it has another name here: `registry!(crate = path)` [registry/argument]

mod events {
    tense::registry!(crate = tense, file = "events.toml");
}

fn main() {
    assert!(events::REGISTRY.events.is_empty());
}
