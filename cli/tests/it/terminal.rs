//! A command runs with a terminal behind its standard error; what it shows there while it works, and that nothing of
//! that stays, is held.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::said::Folder;

/// Longer than anything takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// A terminal of a hundred columns: what is written to it, and the end that a program writes to.
fn terminal() -> (Shown, File) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    tcsetwinsize(&ours, Winsize { ws_row: 30, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap().into_string().unwrap();
    let theirs = OpenOptions::new().read(true).write(true).open(name).unwrap();
    (Shown::of(ours), theirs)
}

/// What a terminal was told to show.
struct Shown {
    parts: Receiver<Vec<u8>>,
    all: String,
}

impl Shown {
    fn of(terminal: OwnedFd) -> Self {
        let (sender, parts) = channel();
        thread::spawn(move || {
            let (mut terminal, mut part) = (File::from(terminal), [0; 4096]);
            // It ends with an error when the last program that wrote to it has gone.
            while let Ok(read @ 1..) = terminal.read(&mut part) {
                sender.send(part[..read].to_vec()).ok();
            }
        });
        Self { parts, all: String::new() }
    }

    /// Takes what came, and says whether there may be more.
    fn more(&mut self, patience: Duration) -> bool {
        let part = self.parts.recv_timeout(patience);
        self.all.push_str(&String::from_utf8_lossy(part.as_deref().unwrap_or_default()));
        !matches!(part, Err(RecvTimeoutError::Disconnected))
    }
}

/// A line of JSON that is an event, the nth of a trace without end.
fn write_event(to: &mut ChildStdin, nth: u64) {
    let id = format!(r#""trace_id":"{:032x}","span_id":"{:016x}""#, 7, nth + 1);
    writeln!(
        to,
        r#"{{{id},"event_type":"operation.rows.loaded","status":"success","timestamp":"2026-11-22T10:00:00Z"}}"#
    )
    .unwrap();
}

#[test]
fn long_work_shows_how_far_it_came_and_leaves_nothing_of_that() {
    let (folder, (mut shown, theirs)) = (Folder::new(), terminal());
    let mut command = folder.command(&["import", "--db", "x.db", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(theirs).spawn().unwrap();
    // This end would keep the terminal open.
    drop(command);
    let mut input = child.stdin.take().unwrap();
    let began = Instant::now();
    let mut written = 0;
    // It takes as long as its input does.
    while !shown.all.contains("imported") {
        assert!(began.elapsed() < DEADLINE, "nothing is shown of {written} events: {:?}", shown.all);
        for _ in 0..500 {
            write_event(&mut input, written);
            written += 1;
        }
        shown.more(Duration::from_millis(1));
    }
    drop(input);
    let mut answer = String::new();
    child.stdout.take().unwrap().read_to_string(&mut answer).unwrap();
    assert!(child.wait().unwrap().success());
    while shown.more(DEADLINE) {}
    // The line was erased before what is said at the end.
    let end = shown.all.rsplit("\x1b[2K").next().unwrap();
    assert!(!end.contains("imported,"), "{:?}", shown.all);
    assert!(!answer.contains('\x1b'), "{answer:?}");
    assert!(format!("{answer}{end}").replace(',', "").contains(&format!("{written} events")), "{answer}{end}");
}
