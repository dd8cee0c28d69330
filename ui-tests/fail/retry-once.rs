//~ `attempts` counts the first one as well: a number from 2 to 1000 [attribute/retry]

use tense::pipeline_stage;

#[pipeline_stage(dispatch.notify, retry(when = |_| true, attempts = 1))]
async fn notify(name: String) -> Result<String, String> {
    Ok(name)
}

fn main() {
    drop(notify(String::new()));
}
