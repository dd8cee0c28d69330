//~ `timeout` needs a timer, which is tokio's: ask for `features = ["tokio"]` of the crate `tense` in Cargo.toml [attribute/feature]
//~ `backoff` needs a timer, which is tokio's: ask for `features = ["tokio"]` of the crate `tense` in Cargo.toml [attribute/feature]

use tense::pipeline_stage;

#[pipeline_stage(dispatch.fund, timeout = "5s")]
async fn fund(name: String) -> Result<String, String> {
    Ok(name)
}

#[pipeline_stage(dispatch.notify, retry(when = |_| true, attempts = 3, backoff = "100ms"))]
async fn notify(name: String) -> Result<String, String> {
    Ok(name)
}

fn main() {
    drop(fund(String::new()));
    drop(notify(String::new()));
}
