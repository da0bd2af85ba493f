//! What the contract says happened.

use alloy::primitives::{Address, Log, U256};
use alloy::sol_types::SolEvent;
use latchkey::contracts::abi::GameRouter;

use super::action::Loot;
use super::balance::MONSTERS;
use super::hero::Hero;
use super::monster::{Monster, bits};
use super::skill::Skill;
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
        /// Gold of the player afterwards, in its smallest unit, when the strike cost some.
        gold_balance: Option<U256>,
    },
    /// A hero picked up loot.
    PickedUp {
        /// Account of the hero.
        player: Address,
        /// Which loot.
        loot: Loot,
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

const ID_SHIFT: usize = 120;
const MEANS_SHIFT: usize = 128;
const DAMAGE_SHIFT: usize = 136;

impl Means {
    fn from_number(number: usize) -> Option<Self> {
        match number.checked_sub(1) {
            None => Some(Self::Attack),
            Some(skill) => Skill::ALL.get(skill).copied().map(Self::Skill),
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
                Self::from_deed(struck.player, struck.deed, struck.hero, None)
            }
            GameRouter::StruckWithGold::SIGNATURE_HASH => {
                let struck = GameRouter::StruckWithGold::decode_log(log).ok()?.data;
                Self::from_deed(struck.player, struck.deed, struck.hero, Some(struck.goldBalance))
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
                    gold_balance: picked.goldBalance,
                    monster: Monster::from_word(loot.monster, picked.monster),
                    hero: Hero::from_word(picked.hero),
                })
            }
            _ => None,
        }
    }

    /// Reads the contract's deed: a monster's word, and above it which monster, by what means and with what damage.
    fn from_deed(player: Address, deed: U256, hero: U256, gold_balance: Option<U256>) -> Option<Self> {
        let id = bits(deed, ID_SHIFT, 8) as u8;
        (id < MONSTERS).then_some(())?;
        Some(Self::Struck {
            player,
            id,
            means: Means::from_number(bits(deed, MEANS_SHIFT, 8) as usize)?,
            damage: bits(deed, DAMAGE_SHIFT, 16) as u16,
            monster: Monster::from_word(id, deed),
            hero: Hero::from_word(hero),
            gold_balance,
        })
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
        match *event {
            Event::PickedUp { gold_balance, .. } | Event::Struck { gold_balance: Some(gold_balance), .. } => {
                player.gold = gold_balance;
            }
            Event::Struck { gold_balance: None, .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use alloy::primitives::{B256, LogData};

    use super::*;

    const ROUTER: Address = Address::repeat_byte(0xaa);
    const PLAYER: Address = Address::repeat_byte(0x01);

    fn deed(monster_id: u64, means: u64) -> U256 {
        let [id, means, damage] = [monster_id, means, 8].map(U256::from);
        Monster { health: 22, ..Monster::fresh(0) }.to_word() | id << 120 | means << 128 | damage << 136
    }

    fn struck_log(monster_id: u64, means: u64) -> Log {
        let hero = Hero { health: 98, ..Hero::default() }.to_word();
        let event = GameRouter::Struck { player: PLAYER, deed: deed(monster_id, means), hero };
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
    fn a_strike_for_gold_sets_the_purse_and_another_leaves_it() {
        let event = GameRouter::StruckWithGold {
            player: PLAYER,
            deed: deed(0, 3),
            hero: Hero::default().to_word(),
            goldBalance: U256::from(77),
        };
        let paid = Event::from_log(ROUTER, &Log { address: ROUTER, data: event.encode_log_data() }).expect("a strike");
        assert!(matches!(paid, Event::Struck { means: Means::Skill(Skill::Tithe), damage: 8, .. }));
        let mut world = World::new(PLAYER);
        for event in [paid, Event::from_log(ROUTER, &struck_log(0, 0)).expect("a strike")] {
            world.apply(&event);
            assert_eq!(world.player.gold, U256::from(77));
        }
    }

    #[test]
    fn a_pickup_is_read_and_sets_the_purse() {
        let loot = Loot { monster: 4, generation: 3 };
        let event = GameRouter::PickedUp {
            player: PLAYER,
            lootId: U256::from(loot.id()),
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
        assert_eq!(Event::from_log(ROUTER, &struck_log(0, 4)), None, "no such skill");
        let other = LogData::new_unchecked(vec![B256::repeat_byte(7)], Vec::new().into());
        assert_eq!(Event::from_log(ROUTER, &Log { address: ROUTER, data: other }), None);
        let bare = LogData::new_unchecked(Vec::new(), Vec::new().into());
        assert_eq!(Event::from_log(ROUTER, &Log { address: ROUTER, data: bare }), None);
    }
}
