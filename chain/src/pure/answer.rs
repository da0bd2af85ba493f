//! What an endpoint's answer to a submission means. Clients agree on words more than on codes.

use std::time::Duration;

/// What an endpoint made of the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It has them, or had them before.
    Yes,
    /// The nonce is used, by these bytes or by others: the receipt will tell.
    Used,
    /// It did not take them, or nobody knows: they are sent again.
    Retry,
    /// It asks for fewer requests, and perhaps for a pause.
    Throttled(Option<Duration>),
    /// It holds as much of this sender as it may.
    PoolFull,
    /// Something dearer waits at this nonce, or the price is below what it takes at all.
    Underpriced,
    /// It misses a transaction with a lower nonce.
    Gap,
    /// The sender's coin does not cover all that waits.
    Broke,
    /// It never takes these bytes.
    Never,
}

/// Words by meaning, first match first. From geth, reth, Nethermind, Erigon, Besu and anvil.
const WORDS: &[(Accepted, &[&str])] = &[
    (Accepted::Yes, &["already known", "already imported", "alreadyknown", "known transaction", "already in the pool"]),
    (Accepted::Used, &["nonce too low", "nonce is too low", "nonce_too_low", "oldnonce"]),
    (Accepted::Underpriced, &["underpriced", "fee too low", "less than block base fee", "feetoolow", "below current"]),
    (Accepted::Gap, &["nonce too high", "nonce gap", "leaves a gap", "gapped", "noncegap"]),
    (Accepted::Broke, &["insufficient funds", "insufficientfunds", "insufficient balance"]),
    (
        Accepted::PoolFull,
        &[
            "account limit exceeded",
            "txpool is full",
            "pool is full",
            "in-flight transaction limit",
            "too many pending",
        ],
    ),
    (
        Accepted::Throttled(None),
        &["rate limit", "too many requests", "request limit", "requests per second", "compute units per second"],
    ),
    (
        Accepted::Never,
        &["intrinsic gas too low", "exceeds block gas limit", "gas limit too high", "oversized data", "invalid sender"],
    ),
];

/// Reads the code and the words of a refused submission.
pub fn understand(code: i64, message: &str) -> Accepted {
    let message = message.to_lowercase();
    let known = WORDS.iter().find(|(_, words)| words.iter().any(|words| message.contains(words)));
    match (known, code) {
        (Some((accepted, _)), _) => *accepted,
        // EIP-7966: in the pool, but not mined while the endpoint waited; and: a lower nonce is missing.
        (None, 4) => Accepted::Yes,
        (None, 6) => Accepted::Gap,
        (None, -32005 | 429) => Accepted::Throttled(None),
        (None, _) => Accepted::Retry,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_usual_clients_are_understood() {
        let check = |message, expected| assert_eq!(understand(-32000, message), expected, "{message}");
        check("already known", Accepted::Yes);
        check("AlreadyKnown", Accepted::Yes);
        check("transaction already imported", Accepted::Yes);
        check("nonce too low: next nonce 7, tx nonce 5", Accepted::Used);
        check("replacement transaction underpriced", Accepted::Underpriced);
        check("transaction underpriced: the pool is full of better paid ones", Accepted::Underpriced);
        check("max fee per gas less than block base fee: address 0x, maxFeePerGas: 1", Accepted::Underpriced);
        check("nonce too high", Accepted::Gap);
        check("insufficient funds for gas * price + value: balance 0, tx cost 1", Accepted::Broke);
        check("account limit exceeded", Accepted::PoolFull);
        check("Your app has exceeded its compute units per second capacity", Accepted::Throttled(None));
        check("exceeds block gas limit", Accepted::Never);
        check("the node is on fire", Accepted::Retry);
        assert_eq!(understand(-32005, "limit exceeded"), Accepted::Throttled(None));
        assert_eq!(understand(4, "The transaction wasn't processed in 2 s"), Accepted::Yes);
    }
}
