//~ a stage becomes a type, which cannot stand in an `impl`: take `self`, or write the function beside the `impl` [stage/method]

use tense::pipeline_stage;

struct Bank;

impl Bank {
    #[pipeline_stage(dispatch.founding)]
    async fn found(name: String) -> Result<Self, String> {
        drop(name);
        Ok(Self)
    }
}

fn main() {
    drop(Bank::found(String::new()));
}
