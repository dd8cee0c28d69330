//! Paths enter; what lies there leaves, or is written.

use serde_json::{Value, json};
use tokio::fs;

use super::TaskError;

/// The names of the files in a folder, sorted; folders in it are left out.
pub(super) async fn list(folder: &str) -> Result<Value, TaskError> {
    let failed = |error| TaskError::Failed(format!("list {folder}: {error}"));
    let mut entries = fs::read_dir(folder).await.map_err(failed)?;
    let mut files = Vec::new();
    while let Some(entry) = entries.next_entry().await.map_err(failed)? {
        if entry.file_type().await.map_err(failed)?.is_file() {
            files.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    files.sort();
    Ok(json!({"count": files.len(), "files": files}))
}

pub(super) async fn read(path: &str) -> Result<Value, TaskError> {
    let text = fs::read_to_string(path).await.map_err(|error| TaskError::Failed(format!("read {path}: {error}")))?;
    Ok(json!({"bytes": text.len(), "text": text}))
}

/// A text is written as it is, everything else as JSON.
pub(super) async fn write(path: &str, content: &Value) -> Result<Value, TaskError> {
    let text = content.as_str().map_or_else(|| format!("{content:#}\n"), str::to_owned);
    fs::write(path, &text).await.map_err(|error| TaskError::Failed(format!("write {path}: {error}")))?;
    Ok(json!({"path": path, "bytes": text.len()}))
}
