//! Nothing enters; the workflows that the program brings along leave, with a folder of documents for them to work on.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Value, json};

/// A definition, under the name of its file.
pub(crate) struct Shipped {
    pub(crate) file: &'static str,
    pub(crate) text: &'static str,
}

macro_rules! shipped {
    ($($file:literal)*) => { [$(Shipped { file: $file, text: include_str!(concat!("../workflows/", $file)) }),*] };
}

/// Those that are run when nobody names one.
pub(crate) const WORKFLOWS: [Shipped; 5] =
    shipped!("documents.json" "invoice.json" "mishaps.json" "order.json" "parcel.json");
/// Those that are nested in them.
pub(crate) const NESTED: [Shipped; 2] = shipped!("delivery.json" "crooked.json");

const DOCUMENTS: [(&str, &str); 3] = [
    ("errata", include_str!("../documents/errata.txt")),
    ("letter", include_str!("../documents/letter.txt")),
    ("minutes", include_str!("../documents/minutes.txt")),
];

/// Lays the documents out.
pub(crate) fn lay_out(folder: &Path) -> io::Result<()> {
    let documents = folder.join("documents");
    fs::create_dir_all(&documents)?;
    DOCUMENTS.iter().try_for_each(|(name, text)| fs::write(documents.join(format!("{name}.txt")), text))
}

/// What each of the workflows takes what it needs from.
pub(crate) fn input(folder: &Path) -> Value {
    json!({
        "folder": folder.join("documents"),
        "reports": folder,
        "order": "A-1042",
        "quantity": 3,
        "amount": 900,
        "wanted": "no_such_workflow",
    })
}
