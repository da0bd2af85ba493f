//! The demo game of Latchkey: an action RPG whose every hit is a transaction, signed by a session key.
//!
//! Imports go down only: what draws reads state and never writes it; `onchain` and `input` are the
//! only ones that know the engine; [`rules`] are pure integers.
//!
//! | path | what lives there |
//! |---|---|
//! | [`rules`] | what an action does: a mirror of the game contract |
//! | [`bot`] | a player made of a few rules |
//! | [`view`] | what the rooms say to each other: plain states, resources, messages |
//! | [`onchain`], `input` | the chain, and the player's hands |
//! | `level`, `actors` | the dungeon, and who moves in it |
//! | `screens`, `menus`, `hud`, `theme` | everything else that is seen |
//! | [`sound`] | what is heard, and when |
//! | [`settings`] | the player's settings and their file |
//! | [`autoplay`] | a window that plays itself |
//! | [`window`] | all of it together |
//! | `words` | the words on screen, kept in a file |

#![forbid(unsafe_code)]

mod actors;
pub mod autoplay;
pub mod bot;
mod hud;
mod input;
mod level;
mod menus;
pub mod onchain;
pub mod rules;
mod screens;
pub mod settings;
pub mod sound;
mod theme;
pub mod view;
pub mod window;
mod words;
