//~ `Job` cannot be recorded as a field as it is

struct Job;

fn main() {
    let job = Job;
    tense::context!(job_id = job);
}
