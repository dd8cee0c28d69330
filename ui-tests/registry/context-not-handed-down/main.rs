//~ `tenent` is not handed down (did you mean `tenant`?); handed down are `job_id`, `worker_id`, `machine_id`, `user_id`, `tenant`, `attempts`: add it to `[context] inherit` in tense.toml, or record it in `fields(..)` [fields/inherit]
//~ tense.toml declares this field as `integer?`, and `&str` is none [fields/type]

fn main() {
    tense::context!(job_id = 7, tenant = "t1", attempts = 1_u8);
    tense::context!(user_id = "u1", tenent = "t1");
    tense::context!(attempts = "1");
}
