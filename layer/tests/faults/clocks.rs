//! Somebody sets the wall clock while the program runs, forwards, backwards, and to where no clock should be: moments
//! follow it, and nothing else does.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tense::traced;
use tense_layer::{builder, sink as sinks};

use crate::child::skipped;
use crate::disk::{lines, rows};
use crate::host::{Kept, adds_up, adds_up_to, calls, failing, hanging, hasty, sink, undaunted, until};

/// Stands before the system's own function, for the whole process, and adds to the wall clock what a file says, in
/// seconds. The monotonic clock stays the kernel's: what waits for it waits in there.
const WITH_A_CLOCK_TO_SET: &str = r#"made=$(mktemp -d) && cat > "$made/clock.c" <<'C'
    #include <errno.h>
    #include <fcntl.h>
    #include <stdlib.h>
    #include <sys/syscall.h>
    #include <time.h>
    #include <unistd.h>
    int clock_gettime(clockid_t id, struct timespec *at) {
        int before = errno;
        long done = syscall(SYS_clock_gettime, id, at);
        if (done != 0 || id != CLOCK_REALTIME) return done;
        const char *path = getenv("TENSE_TEST_CLOCK");
        int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
        char text[32] = {0};
        if (file >= 0 && read(file, text, sizeof text - 1) > 0) at->tv_sec += atoll(text);
        if (file >= 0) close(file);
        errno = before;
        return 0;
    }
C
    cc -shared -fPIC -o "$made/clock.so" "$made/clock.c" 2>/dev/null &&
    export TENSE_TEST_CLOCK="$made/by" LD_PRELOAD="$made/clock.so""#;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

/// The clock of a case that has one to set; it goes with its folder.
struct Clock(PathBuf);

fn clock() -> Option<Clock> {
    let clock = std::env::var_os("TENSE_TEST_CLOCK").map(|path| Clock(path.into()));
    let Some(clock) = clock else {
        skipped("no C compiler is here that makes a clock to be set");
        return None;
    };
    let before = now();
    clock.set(DAY);
    assert!((DAY - 60..DAY + 60).contains(&(now() - before)), "the clock can be set");
    clock.set(0);
    Some(clock)
}

impl Clock {
    /// All at once, so that nobody reads half a number.
    fn set(&self, seconds: i64) {
        let next = self.0.with_extension("next");
        fs::write(&next, seconds.to_string()).unwrap();
        fs::rename(next, &self.0).unwrap();
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.0.parent().map(fs::remove_dir_all);
    }
}

/// Seconds since 1970, before which there are fewer than none.
fn now() -> i64 {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_secs() as i64,
        Err(error) => -(error.duration().as_secs() as i64),
    }
}

/// What is in all the files whose names begin with that one's.
fn lines_of_all(path: &Path) -> u64 {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let all = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    all.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with(&name)).map(|path| lines(&path)).sum()
}

#[traced(operation.nap.taken)]
fn nap(clock: &Clock, seconds: i64) {
    thread::sleep(Duration::from_millis(20));
    clock.set(seconds);
    thread::sleep(Duration::from_millis(20));
}

faults! {
    /// By an hour, a day and a century, and to before the first moment that there is.
    fn that_are_set_move_moments_and_lose_nothing() under WITH_A_CLOCK_TO_SET {
        let Some(clock) = clock() else { return };
        let (kept, folder) = (Kept::default(), tempfile::tempdir().unwrap());
        let (db, file) = (folder.path().join("trace.db"), folder.path().join("trace.jsonl"));
        let _guard = builder()
            .sink(kept.clone())
            .sink(sinks::Sqlite::new(&db))
            .sink(sinks::JsonLines::new(&file).keep(100))
            .init()
            .unwrap();
        let mut recorded = 0;
        for by in [0, HOUR, -HOUR, 3 * DAY, -3 * DAY, 30 * YEAR, -80 * YEAR, 270 * YEAR, 0, 600 * YEAR, 0] {
            clock.set(by);
            // Before 1970 and behind 2262 there are no moments; those that are nearest are taken.
            let expected = now().clamp(0, i64::MAX / 1_000_000_000);
            until("moments follow the clock", || {
                calls(1);
                recorded += 1;
                let at = kept.take().last().map(|event| event.timestamp.unix_nanos() / 1_000_000_000);
                at.is_some_and(|at| at.abs_diff(expected) < 60)
            });
            calls(100);
            recorded += 100;
            let events = kept.take();
            assert_eq!(events.len(), 100);
            for event in events {
                let took = event.duration.unwrap();
                assert!(took < Duration::from_secs(5), "{took:?} with the clock set by {by} s");
                let at = event.timestamp.unix_nanos() / 1_000_000_000;
                assert!(at.abs_diff(expected) < 60, "{at} with the clock set by {by} s");
            }
        }
        let health = adds_up_to(recorded);
        assert_eq!((health.delivered, health.dropped()), (3 * recorded, 0), "{health:#?}");
        assert_eq!((rows(&db), lines_of_all(&file)), (recorded, recorded));
    }

    /// What is open meanwhile takes as long as it takes.
    fn that_are_set_within_a_span_do_not_change_how_long_it_takes() under WITH_A_CLOCK_TO_SET {
        let Some(clock) = clock() else { return };
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).init().unwrap();
        for by in [DAY, -DAY, 10 * YEAR, 0] {
            let began = Instant::now();
            nap(&clock, by);
            let most = began.elapsed();
            let events = kept.take();
            let took = events.last().unwrap().duration.unwrap();
            assert!(took >= Duration::from_millis(39) && took <= most + Duration::from_millis(5), "{took:?}, {most:?}");
        }
        assert!(!adds_up().has_loss());
    }

    /// No deadline and no rest is a moment of the wall clock.
    fn that_are_set_end_no_rest_and_keep_no_flush() under WITH_A_CLOCK_TO_SET {
        let Some(clock) = clock() else { return };
        let long = hasty("long").failures(1).rest(Duration::from_secs(3600));
        let _guard = builder()
            .sink_with(failing(), long)
            .sink_with(failing(), undaunted("short"))
            .sink_with(hanging(), hasty("stuck"))
            .init()
            .unwrap();
        let mut recorded = 0;
        for by in [10 * YEAR, -10 * YEAR, 0] {
            calls(10);
            recorded += 10;
            let (began, asked) = (Instant::now(), sink("short").failures);
            clock.set(by);
            assert!(!tense_layer::flush(Duration::from_millis(200)).is_complete);
            assert!((200..5000).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
            until("a short rest ends", || {
                calls(1);
                recorded += 1;
                tense_layer::flush(Duration::from_millis(1));
                sink("short").failures > asked
            });
        }
        crate::host::drained(recorded);
        assert_eq!((sink("long").failures, sink("long").opened), (1, 1), "it is not asked again");
        let began = Instant::now();
        tense_layer::shutdown(Duration::from_millis(200));
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}
