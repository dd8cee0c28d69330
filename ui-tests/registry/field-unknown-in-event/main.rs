//~ `operation.tokens.created` declares no field `colour`: it has `branch`, `is_root`, `node_id`, `tables`, `token_id`, `weight`; declare it in tense.toml, or leave it out [fields/unknown]

fn main() {
    tense::event!(operation.tokens.created, node_id = "n1", branch = 1, colour = "red");
}
