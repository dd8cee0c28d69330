//~ `retry` takes parentheses: `retry(..)` [attribute/parentheses]

use tense::pipeline_stage;

#[pipeline_stage(dispatch.notify, retry = 3)]
async fn notify(name: String) -> Result<String, String> {
    Ok(name)
}

fn main() {
    drop(notify(String::new()));
}
