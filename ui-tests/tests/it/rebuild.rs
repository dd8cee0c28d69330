//! A crate and its `tense.toml` go in; when the file changes, or the crate gets one, the next build judges by what it
//! says then.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::generated;

struct Crate {
    root: PathBuf,
}

impl Crate {
    fn new(name: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        // From an earlier run; most often there is none.
        std::fs::remove_dir_all(root.join("crate")).ok();
        let house = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let this = Self { root };
        this.write(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[dependencies]\ntense = {{ path = '{}' }}\n\n[workspace]\n",
                house.join("runtime").display()
            ),
        );
        this.write(
            "src/main.rs",
            "#[tense::traced(operation.tokens.created)]\nfn create() {}\n\nfn main() {\n    create();\n}\n",
        );
        generated::lock_as(&this.root.join("crate"), &std::fs::read_to_string(house.join("Cargo.lock")).unwrap());
        this
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.root.join("crate").join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Builds it; what the compiler had against it.
    fn build(&self) -> Option<String> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(["check", "--offline", "--quiet", "--target-dir"]).arg(self.root.join("target"));
        let output = command.current_dir(self.root.join("crate")).env_remove("RUSTFLAGS").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (!output.status.success()).then_some(said)
    }

    /// Waits until a file that is written now is newer than the build: cargo compares times.
    fn let_time_pass(&self) {
        let built = std::time::SystemTime::now();
        let probe = self.root.join("crate").join("probe");
        loop {
            std::fs::write(&probe, "").unwrap();
            if probe.metadata().unwrap().modified().unwrap() > built {
                return;
            }
            std::thread::yield_now();
        }
    }
}

#[test]
fn a_changed_file_is_noticed() {
    let krate = Crate::new("rebuilt-when-changed");
    krate.write("tense.toml", "version = 1\n");
    assert_eq!(krate.build(), None);
    krate.let_time_pass();
    krate.write("tense.toml", "version = 1\nclosed = true\n");
    let said = krate.build().unwrap();
    assert!(said.contains("[registry/unknown-event]"), "{said}");
    krate.let_time_pass();
    krate.write("tense.toml", "version = 1\nclosed = true\n[events.\"operation.tokens.created\"]\n");
    assert_eq!(krate.build(), None);
}

#[test]
fn a_file_that_is_made_later_is_noticed_with_the_next_change_of_the_manifest() {
    let krate = Crate::new("rebuilt-when-made");
    assert_eq!(krate.build(), None);
    krate.let_time_pass();
    krate.write("tense.toml", "version = 1\nclosed = true\n");
    let manifest = std::fs::read_to_string(krate.root.join("crate/Cargo.toml")).unwrap();
    krate.write("Cargo.toml", &manifest);
    let said = krate.build().unwrap();
    assert!(said.contains("[registry/unknown-event]"), "{said}");
}
