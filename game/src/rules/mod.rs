//! The rules of the game in pure integers: a mirror of `GameRouter.sol`.
//!
//! | path | what lives there |
//! |---|---|
//! | [`balance`], [`kind`], [`skill`] | every number that decides how the game plays |
//! | [`monster`], [`hero`] | what the contract stores, one word each |
//! | [`world`] | everything together, as one player sees it |
//! | [`action`], [`event`], [`reject`] | what is asked, what happened, why not |
//! | [`play`] | what an action does at a given second |
//! | [`model`] | [`Rules`]: the same, as the engine wants it |

pub mod action;
pub mod balance;
pub mod event;
pub mod hero;
pub mod kind;
pub mod model;
pub mod monster;
pub mod play;
pub mod reject;
pub mod skill;
pub mod world;

pub use action::{Action, Loot};
pub use event::{Event, Means};
pub use hero::Hero;
pub use kind::Kind;
pub use model::Rules;
pub use monster::Monster;
pub use reject::Reject;
pub use skill::Skill;
pub use world::{Player, World};
