//~ a pipeline calls a stage by itself, and cannot promise what an `unsafe fn` asks for: write a safe function that calls this one [stage/unsafe]

use tense::pipeline_stage;

#[pipeline_stage(dispatch.funding)]
unsafe fn fund(loan: *const u32) -> Result<bool, String> {
    Ok(loan.is_null())
}

fn main() {
    drop(unsafe { fund(std::ptr::null()) });
}
