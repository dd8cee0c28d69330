//~ mismatched types

use tense::pipeline_stage;

fn is_transient(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::TimedOut
}

#[pipeline_stage(dispatch.notify, retry(when = is_transient, attempts = 3))]
async fn notify(name: String) -> Result<String, String> {
    Ok(name)
}

fn main() {
    drop(notify(String::new()));
}
