//~ `attempt` is filled in by pipelines and the recorder; give yours another name [attribute/reserved]

use tense::pipeline_stage;

#[pipeline_stage(dispatch.notify, fields(attempt = 1), retry(when = |_| true, attempts = 3))]
async fn notify(name: String) -> Result<String, String> {
    Ok(name)
}

fn main() {
    drop(notify(String::new()));
}
