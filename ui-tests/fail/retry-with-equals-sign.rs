//~ `retry` says when and how often: `retry(when = is_transient, attempts = 3)` [attribute/retry]

use tense::pipeline_stage;

fn is_transient(_: &String) -> bool {
    true
}

#[pipeline_stage(dispatch.notify, retry = is_transient)]
async fn notify(name: String) -> Result<String, String> {
    Ok(name)
}

fn main() {
    drop((notify(String::new()), is_transient(&String::new())));
}
