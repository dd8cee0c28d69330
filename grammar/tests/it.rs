//! What a user of the grammar sees, as tables of names and verdicts.

#![expect(clippy::unwrap_used, reason = "the helpers of the tests fail as the tests do")]

mod it {
    mod accuracy;
    mod conjugate;
    mod contract;
    mod docs;
    mod cost;
    mod file;
    mod hostile;
    mod lists;
    mod locate;
    mod properties;
    mod resolve;
    mod settings;
    mod words;
}
