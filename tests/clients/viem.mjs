// viem against a devnet: node viem.mjs HTTP_URL WS_URL. Ends with an error at the first wrong answer.

import assert from "node:assert/strict";
import { createPublicClient, createWalletClient, defineChain, http, keccak256, pad, parseEther, webSocket } from "viem";
import { privateKeyToAccount } from "viem/accounts";

const [httpUrl, wsUrl] = process.argv.slice(2);
const chain = defineChain({
  id: 31_337,
  name: "devnet",
  nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
  rpcUrls: { default: { http: [httpUrl], webSocket: [wsUrl] } },
});

// Three of the accounts that every development chain publishes.
const alice = privateKeyToAccount("0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a");
const bob = privateKeyToAccount("0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6");
const carol = privateKeyToAccount("0x47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a");

let fetches = 0;
const counted = { onFetchRequest: () => void (fetches += 1) };
const pollingInterval = 50;
const client = createPublicClient({ chain, transport: http(httpUrl, counted), pollingInterval, cacheTime: 0 });
const socket = createPublicClient({ chain, transport: webSocket(wsUrl, { reconnect: false }) });
const wallet = (account) => createWalletClient({ account, chain, transport: http(httpUrl) });

// What must come within ten seconds.
const soon = (what, promise) => {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`${what}: nothing came`)), 10_000)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};
const receiptOf = (hash) => soon("receipt", client.waitForTransactionReceipt({ hash }));
const done = (what) => console.log(what);

assert.equal(await client.getChainId(), 31_337);
assert.equal(await socket.getChainId(), 31_337);
const first = await client.getBlock({ blockNumber: 0n });
const latest = await client.getBlock();
assert.equal(first.number, 0n);
assert.ok(latest.timestamp >= first.timestamp && latest.baseFeePerGas > 0n);
assert.equal(await client.getBalance({ address: alice.address }), parseEther("10000"));
done("chain id, blocks, balance");

// Stores the first word of its data in slot 0, and logs it.
const created = await receiptOf(await wallet(alice).sendTransaction({ data: "0x600e8060095f395ff35f35805f555f525f3560205fa100" }));
const contract = created.contractAddress;
assert.equal(created.status, "success");
assert.equal(await client.getCode({ address: contract }), "0x5f35805f555f525f3560205fa100");
done("creation");

const word = pad("0x2a");
const heads = [];
let unwatchBlocks, unwatchLogs;
const headHeard = new Promise((resolve, reject) => {
  unwatchBlocks = socket.watchBlocks({
    onBlock: (block) => heads.push(block) >= 3 && resolve(),
    onError: reject,
    poll: false,
  });
});
const logHeard = new Promise((resolve, reject) => {
  unwatchLogs = socket.watchEvent({ address: contract, onLogs: ([log]) => resolve(log), onError: reject, poll: false });
});
const sent = await receiptOf(await wallet(alice).sendTransaction({ to: contract, data: word }));
await soon("heads over a WebSocket", headHeard);
const log = await soon("a log over a WebSocket", logHeard);
unwatchBlocks();
unwatchLogs();
assert.ok(heads.every((head, at) => at === 0 || head.number > heads[at - 1].number), "heads come in order");
assert.deepEqual([log.data, log.topics, log.transactionHash], [word, [word], sent.transactionHash]);
assert.equal(sent.logs[0].data, word);
assert.equal(sent.gasUsed > 21_000n, true);
done("sending, receipt, heads and logs over a WebSocket");

const logs = await client.getLogs({ address: contract, fromBlock: 0n });
assert.deepEqual(logs.map((each) => each.blockHash), [sent.blockHash]);
assert.deepEqual(await client.getLogs({ address: bob.address, fromBlock: 0n }), []);
assert.equal(await client.getStorageAt({ address: contract, slot: "0x0" }), word);
done("logs and storage");

fetches = 0;
const batched = createPublicClient({ chain, transport: http(httpUrl, { ...counted, batch: true }) });
const asked = Array.from({ length: 20 }, (_, at) => batched.getTransactionCount({ address: at % 2 ? alice.address : contract }));
const counts = await Promise.all(asked);
assert.deepEqual(counts, Array.from({ length: 20 }, (_, at) => (at % 2 ? 2 : 1)));
assert.equal(fetches, 1, "twenty requests went out as one batch");
done("batch");

// EIP-7702: Carol signs, Bob pays.
const authorization = await wallet(carol).signAuthorization({ contractAddress: contract });
const delegated = await receiptOf(
  await wallet(bob).sendTransaction({ authorizationList: [authorization], to: carol.address, data: word }),
);
assert.equal(delegated.type, "eip7702");
assert.equal(await client.getCode({ address: carol.address }), `0xef0100${contract.slice(2).toLowerCase()}`);
assert.equal(await client.getStorageAt({ address: carol.address, slot: "0x0" }), word);
done("delegation");

// EIP-7966: the receipt in one call; an error in time when the transaction is too cheap to be mined.
const signed = (fields) => bob.signTransaction({ chainId: chain.id, type: "eip1559", gas: 21_000n, to: alice.address, ...fields });
const usual = await signed({ nonce: 1, maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 1n });
const synchronous = await client.sendRawTransactionSync({ serializedTransaction: usual });
assert.equal(synchronous.status, "success");
assert.equal(synchronous.transactionHash, keccak256(usual));
const cheap = await signed({ nonce: 2, maxFeePerGas: 2n, maxPriorityFeePerGas: 1n });
const begun = Date.now();
await assert.rejects(client.request({ method: "eth_sendRawTransactionSync", params: [cheap, 300] }, { retryCount: 0 }), (error) => {
  const answer = error.walk((cause) => cause.code === 4);
  return answer !== null && JSON.stringify([answer.data, answer.message]).includes(keccak256(cheap));
});
const waited = Date.now() - begun;
assert.ok(waited >= 250 && waited < 10_000, `it waited ${waited} ms`);
assert.equal((await client.getTransaction({ hash: keccak256(cheap) })).blockNumber, null);
done("synchronous sending");

await assert.rejects(client.sendRawTransaction({ serializedTransaction: usual }), /nonce too low|lower than the current nonce/i);
await assert.rejects(client.call({ to: "0x00000000000000000000000000000000000000ff", gas: 1n }), /intrinsic|gas/i);
done("refusals");

(await socket.transport.getRpcClient()).close();
