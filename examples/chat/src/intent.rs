//! A text enters; what its author wants leaves.

use tense::{record, traced};

const COURTESY: [&str; 5] = ["bye", "hello", "hi", "lot", "thanks"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Intent {
    Question,
    Courtesy,
}

/// The more of the words are courtesies, the surer it is that the whole is one.
#[traced(intent.classified, fields(intent = _, confidence = _))]
pub(crate) fn classify(text: &str) -> Intent {
    let words: Vec<String> = crate::words(text).collect();
    let courteous = words.iter().filter(|word| COURTESY.contains(&word.as_str())).count();
    let share = courteous as f64 / words.len().max(1) as f64;
    let (intent, name) = if share > 0.5 { (Intent::Courtesy, "courtesy") } else { (Intent::Question, "question") };
    record!(intent = name);
    record!(confidence = share.max(1.0 - share));
    intent
}
