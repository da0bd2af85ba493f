//! Prepares and grants the session for the screen that asks, on threads of its own.

use bevy::platform::cell::SyncCell;
use bevy::prelude::*;
use latchkey::bevy::{ChainHandle, ChainState};

use super::setup::{Keeper, Prepared, Run, RunOptions, prepare};
use super::waiting::Waiting;
use crate::rules::Rules;
use crate::view::offer::{Answer, Choice, Offer, Terms};
use crate::view::screen::Screen;

/// Where the session is made.
#[derive(Resource)]
pub struct Desk {
    options: RunOptions,
    /// What is on the desk; nobody shares it, so the cell never blocks.
    pub(super) stage: SyncCell<Stage>,
}

/// What is on the desk.
pub(super) enum Stage {
    /// Nothing yet.
    Empty,
    /// The chain and the contracts are looked up.
    Preparing(Waiting<Prepared>),
    /// Ready to be granted.
    Offered(Box<Prepared>),
    /// The grant is on its way.
    Granting(Waiting<Run>),
    /// Granted; the keeper ends it.
    Live(Keeper),
    /// Handed to `closing`.
    Gone,
}

impl Desk {
    /// A desk for runs as `options` say.
    pub fn new(options: RunOptions) -> Self {
        Self { options, stage: SyncCell::new(Stage::Empty) }
    }

    fn prepare(&mut self) -> Offer {
        let options = self.options.clone();
        match Waiting::on_thread("latchkey-prepare", move || prepare(&options)) {
            Ok(waiting) => {
                *self.stage.get() = Stage::Preparing(waiting);
                Offer::Preparing
            }
            Err(error) => Offer::Failed(format!("{error:#}")),
        }
    }

    fn choose(&mut self, choice: Choice) -> Option<Offer> {
        let Stage::Offered(prepared) = self.stage.get() else { return None };
        Some(match prepared.choose(choice) {
            Ok(()) => Offer::Offered(terms(prepared)),
            Err(error) => Offer::Failed(error.to_string()),
        })
    }

    fn grant(&mut self, terms: &Terms) -> Option<Offer> {
        let Stage::Offered(prepared) = std::mem::replace(self.stage.get(), Stage::Empty) else { return None };
        match Waiting::on_thread("latchkey-grant", move || prepared.start()) {
            Ok(waiting) => {
                *self.stage.get() = Stage::Granting(waiting);
                Some(Offer::Granting(terms.clone()))
            }
            Err(error) => Some(Offer::Failed(format!("{error:#}"))),
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, begin.run_if(resource_exists::<Desk>))
        .add_systems(PreUpdate, (answer, look).chain().run_if(granting.and_then(resource_exists::<Desk>)));
}

/// The chain is looked up behind the title already.
fn granting(screen: Res<State<Screen>>) -> bool {
    matches!(screen.get(), Screen::Title | Screen::Session)
}

fn begin(mut desk: ResMut<Desk>, mut offer: ResMut<Offer>) {
    *offer = desk.prepare();
}

fn answer(
    mut answers: MessageReader<Answer>,
    mut desk: ResMut<Desk>,
    mut offer: ResMut<Offer>,
    mut state: ResMut<NextState<ChainState>>,
) {
    for answer in answers.read() {
        match (answer, offer.clone()) {
            (Answer::Confirm, Offer::Offered(terms)) => {
                if let Some(next) = desk.grant(&terms) {
                    *offer = next;
                    state.set(ChainState::Granting);
                }
            }
            (Answer::Choose(choice), Offer::Offered(_)) => {
                if let Some(next) = desk.choose(*choice) {
                    *offer = next;
                }
            }
            (Answer::Retry, Offer::Failed(_)) => *offer = desk.prepare(),
            _ => {}
        }
    }
}

fn look(mut commands: Commands, mut desk: ResMut<Desk>, mut offer: ResMut<Offer>) {
    let stage = desk.stage.get();
    let (next_stage, next_offer) = match stage {
        Stage::Preparing(waiting) => match waiting.look() {
            None => return,
            Some(Ok(prepared)) => {
                let terms = terms(&prepared);
                (Stage::Offered(Box::new(prepared)), Offer::Offered(terms))
            }
            Some(Err(error)) => (Stage::Empty, Offer::Failed(format!("{error:#}"))),
        },
        Stage::Granting(waiting) => match waiting.look() {
            None => return,
            Some(Ok(Run { chain, keeper })) => {
                commands.insert_resource(ChainHandle::<Rules>(chain));
                (Stage::Live(keeper), Offer::Live)
            }
            Some(Err(error)) => (Stage::Empty, Offer::Failed(format!("{error:#}"))),
        },
        Stage::Empty | Stage::Offered(_) | Stage::Live(_) | Stage::Gone => return,
    };
    *stage = next_stage;
    *offer = next_offer;
}

fn terms(prepared: &Prepared) -> Terms {
    let policy = prepared.policy();
    Terms {
        endpoint: prepared.endpoint_label().to_owned(),
        account: prepared.account().to_string(),
        key: prepared.session_key().to_string(),
        lines: prepared.lines(),
        choice: prepared.choice(),
        largest_loss: policy.largest_loss(),
        warnings: policy.warnings(),
    }
}
