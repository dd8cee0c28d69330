//! What is easily got wrong: torn secrets, resumed panics, destructors, explicit parents, several layers, many
//! captures.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use tense::{Pipeline, name, pipeline_stage, traced};
use tense_event::{CleanEvent, ErrorKind};
use tense_layer::testing::capture;
use tracing_subscriber::layer::SubscriberExt;

use crate::tree::tree;

/// A made-up token of a well-known shape, put together here so that no source file holds one.
fn token() -> String {
    ["ghp", "_", &"aB3".repeat(12)].concat()
}

fn holds_a_piece_of_the_token(events: &[CleanEvent]) -> bool {
    let piece = &token()[..9];
    events.iter().any(|event| serde_json::to_string(event).is_ok_and(|json| json.contains(piece)))
}

#[test]
fn a_secret_that_is_torn_where_a_text_is_cut_leaves_nothing() {
    #[traced(operation.notes.kept, fields(%note, plain = note))]
    fn keep(note: &str) -> Result<(), String> {
        tracing::info!("{note}");
        Err(note.to_owned())
    }
    #[traced(operation.notes.burnt)]
    fn burn(note: &str) {
        panic!("{note}");
    }
    let capture = capture();
    // What is redacted before it makes the text short, so that what the cut left would not be shortened away.
    for bound in [4096, 8150, 8160, 8170, 8180, 12_200, 12_220, 12_240, 16_250, 16_270, 16_290] {
        for offset in (0..60).step_by(4) {
            let note = format!("password={} {}", "x".repeat(bound - 20 - offset), token());
            keep(&note).unwrap_err();
            // Such large records fill a ring soon.
            capture.events();
        }
    }
    let note = format!("password={} {}", "x".repeat(4096 - 30), token());
    catch_unwind(|| burn(&note)).unwrap_err();
    let events = capture.events();
    assert!(events.len() > 100);
    let torn = events.iter().find(|event| holds_a_piece_of_the_token(std::slice::from_ref(event)));
    assert!(torn.is_none(), "{torn:#?}");
    assert!(events.iter().any(|event| event.cut.iter().any(|key| key == "note")), "what was cut is named");
}

/// What is left of a JSON text that had no room is still a structure, in which a key hides all that is below it.
#[test]
fn a_json_text_that_is_cut_shows_nothing_of_a_secret() {
    #[traced(operation.notes.listed, fields(note = tense::Json::new(note)))]
    fn list(note: &str) {}
    let capture = capture();
    let secret = "zebra7crossing";
    let secrets = [
        format!(r#""password":"{secret}""#),
        format!(r#""password":["{secret}","{secret}"]"#),
        format!(r#""api_key":{{"value":"{secret}","of":["{secret}"]}}"#),
        format!(r#""outer":{{"private_key":{{"lines":["{secret}","{}"]}}}}"#, secret.repeat(900)),
        format!(r#""session":"{}""#, format!("{secret} ").repeat(900)),
        format!(r#""note":"say \"password\":\"{secret}\"""#),
    ];
    for secret in &secrets {
        // Also where the cut comes in the midst of the secret.
        for behind in [0, 20_000].into_iter().chain(16_200..16_340) {
            let filler = if behind > 16_000 && behind < 17_000 { behind } else { 10 };
            let text = format!(r#"{{"first":"{}",{secret},"last":"{}"}}"#, "f".repeat(filler), "l".repeat(behind));
            list(&text);
            // Such large records fill a ring soon.
            capture.events();
        }
    }
    let events = capture.events();
    assert!(events.len() > 600);
    for event in &events {
        let json = serde_json::to_string(event).unwrap();
        assert!(!json.contains(&secret[..7]), "{json}");
    }
    let cut: Vec<_> = events.iter().filter(|event| !event.cut.is_empty()).collect();
    assert!(cut.iter().any(|event| event.data.get("note").is_some_and(serde_json::Value::is_object)), "{cut:#?}");
}

/// As many as the event has room for, whichever of them was written first.
#[test]
fn of_several_huge_texts_each_keeps_what_the_event_has_room_for() {
    #[traced(operation.notes.filed, fields(a, b, c, d, e, f, g))]
    fn file(a: &str, b: &str, c: &str, d: &str, e: &str, f: &str, g: &str) {}
    let capture = capture();
    let texts = ["a", "b", "c", "d", "e", "f", "g"].map(|letter| letter.repeat(9000));
    let [a, b, c, d, e, f, g] = &texts;
    file(a, b, c, d, e, f, g);
    let event = capture.events().remove(0);
    for text in &texts {
        let name = &text[..1];
        let kept = event.data.get(name).and_then(serde_json::Value::as_str).unwrap();
        assert!(kept.len() >= 1000, "{name}: {} bytes", kept.len());
    }
    assert_eq!(event.cut.len(), 7);
}

#[test]
fn a_panic_that_is_resumed_is_not_explained_by_an_old_one() {
    #[traced(operation.work.resumed)]
    fn resume() {
        resume_unwind(Box::new("from another thread"));
    }
    let capture = capture();
    catch_unwind(|| panic!("an old panic, long caught")).unwrap_err();
    catch_unwind(resume).unwrap_err();
    let events = capture.events();
    let error = events[0].error.as_ref().unwrap();
    assert_eq!((error.kind, error.error_message.as_str()), (ErrorKind::Panic, ""));
}

#[test]
fn what_a_destructor_calls_while_the_thread_panics_has_not_panicked() {
    #[traced(operation.work.done)]
    fn tidy() {}
    #[track_caller]
    #[traced(operation.work.located)]
    fn tidy_here() {}
    struct Tidy;
    impl Drop for Tidy {
        fn drop(&mut self) {
            tidy();
            tidy_here();
        }
    }
    #[traced(operation.work.broken)]
    fn work() {
        let _tidy = Tidy;
        panic!("boom");
    }
    let capture = capture();
    catch_unwind(work).unwrap_err();
    let events = capture.events();
    let failed: Vec<_> = events.iter().filter(|event| event.error.is_some()).collect();
    assert_eq!(failed.len(), 1, "{events:#?}");
    assert!(failed[0].error.as_ref().unwrap().error_message.starts_with("boom at "));
}

#[test]
fn events_with_a_parent_of_their_own_hang_there() {
    #[traced(operation.work.done)]
    fn work(other: &tracing::Span) {
        tracing::info!(parent: other, "there");
        tracing::info!("here");
        tracing::info!(parent: None, "nowhere");
    }
    let capture = capture();
    let other = tracing::info_span!("other");
    work(&other);
    tracing::info!(parent: &other, "from outside");
    drop(other);
    assert_eq!(
        tree(&capture.events()),
        "operation.work.done\n\
         \x20 log.info message=\"here\"\n\
         foreign.it.corners name=\"other\"\n\
         \x20 log.info message=\"there\"\n\
         \x20 log.info message=\"from outside\"\n"
    );
}

#[test]
fn captures_can_be_made_again_and_again() {
    #[traced(operation.work.done)]
    fn work() {}
    for _ in 0..600 {
        let capture = capture();
        work();
        drop(capture);
    }
    let capture = capture();
    work();
    assert_eq!(tree(&capture.events()), "operation.work.done\n");
}

#[derive(Clone, Debug)]
struct Order(u32);

#[pipeline_stage(dispatch.pack, compensate = unpack)]
async fn pack(order: Order) -> Result<Order, String> {
    Ok(order)
}

/// Not annotated: what it calls must not pass for it.
async fn unpack(_order: &Order) -> Result<(), String> {
    note();
    Ok(())
}

#[traced(operation.notes.written)]
fn note() {}

#[pipeline_stage(dispatch.ship)]
fn ship(order: Order) -> Result<Order, String> {
    Err(format!("order {} is too heavy", order.0))
}

#[tokio::test]
async fn what_a_compensation_calls_is_not_the_compensation() {
    let capture = capture();
    let pipeline = Pipeline::named(name!(dispatch.order)).stage(PackStage).stage(ShipStage);
    pipeline.run(Order(1)).await.unwrap_err();
    let events = capture.events();
    let note = events.iter().find(|event| event.event_type == "operation.notes.written").unwrap();
    assert!(note.tags.is_empty() && note.data.is_empty(), "{note:?}");
}

#[test]
fn an_error_that_panics_where_it_is_asked_changes_nothing_for_the_caller() {
    #[derive(Debug)]
    struct Hostile;
    impl std::fmt::Display for Hostile {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("hostile")
        }
    }
    impl std::error::Error for Hostile {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            panic!("no source for you")
        }
    }
    #[traced(operation.work.done)]
    fn work() -> Result<(), Hostile> {
        Err(Hostile)
    }
    let capture = capture();
    assert!(catch_unwind(AssertUnwindSafe(work)).unwrap().is_err());
    assert_eq!(capture.events()[0].event_type, "operation.work.do_failed");
}

/// A layer that is gone keeps its place until its queue is empty, and its number is given to the next one meanwhile.
#[test]
fn a_layer_whose_queue_is_still_full_does_not_take_the_next_one_along() {
    use std::sync::mpsc;

    struct Stuck(mpsc::Receiver<()>);
    impl tense_layer::Sink for Stuck {
        fn deliver(&mut self, _: &[CleanEvent]) -> Result<(), tense_layer::SinkError> {
            // until the test lets go of it
            self.0.recv().ok();
            Ok(())
        }
    }
    #[tense::traced(operation.work.done)]
    fn work() {}

    let (hold, held) = mpsc::channel();
    let layer = tense_layer::builder().sink(Stuck(held)).layer();
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, work);
    // its subscriber is gone, and so is it with the next pass
    drop(capture().events());
    // one of these has its number, whatever other tests have taken
    let mut next: Vec<_> = (0..8).map(|_| capture()).collect();
    while let Some(capture) = next.pop() {
        capture.events();
        work();
        assert_eq!(tree(&capture.events()), "operation.work.done\n", "{} were made before", next.len());
    }
    drop(hold);
}
