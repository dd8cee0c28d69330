//! A database lies where nothing can be put beside it: on a volume that is only read, or in a folder of somebody else.
//! It is read as it lies there, or it is said what has to be copied.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tense_event::{Sanitizer, Status};
use tense_store::{SqliteStore, Store};

use crate::it::asked::{Asked, all, in_time, stage, tense};
use crate::it::runs::{Bench, event, loan};
use crate::it::said::Said;

/// How the folder is kept from being written to.
#[derive(Debug, Clone, Copy)]
enum Kept {
    /// Whoever asks is somebody else than its owner.
    OfSomebodyElse,
    /// It lies on a volume that is only read.
    OnlyRead,
}

/// The folder, a bench around it with all else that commands want to read, and how to ask.
struct Place {
    bench: Bench,
    folder: PathBuf,
}

impl Place {
    fn new() -> Self {
        let bench = stage();
        let folder = bench.folder().join("protected");
        fs::create_dir(&folder).unwrap();
        mode(bench.folder(), 0o755);
        Self { bench, folder }
    }

    fn database(&self) -> PathBuf {
        self.folder.join("tense.db")
    }

    /// Everybody may read all that lies there now; nobody but root may write.
    fn protect(&self) {
        for file in fs::read_dir(&self.folder).unwrap() {
            mode(&file.unwrap().path(), 0o444);
        }
        mode(&self.folder, 0o555);
    }

    /// A question that cannot write there; none, with a sentence, where this machine has no way for it.
    fn ask(&self, kept: Kept, words: &[String]) -> Option<Said> {
        let (mut command, _) = self.asker(kept, words);
        let probe = command.output();
        if probe.as_ref().map_or(true, |said| !matches!(said.status.code(), Some(0..=3))) {
            not_tried(&format!("this machine lets nobody be asked who is {kept:?}: {probe:?}"));
            return None;
        }
        Some(in_time(&mut command, &words.join(" ")))
    }

    /// The same before it is asked; and whether we are somebody who may write all the same.
    fn asker(&self, kept: Kept, words: &[String]) -> (Command, bool) {
        let words: Vec<String> =
            words.iter().cloned().chain(["--db", "protected/tense.db"].map(str::to_owned)).collect();
        let is_root = fs::File::create(self.folder.join("probe")).is_ok();
        if is_root {
            fs::remove_file(self.folder.join("probe")).unwrap();
        }
        let as_if = tense(self.bench.folder(), &[]);
        let mut command = match (kept, is_root) {
            (Kept::OfSomebodyElse, false) => Command::new(env!("CARGO_BIN_EXE_tense")),
            (Kept::OfSomebodyElse, true) => {
                let mut somebody = Command::new("setpriv");
                somebody.args(["--reuid=65534", "--regid=65534", "--clear-groups", env!("CARGO_BIN_EXE_tense")]);
                somebody
            }
            (Kept::OnlyRead, is_root) => {
                let mut volume = Command::new("unshare");
                volume.args(if is_root { &["--mount"][..] } else { &["--mount", "--map-root-user"] });
                let script = "mount --bind protected protected && mount -o remount,ro,bind protected || exit 77; \
                              ! touch protected/probe 2>/dev/null || exit 77; exec \"$0\" \"$@\"";
                volume.args(["sh", "-c", script, env!("CARGO_BIN_EXE_tense")]);
                volume
            }
        };
        command.args(&words).current_dir(self.bench.folder()).stdin(Stdio::null());
        command.envs(as_if.get_envs().filter_map(|(name, value)| Some((name, value?))));
        (command, is_root)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        mode(&self.folder, 0o755);
    }
}

#[expect(clippy::print_stderr, reason = "whoever looks at what the tests said has to know what they did not try")]
fn not_tried(why: &str) {
    eprintln!("not tried: {why}");
}

/// Whatever comes of the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A database with a run, open: its log holds all of it.
fn written(path: &Path) -> SqliteStore {
    let mut store = SqliteStore::open(path).unwrap();
    let sanitizer = Sanitizer::default();
    let batch: Vec<_> = loan().into_iter().map(|event| sanitizer.clean(event)).collect();
    assert_eq!(store.append(&batch).unwrap().known, 0);
    store
}

const WAYS: [Kept; 2] = [Kept::OfSomebodyElse, Kept::OnlyRead];

fn only_asks(asked: &&Asked) -> bool {
    asked.is_about_runs && !["import", "purge", "doctor"].contains(&asked.name.as_str())
}

#[test]
fn it_is_read_as_it_lies_there_and_not_written_to() {
    let place = Place::new();
    drop(written(&place.database()));
    let usual: Vec<Said> = all()
        .iter()
        .filter(only_asks)
        .map(|asked| {
            in_time(&mut tense(place.bench.folder(), &asked.with(&["--db", "protected/tense.db"])), &asked.name)
        })
        .collect();
    assert!(usual.iter().filter(|said| said.code == Some(0)).count() > 10);
    let before = fs::read(place.database()).unwrap();
    place.protect();
    for kept in WAYS {
        for (asked, usual) in all().iter().filter(only_asks).zip(&usual) {
            let Some(said) = place.ask(kept, &asked.arguments) else { break };
            let told = |said: &Said| (said.out.clone(), said.err.clone(), said.code);
            assert_eq!(told(&said), told(usual), "{kept:?}: `tense {}`", asked.name);
        }
        if let Some(said) = place.ask(kept, &["doctor".to_owned()]) {
            assert!(said.out.contains("it is sound"), "{kept:?}: {}{}", said.out, said.err);
        }
        for asked in all().iter().filter(|asked| ["import", "purge"].contains(&asked.name.as_str())) {
            let Some(said) = place.ask(kept, &asked.arguments) else { break };
            assert!(
                said.code == Some(1) && said.err.contains("only be read") && said.err.contains("a folder of yours"),
                "{kept:?}: `tense {}`: {}",
                asked.name,
                said.err
            );
        }
    }
    assert_eq!(fs::read_dir(&place.folder).unwrap().count(), 1, "nothing is left beside it");
    assert_eq!(fs::read(place.database()).unwrap(), before);
}

#[test]
fn whoever_follows_it_goes_on_when_somebody_begins_to_write() {
    let place = Place::new();
    drop(written(&place.database()));
    place.protect();
    let words = ["tail", "-f", "-n", "1", "--format", "jsonl"].map(str::to_owned);
    let (mut command, may_write) = place.asker(Kept::OfSomebodyElse, &words);
    if !may_write || place.ask(Kept::OfSomebodyElse, &["traces".to_owned()]).is_none() {
        not_tried("only root can write to what is protected from whoever follows it");
        return;
    }
    let mut following = Ended(command.stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(following.0.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().contains("0190163d8694739b96b6f0a7b0c1d2e3"));
    let mut writer = SqliteStore::open(place.database()).unwrap();
    for span in 2..4 {
        let event = event(9, span, 0, "operation.tokens.created", Status::Success, 0..5);
        assert_eq!(writer.append(&[Sanitizer::default().clean(event)]).unwrap().stored, 1);
        assert!(lines.next().unwrap().unwrap().contains(&format!("000000000000000{span}")));
    }
}

#[test]
fn what_its_log_holds_is_read_with_all_three_files_and_asked_for_without() {
    let place = Place::new();
    let elsewhere = place.bench.folder().join("elsewhere.db");
    let writer = written(&elsewhere);
    for end in ["", "-wal", "-shm"] {
        let end_of = |path: &Path| PathBuf::from(format!("{}{end}", path.display()));
        fs::copy(end_of(&elsewhere), end_of(&place.database())).unwrap();
    }
    drop(writer);
    place.protect();
    for kept in WAYS {
        let Some(said) = place.ask(kept, &["tree", "last"].map(str::to_owned)) else { continue };
        assert!(said.out.contains("dispatch.funding") && said.code == Some(0), "{kept:?}: {}{}", said.out, said.err);
    }
    mode(&place.folder, 0o755);
    fs::remove_file(place.folder.join("tense.db-shm")).unwrap();
    place.protect();
    for kept in WAYS {
        for asked in all().iter().filter(|asked| asked.is_about_runs) {
            let Some(said) = place.ask(kept, &asked.arguments) else { break };
            let message = format!("{}{}", said.out, said.err).split_whitespace().collect::<Vec<_>>().join(" ");
            // What only writes does not come to what the log holds.
            let why = if asked.name == "import" { "only be read" } else { "tense.db-wal" };
            assert!(
                said.code == Some(1) && message.contains(why) && message.contains("into a folder of yours"),
                "{kept:?}: `tense {}`: {:?} {message}",
                asked.name,
                said.code
            );
        }
    }
}
