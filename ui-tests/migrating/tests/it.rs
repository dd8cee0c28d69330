//! What was written under old names comes out under the new ones, and what was declared and is not there is told.

use tense_layer::testing::capture;
use tense_ui_migrating::{create, note_created, run};

/// `dispatch.batch.start count=1 [absent: token_id]`, a line for each event.
fn emitted(work: impl FnOnce()) -> Vec<String> {
    let capture = capture();
    work();
    let lines = capture.events().into_iter().map(|event| {
        let fields: Vec<String> = event.data.iter().map(|(name, value)| format!(" {name}={value}")).collect();
        let absent =
            if event.absent.is_empty() { String::new() } else { format!(" [absent: {}]", event.absent.join(", ")) };
        format!("{}{}{absent}", event.event_type, fields.concat())
    });
    lines.collect()
}

#[test]
fn old_names_come_out_as_the_new_ones_and_each_event_carries_what_it_declares() {
    assert_eq!(
        emitted(|| run(2).unwrap_or_default()),
        [
            r#"dispatch.batch.start count=2 token_id="t1""#,
            r#"operation.tokens.created node_id="n1" token_id="t1""#,
            r#"dispatch.batch.complete applied=2 token_id="t1""#,
        ]
    );
}

#[test]
fn what_was_to_be_inherited_and_is_not_there_is_told_and_counted() {
    let before = tense_layer::health().fields_absent;
    assert_eq!(
        emitted(|| {
            create("n1");
            note_created("n2");
        }),
        [
            r#"operation.tokens.created node_id="n1" [absent: token_id]"#,
            r#"operation.tokens.created node_id="n2" [absent: token_id]"#,
        ]
    );
    assert!(tense_layer::health().fields_absent >= before + 2);
}

#[test]
fn what_a_body_forgot_is_told_unless_it_failed() {
    assert_eq!(emitted(|| run(0).unwrap_or_default())[1], r#"dispatch.batch.complete token_id="t1" [absent: applied]"#);
    assert_eq!(emitted(|| run(10).unwrap_or_default())[2], r#"dispatch.batch.fail applied=10 token_id="t1""#);
}
