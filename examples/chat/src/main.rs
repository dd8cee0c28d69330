//! A short chat: five messages enter, their answers leave on standard output, and what happened meanwhile in the trace database.

#![expect(clippy::print_stdout, reason = "it speaks to the person who started it")]

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
    for (number, (user, language, text)) in (1..).zip(MESSAGES) {
        println!("{user:>6}: {text}");
        let id = format!("m{number}");
        match answer(&Message { id: &id, user, language, text }).await {
            Ok(answer) => println!("     <- {answer}"),
            Err(error) => println!("     <- sorry, {error}"),
        }
    }
    Ok(())
}
