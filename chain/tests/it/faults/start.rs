//! What keeps a run from starting.

use latchkey::StartError;

use super::world::{Via, World};

#[test]
fn the_wrong_chain_is_refused_at_the_start() {
    let world = World::new();
    for via in [Via::Http, Via::Ws] {
        let refused = world.builder(via).chain_id(1).start().map(|_| ());
        assert!(matches!(refused, Err(StartError::WrongChain { expected: 1, found: 31_337 })), "{refused:?}");
    }
    assert!(world.submissions().is_empty(), "nothing was signed");
}

#[test]
fn an_endpoint_that_is_gone_is_named_at_the_start() {
    let world = World::new();
    world.proxy.cut();
    for via in [Via::Http, Via::Ws] {
        let refused = world.builder(via).start().map(|_| ());
        let Err(StartError::Endpoint(error)) = refused else { panic!("{refused:?}") };
        assert!(error.to_string().contains("127.0.0.1"), "it says where: {error}");
    }
    world.proxy.restore();
    let mut run = world.start(Via::Http);
    run.act_plain(1);
    run.settle();
    world.verify(&run);
}
