//! The input of a node enters; its task is done, as often as its node allows, and its result leaves.
//!
//! | kind | is given | gives back |
//! |---|---|---|
//! | `list_files` | `folder` | `files`, sorted, and `count` |
//! | `read_file` | `path` | `text`, `bytes` |
//! | `write_file` | `path`, `content` | `path`, `bytes` |
//! | `http` | `path`, `body` | `status`, `body` |
//! | `transform` | one of `sum` (numbers), `count` (a list), `join` (texts, and `with` between them), `give` (anything); `field` is what of each item is summed or joined | `value` |
//! | `wait` | `ms`, up to a day, or a `file` that has to be there | |
//! | `fail` | `message` | |
//! | `workflow` | `name`, `input` | the output of that workflow |

mod files;
pub(crate) mod http;

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::definition::{LONGEST_BACK_OFF, Node, Task};
use crate::merge;
use crate::run::{self, Workflow};
use crate::store::StoreError;
use crate::token::Token;

/// How often it is looked whether a file is there.
const LOOK: Duration = Duration::from_millis(5);

/// Why a task was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TaskError {
    /// It has failed; it may be tried again, and the workflow may go on without it.
    #[error("{0}")]
    Failed(String),
    /// What is nested in it could not be written down: the engine cannot go on.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Does the task of a token that has been dispatched.
pub(crate) async fn execute(workflow: &Workflow, node: &Node, token: &Token) -> Result<Value, TaskError> {
    let mut attempt = 1;
    loop {
        match once(workflow, node.task, token).await {
            Ok(output) => return Ok(output),
            Err(TaskError::Failed(_)) if attempt < node.retry.attempts => {
                let factor = 2_u64.saturating_pow(attempt - 1);
                let back_off = node.retry.back_off_ms.saturating_mul(factor).min(LONGEST_BACK_OFF);
                tokio::time::sleep(Duration::from_millis(back_off)).await;
            }
            Err(error) => return Err(error),
        }
        attempt += 1;
    }
}

async fn once(workflow: &Workflow, task: Task, token: &Token) -> Result<Value, TaskError> {
    let input = Input(&token.input);
    // A path of the definition may have led to anything.
    input.fields().map_or(Ok(()), |fields| task.takes_values(fields)).map_err(TaskError::Failed)?;
    match task {
        Task::ListFiles => files::list(input.text("folder")?).await,
        Task::ReadFile => files::read(input.text("path")?).await,
        Task::WriteFile => files::write(input.text("path")?, input.get("content")).await,
        Task::Http => workflow.engine.http.post(token, input.text("path")?, input.get("body")).await,
        Task::Transform => transform(&input),
        Task::Wait => {
            match input.get("file").as_str() {
                Some(file) => {
                    let failed = |error| TaskError::Failed(format!("look for {file}: {error}"));
                    while !tokio::fs::try_exists(file).await.map_err(failed)? {
                        tokio::time::sleep(LOOK).await;
                    }
                }
                None => tokio::time::sleep(Duration::from_millis(input.get("ms").as_u64().unwrap_or_default())).await,
            }
            Ok(json!({}))
        }
        Task::Fail => Err(TaskError::Failed(input.text("message")?.to_owned())),
        Task::Workflow => run::nested(workflow, token, input.text("name")?, input.get("input")).await,
    }
}

fn transform(input: &Input<'_>) -> Result<Value, TaskError> {
    let value = if input.has("sum") {
        let numbers = items(input, "sum", "a number", Value::is_number)?;
        merge::sum(&numbers).map_err(TaskError::Failed)?
    } else if input.has("count") {
        input.get("count").as_array().map_or(0, Vec::len).into()
    } else if input.has("join") {
        let texts = items(input, "join", "a text", Value::is_string)?;
        let texts: Vec<&str> = texts.iter().filter_map(Value::as_str).collect();
        texts.join(input.get("with").as_str().unwrap_or(", ")).into()
    } else {
        input.get("give").clone()
    };
    Ok(json!({ "value": value }))
}

/// The items of a list, or what each has under the `field` that is asked for.
fn items(input: &Input<'_>, name: &str, kind: &str, is_such: fn(&Value) -> bool) -> Result<Vec<Value>, TaskError> {
    let items = input.get(name).as_array().map(Vec::as_slice).unwrap_or_default();
    let Some(field) = input.get("field").as_str() else { return Ok(items.to_vec()) };
    let of = |(n, item): (usize, &Value)| match item.get(field).filter(|value| is_such(value)) {
        Some(value) => Ok(value.clone()),
        None => {
            let found = item.get(field).unwrap_or(&Value::Null);
            Err(TaskError::Failed(format!("item {n} of `{name}` is to have {kind} as `{field}`, and has {found}")))
        }
    };
    items.iter().enumerate().map(of).collect()
}

/// What a task is given, by name.
#[derive(Clone, Copy)]
struct Input<'t>(&'t Value);

impl<'t> Input<'t> {
    fn fields(self) -> Option<&'t Map<String, Value>> {
        self.0.as_object()
    }

    fn has(self, name: &str) -> bool {
        self.fields().is_some_and(|fields| fields.contains_key(name))
    }

    fn get(self, name: &str) -> &'t Value {
        self.fields().and_then(|fields| fields.get(name)).unwrap_or(&Value::Null)
    }

    fn text(self, name: &str) -> Result<&'t str, TaskError> {
        let value = self.get(name);
        value.as_str().ok_or_else(|| TaskError::Failed(format!("`{name}` is to be a text, and is {value}")))
    }
}
