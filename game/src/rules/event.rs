//! What the contract says happened.

use alloy::primitives::{Address, Log, U256};
use alloy::sol_types::SolEvent;

use super::abi::GameRouter;
use super::action::{Loot, Skill};
use super::balance::MONSTERS;
use super::hero::Hero;
use super::monster::Monster;
use super::world::World;

/// Something that happened on chain, with everything it touched as it is afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A hero struck a monster.
    Struck {
        /// Account of the hero.
        player: Address,
        /// Id of the monster.
        id: u8,
        /// With what.
        means: Means,
        /// Health that the monster lost.
        damage: u16,
        /// The monster afterwards.
        monster: Monster,
        /// The hero afterwards.
        hero: Hero,
    },
    /// A hero picked up loot.
    PickedUp {
        /// Account of the hero.
        player: Address,
        /// Which loot.
        loot: Loot,
        /// Gold gained, in its smallest unit.
        gold: U256,
        /// Gold of the player afterwards, in its smallest unit.
        gold_balance: U256,
        /// The monster that had dropped it, afterwards.
        monster: Monster,
        /// The hero afterwards.
        hero: Hero,
    },
}

/// What a hero struck with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Means {
    /// A plain attack.
    Attack,
    /// A skill.
    Skill(Skill),
}

impl Means {
    fn from_number(number: U256) -> Option<Self> {
        match u8::try_from(number).ok()? {
            0 => Some(Self::Attack),
            n => Skill::ALL.get(usize::from(n) - 1).copied().map(Self::Skill),
        }
    }
}

impl Event {
    /// Reads a log of the game contract `router`; `None` for every other log and for words out of range.
    pub fn from_log(router: Address, log: &Log) -> Option<Self> {
        if log.address != router {
            return None;
        }
        match *log.topics().first()? {
            GameRouter::Struck::SIGNATURE_HASH => {
                let struck = GameRouter::Struck::decode_log(log).ok()?.data;
                let id = u8::try_from(struck.monsterId).ok().filter(|id| *id < MONSTERS)?;
                Some(Self::Struck {
                    player: struck.player,
                    id,
                    means: Means::from_number(struck.means)?,
                    damage: u16::try_from(struck.damage).ok()?,
                    monster: Monster::from_word(id, struck.monster),
                    hero: Hero::from_word(struck.hero),
                })
            }
            GameRouter::PickedUp::SIGNATURE_HASH => {
                let picked = GameRouter::PickedUp::decode_log(log).ok()?.data;
                let loot = Loot::from_id(u64::try_from(picked.lootId).ok()?)?;
                if loot.monster >= MONSTERS {
                    return None;
                }
                Some(Self::PickedUp {
                    player: picked.player,
                    loot,
                    gold: picked.gold,
                    gold_balance: picked.goldBalance,
                    monster: Monster::from_word(loot.monster, picked.monster),
                    hero: Hero::from_word(picked.hero),
                })
            }
            _ => None,
        }
    }

    /// Account of the player who did it.
    pub const fn player(&self) -> Address {
        match self {
            Self::Struck { player, .. } | Self::PickedUp { player, .. } => *player,
        }
    }
}

impl World {
    /// Takes over what the chain says; everything touched is replaced, nothing is added up.
    pub fn apply(&mut self, event: &Event) {
        let (Event::Struck { monster, hero, .. } | Event::PickedUp { monster, hero, .. }) = *event;
        let id = match *event {
            Event::Struck { id, .. } => id,
            Event::PickedUp { loot, .. } => loot.monster,
        };
        if let Some(place) = self.monsters.get_mut(usize::from(id)) {
            *place = monster;
        }
        let Some(player) = self.player_mut(event.player()) else { return };
        player.hero = hero;
        if let Event::PickedUp { gold_balance, .. } = *event {
            player.gold = gold_balance;
        }
    }
}

#[cfg(test)]
mod tests {
    use alloy::primitives::{B256, LogData};

    use super::*;

    const ROUTER: Address = Address::repeat_byte(0xaa);
    const PLAYER: Address = Address::repeat_byte(0x01);

    fn struck_log(monster_id: u64, means: u64) -> Log {
        let event = GameRouter::Struck {
            player: PLAYER,
            monsterId: U256::from(monster_id),
            means: U256::from(means),
            damage: U256::from(8),
            monster: Monster { health: 22, ..Monster::fresh(0) }.to_word(),
            hero: Hero { health: 98, ..Hero::default() }.to_word(),
        };
        Log { address: ROUTER, data: event.encode_log_data() }
    }

    #[test]
    fn a_strike_is_read_and_taken_over() {
        let event = Event::from_log(ROUTER, &struck_log(0, 2)).expect("a strike");
        assert!(matches!(event, Event::Struck { means: Means::Skill(Skill::Smite), damage: 8, .. }));
        let mut world = World::new(PLAYER);
        world.apply(&event);
        assert_eq!((world.monsters[0].health, world.hero().health), (22, 98));
        let mut watcher = World::new(Address::ZERO);
        watcher.apply(&event);
        assert_eq!(watcher.hero(), &Hero::default(), "another player's hero is not mine");
        assert_eq!(watcher.player(PLAYER).expect("seen").hero.health, 98);
    }

    #[test]
    fn a_pickup_is_read_and_sets_the_purse() {
        let loot = Loot { monster: 4, generation: 3 };
        let event = GameRouter::PickedUp {
            player: PLAYER,
            lootId: U256::from(loot.id()),
            gold: U256::from(2),
            goldBalance: U256::from(77),
            monster: Monster::fresh(4).to_word(),
            hero: Hero::default().to_word(),
        };
        let log = Log { address: ROUTER, data: event.encode_log_data() };
        let event = Event::from_log(ROUTER, &log).expect("a pickup");
        let mut world = World::new(PLAYER);
        world.player.gold = U256::from(1_000);
        world.apply(&event);
        assert_eq!(world.player.gold, U256::from(77), "absolute, not added");
    }

    #[test]
    fn foreign_and_impossible_logs_are_nothing() {
        assert_eq!(Event::from_log(Address::ZERO, &struck_log(0, 0)), None, "another contract");
        assert_eq!(Event::from_log(ROUTER, &struck_log(12, 0)), None, "no such monster");
        assert_eq!(Event::from_log(ROUTER, &struck_log(0, 3)), None, "no such skill");
        let other = LogData::new_unchecked(vec![B256::repeat_byte(7)], Vec::new().into());
        assert_eq!(Event::from_log(ROUTER, &Log { address: ROUTER, data: other }), None);
        let bare = LogData::new_unchecked(Vec::new(), Vec::new().into());
        assert_eq!(Event::from_log(ROUTER, &Log { address: ROUTER, data: bare }), None);
    }
}
