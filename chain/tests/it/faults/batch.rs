//! Actions that fail inside a batch, and batches that fail as a whole.

use super::marks::Kind;
use super::world::{End, Via, World};

#[test]
fn case_12_a_revert_in_the_middle_and_out_of_gas_of_the_whole() {
    let world = World::with(|policy| policy.max_actions_per_tx(8));
    let mut run = world.start(Via::Http);
    // The first one is sent alone at once, so that the others share a transaction.
    run.act(Kind::Plain);
    let kinds = [Kind::Plain, Kind::Reverts, Kind::Plain, Kind::Burns, Kind::Plain];
    let shared = kinds.map(|kind| run.act(kind));
    let whole = run.act(Kind::BurnsAll);
    let after = run.act(Kind::Plain);
    run.settle();
    for (id, kind) in shared.iter().zip(kinds) {
        let end = &run.ends[id];
        match kind {
            Kind::Plain => assert_eq!(*end, End::Confirmed, "a neighbour's failure costs it nothing"),
            _ => assert!(matches!(end, End::Rejected(_)), "{kind:?} ended as {end:?}"),
        }
    }
    assert!(matches!(run.ends[&whole], End::Rejected(_)), "{:?}", run.ends[&whole]);
    assert_eq!(run.ends[&after], End::Confirmed, "the nonce after the failed one was not touched");
    let transactions = run.chain.status().transactions;
    assert_eq!(transactions.reverted, 1, "only the one that ran out of gas as a whole");
    assert!(transactions.sent < 8, "actions shared a transaction");
    world.verify_same_bytes();
    world.verify(&run);
}
