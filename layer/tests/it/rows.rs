//! Long rows of stages: what the compiler bears, and what a trace says whose list of stages had to be cut.

use tense::{Pipeline, name, pipeline_stage};
use tense_layer::testing::capture;
use tense_store::Trace;

#[pipeline_stage(dispatch.count)]
async fn count(number: u32) -> Result<u32, String> {
    tokio::task::yield_now().await;
    Ok(number + 1)
}

/// The same stage, so many times.
macro_rules! row {
    ($pipeline:expr, $($stage:expr)*) => { $pipeline$(.stage($stage))* };
}

#[tokio::test]
async fn forty_stages_are_spawned_and_run() {
    let pipeline = row!(
        Pipeline::named(name!(dispatch.numbers)),
        CountStage CountStage CountStage CountStage CountStage CountStage CountStage CountStage CountStage CountStage
        CountStage CountStage CountStage CountStage CountStage CountStage CountStage CountStage CountStage CountStage
        CountStage CountStage CountStage CountStage CountStage CountStage CountStage CountStage CountStage CountStage
        CountStage CountStage CountStage CountStage CountStage CountStage CountStage CountStage CountStage CountStage
    );
    assert_eq!(tokio::spawn(async move { pipeline.run(2).await }).await.unwrap().unwrap(), 42);
}

#[pipeline_stage(dispatch.count_with_a_name_that_says_so_much_that_forty_five_of_them_have_no_room_in_one_field_of_an_event, stage = Wordy)]
async fn count_wordily(number: u32) -> Result<u32, String> {
    if number == 1 { Err("enough".to_owned()) } else { Ok(number + 1) }
}

#[tokio::test]
async fn a_list_of_stages_that_was_cut_is_not_taken_for_all_of_them() {
    let fifteen = || {
        row!(
            Pipeline::named(name!(dispatch.numbers)),
            Wordy Wordy Wordy Wordy Wordy Wordy Wordy Wordy Wordy Wordy Wordy Wordy Wordy Wordy Wordy
        )
    };
    let pipeline = Pipeline::named(name!(dispatch.all_numbers))
        .stage(fifteen())
        .stage(fifteen())
        .stage(fifteen())
        .stage(CountStage);
    let capture = capture();
    let error = pipeline.run(0).await.unwrap_err();
    assert_eq!((error.report.ran().count(), error.report.failed().count()), (1, 2));
    assert_eq!(error.report.never_ran().count(), 46);
    let events = capture.events();
    let trace = Trace::from_events(events[0].trace_id, events.iter().map(|event| (**event).clone()));
    let outer = &trace.spans()[0];
    assert_eq!(trace.stages_cut().iter().map(|pipeline| pipeline.id).collect::<Vec<_>>(), [outer.id]);
    let tree = trace.to_string();
    assert!(tree.ends_with("└─ ..  list of stages cut\n"), "{tree}");
    // Those of the first fifteen that did not run are told by their own pipeline, and of the others those that are
    // listed.
    let own = trace.never_ran().iter().filter(|absent| absent.pipeline.id != outer.id).count();
    assert_eq!(own, 13);
    let listed = trace.never_ran().iter().filter(|absent| absent.pipeline.id == outer.id).count();
    assert!((20..31).contains(&listed), "{listed} of 31: {tree}");
    assert_eq!(trace.ran_unseen(), [""; 0]);
}
