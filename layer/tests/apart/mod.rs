//! A case runs in a process of its own, and has to be over in time: every test runs its binary again with the case's
//! name. An abort, a hang, a recursion without end and whatever is printed on standard error are failures.

use std::io::{PipeReader, Read};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tense_event::CleanEvent;
use tense_layer::{Guard, builder};

use crate::kept::Kept;

/// Names the case to the process that is to run it.
pub(crate) const CASE: &str = "TENSE_TEST_CASE";

/// Longer than any case takes on a busy machine, and shorter than a person's patience.
const DEADLINE: Duration = Duration::from_secs(30);

/// Tests, each of which is a process. One that `exits` ends by itself, with that code, and not by coming back.
macro_rules! cases {
    ($($(#[$doc:meta])* fn $name:ident() $(exits $code:literal)? $body:block)*) => { $(
        $(#[$doc])*
        #[test]
        fn $name() {
            if std::env::var($crate::apart::CASE).is_ok_and(|case| case == stringify!($name)) {
                $body
            } else {
                $crate::apart::run(stringify!($name), None $(.or(Some($code)))?);
            }
        }
    )* };
}

/// Runs the case, and holds against it how it ended.
pub(crate) fn run(case: &str, exits: Option<i32>) {
    let (out, said) = pipe();
    let (err, printed) = pipe();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", case, "--nocapture"]).env(CASE, case).stdin(Stdio::null()).stdout(out).stderr(err);
    let mut child = command.spawn().unwrap();
    // It holds the writing ends as well.
    drop(command);
    let began = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None if began.elapsed() > DEADLINE => {
                child.kill().unwrap();
                child.wait().unwrap();
                // A child of its own may still hold the writing ends, so what it said is not waited for.
                panic!("{case} hangs");
            }
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    let (said, printed) = (said.join().unwrap(), printed.join().unwrap());
    match exits {
        None => assert!(status.success() && said.contains("1 passed"), "{status}: {said}\n{printed}"),
        Some(code) => assert_eq!(status.code(), Some(code), "{status}: {said}\n{printed}"),
    }
    assert_eq!(printed, "", "standard error");
}

fn pipe() -> (std::io::PipeWriter, thread::JoinHandle<String>) {
    let (mut reader, writer): (PipeReader, _) = std::io::pipe().unwrap();
    let read = move || {
        let mut said = Vec::new();
        reader.read_to_end(&mut said).unwrap();
        String::from_utf8_lossy(&said).into_owned()
    };
    (writer, thread::spawn(read))
}

impl Kept {
    /// As the one layer of the global subscriber.
    pub(crate) fn init() -> (Self, Guard) {
        let kept = Self::default();
        let guard = builder().sink(kept.clone()).init().unwrap();
        (kept, guard)
    }

    /// What has come since the last time.
    pub(crate) fn take(&self) -> Vec<CleanEvent> {
        assert!(tense_layer::flush(Duration::from_secs(20)).is_complete);
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}
