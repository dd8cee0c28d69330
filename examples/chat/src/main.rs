//! A short chat: five messages enter, their answers leave on standard output, and what happened meanwhile in the trace
//! database.

use std::io::{self, Write};

use anyhow::Context;
use chat::{Message, answer};

const MESSAGES: [(&str, &str, &str); 5] = [
    ("ada", "en", "When does the library open on Sunday?"),
    ("kurt", "de", "how much is a lost book"),
    ("ada", "en", "Thanks a lot!"),
    ("grace", "fr", "When does the library close?"),
    ("kurt", "en", "Do penguins dream?"),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let _guard = tense_layer::init()?;
    match chat(io::stdout()).await {
        // Who went away has read what there was to read.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("write to standard output"),
    }
}

async fn chat(mut out: impl Write) -> io::Result<()> {
    for (number, (user, language, text)) in (1..).zip(MESSAGES) {
        writeln!(out, "{user:>6}: {text}")?;
        let id = format!("m{number}");
        match answer(&Message { id: &id, user, language, text }).await {
            Ok(answer) => writeln!(out, "     <- {answer}")?,
            Err(error) => writeln!(out, "     <- sorry, {error}")?,
        }
    }
    Ok(())
}
