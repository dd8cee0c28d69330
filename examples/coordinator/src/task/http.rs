//! Requests leave; answers come back.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use tense::traced;

use super::TaskError;
use crate::token::Token;

/// How long an answer may take. The endpoint shares its threads with everything that runs at once, on a machine that
/// may be busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// The way to the endpoint.
#[derive(Debug)]
pub(crate) struct Http {
    client: Client,
    endpoint: SocketAddr,
}

impl Http {
    pub(crate) fn new(endpoint: SocketAddr) -> reqwest::Result<Self> {
        // A proxy of the environment is for other places than this machine.
        let client = Client::builder().no_proxy().timeout(PATIENCE).build()?;
        Ok(Self { client, endpoint })
    }

    /// Posts JSON to a path of the endpoint.
    #[traced(debug.http.request, fields(token_id = token.id, node_id = token.node, status = _))]
    pub(super) async fn post(&self, token: &Token, path: &str, body: &Value) -> Result<Value, TaskError> {
        // The port differs from run to run, and would make every message of this kind a different one.
        let failed = |error: reqwest::Error| TaskError::Failed(format!("POST {path}: {}", error.without_url()));
        let url = format!("http://{}/{}", self.endpoint, path.trim_start_matches('/'));
        let answer = self.client.post(url).json(body).send().await.map_err(failed)?;
        let status = answer.status();
        tense::record!(status = status.as_u16());
        let body = answer.bytes().await.map_err(failed)?;
        let said = serde_json::from_slice::<Value>(&body);
        let answered = format!("POST {path} was answered {}", status.as_u16());
        match said {
            Ok(body) if status.is_success() => Ok(json!({"status": status.as_u16(), "body": body})),
            Err(error) if status.is_success() => {
                Err(TaskError::Failed(format!("{answered}, but not with JSON: {error}")))
            }
            // Whoever fails may say so in any form, or say nothing.
            said => {
                let why = said.ok().and_then(|said| said["error"].as_str().map(str::to_owned));
                Err(TaskError::Failed(format!("{answered}: {}", why.as_deref().unwrap_or("it says no more"))))
            }
        }
    }
}
