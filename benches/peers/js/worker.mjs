// Worker side of the side-by-side bench's line protocol (see ../alloy/src/lib.rs).
//
// usage: node worker.mjs viem | ethers

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const GAME = "0x4242424242424242424242424242424242424242";

const hash = (at) => "0x" + (at + 1).toString(16).padStart(64, "0");

async function viem() {
    const { encodeFunctionData, parseAbi } = await import("viem");
    const { privateKeyToAccount } = await import("viem/accounts");
    const account = privateKeyToAccount(KEY);
    const abi = parseAbi(["function attack(uint256 monsterId)"]);
    return {
        sign: (at) => account.sign({ hash: hash(at) }),
        raw: (at) =>
            account.signTransaction({
                type: "eip1559",
                chainId: 31337,
                nonce: at,
                gas: 300000n,
                maxFeePerGas: 2000000001n,
                maxPriorityFeePerGas: 1n,
                to: GAME,
                data: encodeFunctionData({ abi, args: [BigInt(at % 12)] }),
            }),
    };
}

async function ethers() {
    const { Interface, Wallet } = await import("ethers");
    const wallet = new Wallet(KEY);
    const game = new Interface(["function attack(uint256 monsterId)"]);
    return {
        sign: (at) => wallet.signingKey.sign(hash(at)),
        raw: (at) =>
            wallet.signTransaction({
                type: 2,
                chainId: 31337,
                nonce: at,
                gasLimit: 300000n,
                maxFeePerGas: 2000000001n,
                maxPriorityFeePerGas: 1n,
                to: GAME,
                data: game.encodeFunctionData("attack", [BigInt(at % 12)]),
            }),
    };
}

const name = process.argv[2];
const make = { viem, ethers }[name];
if (!make) {
    console.error("usage: node worker.mjs viem | ethers");
    process.exit(2);
}
const operations = await make();
const manifest = readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), "utf8");
console.log(`ready ${name} ${JSON.parse(manifest).version} on node ${process.versions.node}`);

for await (const line of createInterface({ input: process.stdin })) {
    const [operation, count] = line.trim().split(/\s+/);
    const once = operations[operation];
    const begun = process.hrtime.bigint();
    for (let at = 0; once && at < Number(count); at += 1) await once(at);
    console.log(String(once ? process.hrtime.bigint() - begun : 0n));
}
