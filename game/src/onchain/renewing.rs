//! A session is renewed while it is played with: the next one is granted beside it and takes over when nothing of the
//! old one is open, so that no action is lost and none is shown twice.

use bevy::platform::cell::SyncCell;
use bevy::prelude::*;
use latchkey::bevy::{ChainHandle, OutcomeMessage, running};
use latchkey::{Outcome, Phase};

use super::closing::{Ending, Outbox, STOP_DEADLINE};
use super::granting::{Desk, Stage};
use super::setup::Run;
use super::submit::OnHold;
use super::waiting::Waiting;
use crate::rules::Rules;
use crate::view::offer::{Answer, Renewal};
use crate::view::panel::Notice;
use crate::view::screen::{Screen, Step};

/// Seconds after which new orders are held back, so that even a player who never rests comes to a moment with nothing
/// open; it lasts about a block.
const PATIENCE_S: f32 = 2.0;

/// The next session.
#[derive(Resource, Default)]
enum Next {
    #[default]
    None,
    Granting(SyncCell<Waiting<Run>>),
    /// It follows the chain already.
    Ready {
        run: Box<SyncCell<Run>>,
        waited_s: f32,
    },
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Next>()
        .add_systems(PreUpdate, (due, ask, look).chain().run_if(resource_exists::<Desk>.and_then(running::<Rules>)))
        .add_systems(Update, take_over.before(Step::Order).run_if(resource_exists::<Desk>.and_then(running::<Rules>)))
        .add_systems(OnEnter(Screen::Leaving), give_up);
}

fn due(mut outcomes: MessageReader<OutcomeMessage<Rules>>, mut desk: ResMut<Desk>, mut renewal: ResMut<Renewal>) {
    let told = outcomes.read().any(|OutcomeMessage(outcome)| matches!(outcome, Outcome::RenewalDue { .. }));
    if let Stage::Live(keeper) = desk.stage.get()
        && told
    {
        *renewal = Renewal::Due(keeper.successor_loss());
    }
}

fn ask(
    mut answers: MessageReader<Answer>,
    mut desk: ResMut<Desk>,
    mut next: ResMut<Next>,
    mut renewal: ResMut<Renewal>,
) {
    let asked = answers.read().any(|answer| *answer == Answer::Renew);
    let Stage::Live(keeper) = desk.stage.get() else { return };
    if !asked || !matches!(*renewal, Renewal::Due(_) | Renewal::Failed(_)) {
        return;
    }
    let granting =
        keeper.successor().and_then(|prepared| Waiting::on_thread("latchkey-renew", move || prepared.start()));
    *renewal = match granting {
        Ok(waiting) => {
            *next = Next::Granting(SyncCell::new(waiting));
            Renewal::UnderWay
        }
        Err(error) => Renewal::Failed(format!("{error:#}")),
    };
}

fn look(mut next: ResMut<Next>, mut renewal: ResMut<Renewal>) {
    let Next::Granting(waiting) = &mut *next else { return };
    match waiting.get().look() {
        None => {}
        Some(Ok(run)) => *next = Next::Ready { run: Box::new(SyncCell::new(run)), waited_s: 0.0 },
        Some(Err(error)) => {
            *next = Next::None;
            *renewal = Renewal::Failed(format!("{error:#}"));
        }
    }
}

fn take_over(
    time: Res<Time>,
    outbox: Res<Outbox>,
    mut next: ResMut<Next>,
    mut chain: ResMut<ChainHandle<Rules>>,
    mut desk: ResMut<Desk>,
    mut hold: ResMut<OnHold>,
    (mut renewal, mut notice): (ResMut<Renewal>, ResMut<Notice>),
) {
    let Next::Ready { run, waited_s } = &mut *next else { return };
    *waited_s += time.delta_secs();
    let ready = {
        let run = run.get();
        run.chain.drain();
        run.chain.status().phase == Phase::Ready
    };
    hold.0 = ready && *waited_s > PATIENCE_S;
    if !ready || chain.status().actions.unresolved > 0 {
        return;
    }
    hold.0 = false;
    let Next::Ready { run, .. } = std::mem::take(&mut *next) else { return };
    let Run { chain: new, keeper } = SyncCell::to_inner(*run);
    let old = std::mem::replace(&mut chain.0, new);
    let stage = std::mem::replace(desk.stage.get(), Stage::Live(Box::new(keeper)));
    *renewal = Renewal::NotDue;
    notice.say("The session is renewed.", false);
    let Stage::Live(keeper) = stage else { return };
    let outbox = outbox.clone();
    let retired = Waiting::on_thread("latchkey-retire", move || {
        let world = old.confirmed().clone();
        let report = Some(old.shutdown(STOP_DEADLINE));
        let block_time = Some(keeper.block_time());
        let spent = keeper.spent().ok().flatten();
        let still_live = keeper.succeeded().revoke().err();
        outbox.leave(Ending { report, world: Some(world), block_time, spent, still_live, ..default() });
        Ok(())
    });
    if let Err(error) = retired {
        tracing::warn!("the old session ends by its time alone: {error:#}");
    }
}

/// A session that nobody plays with any more is revoked again; one on its way can only be told of.
fn give_up(mut next: ResMut<Next>, mut hold: ResMut<OnHold>) {
    hold.0 = false;
    let run = match std::mem::take(&mut *next) {
        Next::Ready { run, .. } => Some(SyncCell::to_inner(*run)),
        Next::Granting(waiting) => SyncCell::to_inner(waiting).look().and_then(Result::ok),
        Next::None => None,
    };
    let Some(Run { chain, keeper }) = run else { return };
    let revoked = Waiting::on_thread("latchkey-retire", move || {
        drop(chain);
        keeper.revoke().map_err(Into::into)
    });
    if let Err(error) = revoked {
        tracing::warn!("the renewed session ends by its time alone: {error:#}");
    }
}
