//! Prepares and grants the session for the screen that asks, on threads of its own.

use bevy::platform::cell::SyncCell;
use bevy::prelude::*;
use latchkey::bevy::{ChainHandle, ChainState};

use super::setup::{Keep, Keeper, Place, Prepared, Run, RunOptions, prepare, prepare_at};
use super::waiting::Waiting;
use crate::rules::Rules;
use crate::view::offer::{Answer, Choice, Offer, Terms};
use crate::view::screen::Screen;

/// Where the session is made.
#[derive(Resource)]
pub struct Desk {
    options: RunOptions,
    /// Where every run of this process takes place, once it is known: an embedded chain outlives its sessions.
    place: Option<Place>,
    ready: Option<Box<Prepared>>,
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
    Live(Box<Keeper>),
    /// Handed to `closing`.
    Gone,
}

impl Desk {
    /// A desk for runs as `options` say, the first of which is prepared already.
    pub fn new(options: RunOptions, ready: Prepared) -> Self {
        Self { options, place: None, ready: Some(Box::new(ready)), stage: SyncCell::new(Stage::Empty) }
    }

    /// For a further run of this process: what is kept of the one before is not gone on with.
    pub(super) fn again(&mut self) -> Offer {
        self.options.keep = self.options.keep.take().map(Keep::anew);
        self.prepare()
    }

    /// Lets the embedded chain end with its last session.
    pub(super) fn leave(&mut self) {
        self.place = None;
    }

    /// Lays out what is prepared; the session of an earlier run is gone on with at once.
    fn lay_out(&mut self, prepared: Box<Prepared>) -> Offer {
        self.place = Some(prepared.place().clone());
        let terms = terms(&prepared);
        *self.stage.get() = Stage::Offered(prepared);
        if !terms.going_on {
            return Offer::Offered(terms);
        }
        self.grant(&terms).unwrap_or(Offer::Offered(terms))
    }

    fn prepare(&mut self) -> Offer {
        let (options, place) = (self.options.clone(), self.place.clone());
        let work = move || match place {
            Some(place) => prepare_at(&place, &options),
            None => prepare(&options),
        };
        match Waiting::on_thread("latchkey-prepare", work) {
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
    *offer = match desk.ready.take() {
        Some(ready) => desk.lay_out(ready),
        None => desk.prepare(),
    };
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
                *offer = desk.lay_out(Box::new(prepared));
                return;
            }
            Some(Err(error)) => (Stage::Empty, Offer::Failed(format!("{error:#}"))),
        },
        Stage::Granting(waiting) => match waiting.look() {
            None => return,
            Some(Ok(Run { chain, keeper })) => {
                commands.insert_resource(ChainHandle::<Rules>(chain));
                (Stage::Live(Box::new(keeper)), Offer::Live)
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
        going_on: prepared.goes_on(),
        largest_loss: policy.largest_loss(),
        warnings: policy.warnings(),
    }
}
