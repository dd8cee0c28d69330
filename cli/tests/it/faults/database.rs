//! Something else lies where the database should: every question about runs says what it is, and what to do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use tense_store::SqliteStore;

use crate::it::asked::{Asked, all, in_time, stage, tense};
use crate::it::runs::{Bench, loan};

/// Asks every command about runs for a database that something lies in the place of. Each says where it lies, what it
/// is, and what to do, in one line; and leaves alone what lies there.
#[track_caller]
fn told(bench: &Bench, path: &Path, what: &str, to_do: &str) {
    let folder = bench.folder().to_owned();
    let named = path.to_str().unwrap();
    let mut about_runs = 0;
    for asked in all() {
        if !asked.is_about_runs {
            continue;
        }
        about_runs += 1;
        let said = in_time(&mut tense(&folder, &asked.with(&["--db", named])), &asked.name);
        if writes_a_new_one(asked, what) {
            fs::remove_file(path).unwrap();
            continue;
        }
        let message = if asked.name == "doctor" { &said.out } else { &said.err };
        let message = unwrapped(message);
        assert!(
            said.code == Some(1) && message.contains(named) && message.contains(what) && message.contains(to_do),
            "`tense {}` of {named} should say `{what}` and `{to_do}`: {:?}\n{message}",
            asked.name,
            said.code
        );
        if asked.name != "doctor" {
            assert_eq!((said.out.as_str(), said.err.lines().count()), ("", 1), "{}", asked.name);
        }
    }
    assert!(about_runs > 5);
}

/// As it was before it was broken into lines.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is not there, whoever imports makes.
fn writes_a_new_one(asked: &Asked, what: &str) -> bool {
    asked.name == "import" && what == MISSING
}

const MISSING: &str = "no";

fn beside(bench: &Bench, name: &str) -> PathBuf {
    bench.folder().join(name)
}

#[test]
fn that_is_not_there_is_told_by_every_command() {
    let bench = stage();
    told(&bench, &beside(&bench, "missing.db"), MISSING, "program");
}

#[test]
fn that_is_a_folder_is_told_by_every_command() {
    let bench = stage();
    let path = beside(&bench, "folder.db");
    fs::create_dir(&path).unwrap();
    told(&bench, &path, "it is a folder", "name the file in it");
    assert_eq!(fs::read_dir(path).unwrap().count(), 0);
}

#[test]
fn that_is_another_file_is_told_by_every_command() {
    let bench = stage();
    let path = beside(&bench, "notes.txt");
    fs::write(&path, "not a database, but long enough to be looked at for a while").unwrap();
    told(&bench, &path, "this is not a tense database", "name another file");
    let recipes = beside(&bench, "recipes.db");
    Connection::open(&recipes).unwrap().execute_batch("CREATE TABLE recipes (id INTEGER)").unwrap();
    let before = fs::read(&recipes).unwrap();
    told(&bench, &recipes, "this is not a tense database", "name another file");
    assert_eq!(fs::read(&recipes).unwrap(), before);
}

#[test]
fn that_is_of_a_newer_version_is_told_by_every_command() {
    let bench = stage();
    let path = beside(&bench, "newer.db");
    drop(SqliteStore::open(&path).unwrap());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 999).unwrap();
    let before = fs::read(&path).unwrap();
    told(&bench, &path, "it has schema version 999", "use a newer one");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn that_is_damaged_is_told_by_every_command() {
    let bench = stage();
    let path = beside(&bench, "damaged.db");
    let events = loan();
    {
        let mut store = SqliteStore::open(&path).unwrap();
        let sanitizer = tense_event::Sanitizer::default();
        let events: Vec<_> = events.into_iter().map(|event| sanitizer.clean(event)).collect();
        assert!(tense_store::Store::append(&mut store, &events).unwrap().stored > 0);
    }
    // The first page still says whose it is; all others are noise.
    let mut bytes = fs::read(&path).unwrap();
    bytes[8192..].fill(0xa5);
    fs::write(&path, bytes).unwrap();
    let before = fs::read(&path).unwrap();
    told_of_damage(&bench, &path);
    assert_eq!(fs::read(&path).unwrap(), before);
}

/// The message names the question, not the path: it is found out when it is open.
#[track_caller]
fn told_of_damage(bench: &Bench, path: &Path) {
    let folder = bench.folder().to_owned();
    for asked in all().iter().filter(|asked| asked.is_about_runs) {
        let said = in_time(&mut tense(&folder, &asked.with(&["--db", path.to_str().unwrap()])), &asked.name);
        let message = unwrapped(&format!("{}{}", said.out, said.err));
        assert!(
            said.code == Some(1) && message.contains("damaged") && message.contains(".recover"),
            "`tense {}`: {:?}\n{message}",
            asked.name,
            said.code
        );
    }
}

#[cfg(unix)]
#[test]
fn that_is_a_pipe_or_a_socket_is_told_and_not_waited_for() {
    let bench = stage();
    let (pipe, socket) = (beside(&bench, "pipe.db"), beside(&bench, "socket.db"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    told(&bench, &pipe, "it is a pipe", "name a file with --db");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    told(&bench, &socket, "it is a socket", "name a file with --db");
}

#[cfg(unix)]
#[test]
fn that_is_a_link_to_nowhere_is_told_by_every_command() {
    let bench = stage();
    let path = beside(&bench, "link.db");
    std::os::unix::fs::symlink("nowhere", &path).unwrap();
    told(&bench, &path, "it is a link to nowhere", "mend or remove the link");
    let circle = beside(&bench, "circle.db");
    std::os::unix::fs::symlink("circle.db", &circle).unwrap();
    told(&bench, &circle, "symbolic links", "look at the path");
}

/// Whoever is root may read everything, and asks as somebody else then.
#[cfg(target_os = "linux")]
#[test]
fn that_may_not_be_read_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let bench = stage();
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let folder = beside(&bench, "protected");
    fs::create_dir(&folder).unwrap();
    let path = folder.join("tense.db");
    drop(SqliteStore::open(&path).unwrap());
    // The folder above as well has to be one that others may enter.
    mode(bench.folder(), 0o755);
    mode(&path, 0o000);
    mode(&folder, 0o555);
    for asked in all().iter().filter(|asked| asked.is_about_runs) {
        let words = asked.with(&["--db", "protected/tense.db"]);
        let mut command = tense(bench.folder(), &words);
        if fs::File::create(folder.join("probe")).is_ok() {
            let mut somebody = Command::new("setpriv");
            somebody.args(["--reuid=65534", "--regid=65534", "--clear-groups", env!("CARGO_BIN_EXE_tense")]);
            command = tense(bench.folder(), &[]);
            somebody
                .args(&words)
                .current_dir(bench.folder())
                .envs(command.get_envs().filter_map(|(k, v)| Some((k, v?))));
            command = somebody;
            fs::remove_file(folder.join("probe")).unwrap();
            if command.output().is_err() {
                return;
            }
        }
        let said = in_time(&mut command, &asked.name);
        let message = unwrapped(&format!("{}{}", said.out, said.err));
        assert!(
            said.code == Some(1) && message.contains("ermission denied") && message.contains("ask as its owner"),
            "`tense {}`: {:?}\n{message}",
            asked.name,
            said.code
        );
    }
    mode(&folder, 0o755);
}

#[test]
fn that_somebody_keeps_locked_is_told_by_every_command() {
    let bench = stage();
    let path = beside(&bench, "locked.db");
    drop(SqliteStore::open(&path).unwrap());
    let other = Connection::open(&path).unwrap();
    // In the mode of a log only who refuses to share keeps readers away.
    other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; PRAGMA user_version").unwrap();
    let folder = bench.folder().to_owned();
    for asked in all().iter().filter(|asked| asked.is_about_runs) {
        let said = in_time(&mut tense(&folder, &asked.with(&["--db", path.to_str().unwrap()])), &asked.name);
        let message = unwrapped(&format!("{}{}", said.out, said.err));
        let to_do = if asked.name == "doctor" { "end its transaction" } else { "try again in a moment" };
        let who = std::process::id().to_string();
        assert!(
            said.code == Some(1)
                && message.contains("another program keeps the database locked")
                && (message.contains(to_do) || !cfg!(target_os = "linux"))
                && (asked.name != "doctor" || message.contains(&who) || !cfg!(target_os = "linux")),
            "`tense {}`: {:?}\n{message}",
            asked.name,
            said.code
        );
    }
}

#[test]
fn that_is_empty_is_told_by_every_command() {
    let bench = stage();
    let folder = bench.folder().to_owned();
    let path = beside(&bench, "empty.db");
    for asked in all().iter().filter(|asked| asked.is_about_runs) {
        fs::write(&path, "").unwrap();
        let said = in_time(&mut tense(&folder, &asked.with(&["--db", path.to_str().unwrap()])), &asked.name);
        let message = unwrapped(&format!("{}{}", said.out, said.err));
        // Who writes makes a database of it.
        if fs::metadata(&path).unwrap().len() > 0 {
            assert_ne!(said.code, Some(1), "{message}");
            fs::remove_file(&path).unwrap();
            continue;
        }
        assert!(message.contains("it is empty") && message.contains("run the program"), "{}: {message}", asked.name);
        assert!(!message.contains("schema version"), "{}: {message}", asked.name);
    }
}
