//! Documents enter; an answer leaves. The model is a template: it invents nothing.

use tense::{event, record, traced};

const NAME: &str = "template-1";

#[traced(llm.complete, fields(model = NAME, characters = _))]
pub(crate) async fn word(documents: &[&str]) -> String {
    let characters: usize = documents.iter().map(|document| document.chars().count()).sum();
    event!(llm.started, prompt_characters = characters);
    // a real model would be waited for here
    tokio::task::yield_now().await;
    let answer = documents.first().map_or("You are welcome.", |document| document);
    record!(characters = answer.chars().count());
    answer.to_owned()
}
