//! Faults on purpose, for the developer menu: by the proxy before the embedded chain, and by the chain's own methods.

use std::sync::Arc;
use std::time::Duration;

use bevy::platform::cell::SyncCell;
use bevy::prelude::*;
use latchkey::devnet::{Fault as Injected, Rule, RuleId};
use serde_json::json;

use super::granting::{Desk, Stage};
use super::setup::{Embedded, Keeper};
use super::waiting::Waiting;
use crate::view::faults::{Fault, Faults};
use crate::view::panel::Notice;
use crate::view::screen::Screen;

/// Length of an outage and of a time of late answers, in seconds.
const LENGTH_S: f32 = 20.0;
/// How late answers come then.
const LATENESS: Duration = Duration::from_millis(1_500);
/// Submissions that are lost after the waiting ones were dropped.
const LOST: u64 = 3;
/// Blocks that a reorg replaces.
const DEPTH: u64 = 3;

/// What is in force.
#[derive(Resource, Default)]
struct InForce {
    late: Option<RuleId>,
    work: Option<SyncCell<Waiting<&'static str>>>,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<InForce>()
        .add_systems(
            PreUpdate,
            (offer, make, fade, look).chain().run_if(in_state(Screen::Dungeon).and_then(resource_exists::<Desk>)),
        )
        // Nobody should wait for the end of a run behind a fault of their own making.
        .add_systems(OnExit(Screen::Dungeon), mend.run_if(resource_exists::<Desk>));
}

fn mend(mut desk: ResMut<Desk>) {
    if let Some(embedded) = keeper(&mut desk).and_then(lab)
        && let Some(lab) = &embedded.lab
    {
        lab.proxy.clear();
        lab.proxy.restore();
    }
}

fn keeper(desk: &mut Desk) -> Option<&Keeper> {
    match desk.stage.get() {
        Stage::Live(keeper) => Some(keeper),
        _ => None,
    }
}

fn lab(keeper: &Keeper) -> Option<&Arc<Embedded>> {
    keeper.embedded().filter(|embedded| embedded.lab.is_some())
}

fn offer(mut desk: ResMut<Desk>, mut faults: ResMut<Faults>) {
    let available = keeper(&mut desk).and_then(lab).is_some();
    if faults.available != available {
        faults.available = available;
    }
}

fn make(
    mut wishes: MessageReader<Fault>,
    mut desk: ResMut<Desk>,
    mut faults: ResMut<Faults>,
    mut force: ResMut<InForce>,
    mut notice: ResMut<Notice>,
) {
    for wish in wishes.read() {
        let Some(keeper) = keeper(&mut desk) else { return };
        let Some(embedded) = lab(keeper).cloned() else { return };
        let Some(lab) = &embedded.lab else { return };
        let said = match wish {
            Fault::Cut => {
                lab.proxy.cut();
                faults.cut_s = LENGTH_S;
                "The endpoint is cut for 20 s."
            }
            Fault::Delay => {
                if force.late.is_none() {
                    force.late = lab.proxy.inject(Rule::new(Injected::DelayAnswer(LATENESS))).ok();
                }
                faults.late_s = LENGTH_S;
                "Answers come 1.5 s late for 20 s."
            }
            Fault::Drop => {
                let lost = Rule::new(Injected::LoseRequest).on("eth_sendRawTransaction*").times(LOST);
                // Too many rules in force only means that there is trouble enough.
                drop(lab.proxy.inject(lost));
                start(
                    &mut force,
                    "Waiting transactions were dropped; the next three are lost on their way.",
                    move || request(&embedded, "anvil_dropAllTransactions", json!([])),
                );
                "Dropping transactions."
            }
            Fault::Reorg => {
                start(&mut force, "The latest three blocks were replaced.", move || {
                    request(&embedded, "anvil_reorg", json!([DEPTH, []]))
                });
                "Replacing the latest three blocks."
            }
            Fault::Revoke => {
                let (owner, key) = (keeper.owner(), keeper.key());
                start(&mut force, "The session was revoked from outside.", move || Ok(owner.revoke(key)?));
                "Revoking from outside."
            }
        };
        said.clone_into(&mut faults.said);
        notice.say(said, false);
    }
}

fn request(embedded: &Embedded, method: &str, params: serde_json::Value) -> anyhow::Result<()> {
    let answer = embedded.devnet.request(method, params);
    answer.map(drop).map_err(|error| anyhow::anyhow!("{method}: {}", error.message))
}

/// Lets a thread do what may wait for the chain; one such thing at a time.
fn start(force: &mut InForce, done: &'static str, work: impl FnOnce() -> anyhow::Result<()> + Send + 'static) {
    if force.work.is_none() {
        let waiting = Waiting::on_thread("latchkey-fault", move || work().map(|()| done));
        force.work = waiting.ok().map(SyncCell::new);
    }
}

/// What lasts for a while ends.
fn fade(time: Res<Time>, mut desk: ResMut<Desk>, mut faults: ResMut<Faults>, mut force: ResMut<InForce>) {
    if faults.cut_s <= 0.0 && faults.late_s <= 0.0 {
        return;
    }
    let Some(embedded) = keeper(&mut desk).and_then(lab) else { return };
    let Some(lab) = &embedded.lab else { return };
    let passed = time.delta_secs();
    if faults.cut_s > 0.0 {
        faults.cut_s -= passed;
        if faults.cut_s <= 0.0 {
            lab.proxy.restore();
            "The endpoint is back.".clone_into(&mut faults.said);
        }
    }
    if faults.late_s > 0.0 {
        faults.late_s -= passed;
        if faults.late_s <= 0.0
            && let Some(rule) = force.late.take()
        {
            lab.proxy.remove(rule);
            "Answers are quick again.".clone_into(&mut faults.said);
        }
    }
}

fn look(mut faults: ResMut<Faults>, mut force: ResMut<InForce>) {
    let Some(result) = force.work.as_mut().and_then(|work| work.get().look()) else { return };
    force.work = None;
    faults.said = match result {
        Ok(said) => said.to_owned(),
        Err(error) => format!("That did not work: {error:#}"),
    };
}
