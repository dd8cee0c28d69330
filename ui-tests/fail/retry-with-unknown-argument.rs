//~ unknown argument `attempt` (did you mean `attempts`?); known are `when`, `attempts`, `backoff`, `max_backoff` [attribute/unknown]

use tense::pipeline_stage;

#[pipeline_stage(dispatch.notify, retry(when = |_| true, attempt = 3))]
async fn notify(name: String) -> Result<String, String> {
    Ok(name)
}

fn main() {
    drop(notify(String::new()));
}
