//! A fault's name goes in; its process runs under what the shell arranges for it, and how that ended comes out.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Names the case to the process that is to run it.
const CASE: &str = "TENSE_TEST_CASE";

/// Longer than any case takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// Tests, each of which is a process, which runs the first block. What the shell is to do beforehand
/// follows `under`. What is to be held against its end follows `ends`; without that it has to end well and to leave
/// standard error empty.
macro_rules! faults {
    ($($(#[$doc:meta])* fn $name:ident() $(under $setup:ident)? $body:block $(ends $check:expr;)?)*) => { $(
        $(#[$doc])*
        #[test]
        fn $name() {
            let case = concat!(module_path!(), "::", stringify!($name)).split_once("::").unwrap().1;
            if $crate::child::is(case) {
                $body
            } else {
                let running = $crate::child::start(case, None $(.or(Some($setup)))?);
                let check: Option<fn($crate::child::Running)> = None $(.or(Some($check)))?;
                check.unwrap_or(|running| running.end().went_well())(running);
            }
        }
    )* };
}

pub(crate) fn is(case: &str) -> bool {
    std::env::var(CASE).is_ok_and(|named| named == case)
}

/// A case that runs.
pub(crate) struct Running {
    case: String,
    child: Child,
    lines: Receiver<String>,
    printed: thread::JoinHandle<String>,
    until: Instant,
}

/// How it was.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) said: Vec<String>,
    pub(crate) printed: String,
}

pub(crate) fn start(case: &str, setup: Option<&str>) -> Running {
    let mut command = Command::new("sh");
    let script = format!("{}; exec \"$0\" \"$@\"", setup.unwrap_or(":"));
    command.arg("-c").arg(script).arg(std::env::current_exe().unwrap()).args(["--exact", case, "--nocapture"]);
    command.env(CASE, case).env("RUST_BACKTRACE", "0").stdin(Stdio::null());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (sender, lines) = channel();
    let (out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    thread::spawn(move || BufReader::new(out).lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    let printed = thread::spawn(move || {
        let mut printed = Vec::new();
        err.read_to_end(&mut printed).unwrap();
        String::from_utf8_lossy(&printed).into_owned()
    });
    Running { case: case.to_owned(), child, lines, printed, until: Instant::now() + DEADLINE }
}

impl Running {
    /// Waits until the case has said that, and gives back what follows the word in its line.
    pub(crate) fn says(&self, word: &str) -> String {
        loop {
            let left = self.until.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left).unwrap_or_else(|_| panic!("{} never says {word}", self.case));
            // What the test harness prints stands before it, without an end of line.
            if let Some((_, rest)) = line.split_once(word) {
                return rest.trim().to_owned();
            }
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    pub(crate) fn end(mut self) -> Ended {
        let status = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None if Instant::now() > self.until => {
                    self.child.kill().unwrap();
                    self.child.wait().unwrap();
                    panic!("{} hangs", self.case);
                }
                None => thread::sleep(Duration::from_millis(5)),
            }
        };
        Ended { status, said: self.lines.iter().collect(), printed: self.printed.join().unwrap() }
    }
}

impl Ended {
    pub(crate) fn passed(&self) {
        let passed = self.status.success() && self.said.iter().any(|line| line.contains("1 passed"));
        assert!(passed, "{}: {:#?}\n{}", self.status, self.said, self.printed);
        self.said.iter().filter(|line| line.contains("skipped: ")).for_each(|line| println!("{line}"));
    }

    pub(crate) fn went_well(&self) {
        self.passed();
        assert_eq!(self.printed, "", "standard error");
    }

    /// What follows a word that the case has said.
    pub(crate) fn said(&self, word: &str) -> String {
        let rest = self.said.iter().find_map(|line| line.split_once(word));
        rest.unwrap_or_else(|| panic!("{:#?}\n{}", self.said, self.printed)).1.trim().to_owned()
    }
}

/// A case that needs what this machine does not have, or does not allow, says so and passes.
pub(crate) fn skipped(why: &str) {
    println!("skipped: {why}");
}
