//! A crate without a `tense.toml` compiles in the built-in layers, and no events; by whatever path it knows `tense`.

#![deny(warnings)]

mod events {
    tense::registry!();
}

mod by_path {
    tense::registry!(crate = ::tense);
}

mod made {
    macro_rules! make {
        ($name:ident) => {
            mod $name {
                tense::registry!(crate = tense,);
            }
        };
    }
    make!(events);

    pub(crate) fn layers() -> usize {
        events::REGISTRY.layers.len()
    }
}

fn main() {
    use tense::registry::Tense;

    let layers: Vec<_> = events::REGISTRY.layers.iter().map(|layer| (layer.name, layer.tense)).collect();
    assert_eq!(
        layers,
        [
            ("debug", Tense::Any),
            ("decision", Tense::Present),
            ("dispatch", Tense::Present),
            ("log", Tense::Any),
            ("operation", Tense::Past),
            ("sql", Tense::Any),
        ]
    );
    assert!(events::REGISTRY.events.is_empty());
    assert_eq!(by_path::REGISTRY, events::REGISTRY);
    assert_eq!(made::layers(), 6);
}
