//! Bevy plugin: the front door as a resource, actions and outcomes as messages.
//!
//! Works with `MinimalPlugins` and `StatesPlugin`. Receive early in the frame, send late:
//!
//! ```text
//! PreUpdate   ChainSystems::Receive    drain → OutcomeMessage
//!             ChainSystems::Reconcile  ChainState follows the engine's phase; the game eases its picture here
//! Update      the game reads predicted() and confirmed(), writes Act
//! PostUpdate  ChainSystems::Submit     Act → act, refused ones → Refused
//!             ChainSystems::Flush      diagnostics
//! ```

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use bevy_app::{App, Plugin, PostUpdate, PreUpdate};
use bevy_diagnostic::{Diagnostic, DiagnosticPath, Diagnostics, RegisterDiagnostic};
use bevy_ecs::prelude::*;
use bevy_state::app::AppExtStates;
use bevy_state::state::{NextState, State, States};

use crate::{ActError, Chain, Model, Outcome, Phase};

/// Actions that are not signed yet.
pub const QUEUED: DiagnosticPath = DiagnosticPath::const_new("latchkey/queued");

/// Actions that are signed and without a receipt.
pub const IN_FLIGHT: DiagnosticPath = DiagnosticPath::const_new("latchkey/in_flight");

/// Adds the messages, the state and the systems of one game.
///
/// The game inserts [`ChainHandle`] once a session is granted; until then nothing runs.
pub struct ChainPlugin<M: Model>(PhantomData<fn() -> M>);

impl<M: Model> Default for ChainPlugin<M> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

/// The running chain.
#[derive(Resource)]
pub struct ChainHandle<M: Model>(pub Chain<M>);

impl<M: Model> Deref for ChainHandle<M> {
    type Target = Chain<M>;

    fn deref(&self) -> &Chain<M> {
        &self.0
    }
}

impl<M: Model> DerefMut for ChainHandle<M> {
    fn deref_mut(&mut self) -> &mut Chain<M> {
        &mut self.0
    }
}

/// Where the session is. `Offline` and `Granting` are the game's to set, the rest follows the engine.
#[derive(States, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ChainState {
    /// No session.
    #[default]
    Offline,
    /// The player has agreed; the grant is on its way.
    Granting,
    /// Signing and following.
    Ready,
    /// The endpoint fails; actions wait, nothing is lost.
    Degraded,
    /// Nothing new is signed; what is in flight is still followed.
    Draining,
}

/// Order of the plugin's systems.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub enum ChainSystems {
    /// `PreUpdate`: outcomes come in.
    Receive,
    /// `PreUpdate`, after `Receive`: the picture is brought in line.
    Reconcile,
    /// `PostUpdate`: actions go out.
    Submit,
    /// `PostUpdate`, after `Submit`: diagnostics.
    Flush,
}

/// The player acted.
#[derive(Message, Clone, Debug)]
pub struct Act<A: Send + Sync + 'static>(pub A);

/// What the chain said.
#[derive(Message, Clone, Debug)]
pub struct OutcomeMessage<M: Model>(pub Outcome<M>);

/// An action was refused at the door.
#[derive(Message, Clone, Debug)]
pub struct Refused<M: Model>(pub ActError<M>);

impl<M: Model> Plugin for ChainPlugin<M> {
    fn build(&self, app: &mut App) {
        app.init_state::<ChainState>()
            .add_message::<Act<M::Action>>()
            .add_message::<OutcomeMessage<M>>()
            .add_message::<Refused<M>>()
            .register_diagnostic(Diagnostic::new(QUEUED))
            .register_diagnostic(Diagnostic::new(IN_FLIGHT))
            .configure_sets(PreUpdate, (ChainSystems::Receive, ChainSystems::Reconcile).chain())
            .configure_sets(PostUpdate, (ChainSystems::Submit, ChainSystems::Flush).chain())
            .add_systems(PreUpdate, receive::<M>.in_set(ChainSystems::Receive).run_if(running::<M>))
            .add_systems(PreUpdate, follow_phase::<M>.in_set(ChainSystems::Reconcile).run_if(running::<M>))
            .add_systems(PostUpdate, submit::<M>.in_set(ChainSystems::Submit).run_if(running::<M>))
            .add_systems(PostUpdate, measure::<M>.in_set(ChainSystems::Flush).run_if(running::<M>));
    }
}

/// Run condition: a session is granted and its chain runs.
pub fn running<M: Model>(chain: Option<Res<ChainHandle<M>>>) -> bool {
    chain.is_some()
}

fn receive<M: Model>(mut chain: ResMut<ChainHandle<M>>, mut outcomes: MessageWriter<OutcomeMessage<M>>) {
    outcomes.write_batch(chain.drain().into_iter().map(OutcomeMessage));
}

fn follow_phase<M: Model>(
    chain: Res<ChainHandle<M>>,
    state: Res<State<ChainState>>,
    mut next: ResMut<NextState<ChainState>>,
) {
    let wanted = match chain.status().phase {
        Phase::Starting => ChainState::Granting,
        Phase::Ready => ChainState::Ready,
        Phase::Degraded(_) => ChainState::Degraded,
        Phase::Draining(_) => ChainState::Draining,
        Phase::Stopped => ChainState::Offline,
    };
    if *state.get() != wanted {
        next.set(wanted);
    }
}

fn submit<M: Model>(
    mut chain: ResMut<ChainHandle<M>>,
    mut acts: MessageReader<Act<M::Action>>,
    mut refused: MessageWriter<Refused<M>>,
) {
    for Act(action) in acts.read() {
        if let Err(error) = chain.act(action.clone()) {
            refused.write(Refused(error));
        }
    }
}

fn measure<M: Model>(chain: Res<ChainHandle<M>>, mut diagnostics: Diagnostics) {
    let actions = chain.status().actions;
    diagnostics.add_measurement(&QUEUED, || actions.queued as f64);
    diagnostics.add_measurement(&IN_FLIGHT, || actions.in_flight as f64);
}
