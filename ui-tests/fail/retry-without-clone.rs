//~ a stage that is tried again needs its input again, and `Notice` cannot be cloned

use tense::pipeline_stage;

struct Notice(String);

#[pipeline_stage(dispatch.notify, retry(when = |_| true, attempts = 3))]
async fn notify(notice: Notice) -> Result<String, String> {
    Ok(notice.0)
}

fn main() {
    drop(notify(Notice(String::new())));
}
