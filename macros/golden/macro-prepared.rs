//! An event for later, with a field of each kind.
fn plan(token: &Token) -> Prepared {
    prepared!(decision.routing.start, token.id, cost = %token.cost, tags("routing"))
}
