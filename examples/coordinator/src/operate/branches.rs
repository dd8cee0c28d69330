//! Branches: what each writes lies in a table of its own, until siblings are merged.

use serde_json::{Map, Value};
use tense::{event, traced};

use super::{OperationError, Step, Steps, context};
use crate::definition::{Merge, Node, Schema};
use crate::mapping::{self, field};
use crate::store::tables::{self, branch_table, section_table};
use crate::store::{Db, StoreError};
use crate::token::Token;

#[traced(operation.context.branch_table.created, fields(
    token_id = branch,
    table_name = branch_table(branch),
    schema_type = if schema.is_some() { "declared" } else { "open" },
))]
pub(crate) fn create_table(step: &Step<'_>, branch: &str, schema: Option<&Schema>) -> Result<(), OperationError> {
    step.commit(|db| Ok(tables::create(db, &branch_table(branch))?))
}

#[traced(operation.context.branch_table.dropped, fields(
    token_ids = field(&branches.iter().map(String::as_str).collect()),
    tables_dropped = branches.len(),
))]
pub(crate) fn drop_tables(step: &Step<'_>, branches: &[String]) -> Result<(), OperationError> {
    step.commit(|db| Ok(branches.iter().try_for_each(|branch| tables::drop(db, &branch_table(branch)))?))
}

/// All of the mapping of a node that leads into its branch.
pub(crate) fn apply_output(
    steps: &Steps<'_>,
    token: &Token,
    node: &Node,
    schema: Option<&Schema>,
    output: &Value,
) -> Result<(), OperationError> {
    let Some(branch) = token.branch_id() else {
        let why = format!("node `{}` writes to `branch`, and this token is in none", node.id);
        return Err(OperationError::Refused(why));
    };
    let result = serde_json::json!({ "result": output });
    let mut written = Map::new();
    for (target, source) in node.output.iter().filter(|(target, _)| target.root() == "branch") {
        let value = source.get(&result).cloned().unwrap_or_default();
        mapping::put(&mut written, target.words(), value).map_err(OperationError::Refused)?;
    }
    steps.once(|step| validate(step, &token.id, schema, &written))?;
    steps.once(|step| write(step, &token.id, branch, &written))?;
    Ok(())
}

#[traced(operation.context.branch.validated, fields(token_id = token))]
fn validate(
    step: &Step<'_>,
    token: &str,
    schema: Option<&Schema>,
    written: &Map<String, Value>,
) -> Result<(), OperationError> {
    if let Some(schema) = schema {
        for (name, value) in written {
            schema.validate_field(name, value).map_err(|why| OperationError::Refused(format!("branch: {why}")))?;
        }
    }
    step.mark()
}

#[traced(operation.context.branch.written, fields(token_id = token, output = field(&Value::Object(written.clone()))))]
fn write(step: &Step<'_>, token: &str, branch: &str, written: &Map<String, Value>) -> Result<(), OperationError> {
    let table = branch_table(branch);
    step.commit(|db| Ok(written.iter().try_for_each(|(name, value)| tables::write_field(db, &table, name, value))?))
}

/// Makes one value of what the branches have written, and puts it where the fan-in wants it.
pub(crate) fn merge(
    steps: &Steps<'_>,
    run: i64,
    merge: &Merge,
    branches: &[String],
    into: Option<&str>,
) -> Result<(), OperationError> {
    steps.once(|step| start(step, merge, branches.len()))?;
    let read_now = steps.once(|step| read_all(step, merge, branches))?;
    steps.once(|step| {
        // An earlier process may have read them; they still are there, because only what is merged is dropped.
        let values = match read_now {
            Some(values) => values,
            None => steps.ask(|db| branches.iter().map(|branch| read(db, merge, branch)).collect())?,
        };
        write_merged(step, run, merge, values, branches.len(), into)
    })?;
    Ok(())
}

fn start(step: &Step<'_>, merge: &Merge, sibling_count: usize) -> Result<(), OperationError> {
    step.mark()?;
    event!(
        operation.context.merge.started,
        sibling_count,
        strategy = merge.strategy.as_str(),
        source_path = merge.source.to_string(),
        target_path = merge.target.to_string()
    );
    Ok(())
}

#[traced(operation.context.branches_read, fields(
    token_ids = field(&branches.iter().map(String::as_str).collect()),
    output_count = branches.len(),
))]
fn read_all(step: &Step<'_>, merge: &Merge, branches: &[String]) -> Result<Vec<Value>, OperationError> {
    step.commit(|db| Ok(branches.iter().map(|branch| read(db, merge, branch)).collect::<Result<_, _>>()?))
}

/// What one branch has written under the source of the merge.
fn read(db: &Db<'_>, merge: &Merge, branch: &str) -> Result<Value, StoreError> {
    let written = serde_json::json!({ "branch": tables::read(db, &branch_table(branch))? });
    Ok(merge.source.get(&written).cloned().unwrap_or_default())
}

#[traced(operation.context.merged, fields(target_path = merge.target.to_string(), branch_count))]
fn write_merged(
    step: &Step<'_>,
    run: i64,
    merge: &Merge,
    values: Vec<Value>,
    branch_count: usize,
    into: Option<&str>,
) -> Result<(), OperationError> {
    let refused =
        |why: String| OperationError::Refused(format!("merge `{}` into `{}`: {why}", merge.source, merge.target));
    let merged = merge.strategy.merge(values).map_err(refused)?;
    let table = match (merge.target.root(), into) {
        ("branch", Some(branch)) => branch_table(branch),
        ("branch", None) => return Err(refused("there is no branch around the fan-out".to_owned())),
        _ => section_table(run, "state"),
    };
    step.commit(|db| context::write(db, &table, merge.target.words(), merged))
}
