//! The rules as the engine wants them.

use alloy::primitives::{Address, Log, U256};
use alloy::sol_types::SolCall;
use latchkey::contracts::abi::GameRouter;
use latchkey::{Call, Model};

use super::action::Action;
use super::event::Event;
use super::play::Times;
use super::reject::Reject;
use super::world::World;

/// Seconds that a predicted cooldown or respawn runs longer than the contract's.
///
/// The contract counts from the timestamp of the block that includes the action, which lies after
/// the moment the player acted: by up to a block, and by rounding to whole seconds. Without this
/// second, a skill used the instant it looks ready would reach the chain one second too early and
/// be refused. Times that the chain has confirmed are exact and carry no margin.
pub const PREDICTION_MARGIN_SECONDS: u64 = 1;

/// The game's [`Model`]: which contract, and whose game.
#[derive(Debug, Clone)]
pub struct Rules {
    router: Address,
    initial: World,
}

impl Rules {
    /// Rules of the game contract at `router` for the account `player`, from an untouched world.
    pub fn new(router: Address, player: Address) -> Self {
        Self { router, initial: World::new(player) }
    }

    /// Starts from `world`, as read from the contract at the block before the first one watched.
    pub fn starting_from(self, world: World) -> Self {
        Self { initial: world, ..self }
    }

    /// Address of the game contract.
    pub const fn router(&self) -> Address {
        self.router
    }
}

impl Model for Rules {
    type State = World;
    type Action = Action;
    type Event = Event;
    type Reject = Reject;

    fn initial(&self) -> World {
        self.initial.clone()
    }

    fn predict(&self, state: &mut World, action: &Action, at: u64) -> Result<(), Reject> {
        let times = Times { judged_at: at, dated_at: at.saturating_add(PREDICTION_MARGIN_SECONDS) };
        state.play(action, times)
    }

    fn encode(&self, action: &Action) -> Call {
        match *action {
            Action::Attack { monster } => {
                Call::new(self.router, GameRouter::attackCall::SELECTOR).arg(U256::from(monster))
            }
            Action::UseSkill { skill, monster } => Call::new(self.router, GameRouter::useSkillCall::SELECTOR)
                .arg(U256::from(skill.id()))
                .arg(U256::from(monster))
                .value(skill.wei()),
            Action::Pickup { loot } => {
                Call::new(self.router, GameRouter::pickupCall::SELECTOR).arg(U256::from(loot.id()))
            }
        }
    }

    fn decode(&self, log: &Log) -> Option<Event> {
        Event::from_log(self.router, log)
    }

    fn apply(&self, state: &mut World, event: &Event) {
        state.apply(event);
    }

    fn checksum(&self, state: &World) -> u64 {
        state.checksum()
    }
}

#[cfg(test)]
mod tests {
    use alloy::primitives::keccak256;

    use super::super::action::Loot;
    use super::super::skill::Skill;
    use super::*;

    const ROUTER: Address = Address::repeat_byte(0xaa);
    const AT: u64 = 1_800_000_000;

    fn rules() -> Rules {
        Rules::new(ROUTER, Address::repeat_byte(1))
    }

    fn check_call(action: Action, signature: &str, args: &[u64], value: u128) {
        let call = rules().encode(&action);
        assert_eq!(call.target, ROUTER);
        assert_eq!(call.selector, keccak256(signature)[..4], "{signature}");
        let words: Vec<u8> = args.iter().flat_map(|arg| U256::from(*arg).to_be_bytes::<32>()).collect();
        assert_eq!(*call.args, *words, "{signature}");
        assert_eq!(call.value, value, "{signature}");
    }

    #[test]
    fn actions_become_the_contracts_calls() {
        check_call(Action::Attack { monster: 7 }, "attack(uint256)", &[7], 0);
        let skill = |skill| Action::UseSkill { skill, monster: 2 };
        check_call(skill(Skill::Firebolt), "useSkill(uint8,uint256)", &[0, 2], 0);
        check_call(skill(Skill::Smite), "useSkill(uint8,uint256)", &[1, 2], 500_000_000_000_000);
        check_call(skill(Skill::Tithe), "useSkill(uint8,uint256)", &[2, 2], 0);
        let loot = Loot { monster: 3, generation: 2 };
        check_call(Action::Pickup { loot }, "pickup(uint256)", &[0x203], 0);
    }

    #[test]
    fn a_predicted_cooldown_is_a_second_longer_and_a_confirmed_one_exact() {
        let rules = rules();
        let firebolt = Action::UseSkill { skill: Skill::Firebolt, monster: 2 };
        let mut world = rules.initial();
        rules.predict(&mut world, &firebolt, AT).expect("ready");
        assert!(rules.predict(&mut world.clone(), &firebolt, AT + 3).is_err(), "may be too early");
        assert!(rules.predict(&mut world, &firebolt, AT + 4).is_ok());

        let mut confirmed = rules.initial();
        confirmed.player.hero.skill_ready_at = [AT; 3];
        assert!(rules.predict(&mut confirmed, &firebolt, AT).is_ok());
    }
}
