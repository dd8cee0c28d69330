//~ `operation` events say what has happened, so their action is in the past tense: write `status_updated` [tense/past]

use tense::traced;

#[traced(operation.tokens.update_status)]
async fn update_status(status: u8) -> u8 {
    status
}

fn main() {
    drop(update_status(1));
}
