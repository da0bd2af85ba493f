//! What one writes with viem in an afternoon: `benches/peers/js/race.mjs`, in a process of its own.

use std::process::Command;

use anyhow::{Context, ensure};
use latchkey_tests::{DEV_KEY, root, run as run_process};

use super::{Course, PATIENCE, POLL, Told};

pub(super) async fn run(course: &Course, pipelined: bool) -> anyhow::Result<Told> {
    let folder = root().join("benches/peers/js");
    ensure!(folder.join("node_modules/viem").exists(), "viem is not installed; run benches/peers/setup");
    let arguments = serde_json::json!({
        "url": course.proxied,
        "key": format!("0x{DEV_KEY}"),
        "tally": course.tally,
        "pauseMs": course.pause.as_secs_f64() * 1e3,
        "lengthMs": course.length.as_millis() as u64,
        "patienceMs": PATIENCE.as_millis() as u64,
        "pollMs": POLL.as_millis() as u64,
        "pipelined": pipelined,
    });
    let deadline = course.length + PATIENCE * 2;
    let ran = tokio::task::spawn_blocking(move || {
        run_process(Command::new("node").arg("race.mjs").arg(arguments.to_string()).current_dir(folder), deadline)
    })
    .await
    .context("viem's process could not be started, or did not end")?;
    ensure!(ran.code == Some(0), "viem's process failed: {}", ran.stderr);
    Ok(serde_json::from_str(&ran.stdout)?)
}
