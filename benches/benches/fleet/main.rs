//! Many sessions in one process, each with a transaction a second, on a chain in another process.
//!
//! `cargo bench -p latchkey-benches --bench fleet`; `LATCHKEY_SESSIONS` and `LATCHKEY_SECONDS` change the thousand
//! sessions and the thirty seconds. Needs Linux for memory and processor time.

#[path = "../ground/mod.rs"]
mod ground;

mod world;

use std::time::{Duration, Instant};

use latchkey::{Chain, Endpoint, Fleet, Report, Status};

use ground::{FRAME, Goal, Numbers, Table};
use world::{Server, memory_kib, processor_s};

/// Longest wait for what is unconfirmed at the end.
const END: Duration = Duration::from_secs(20);

/// Memory of each further session, in KiB.
const SESSION_KIB: f64 = 64.0;

fn main() {
    let number = |name: &str, usual: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (sessions, seconds) = (number("LATCHKEY_SESSIONS", 1_000), number("LATCHKEY_SECONDS", 30));
    if std::env::args().any(|argument| argument == world::SERVE) {
        return world::serve(sessions);
    }
    let server = Server::start();
    println!("{sessions} sessions are granted");

    let fleet = Fleet::builder(Endpoint::url(&server.url).expect("a URL")).start().expect("the chain answers");
    let mut chains = Vec::with_capacity(sessions as usize);
    let begun = Instant::now();
    let mut first_kib = 0;
    for (key, account) in world::sessions(sessions) {
        let chain = fleet.chain(Numbers).session(key, account).start().expect("a granted session");
        chains.push(chain);
        if chains.len() == 1 {
            first_kib = memory_kib();
        }
    }
    let opened_kib = memory_kib();
    let opened_s = begun.elapsed().as_secs_f64();
    println!("all are open");

    let further = (chains.len() as u64 - 1).max(1) as f64;
    let each = |kib: u64| kib.saturating_sub(first_kib) as f64 / further;
    let (begun, cpu_before, mut refused) = (Instant::now(), processor_s(), 0_u64);
    let (mut due, mut frames) = (0_u64, 0_u32);
    let total = sessions * seconds;
    while due < total {
        let elapsed = begun.elapsed();
        // Spread over the second: one session after the other.
        let now = ((elapsed.as_secs_f64() * sessions as f64) as u64).min(total);
        for at in due..now {
            refused += u64::from(chains[(at % sessions) as usize].act(at).is_err());
        }
        due = now;
        chains.iter_mut().for_each(|chain| drop(chain.drain()));
        frames += 1;
        let next = begun + FRAME * frames;
        std::thread::park_timeout(next.saturating_duration_since(Instant::now()));
    }
    let (took, cpu) = (begun.elapsed().as_secs_f64(), processor_s() - cpu_before);
    let ran_kib = memory_kib();
    let ending = Instant::now();
    while chains.iter().any(|chain| chain.status().actions.unresolved > 0) && ending.elapsed() < END {
        chains.iter_mut().for_each(|chain| drop(chain.drain()));
        std::thread::park_timeout(FRAME);
    }
    let ended_kib = memory_kib();
    let mut table = Table::new();
    let kib = Goal::AtMost(SESSION_KIB);
    let (idle, used) =
        (format!("memory of a further session of {sessions}, opened"), format!("after {seconds} actions each"));
    table.row(idle, each(opened_kib), " KiB", kib);
    table.row(used, each(ran_kib), " KiB", kib);
    table.row("when all of them have ended", each(ended_kib), " KiB", kib);
    table.row("memory of the process with one session", first_kib as f64, " KiB", Goal::None);
    table.row("opening all of them", opened_s, " s", Goal::None);
    let sum = |of: fn(&Status) -> u64| chains.iter().map(|chain| of(chain.status())).sum::<u64>() as f64;
    let acted = sum(|status| status.actions.acted);
    table.row("actions acted, one a second each", acted, "", Goal::AtLeast(total as f64));
    table.row("refused at the door", refused as f64, "", Goal::AtMost(0.0));
    table.row("confirmed", sum(|status| status.actions.confirmed), "", Goal::AtLeast(total as f64));
    table.row(
        "transactions refused by the frequency cap",
        sum(|status| status.transactions.rate_limited),
        "",
        Goal::AtMost(0.0),
    );
    table.row("transactions a second", sum(|status| status.transactions.sent) / took, "", Goal::None);
    table.row("requests per action, one a transaction", chains[0].status().rpc_requests as f64 / acted, "", Goal::None);
    table.row("processor, of one core", 100.0 * cpu / took, " %", Goal::None);
    let reports: Vec<_> = chains.iter().map(Chain::report).collect();
    let middle = |of: fn(&Report) -> f64| {
        let mut all: Vec<f64> = reports.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    let confirmed = "act to confirmed, blocks of 500 ms, the median session's";
    table.row(format!("{confirmed} p50"), middle(|report| report.act_to_confirmed_ms.p50), " ms", Goal::None);
    table.row(format!("{confirmed} p99"), middle(|report| report.act_to_confirmed_ms.p99), " ms", Goal::None);
    table.row("`act()`, the median session's p99", middle(|report| report.act_call_us.p99), " µs", Goal::None);
    table.print();
}
