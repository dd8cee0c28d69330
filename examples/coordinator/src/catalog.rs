//! The name of a nested workflow enters; its definition leaves, from a table that remembers those that were fetched
//! before.

use std::collections::BTreeMap;
use std::path::Path;

use tense::event;

use crate::store::{Db, Store, StoreError};

/// The text of a definition, and what it is called in errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) file: String,
    pub(crate) text: String,
}

/// Where definitions are fetched: those that the program was given, by name.
#[derive(Debug, Default)]
pub(crate) struct Library(BTreeMap<String, Text>);

impl Library {
    pub(crate) fn add(&mut self, name: String, text: Text) {
        self.0.insert(name, text);
    }

    /// Those that were given come first; then `NAME.json` beside the file that asks for it.
    fn fetch(&self, name: &str, asked_by: &str) -> Result<Text, String> {
        if let Some(text) = self.0.get(name) {
            return Ok(text.clone());
        }
        // A name of letters leads into no other folder.
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let unknown = |why: String| format!("there is no workflow `{name}`{why}");
        if !is_name {
            return Err(unknown(String::new()));
        }
        let path = Path::new(asked_by).with_file_name(format!("{name}.json"));
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Text { file: path.display().to_string(), text }),
            Err(error) => Err(unknown(format!(", and {} cannot be read: {error}", path.display()))),
        }
    }
}

/// Fetches a definition, or remembers it. A catalog that cannot be used is none: every definition is fetched then. One
/// of its own lies beside the file that asks, as the definitions do.
pub(crate) fn find(
    library: &Library,
    store: &Store,
    own_file: Option<&str>,
    name: &str,
    asked_by: &str,
) -> Result<Text, String> {
    let own = own_file.map(|file| Store::open_empty(&Path::new(asked_by).with_file_name(file))).transpose();
    let own = own.and_then(|own| own.as_ref().unwrap_or(store).with(prepare).map(|()| own));
    let own = match own {
        Ok(own) => Some(own),
        Err(error) => {
            event!(operation.metadata.table_init_error, error = format!("{:#}", anyhow::Error::from(error)));
            None
        }
    };
    let store = own.as_ref().map(|own| own.as_ref().unwrap_or(store));
    if let Some(text) = store.and_then(|store| store.with(|db| look(db, name)).ok().flatten()) {
        event!(operation.metadata.cache_hit);
        return Ok(text);
    }
    event!(operation.metadata.cache_miss);
    event!(operation.metadata.fetch_start);
    let text = library.fetch(name, asked_by).inspect_err(|error| event!(operation.metadata.fetch_error, error))?;
    event!(operation.metadata.fetch_success);
    if store.is_some_and(|store| store.with(|db| save(db, name, &text)).is_ok()) {
        event!(operation.metadata.save);
    }
    Ok(text)
}

/// Forgets everything: a file may have been edited since.
pub(crate) fn forget(store: &Store) -> Result<(), StoreError> {
    store.with(|db| db.command("DROP TABLE IF EXISTS definitions"))
}

fn prepare(db: &Db<'_>) -> Result<(), StoreError> {
    let known = "SELECT 1 FROM sqlite_schema WHERE name = 'definitions'";
    if db.query(known, [], |_| Ok(()))?.is_empty() {
        db.command("CREATE TABLE definitions (name TEXT PRIMARY KEY, file TEXT, text TEXT) STRICT")?;
        event!(operation.metadata.table_init);
    }
    Ok(())
}

fn look(db: &Db<'_>, name: &str) -> Result<Option<Text>, StoreError> {
    let sql = "SELECT file, text FROM definitions WHERE name = ?1";
    let found = db.query(sql, [name], |row| Ok(Text { file: row.get(0)?, text: row.get(1)? }))?;
    Ok(found.into_iter().next())
}

fn save(db: &Db<'_>, name: &str, text: &Text) -> Result<usize, StoreError> {
    db.execute("INSERT OR REPLACE INTO definitions VALUES (?1, ?2, ?3)", [name, &text.file, &text.text])
}
