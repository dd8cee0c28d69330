//~ tense.toml:2:1: `closd` is not a key of tense.toml: did you mean `closed`? [file/key]

// Whoever comes second is not told again, and has the type that is expected.
fn main() {
    let first = tense::prepared!(decision.routing.start);
    let events = vec![first, tense::prepared!(decision.routing.wait)];
    let name = tense::name!(dispatch.loan);
    events.into_iter().for_each(tense::Prepared::emit);
    drop(name);
}
