//! Many sessions in one process, each with a transaction a second, on a chain in another process.
//!
//! `cargo bench -p latchkey-benches --bench fleet`; `LATCHKEY_SESSIONS` and `LATCHKEY_SECONDS` change the thousand
//! sessions and the thirty seconds. Needs Linux for memory and processor time.

mod world;

use std::time::{Duration, Instant};

use latchkey::{Endpoint, Fleet};

use world::{Numbers, Server, memory_kib, processor_s};

/// Longest wait for what is unconfirmed at the end.
const END: Duration = Duration::from_secs(20);

/// Pause between two rounds over all sessions: a game's frame at 60 Hz.
const FRAME: Duration = Duration::from_nanos(1_000_000_000 / 60);

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
    println!("opened in {:.1} s", begun.elapsed().as_secs_f64());

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
    let sum = |of: fn(&latchkey::Status) -> u64| chains.iter().map(|chain| of(chain.status())).sum::<u64>();
    let mut p50: Vec<f64> = chains.iter().map(|chain| chain.report().act_to_confirmed_ms.p50).collect();
    let mut p99: Vec<f64> = chains.iter().map(|chain| chain.report().act_to_confirmed_ms.p99).collect();
    let mut call: Vec<f64> = chains.iter().map(|chain| chain.report().act_call_us.p99).collect();
    [&mut p50, &mut p99, &mut call].into_iter().for_each(|all| all.sort_by(f64::total_cmp));
    println!("memory of a further session, idle: {:.1} KiB; after the run: {:.1} KiB", each(opened_kib), each(ran_kib));
    println!(
        "{} acted in {took:.1} s, {refused} refused at the door; {} confirmed, {} rejected, {} expired, {} unresolved",
        sum(|status| status.actions.acted),
        sum(|status| status.actions.confirmed),
        sum(|status| status.actions.rejected),
        sum(|status| status.actions.expired),
        sum(|status| status.actions.unresolved),
    );
    println!(
        "{} transactions, {} of them refused by frequency; {:.2} requests per action",
        sum(|status| status.transactions.sent),
        sum(|status| status.transactions.rate_limited),
        chains[0].status().rpc_requests as f64 / sum(|status| status.actions.acted).max(1) as f64,
    );
    println!("processor: {:.0} % of a core", 100.0 * cpu / took);
    let middle = chains.len() / 2;
    println!(
        "act to confirmed, the median session: p50 {:.0} ms, p99 {:.0} ms; act itself, p99 {:.1} us",
        p50[middle], p99[middle], call[middle]
    );
}
