//! The least that plays from Bevy: the counter of `minimal`, with its rules in `ground/counter.rs`, counted by a system, without a window.
//!
//! A game adds the same plugin to `DefaultPlugins`.
//!
//! `cargo run -p latchkey --features bevy,devnet-server --example bevy_minimal`

#[path = "ground/counter.rs"]
mod counter;

use std::time::Duration;

use alloy::primitives::hex;
use bevy_app::{App, AppExit, PostUpdate, ScheduleRunnerPlugin, TaskPoolPlugin, Update};
use bevy_ecs::prelude::*;
use bevy_state::app::StatesPlugin;
use latchkey::bevy::{Act, ChainHandle, ChainPlugin, OutcomeMessage, Refused};
use latchkey::contracts::{artifacts::SESSION_WALLET, create2};
use latchkey::devnet::{Devnet, dev_accounts};
use latchkey::{Chain, Endpoint, Outcome, Owner, Policy, SessionKey};

use counter::Counter;

/// How far to count.
const GOAL: u64 = 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let code = hex::decode(include_str!("ground/counter.hex").trim())?;
    let counter = create2::address(&code);
    let devnet = Devnet::builder().create2(SESSION_WALLET.creation.clone()).create2(code).spawn()?;
    let endpoint = Endpoint::connection("embedded chain", devnet.connection());
    let policy = Policy::builder("Counter").method(counter, "Counter", "count()").gas_money(10_u128.pow(17)).build()?;
    let (owner, key) = (Owner::connect(&endpoint, dev_accounts()[0].clone())?, SessionKey::random()?);
    let grant = owner.grant(&policy, key.address())?;
    let chain = Chain::builder(Counter(counter)).endpoint(endpoint).session(key, grant.account).start()?;

    App::new()
        .add_plugins((
            TaskPoolPlugin::default(),
            ScheduleRunnerPlugin::run_loop(Duration::from_millis(16)),
            StatesPlugin,
            ChainPlugin::<Counter>::default(),
        ))
        .insert_resource(ChainHandle(chain))
        .add_systems(Update, (count, hear))
        .add_systems(PostUpdate, leave)
        .run();
    Ok(())
}

/// A game would ask its input here.
fn count(chain: Res<ChainHandle<Counter>>, mut acts: MessageWriter<Act<()>>) {
    if *chain.predicted() < GOAL {
        acts.write(Act(()));
    }
}

fn hear(mut outcomes: MessageReader<OutcomeMessage<Counter>>, mut refused: MessageReader<Refused<Counter>>) {
    for OutcomeMessage(outcome) in outcomes.read() {
        if let Outcome::Confirmed { id, latency, .. } = outcome {
            println!("{id} confirmed after {} ms", latency.as_millis());
        }
    }
    for Refused(error) in refused.read() {
        println!("{error}");
    }
}

fn leave(chain: Res<ChainHandle<Counter>>, mut exit: MessageWriter<AppExit>) {
    if *chain.confirmed() == GOAL {
        println!("predicted {}, confirmed {}", chain.predicted(), chain.confirmed());
        exit.write(AppExit::Success);
    }
}
