//! Events with 10 KB of text that should be slow to look at: fragments that rules begin with, over and over; and a
//! search for worse.

use std::hint::black_box;
use std::time::Duration;

use tense_event::Sanitizer;

use crate::cost::event;
use tense_benches::random::Random;

const BYTES: usize = 10 * 1024;

/// What rules begin, go on and end with.
#[rustfmt::skip]
const FRAGMENTS: &[&str] = &[
    "-----BEGIN ", "-----BEGIN PRIVATE KEY-----", "-----END ", "@", "=", "\"", "7", "+", "%", "\\", "\\\"", "eyJ", "eyJaaaaaaaaaa.",
    "password=", "password='", "a:b@", "://", "://a:", "://a:b@", "Some(", "token=[", "{", "token={", "bearer ", "basic aaaaaaaa ",
    "+49 ", "4111 ", "a=", "key: ", "a@b.c ", "password: a b ", "%3D", "%40", "\u{200b}", "\u{1b}[", "--token ", "</token>", "<token>",
    "gh", "p_", "aaaaaaaa", "\n", " ", ":", ",", "identified by '", "form-data; name=\"password\"", "/home/", "/Users/a", "C:\\Users\\a b",
    "-us", ":AA", ".atlasv1.", "Q~", "1//0", "sl.", "curl -u a:", "(\"token\", ", "name: token\n", "password: |\n", "&quot;", "&lt;/token",
    "\\u0022", "é", "https://a:/", "login a password ", "%1B[31m", "\\u001b[", "%2500", "%25", "%253D",
];

/// The slowest text that was found, and how long it took.
pub(crate) fn worst(sanitizer: &Sanitizer, rounds: usize, random: &mut Random) -> (Duration, String) {
    let mut all: Vec<(Duration, Vec<&str>)> =
        FRAGMENTS.iter().map(|one| (cost(sanitizer, &[one]), vec![*one])).collect();
    for _ in 0..rounds {
        // Two that are slow, and one by chance.
        all.sort_by_key(|(cost, _)| std::cmp::Reverse(*cost));
        all.truncate(40);
        let mut parts = all[random.below(all.len().min(12))].1.clone();
        if random.below(2) == 0 {
            parts.extend(all[random.below(all.len())].1.iter());
        }
        parts.push(random.one_of(FRAGMENTS));
        if random.below(3) == 0 {
            parts.remove(random.below(parts.len()));
        }
        parts.truncate(6);
        if !parts.is_empty() {
            all.push((cost(sanitizer, &parts), parts));
        }
    }
    all.sort_by_key(|(cost, _)| std::cmp::Reverse(*cost));
    all.into_iter().next().map(|(cost, parts)| (cost, parts.concat())).unwrap_or_default()
}

/// The best of three, in time of the processor: what else the machine does is none of the sanitizer's.
fn cost(sanitizer: &Sanitizer, parts: &[&str]) -> Duration {
    let one = parts.concat();
    let text = one.repeat((BYTES / one.len()).max(1));
    let took = || {
        let mut event = event(0);
        event.data.insert("note", text.as_str());
        let begun = busy();
        black_box(sanitizer.clean(black_box(event)));
        busy().saturating_sub(begun)
    };
    (0..3).map(|_| took()).min().unwrap_or_default()
}

/// How long this thread has had a processor.
#[cfg(unix)]
fn busy() -> Duration {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(spent.tv_sec.unsigned_abs(), spent.tv_nsec.unsigned_abs() as u32)
}

#[cfg(not(unix))]
fn busy() -> Duration {
    static BEGAN: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    BEGAN.elapsed()
}
