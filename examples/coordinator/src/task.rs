//! The input of a node enters; its task is done, as often as its node allows, and its result leaves.
//!
//! | kind | is given | gives back |
//! |---|---|---|
//! | `list_files` | `folder` | `files`, sorted, and `count` |
//! | `read_file` | `path` | `text`, `bytes` |
//! | `write_file` | `path`, `content` | `path`, `bytes` |
//! | `http` | `path`, `body` | `status`, `body` |
//! | `transform` | one of `sum` and `count` (a list), `join` (texts), `give` (anything); `field` looks into the items of the list | `value` |
//! | `wait` | `ms`, or a `file` that has to be there | |
//! | `fail` | `message` | |
//! | `workflow` | `name`, `input` | the output of that workflow |

mod files;
pub(crate) mod http;

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::definition::{Node, Task};
use crate::merge;
use crate::run::{self, Workflow};
use crate::token::Token;

/// Longer than this no attempt is put off.
const LONGEST_BACK_OFF: u64 = 60_000;
/// How often it is looked whether a file is there.
const LOOK: Duration = Duration::from_millis(5);

/// Why a task was not done.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct TaskError(pub(crate) String);

/// Does the task of a token that has been dispatched.
pub(crate) async fn execute(workflow: &Workflow, node: &Node, token: &Token) -> Result<Value, TaskError> {
    let mut attempt = 1;
    loop {
        match once(workflow, node.task, token).await {
            Ok(output) => return Ok(output),
            Err(error) if attempt >= node.retry.attempts => return Err(error),
            Err(_) => {
                let factor = 2_u64.saturating_pow(attempt - 1);
                let back_off = node.retry.back_off_ms.saturating_mul(factor).min(LONGEST_BACK_OFF);
                tokio::time::sleep(Duration::from_millis(back_off)).await;
            }
        }
        attempt += 1;
    }
}

async fn once(workflow: &Workflow, task: Task, token: &Token) -> Result<Value, TaskError> {
    let input = Input(&token.input);
    match task {
        Task::ListFiles => files::list(input.text("folder")?).await,
        Task::ReadFile => files::read(input.text("path")?).await,
        Task::WriteFile => files::write(input.text("path")?, input.get("content")).await,
        Task::Http => workflow.engine.http.post(token, input.text("path")?, input.get("body")).await,
        Task::Transform => transform(&input),
        Task::Wait => {
            match input.get("file").as_str() {
                Some(file) => {
                    while !tokio::fs::try_exists(file).await.unwrap_or(false) {
                        tokio::time::sleep(LOOK).await;
                    }
                }
                None => tokio::time::sleep(Duration::from_millis(input.get("ms").as_u64().unwrap_or_default())).await,
            }
            Ok(json!({}))
        }
        Task::Fail => Err(TaskError(input.text("message")?.to_owned())),
        Task::Workflow => run::nested(workflow, token, input.text("name")?, input.get("input")).await,
    }
}

fn transform(input: &Input<'_>) -> Result<Value, TaskError> {
    let list = |name: &str| {
        let Value::Array(items) = input.get(name) else {
            return Err(TaskError(format!("`{name}` is to be a list, and is {}", input.get(name))));
        };
        let Some(field) = input.get("field").as_str() else { return Ok(items.clone()) };
        Ok(items.iter().map(|item| item.get(field).cloned().unwrap_or_default()).collect())
    };
    let value = if input.has("sum") {
        merge::sum(&list("sum")?).map_err(TaskError)?
    } else if input.has("count") {
        list("count")?.len().into()
    } else if input.has("join") {
        let texts = list("join")?;
        let texts: Vec<&str> = texts.iter().map(|text| text.as_str().unwrap_or_default()).collect();
        texts.join(input.get("with").as_str().unwrap_or(", ")).into()
    } else {
        input.get("give").clone()
    };
    Ok(json!({ "value": value }))
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
        value.as_str().ok_or_else(|| TaskError(format!("`{name}` is to be a text, and is {value}")))
    }
}
