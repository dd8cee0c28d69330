//~ `retry` says when and how often: `retry(when = is_transient, attempts = 3)` [attribute/retry]

use tense::pipeline_stage;

#[pipeline_stage(dispatch.notify, retry = 3)]
async fn notify(name: String) -> Result<String, String> {
    Ok(name)
}

fn main() {
    drop(notify(String::new()));
}
