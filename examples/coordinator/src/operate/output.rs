//! What a task gave back goes into the state, as its node maps it.

use serde_json::{Value, json};
use tense::{event, traced};

use super::{OperationError, Step, Steps, context};
use crate::definition::{Node, Schema};
use crate::mapping::{Path, field};
use crate::store::tables::section_table;

/// All of the mapping of a node that leads into the state.
pub(crate) fn apply_mapping(
    steps: &Steps<'_>,
    run: i64,
    node: &Node,
    schema: Option<&Schema>,
    output: &Value,
) -> Result<(), OperationError> {
    let mapping: Vec<&(Path, Path)> = node.output.iter().filter(|(target, _)| target.root() == "state").collect();
    if mapping.is_empty() {
        steps.once(|step| skip(step, "the node maps nothing"))?;
        return Ok(());
    }
    steps.once(|step| start(step, &mapping, output))?;
    let result = json!({ "result": output });
    for (target, source) in mapping {
        match source.get(&result) {
            Some(value) => steps.once(|step| apply(step, run, schema, target, source, value))?,
            None => steps.once(|step| skip(step, &format!("the task gave no `{source}`")))?,
        };
    }
    Ok(())
}

fn start(step: &Step<'_>, mapping: &[&(Path, Path)], output: &Value) -> Result<(), OperationError> {
    step.mark()?;
    let mapped: Value = mapping.iter().map(|(target, source)| (target.to_string(), source.to_string())).collect();
    let keys: Value = output.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
    event!(operation.context.output_mapping.started, output_mapping = field(&mapped), task_output_keys = field(&keys));
    Ok(())
}

fn skip(step: &Step<'_>, reason: &str) -> Result<(), OperationError> {
    step.mark()?;
    event!(operation.context.output_mapping.skipped, reason);
    Ok(())
}

#[traced(operation.context.output_mapping.applied, fields(
    target_path = target.to_string(),
    source_path = source.to_string(),
    extracted_value = field(value),
))]
fn apply(
    step: &Step<'_>,
    run: i64,
    schema: Option<&Schema>,
    target: &Path,
    source: &Path,
    value: &Value,
) -> Result<(), OperationError> {
    if let (Some(schema), [name]) = (schema, target.words()) {
        schema.validate_field(name, value).map_err(|why| OperationError::Refused(format!("state: {why}")))?;
    }
    step.commit(|db| {
        let written = context::write(db, &section_table(run, "state"), target.words(), value.clone());
        written.map_err(|error| match error {
            OperationError::Refused(why) => OperationError::Refused(format!("write to `{target}`: {why}")),
            other => other,
        })
    })
}
