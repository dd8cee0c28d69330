//~ `registry!()` takes nothing but where to find the crate `tense`, if it has another name here: `registry!(crate = path)` [registry/argument]

mod events {
    tense::registry!("tense.toml");
}

fn main() {
    assert!(events::REGISTRY.events.is_empty());
}
