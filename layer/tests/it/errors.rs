//! Errors of every kind that a stage may return: the report has them, and the events of stage and pipeline say the
//! same.

use std::error::Error;
use std::task::{Context, Poll, Waker};

use tense::{Pipeline, name, pipeline_stage};
use tense_layer::testing::capture;

#[test]
fn every_kind_of_error_is_a_stages_error() {
    #[pipeline_stage(dispatch.say)]
    fn say(_: ()) -> Result<(), &'static str> {
        Err("a word")
    }
    #[pipeline_stage(dispatch.tell)]
    fn tell(_: ()) -> Result<(), String> {
        Err("a text".to_owned())
    }
    #[pipeline_stage(dispatch.throw)]
    fn throw(_: ()) -> Result<(), Box<dyn Error + Send + Sync>> {
        Err(Box::new(std::fmt::Error))
    }
    #[pipeline_stage(dispatch.wrap)]
    fn wrap(_: ()) -> anyhow::Result<()> {
        Err(anyhow::anyhow!("the cause").context("the context"))
    }
    #[pipeline_stage(dispatch.report)]
    fn report(_: ()) -> eyre::Result<()> {
        Err(eyre::eyre!("the cause").wrap_err("the context"))
    }
    #[pipeline_stage(dispatch.never)]
    fn never(_: ()) -> Result<(), std::convert::Infallible> {
        Ok(())
    }
    macro_rules! failure_of {
        ($stage:expr) => {{
            let capture = capture();
            let pipeline = Pipeline::named(name!(dispatch.errors)).stage(NeverStage).stage($stage);
            let mut run = std::pin::pin!(pipeline.run(()));
            let Poll::Ready(Err(error)) = run.as_mut().poll(&mut Context::from_waker(Waker::noop())) else { panic!() };
            let events = capture.events();
            let [.., stage, pipeline] = events.as_slice() else { panic!("{events:#?}") };
            assert_eq!(stage.error.as_ref().unwrap().error_message, pipeline.error.as_ref().unwrap().error_message);
            assert_eq!(stage.error.as_ref().unwrap().error_type, pipeline.error.as_ref().unwrap().error_type);
            let told = pipeline.error.as_ref().unwrap();
            (error.source.to_string(), told.error_type.to_string(), told.error_message.clone())
        }};
    }
    let texts = |text: &str, kind: &str, told: &str| (text.to_owned(), kind.to_owned(), told.to_owned());
    assert_eq!(failure_of!(SayStage), texts("a word", "&str", "a word"));
    assert_eq!(failure_of!(TellStage), texts("a text", "String", "a text"));
    let said = std::fmt::Error.to_string();
    assert_eq!(failure_of!(ThrowStage), texts(&said, "Box<dyn Error + Send + Sync>", &said));
    assert_eq!(failure_of!(WrapStage), texts("the context", "anyhow::Error", "the context: the cause"));
    assert_eq!(failure_of!(ReportStage), texts("the context", "Report", "the context: the cause"));
}
