//! Requests go in as JSON; the answers of a language server that was started for them come out.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::{Value, json};

/// How long all of it may take: the server builds the macros first.
const PATIENCE: Duration = Duration::from_secs(300);

/// A language server, spoken to over its standard input and output.
pub(super) struct Server {
    child: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    until: Instant,
    last: u64,
}

impl Server {
    pub(super) fn start(mut command: Command) -> anyhow::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().context("failed to start the language server")?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else { bail!("it has no pipes") };
        let (sender, messages) = channel();
        // Ends with the server's output.
        thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        Ok(Self { child, input, messages, until: Instant::now() + PATIENCE, last: 0 })
    }

    pub(super) fn notify(&mut self, method: &str, params: &Value) -> anyhow::Result<()> {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }))
    }

    /// Asks, and waits for the answer.
    pub(super) fn ask(&mut self, method: &str, params: &Value) -> anyhow::Result<Value> {
        self.last += 1;
        let id = self.last;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))?;
        self.wait(|message| (message["id"] == id && message.get("method").is_none()).then(|| message["result"].clone()))
    }

    /// Waits until it has read the whole program; says what it complains of, if anything.
    pub(super) fn settle(&mut self) -> anyhow::Result<Option<String>> {
        self.wait(|message| {
            let status = &message["params"];
            let is_quiet = message["method"] == "experimental/serverStatus" && status["quiescent"] == true;
            is_quiet.then(|| {
                let is_well = status["health"] == "ok";
                (!is_well).then(|| status["message"].as_str().unwrap_or("no reason given").trim().to_owned())
            })
        })
    }

    fn wait<T>(&mut self, found: impl Fn(&Value) -> Option<T>) -> anyhow::Result<T> {
        loop {
            let left = self.until.saturating_duration_since(Instant::now());
            let message = self.messages.recv_timeout(left).context("the language server gave no answer")?;
            if let Some(found) = found(&message) {
                return Ok(found);
            }
            // A request of its own: for settings, of which there are none, or to be allowed something.
            if let (Some(id), Some(method)) = (message.get("id"), message["method"].as_str()) {
                let asked = message["params"]["items"].as_array().map_or(0, Vec::len);
                let result =
                    if method == "workspace/configuration" { json!(vec![Value::Null; asked]) } else { Value::Null };
                self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": result }))?;
            }
        }
    }

    fn send(&mut self, message: &Value) -> anyhow::Result<()> {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len())?;
        Ok(self.input.flush()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has nothing to save.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// One message: headers, an empty line, and as much JSON as they say.
fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let header = line.trim();
        if header.is_empty() {
            break;
        }
        length = header.strip_prefix("Content-Length: ").and_then(|length| length.parse().ok()).or(length);
    }
    let mut text = vec![0; length?];
    output.read_exact(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}
