//~ `Notice` doesn't implement `std::fmt::Display`

use tense::pipeline_stage;

#[derive(Clone)]
struct Notice(String);

#[pipeline_stage(dispatch.notify, fields(notice = %notice), retry(when = |_| true, attempts = 3))]
async fn notify(notice: Notice) -> Result<String, String> {
    Ok(notice.0)
}

fn main() {
    drop(notify(Notice(String::new())));
}
