//! The crate that is being compiled goes in; its registry, and the tokens that make the build depend on the file, come
//! out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use proc_macro2::{Span, TokenStream};
use quote::quote;
use tense_grammar::{Registry, RegistryError};

use crate::errors::{self, Errors};

/// How long a look at the disk holds. An editor keeps this process and has to see a change; a build asks thousands of
/// times within a second.
const FRESH: Duration = Duration::from_secs(1);

/// Files that were read, by the folder of the manifest; read again when they change.
static READ: Mutex<BTreeMap<PathBuf, Read>> = Mutex::new(BTreeMap::new());

struct Read {
    file: Option<(PathBuf, Option<SystemTime>)>,
    looked: Instant,
    registry: Arc<Registry>,
    /// What is wrong with the file.
    errors: Vec<String>,
    /// Crates of this folder (a library, its tests) that have been told, each with who it was that told it.
    told: Vec<(String, String)>,
}

pub(crate) struct Found {
    pub(crate) registry: Arc<Registry>,
    /// There is a file. Without one the built-in words hold, and names are open.
    pub(crate) has_file: bool,
    /// The file has mistakes, so names cannot be judged by it.
    pub(crate) is_broken: bool,
    /// Names the file to the compiler, once in each crate; goes into the head of a function's body, or beside an item.
    pub(crate) dependency: TokenStream,
}

/// The registry of the crate that is being compiled. What is wrong with its file is told once in each crate. `asker` is
/// what is being expanded: an editor expands it again and again, and finds its way only where the same comes out.
pub(crate) fn find(asker: &str, errors: &mut Errors) -> Found {
    find_in(&krate(), Some(asker), errors)
}

/// The same for an item that holds what the file says: it depends on the file by itself, whoever else does.
pub(crate) fn find_for_item(errors: &mut Errors) -> Found {
    find_in(&krate(), None, errors)
}

fn krate() -> String {
    std::env::var("CARGO_CRATE_NAME").unwrap_or_default()
}

fn find_in(krate: &str, asker: Option<&str>, errors: &mut Errors) -> Found {
    let Some(dir) = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from) else {
        let registry = Arc::new(Registry::builtin());
        return Found { registry, has_file: false, is_broken: false, dependency: TokenStream::new() };
    };
    let mut all = READ.lock().unwrap_or_else(PoisonError::into_inner);
    let known = all.remove(&dir).and_then(|read| still_holds(read, &dir));
    let read = all.entry(dir.clone()).or_insert_with(|| known.unwrap_or_else(|| read(on_disk(&dir))));
    let teller = read.told.iter().find(|(told, _)| told == krate).map(|(_, teller)| teller.as_str());
    let is_told = teller.is_some();
    let mut dependency = TokenStream::new();
    if asker.is_none() || !is_told || asker == teller {
        // Without a file the manifest stands in: `tense init` touches it when it makes one, so the build is redone.
        let path = read.file.as_ref().map_or_else(|| dir.join("Cargo.toml"), |(path, _)| path.clone());
        dependency = depend_on(&path);
        for error in read.errors.iter().filter(|_| !is_told) {
            errors.push(errors::registry(Span::call_site(), error));
        }
    }
    if !is_told {
        read.told.push((krate.to_owned(), asker.unwrap_or_default().to_owned()));
    }
    let (has_file, is_broken) = (read.file.is_some(), !read.errors.is_empty());
    Found { registry: Arc::clone(&read.registry), has_file, is_broken, dependency }
}

fn read(file: Option<(PathBuf, Option<SystemTime>)>) -> Read {
    let registry = Arc::new(Registry::builtin());
    let mut read = Read { file, looked: Instant::now(), registry, errors: Vec::new(), told: Vec::new() };
    if let Some((path, _)) = &read.file {
        match Registry::load(path) {
            Ok(Ok(registry)) => read.registry = Arc::new(registry),
            Ok(Err(errors)) => {
                // As compilers write a place, so that editors and terminals lead there.
                let told = |error: &RegistryError| {
                    format!("{}:{}:{}: {}", path.display(), error.line, error.column, error.message)
                };
                read.errors = errors.iter().map(told).collect();
            }
            Err(error) => {
                let path = path.display();
                read.errors.push(format!("{path}: this file cannot be read: {error} [file/unreadable]"));
            }
        }
    }
    read
}

/// What was read, unless the file is another one by now.
fn still_holds(mut read: Read, dir: &Path) -> Option<Read> {
    if read.looked.elapsed() <= FRESH {
        return Some(read);
    }
    read.looked = Instant::now();
    (read.file == on_disk(dir)).then_some(read)
}

fn on_disk(dir: &Path) -> Option<(PathBuf, Option<SystemTime>)> {
    Registry::locate(dir).map(|path| (path.clone(), modified(&path)))
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|metadata| metadata.modified()).ok()
}

fn depend_on(path: &Path) -> TokenStream {
    match path.to_str() {
        Some(path) if Path::new(path).is_file() => quote!(
            const _: &[::core::primitive::u8] = ::core::include_bytes!(#path);
        ),
        // A path that is no text cannot be named to the compiler; the build is then not redone by itself.
        _ => TokenStream::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_names_the_file_first_does_so_whenever_it_is_expanded() {
        let names_it = |krate, asker| !find_in(krate, asker, &mut Errors::default()).dependency.is_empty();
        let asked = ["create", "find", "create", "find", "create"];
        assert_eq!(asked.map(|asker| names_it("one", Some(asker))), [true, false, true, false, true]);
        assert!(names_it("another", Some("find")));
        assert!(names_it("one", None));
    }
}
