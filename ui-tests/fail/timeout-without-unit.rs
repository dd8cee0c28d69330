//~ a duration is a whole number and a unit, up to a day: "100ms", "5s", "2m", "1h" [attribute/duration]

use tense::pipeline_stage;

#[pipeline_stage(dispatch.notify, timeout = "5")]
async fn notify(name: String) -> Result<String, String> {
    Ok(name)
}

fn main() {
    drop(notify(String::new()));
}
