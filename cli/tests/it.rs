//! The command as a person meets it: the built binary is asked, and what it writes, where, and its exit code are
//! compared.

#![expect(clippy::unwrap_used, reason = "in tests a panic is how a failure is told")]

mod it {
    mod said;
    mod runs;
    mod timing;
    mod pictures;
    mod recorded;
    mod widths;
    mod shape;
    mod got_over;
    mod health;
    mod search;
    mod tail;
    mod stats;
    mod prompt;
    mod job;
    mod purge;
    mod asked;
    mod doctor;
    mod pages;
    mod shapes;
    mod forms;
    mod codes;
    mod selectors;
    mod faults;
    mod stages;
    mod unseen;
    mod check;
    mod conjugate;
    mod docs;
    mod schema;
    mod readers;
    mod diff;
    mod redact;
    mod import;
    mod imported;
    mod export;
    mod strangers;
    mod snapshots;
    mod lint;
    mod fix;
    mod reading;
    mod planted;
    mod init;
    // its commands are written for a shell
    #[cfg(unix)]
    mod team;
    mod parity;
    mod hostile;
}
