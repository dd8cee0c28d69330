//! Tables that come and go: each section of a context has one, and each branch.

use rusqlite::params;
use serde_json::{Map, Value};

use super::{Db, StoreError};

/// The sections of a context.
pub(crate) const SECTIONS: [&str; 3] = ["input", "state", "output"];

/// The table of a section of a run's context.
pub(crate) fn section_table(run: i64, section: &str) -> String {
    format!("context_{run}_{section}")
}

/// The table of a branch: `branch_orders_7_t3`. Token ids are made of letters, digits, `_`, `-` and dots only.
pub(crate) fn branch_table(branch: &str) -> String {
    format!("branch_{}", branch.replace(['-', '.'], "_"))
}

pub(crate) fn create(db: &Db<'_>, table: &str) -> Result<(), StoreError> {
    db.command(&format!("CREATE TABLE {table} (field TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT"))
}

pub(crate) fn drop(db: &Db<'_>, table: &str) -> Result<(), StoreError> {
    db.command(&format!("DROP TABLE IF EXISTS {table}"))
}

pub(crate) fn read(db: &Db<'_>, table: &str) -> Result<Map<String, Value>, StoreError> {
    let sql = format!("SELECT field, value FROM {table} ORDER BY field");
    let rows = db.query(&sql, [], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    rows.into_iter().map(|(field, value)| Ok((field, serde_json::from_str(&value)?))).collect()
}

pub(crate) fn read_field(db: &Db<'_>, table: &str, field: &str) -> Result<Option<Value>, StoreError> {
    let sql = format!("SELECT value FROM {table} WHERE field = ?1");
    let rows = db.query(&sql, [field], |row| row.get::<_, String>(0))?;
    rows.first().map(|value| serde_json::from_str(value).map_err(StoreError::from)).transpose()
}

pub(crate) fn write_field(db: &Db<'_>, table: &str, field: &str, value: &Value) -> Result<(), StoreError> {
    let sql = format!("INSERT INTO {table} VALUES (?1, ?2) ON CONFLICT (field) DO UPDATE SET value = excluded.value");
    db.execute(&sql, params![field, value.to_string()])?;
    Ok(())
}
