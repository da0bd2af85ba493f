//! How long frames take with the chain plugin at work and with it at rest, by turns in one window.
//!
//! Both play the same game at the same pace with the same pictures: once on the chain, once on the rules alone.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::window::PresentMode;

use crate::level::map::Map;
use crate::onchain::trial::{self, Ground, Trial};
use crate::onchain::{RunOptions, prepare};
use crate::view::screen::Screen;

/// Length of a turn, in seconds: short, so that what else the machine does falls on both alike.
const TURN_S: f32 = 4.0;
/// Seconds at the beginning of a turn that are not measured.
const WARM_UP_S: f32 = 1.0;
/// Longest wait for what is on its way at the end of a turn, in seconds.
const REST_MAX_S: f32 = 20.0;

/// What is to be measured.
#[derive(Debug, Clone)]
pub struct FrameOptions {
    /// Length of the measurement, both grounds and warming up together.
    pub length: Duration,
    /// Monsters in view.
    pub monsters: usize,
    /// Actions per second.
    pub pace: u32,
}

/// Frame times with one ground under the play.
#[derive(Debug, Clone, Default)]
pub struct Frames {
    /// Times of the frames, in microseconds, in their order.
    pub times_us: Vec<u32>,
    /// Time of each frame in the plugin's systems and in `act`, in microseconds.
    pub plugin_us: Vec<u32>,
    /// Actions in those frames.
    pub acted: u64,
}

/// What was measured.
#[derive(Debug, Clone, Default)]
pub struct FrameReport {
    /// On the chain, through the plugin.
    pub with: Frames,
    /// On the rules alone.
    pub without: Frames,
    /// Difference of the 99th percentiles of each turn and the one before it, in microseconds.
    pub differences_us: Vec<i64>,
}

/// The value that a share of `times` does not exceed.
fn quantile<T: Copy + Ord + Default>(times: &[T], share: f64) -> T {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let place = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(place.saturating_sub(1)).copied().unwrap_or_default()
}

impl fmt::Display for FrameReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |us: u32| f64::from(us) / 1_000.0;
        writeln!(f, "frame times in ms    frames  actions/s      p50      p99")?;
        for (name, frames) in [("with the plugin", &self.with), ("without", &self.without)] {
            let seconds = frames.times_us.iter().map(|us| f64::from(*us)).sum::<f64>() / 1e6;
            let rate = frames.acted as f64 / seconds.max(f64::MIN_POSITIVE);
            let [p50, p99] = [0.5, 0.99].map(|share| ms(quantile(&frames.times_us, share)));
            writeln!(f, "{name:<18} {:>8} {rate:>10.1} {p50:>8.2} {p99:>8.2}", frames.times_us.len())?;
        }
        let p99 = |frames: &Frames| f64::from(quantile(&frames.times_us, 0.99));
        let all = (p99(&self.with) - p99(&self.without)) / 1_000.0;
        let median = quantile(&self.differences_us, 0.5) as f64 / 1_000.0;
        let turns = self.differences_us.len();
        writeln!(
            f,
            "difference at p99: {all:+.2} over all frames, {median:+.2} in the median of {turns} pairs of turns"
        )?;
        let [p50, p99] = [0.5, 0.99].map(|share| ms(quantile(&self.with.plugin_us, share)));
        write!(f, "in the plugin's systems and act() per frame: p50 {p50:.3}, p99 {p99:.3}")
    }
}

/// Where the measurement is.
#[derive(Resource)]
struct Watch {
    options: FrameOptions,
    begun: Instant,
    turn: Instant,
    frame: Option<Instant>,
    acted: u64,
    now: Frames,
    former_p99_us: Option<u32>,
    report: Arc<Mutex<FrameReport>>,
}

/// Opens a window of 1280 by 720 pixels and measures. Blocks; on the main thread only.
///
/// # Errors
///
/// There is no display, the chain does not start, or the window was closed before the end.
pub fn measure(options: FrameOptions) -> anyhow::Result<FrameReport> {
    let run = RunOptions { block_time: Duration::from_millis(500), ..RunOptions::default() };
    let trial = trial::begin(prepare(&run)?, options.pace)?;
    let report = Arc::new(Mutex::new(FrameReport::default()));
    let mut app = super::windowed(super::SIZE, PresentMode::AutoNoVsync);
    app.insert_resource(Map::default().crowded(options.monsters))
        .insert_resource(trial)
        .insert_resource(Watch {
            options,
            begun: Instant::now(),
            turn: Instant::now(),
            frame: None,
            acted: 0,
            now: Frames::default(),
            former_p99_us: None,
            report: report.clone(),
        })
        .add_plugins((super::plugin, trial::plugin))
        .add_systems(Startup, |mut next: ResMut<NextState<Screen>>| next.set(Screen::Dungeon))
        .add_systems(First, watch);
    app.run();
    let report = report.lock().map_err(|_| anyhow::anyhow!("the measurement broke off"))?.clone();
    anyhow::ensure!(!report.differences_us.is_empty(), "the window was closed before both had their turn");
    Ok(report)
}

fn watch(world: &mut World) {
    let change = world.resource_scope(|world, mut watch: Mut<Watch>| {
        world.resource_scope(|world, mut trial: Mut<Trial>| watch.frame(&mut trial, world))
    });
    if change {
        trial::change(world);
    }
}

impl Watch {
    /// Takes a frame in; true when the other's turn comes.
    fn frame(&mut self, trial: &mut Trial, world: &mut World) -> bool {
        let now = Instant::now();
        let spent_ns = std::mem::take(&mut trial.spent_ns);
        let former = self.frame.replace(now);
        let turn_s = (now - self.turn).as_secs_f32();
        if turn_s < WARM_UP_S {
            self.acted = trial.acted;
            return false;
        }
        if trial.playing {
            if let Some(former) = former {
                self.now.times_us.push((now - former).as_micros() as u32);
                self.now.plugin_us.push((spent_ns / 1_000) as u32);
            }
            if turn_s > TURN_S {
                self.now.acted = trial.acted - self.acted;
                self.end_turn(trial.ground);
                trial.playing = false;
            }
            return false;
        }
        if !trial::settled(trial, world) && turn_s < TURN_S + REST_MAX_S {
            return false;
        }
        if now - self.begun > self.options.length && trial.ground == Ground::Chain {
            world.write_message(AppExit::Success);
            return false;
        }
        (self.turn, self.frame) = (now, None);
        true
    }

    fn end_turn(&mut self, ground: Ground) {
        let turn = std::mem::take(&mut self.now);
        let p99_us = quantile(&turn.times_us, 0.99);
        let Ok(mut report) = self.report.lock() else { return };
        if let (Ground::Chain, Some(former_us)) = (ground, self.former_p99_us) {
            report.differences_us.push(i64::from(p99_us) - i64::from(former_us));
        }
        self.former_p99_us = Some(p99_us);
        let sum = match ground {
            Ground::Chain => &mut report.with,
            Ground::Rules => &mut report.without,
        };
        sum.times_us.extend(turn.times_us);
        sum.plugin_us.extend(turn.plugin_us);
        sum.acted += turn.acted;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_were_measured() {
        let times: Vec<u32> = (1..=100).rev().collect();
        assert_eq!((quantile(&times, 0.5), quantile(&times, 0.99), quantile(&times, 1.0)), (50, 99, 100));
        assert_eq!(quantile::<u32>(&[], 0.5), 0);
    }
}
