//~ `dispatch` events say what is being done, so their action is in the present tense: write `merge`, or `operation.branch.merged` if it reports a finished change [tense/present]

use tense::traced;

#[traced(dispatch.branch.merged)]
fn merge_branch() {}

fn main() {
    merge_branch();
}
