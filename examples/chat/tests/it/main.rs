//! The service is asked, on a thread of its own; its answers and its events are compared.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use boon::{Compiler, Schemas};
use chat::{ChatError, Message, answer};
use tense_layer::testing::{Capture, capture};

/// Asks in that language, and gives back the answer with everything that was recorded.
#[tokio::main(flavor = "current_thread")]
async fn ask(text: &str, language: &str) -> (Result<String, ChatError>, Capture) {
    let capture = capture();
    let answer = answer(&Message { id: "m1", user: "ada", language, text }).await;
    (answer, capture)
}

fn names(capture: &Capture) -> Vec<String> {
    capture.events().iter().map(|event| event.event_type.to_string()).collect()
}

#[test]
fn a_question_goes_through_all_steps() {
    let (answer, capture) = ask("how much is a lost book", "de");
    assert_eq!(answer.unwrap(), "Ein verlorenes Buch kostet 20 Euro, und ein spätes Stück kostet 1 Euro ein Tag.");
    let expected = [
        "message.received",
        "intent.classified",
        "retrieval.started",
        "retrieval.complete",
        "llm.started",
        "llm.complete",
        "translation.complete",
        "response.sent",
    ];
    assert_eq!(names(&capture), expected);
    for event in capture.events() {
        assert_eq!(event.data.get("message_id").unwrap(), "m1", "{}", event.event_type);
        assert_eq!(event.user_id.as_deref(), Some("ada"), "{}", event.event_type);
        assert!(!format!("{:?}", event.data).contains("lost"), "what a user wrote is not recorded: {:?}", event.data);
    }
}

#[test]
fn a_courtesy_needs_no_documents() {
    let (answer, capture) = ask("Thanks a lot!", "en");
    assert_eq!(answer.unwrap(), "You are welcome.");
    assert!(!names(&capture).iter().any(|name| name.starts_with("retrieval.")));
}

#[test]
fn one_failure_is_one_error_whatever_failed() {
    for (text, language, step, message) in [
        ("Do penguins dream?", "en", "retrieval.complete_fail", "nothing is known about that"),
        ("When does the library close?", "fr", "translation.complete_fail", "there are no words for the language `fr`"),
    ] {
        let (answer, capture) = ask(text, language);
        assert_eq!(answer.unwrap_err().to_string(), message);
        let names = names(&capture);
        assert_eq!(names[names.len() - 2..], [step, "error.occurred"]);
        assert_eq!(names.iter().filter(|name| *name == "error.occurred").count(), 1);
        let events = capture.events();
        assert_eq!(events.last().unwrap().data.get("error").unwrap(), message);
    }
}

#[test]
fn every_event_is_as_the_schema_says() {
    let schema = include_str!("../../../../cli/tests/snapshots/chat.schema.json");
    let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
    compiler.add_resource("chat.json", serde_json::from_str(schema).unwrap()).unwrap();
    let schema = compiler.compile("chat.json", &mut schemas).unwrap();
    let mut seen = BTreeSet::new();
    for (text, language) in [("how much is a lost book", "de"), ("thanks", "fr"), ("penguins", "en")] {
        for event in ask(text, language).1.events() {
            let event = serde_json::to_value(&event).unwrap();
            schemas.validate(&event, schema).unwrap_or_else(|error| panic!("{error:#}\n{event:#}"));
            seen.insert(event["event_type"].to_string());
        }
    }
    assert_eq!(seen.len(), 11, "nine events and two failures: {seen:?}");
}

#[test]
fn the_program_chats_and_ends() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("chat.db");
    let output = Command::new(env!("CARGO_BIN_EXE_chat")).env("TENSE_DB", folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said.lines().count(), 10, "{said}");
    assert!(said.contains("   ada: Thanks a lot!\n     <- You are welcome.\n"), "{said}");
}

#[test]
fn a_reader_that_goes_away_is_no_error_and_a_full_disk_is_one() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("chat-unread.db");
    let mut program = Command::new(env!("CARGO_BIN_EXE_chat"));
    program.env("TENSE_DB", folder).stderr(Stdio::piped());
    let mut unread = program.stdout(Stdio::piped()).spawn().unwrap();
    drop(unread.stdout.take());
    let output = unread.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));

    #[cfg(target_os = "linux")]
    {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = program.stdout(full).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.starts_with("Error: write to standard output\n"), "{said}");
        assert_eq!(output.status.code(), Some(1));
    }
}
