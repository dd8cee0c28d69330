//! The path of a database enters; findings about the file leave: what it is, who may read it, what it lies on, whether
//! it is whole, which time it covers, and what was set aside beside it.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use tense_store::text::size;
use tense_store::{Examination, ExaminedRows, Integrity, SqliteStore, StoreError};

use super::finding::Finding;
use super::rows;
use crate::database;
use crate::layout::{DAY_AND_TIME, ZONED, counted, moment_in};

const ABOUT: &str = "file";
/// Of mistakes in a file, and of files beside it.
const SHOWN: usize = 3;

/// Opens it to read, if that is possible, and says what it is.
pub(super) fn open(path: &Path, named_by: &str) -> (Option<SqliteStore>, Vec<Finding>) {
    if let Err(obstacle) = database::is_file(path) {
        let what = format!("{obstacle} ({named_by} names it)");
        return (None, vec![Finding::problem(ABOUT, path, what).advice(obstacle.advice())]);
    }
    let opened = SqliteStore::open_read_only(path);
    if let Err(StoreError::Empty { .. }) = opened {
        let what = "it is empty: no program has written to it yet";
        let advice = "run the program that writes to it; if it has run, it writes somewhere else";
        return (None, vec![Finding::note(ABOUT, path, what).advice(advice)]);
    }
    let mut findings = Vec::from_iter(rights(path));
    match opened {
        Ok(store) => (Some(store), findings),
        Err(error) => {
            let advice = match error {
                StoreError::Busy { .. } => Some("wait, or end what keeps it; what was found about the log may say who"),
                _ => database::advice_on(&error),
            };
            let what = anyhow::Error::from(error);
            let what = format!("{what:#}");
            // It names the file, which stands in front already.
            let what = what.strip_prefix(&format!("open {}: ", path.display())).unwrap_or(&what);
            let finding = Finding::problem(ABOUT, path, what);
            findings.push(match advice {
                Some(advice) => finding.advice(advice),
                None => finding,
            });
            (None, findings)
        }
    }
}

/// What was found within it.
pub(super) fn within(
    path: &Path,
    examined: Result<Examination, StoreError>,
    read: Option<Result<ExaminedRows, StoreError>>,
    full: bool,
    zone: &TimeZone,
) -> Vec<Finding> {
    let examined = match examined {
        Ok(examined) => examined,
        Err(error) => return vec![unexamined(path, error)],
    };
    let (read, failed) = match read.transpose() {
        Ok(read) => (read, None),
        Err(error) => (None, Some(unexamined(path, error))),
    };
    let mut findings = vec![sound(path, &examined, read.as_ref(), full, zone)];
    findings.extend(failed);
    findings.extend(read.iter().flat_map(|read| rows::findings(path, read)));
    if examined.from_the_future > 0 {
        let last = examined.covers.map(|(_, last)| format!(", the last one at {}", moment_in(last, ZONED, zone)));
        let begin = if examined.from_the_future == 1 { "begins" } else { "begin" };
        let number = counted(examined.from_the_future as usize, "trace");
        let what = format!("{number} that {begin} later than now{}", last.unwrap_or_default());
        findings.push(
            Finding::problem("clock", path, what).advice(
                "set the clock of this machine, or of the one that wrote them; `last` and ages go by these times",
            ),
        );
    }
    findings
}

fn unexamined(path: &Path, error: StoreError) -> Finding {
    let advice = database::advice_on(&error).unwrap_or("see whether another program changes it right now");
    let what = format!("it cannot be examined: {:#}", anyhow::Error::from(error));
    Finding::problem(ABOUT, path, what).advice(advice)
}

fn sound(path: &Path, examined: &Examination, read: Option<&ExaminedRows>, full: bool, zone: &TimeZone) -> Finding {
    let Examination { integrity, covers, bytes, free_bytes, .. } = examined;
    let free =
        if *free_bytes > bytes / 2 { format!(", of which {} are free", size(*free_bytes)) } else { String::new() };
    let whole = format!("a database of tense, {}{free}", size(*bytes));
    let time = match covers {
        Some((first, last)) => {
            format!(", from {} to {}", moment_in(*first, DAY_AND_TIME, zone), moment_in(*last, ZONED, zone))
        }
        None => ", without a trace yet".to_owned(),
    };
    let rows = rows::told(read);
    match integrity {
        Integrity::Sound { indexes: true } if read.is_some_and(|read| read.is_whole && read.flaws.is_empty()) => {
            Finding::ok(ABOUT, path, format!("{whole}{time}; it is sound{rows}"))
        }
        Integrity::Sound { indexes: true } => {
            Finding::ok(ABOUT, path, format!("{whole}{time}; its pages are sound{rows}"))
        }
        Integrity::Sound { .. } => {
            let what = format!("{whole}{time}; its pages are sound, its indexes were not looked at{rows}");
            Finding::ok(ABOUT, path, what)
        }
        Integrity::Damaged(told) => {
            let more = told.len().saturating_sub(SHOWN);
            let more = if more > 0 { format!("; and {more} more") } else { String::new() };
            let told = told.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join("; ");
            let copy = path.display();
            Finding::problem(ABOUT, path, format!("it is damaged: {told}{more}")).advice(format!(
                "`sqlite3 {copy} .recover` may save some of it; move it away then, and the program begins a new one"
            ))
        }
        _ => {
            let finding =
                Finding::note(ABOUT, path, format!("{whole}{time}; not all of its pages were looked at{rows}"));
            if full { finding } else { finding.advice("`tense doctor --full` looks at all of it") }
        }
    }
}

/// Who else may read or write it.
#[cfg(unix)]
fn rights(path: &Path) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt;
    let mode = path.metadata().ok()?.permissions().mode();
    let what = match mode {
        _ if mode & 0o002 != 0 => "anybody on this machine may write to it",
        _ if mode & 0o004 != 0 => "anybody on this machine may read it",
        _ if mode & 0o070 != 0 => "its group may read it",
        _ => return None,
    };
    let what = format!("{what} (mode {:04o}), and traces tell much", mode & 0o7777);
    let finding = if mode & 0o007 != 0 { Finding::problem } else { Finding::note };
    Some(finding(ABOUT, path.to_string_lossy().into_owned(), what).advice(format!("chmod 600 {}", path.display())))
}

#[cfg(not(unix))]
fn rights(_: &Path) -> Option<Finding> {
    None
}

/// Files that were set aside, or written by processes that were forked off: they lie beside it, and nobody reads them.
pub(super) fn beside(path: &Path) -> Vec<Finding> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (Some(name), Ok(entries)) =
        (path.file_name().map(|name| name.to_string_lossy().into_owned()), fs::read_dir(folder))
    else {
        return Vec::new();
    };
    let mut all: Vec<(PathBuf, u64)> = entries
        .flatten()
        .filter_map(|entry| Some((entry.path(), entry.metadata().ok().filter(fs::Metadata::is_file)?.len())))
        .collect();
    all.sort();
    let of = |end: &str| -> Vec<&(PathBuf, u64)> {
        let begin = format!("{name}{end}");
        let is_log = |name: &str| name.ends_with("-wal") || name.ends_with("-shm");
        let is_meant = |path: &PathBuf| {
            path.file_name()
                .map(|name| name.to_string_lossy())
                .is_some_and(|name| name.starts_with(&begin) && !is_log(&name))
        };
        all.iter().filter(|(path, _)| is_meant(path)).collect()
    };
    let finding = |files: Vec<&(PathBuf, u64)>, what: &str, advice: &str| {
        let (first, _) = files.first()?;
        let bytes = files.iter().map(|(_, bytes)| bytes).sum();
        let place = first.strip_prefix(".").unwrap_or(first).to_string_lossy().into_owned();
        let more = if files.len() > 1 {
            format!(", and {} of the kind", counted(files.len() - 1, "more file"))
        } else {
            String::new()
        };
        Some(Finding::note(ABOUT, place, format!("{what}, {}{more}", size(bytes))).advice(advice))
    };
    let damaged = finding(
        of(".damaged-"),
        "a damaged database that was set aside",
        "`sqlite3 FILE .recover` may save some of it; remove it when nothing in it is missed",
    );
    let forked = finding(
        of(".forked-"),
        "events of a process that was forked off",
        "`tense import FILE` brings them into the database; remove it then",
    );
    damaged.into_iter().chain(forked).collect()
}
