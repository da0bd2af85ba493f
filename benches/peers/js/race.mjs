// viem's part of the race on a chain: node race.mjs '{"url", "key", "tally", "pauseMs", …}'; prints what it knows.

import { createPublicClient, createWalletClient, http, nonceManager, parseAbi } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { anvil } from "viem/chains";

const { url, key, tally, pauseMs, lengthMs, patienceMs, pollMs, pipelined } = JSON.parse(process.argv[2]);
const account = privateKeyToAccount(key, pipelined ? { nonceManager } : {});
const options = { chain: anvil, transport: http(url), pollingInterval: pollMs };
const wallet = createWalletClient({ account, ...options });
const chain = createPublicClient(options);
const abi = parseAbi(["function act(uint256 number)"]);

const told = { attempted: 0, confirmed_ms: [], failed: 0 };
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

async function act(number) {
    const due = performance.now();
    try {
        const hash = await wallet.writeContract({ address: tally, abi, functionName: "act", args: [BigInt(number)] });
        const receipt = await chain.waitForTransactionReceipt({ hash });
        if (receipt.status !== "success") throw new Error("the action reverted");
        told.confirmed_ms.push(performance.now() - due);
    } catch {
        told.failed += 1;
    }
}

const begun = performance.now();
const open = [];
for (let due = begun; performance.now() - begun < lengthMs; ) {
    const action = act(told.attempted);
    told.attempted += 1;
    if (pipelined) open.push(action);
    else await action;
    // Sequential: actions that came due while the receipt was awaited are never made.
    due = pipelined ? due + pauseMs : Math.max(due + pauseMs, performance.now());
    await sleep(due - performance.now());
}
await Promise.race([Promise.all(open), sleep(patienceMs)]);
console.log(JSON.stringify(told));
process.exit(0);
