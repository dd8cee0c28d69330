//~ what a pipeline does for a stage it does for functions: call the method from one with this attribute [stage/method]

use tense::pipeline_stage;

struct Post;

impl Post {
    #[pipeline_stage(dispatch.notify, compensate = revoke)]
    async fn notify(&self, name: String) -> Result<String, String> {
        Ok(name)
    }
}

async fn revoke(_name: &String) -> Result<(), String> {
    Ok(())
}

fn main() {
    drop(Post.notify(String::new()));
    drop(revoke(&String::new()));
}
