//! A chat service about a library: a message enters, an answer in the user's language leaves.
//!
//! | step | file | events |
//! |---|---|---|
//! | the message as a whole | here | `message.received`, then `response.sent` or `error.occurred` |
//! | what it is about | `intent.rs` | `intent.classified` |
//! | documents that may help | `retrieval.rs` | `retrieval.started`, `retrieval.complete` |
//! | words for an answer | `model.rs` | `llm.started`, `llm.complete` |
//! | in the user's language | `translation.rs` | `translation.complete` |
//!
//! Of what users write nothing is recorded but its length.

mod intent;
mod retrieval;
mod model;
mod translation;

use tense::{event, record, traced};

use crate::intent::Intent;

/// What somebody has written.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// Handed down to everything that happens on its account.
    pub id: &'a str,
    /// Who wrote it.
    pub user: &'a str,
    /// The language to answer in: `en`, `de`.
    pub language: &'a str,
    /// What it says.
    pub text: &'a str,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// No document shares a word with the question.
    #[error("nothing is known about that")]
    NothingFound,
    /// Answers are not translated into that language.
    #[error("there are no words for the language `{0}`")]
    NoWords(String),
}

/// Answers a message. Its span is the root of a trace, and ends as `response.sent`, or as `error.occurred`.
#[traced(response.sent, fields(message_id = message.id, user_id = message.user, characters = _))]
pub async fn answer(message: &Message<'_>) -> Result<String, ChatError> {
    // the id of the message comes down from the span, and so does the user's
    event!(message.received, characters = message.text.chars().count(), language = message.language);
    let documents = match intent::classify(message.text) {
        Intent::Question => retrieval::search(message.text).await?,
        Intent::Courtesy => Vec::new(),
    };
    let answer = model::word(&documents).await;
    let answer = translation::translate(&answer, message.language)?;
    record!(characters = answer.chars().count());
    Ok(answer)
}

/// The words of a text, in lower case.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}
