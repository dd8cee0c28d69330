//! The house goes in, and a copy of it that says that it is of another version; a program that uses both comes out,
//! runs, and says what the layer of each has recorded.

use std::path::Path;
use std::process::Command;

use crate::generated;

/// What the program's annotated functions are built from, in two versions.
const ROOMS: [&str; 6] = ["grammar", "macros", "runtime", "event", "store", "layer"];

const PROGRAM: &str = r##"
use std::sync::{Arc, Mutex};

use tracing_subscriber::prelude::*;

#[tense::traced(operation.cards.charged)]
fn charge() {
    store();
}

#[other::traced(operation.rows.stored, crate = other)]
fn store() {
    check();
    other::event!(crate = other, operation.rows.noticed);
}

#[tense::traced(operation.rows.checked)]
fn check() {}

macro_rules! kept {
    ($name:ident, $layer:ident, $event:ident) => {
        #[derive(Clone, Default)]
        struct $name(Arc<Mutex<Vec<$event::CleanEvent>>>);

        impl $layer::Sink for $name {
            fn deliver(&mut self, batch: &[$event::CleanEvent]) -> Result<(), $layer::SinkError> {
                self.0.lock().unwrap().extend_from_slice(batch);
                Ok(())
            }
        }

        impl $name {
            fn say(&self) {
                assert!($layer::flush(std::time::Duration::from_secs(10)).is_complete);
                let events = std::mem::take(&mut *self.0.lock().unwrap());
                print!("{} {}", $layer::health().other_versions, $layer::testing::Tree::of(&events));
            }
        }
    };
}

kept!(Ours, tense_layer, tense_event);
kept!(Theirs, other_layer, other_event);

fn main() {
    let (ours, theirs) = (Ours::default(), Theirs::default());
    let layers = std::env::args().nth(1).unwrap();
    let layer = tense_layer::builder().sink(ours.clone()).layer();
    let other = (layers == "both").then(|| other_layer::builder().sink(theirs.clone()).layer());
    tracing_subscriber::registry().with(layer).with(other).init();
    charge();
    ours.say();
    theirs.say();
}
"##;

/// Writes the copy, and the program beside it. What is there already is left alone, so that a second run builds
/// nothing.
fn write(root: &Path, house: &Path) {
    let copy = root.join("other");
    let manifest = std::fs::read_to_string(house.join("Cargo.toml")).unwrap();
    let (before, after) = manifest.split_once("members = [").unwrap();
    let after = after.split_once(']').unwrap().1;
    let rooms = ROOMS.map(|room| format!("{room:?}")).join(", ");
    let manifest = format!("{before}members = [{rooms}]{after}");
    assert_eq!(
        manifest.matches("0.1.0").count(),
        1 + ROOMS.len(),
        "the version of something else would be changed as well"
    );
    generated::write(&copy.join("Cargo.toml"), manifest.replace("0.1.0", "9.1.0"));
    for room in ROOMS {
        generated::write(
            &copy.join(room).join("Cargo.toml"),
            std::fs::read(house.join(room).join("Cargo.toml")).unwrap(),
        );
        copy_folder(&house.join(room).join("src"), &copy.join(room).join("src"));
    }
    let path = |room: &str| house.join(room).display().to_string();
    generated::write(
        &root.join("program/Cargo.toml"),
        format!(
            "[package]\nname = \"two-versions\"\nedition = \"2024\"\n\n[workspace]\n\n[profile.dev]\ndebug = false\n\n[dependencies]\n\
             tense = {{ path = '{}' }}\ntense-event = {{ path = '{}' }}\ntense-layer = {{ path = '{}', default-features = false }}\n\
             other = {{ package = \"tense\", path = \"../other/runtime\" }}\n\
             other-event = {{ package = \"tense-event\", path = \"../other/event\" }}\n\
             other-layer = {{ package = \"tense-layer\", path = \"../other/layer\", default-features = false }}\n\
             tracing-subscriber = {{ version = \"0.3\", default-features = false, features = [\"std\", \"registry\"] }}\n",
            path("runtime"),
            path("event"),
            path("layer"),
        ),
    );
    generated::write(&root.join("program/src/main.rs"), PROGRAM);
    generated::lock_as(&root.join("program"), &std::fs::read_to_string(house.join("Cargo.lock")).unwrap());
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &to);
        } else {
            generated::write(&to, std::fs::read(entry.path()).unwrap());
        }
    }
}

fn said(root: &Path, layers: &str) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--offline", "--quiet", "--target-dir"]).arg(root.join("target")).args(["--", layers]);
    let output = command.current_dir(root.join("program")).env_remove("RUSTFLAGS").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn two_versions_in_one_program_each_keep_to_themselves_and_say_so() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("two-versions");
    write(&root, Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap());
    assert_eq!(
        said(&root, "both"),
        "true operation.cards.charged\n\
         \x20 foreign.two_versions name=\"operation.rows.stored\"\n\
         \x20   operation.rows.checked\n\
         true foreign.two_versions name=\"operation.cards.charged\"\n\
         \x20 operation.rows.stored\n\
         \x20   foreign.two_versions name=\"operation.rows.checked\"\n\
         \x20   operation.rows.noticed\n",
        "the layer of each"
    );
    assert_eq!(
        said(&root, "ours"),
        "true operation.cards.charged\n\
         \x20 foreign.two_versions name=\"operation.rows.stored\"\n\
         \x20   operation.rows.checked\n\
         false ",
        "only one of them has a layer"
    );
}
