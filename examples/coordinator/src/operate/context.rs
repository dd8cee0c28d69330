//! The context of a run: its input, its state and its output, a table each.

use serde_json::{Map, Value};
use tense::traced;

use super::{OperationError, Step};
use crate::definition::{Definition, Schema};
use crate::mapping::{self, field};
use crate::store::tables::{self, SECTIONS, branch_table, section_table};
use crate::store::{Db, StoreError};
use crate::token::Token;

#[traced(operation.context.initialized, fields(
    has_input_schema = definition.input_schema.is_some(),
    has_context_schema = definition.context_schema.is_some(),
    table_count = SECTIONS.len(),
    tables_created = field(&SECTIONS.map(|section| section_table(run, section)).into_iter().collect()),
))]
pub(crate) fn initialize(step: &Step<'_>, run: i64, definition: &Definition) -> Result<(), OperationError> {
    step.commit(|db| {
        Ok(SECTIONS.into_iter().try_for_each(|section| tables::create(db, &section_table(run, section)))?)
    })
}

#[traced(operation.context.validated, fields(path))]
pub(crate) fn validate(
    step: &Step<'_>,
    path: &str,
    schema: &Schema,
    data: &Map<String, Value>,
) -> Result<(), OperationError> {
    schema.validate(data).map_err(|why| OperationError::Refused(format!("{path}: {why}")))?;
    step.mark()
}

#[traced(operation.context.section_replaced, fields(section, data = field(&Value::Object(data.clone()))))]
pub(crate) fn replace_section(
    step: &Step<'_>,
    run: i64,
    section: &str,
    data: &Map<String, Value>,
) -> Result<(), OperationError> {
    let table = section_table(run, section);
    step.commit(|db| {
        db.execute(&format!("DELETE FROM {table}"), [])?;
        Ok(data.iter().try_for_each(|(name, value)| tables::write_field(db, &table, name, value))?)
    })
}

#[traced(operation.context.field_set, fields(path, value = field(value)))]
pub(crate) fn set_field(step: &Step<'_>, run: i64, path: &str, value: &Value) -> Result<(), OperationError> {
    let (section, name) = path.split_once('.').unwrap_or((path, path));
    step.commit(|db| Ok(tables::write_field(db, &section_table(run, section), name, value)?))
}

#[traced(operation.context.read, fields(token_id = token.id, node_id = token.node, path = path(place), value = _))]
pub(crate) fn read(
    step: &Step<'_>,
    run: i64,
    token: &Token,
    place: (&str, Option<&str>),
) -> Result<Option<Value>, OperationError> {
    let value = step.commit(|db| Ok(look(db, run, token, place)?))?;
    tense::record!(value = field(value.as_ref().unwrap_or(&Value::Null)));
    Ok(value)
}

fn path((section, name): (&str, Option<&str>)) -> String {
    [Some(section), name].into_iter().flatten().collect::<Vec<_>>().join(".")
}

/// One field of a section, or of the token's branch; or all of them.
pub(crate) fn look(
    db: &Db<'_>,
    run: i64,
    token: &Token,
    (section, name): (&str, Option<&str>),
) -> Result<Option<Value>, StoreError> {
    let table = match (section, token.branch_id()) {
        ("branch", Some(branch)) => branch_table(branch),
        ("branch", None) => return Ok(None),
        (section, _) => section_table(run, section),
    };
    match name {
        Some(name) => tables::read_field(db, &table, name),
        None => tables::read(db, &table).map(|fields| Some(fields.into())),
    }
}

/// Everything that paths can lead to, as it is now.
pub(crate) fn values(db: &Db<'_>, run: (i64, &str), token: Option<&Token>) -> Result<Value, StoreError> {
    let mut values = own(run.1, token);
    for section in SECTIONS {
        values.insert(section.to_owned(), tables::read(db, &section_table(run.0, section))?.into());
    }
    if let Some(branch) = token.and_then(Token::branch_id) {
        values.insert("branch".to_owned(), tables::read(db, &branch_table(branch))?.into());
    }
    Ok(values.into())
}

/// What a token knows without looking.
pub(crate) fn own(run: &str, token: Option<&Token>) -> Map<String, Value> {
    let mut values = Map::new();
    values.insert("run".to_owned(), run.into());
    if let Some(branch) = token.and_then(|token| token.branch.as_ref()) {
        values.insert("item".to_owned(), branch.item.clone());
        values.insert("index".to_owned(), branch.index.into());
    }
    values
}

/// Writes a value under the words of a path into a table: the first is the field, the others lead into it.
pub(crate) fn write(db: &Db<'_>, table: &str, words: &[String], value: Value) -> Result<(), OperationError> {
    let Some(name) = words.first() else { return Err(OperationError::Refused("a section is no field".to_owned())) };
    let mut fields = Map::new();
    if words.len() > 1
        && let Some(known) = tables::read_field(db, table, name)?
    {
        fields.insert(name.clone(), known);
    }
    mapping::put(&mut fields, words, value).map_err(OperationError::Refused)?;
    let written = fields.remove(name).unwrap_or_default();
    Ok(tables::write_field(db, table, name, &written)?)
}
