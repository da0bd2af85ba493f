// Builds artifacts/*.json from src/ with the solc of package-lock.json and nothing else, and what
// follows from them: the clear-signing descriptor and the contracts that tests and examples in Rust
// play with.
//
//   node build.mjs           writes the artifacts
//   node build.mjs --check   fails, naming the file, if a committed artifact differs
//
// `deployedBytecode` is the code as it stands at the contract's CREATE2 address: immutables are
// filled in, which is possible because every address follows from the creation code.

import { createRequire } from "node:module";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { descriptor } from "./erc7730/descriptor.mjs";

const require = createRequire(import.meta.url);
const solc = require("solc");
const { keccak256 } = require("js-sha3");

const ROOT = dirname(fileURLToPath(import.meta.url));
const CONTRACTS = ["SessionWallet", "SessionWalletFactory", "GameRouter", "Gold"];
// Contracts that tests and examples in Rust play with, and where those find the code that creates them.
const RUST_CONTRACTS = {
  Puppet: { source: "test/differential/Puppet.sol", artifact: "../tests/it/differential/puppet.json" },
  Counter: { source: "examples/Counter.sol", artifact: "../examples/ground/counter.hex" },
  Market: { source: "examples/Market.sol", artifact: "../examples/ground/market.hex" },
};
// EIP-170.
const MAX_DEPLOYED_BYTES = 24_576;
// The deterministic deployment proxy; salt zero.
const CREATE2_PROXY = "4e59b44847b379578588920ca78fbf26c0b4956c";

const SETTINGS = {
  evmVersion: "prague",
  viaIR: true,
  optimizer: { enabled: true, runs: 6_000 },
  metadata: { appendCBOR: false, bytecodeHash: "none" },
  remappings: ["solady/=node_modules/solady/src/"],
  outputSelection: {
    "*": {
      "*": [
        "abi",
        "evm.bytecode.object",
        "evm.deployedBytecode.object",
        "evm.deployedBytecode.immutableReferences",
      ],
    },
  },
};

function compile() {
  const sources = {};
  const paths = CONTRACTS.map((name) => `src/${name}.sol`);
  paths.push(...Object.values(RUST_CONTRACTS).map(({ source }) => source));
  for (const path of paths) {
    sources[path] = { content: readFileSync(join(ROOT, path), "utf8") };
  }
  const read = (path) => {
    const file = join(ROOT, path);
    if (!existsSync(file)) return { error: `no file ${path}` };
    return { contents: readFileSync(file, "utf8") };
  };
  const input = { language: "Solidity", sources, settings: SETTINGS };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: read }));
  const complaints = (output.errors ?? []).filter(isOurs);
  for (const message of complaints) console.error(message.formattedMessage);
  if (complaints.length) fail("the compiler has complaints");
  return Object.assign({}, ...paths.map((path) => output.contracts[path]));
}

// Errors count wherever they are; warnings only in src/, and not the one that every transient
// store brings: the lock is cleared at the end of the call.
function isOurs({ severity, errorCode, sourceLocation }) {
  if (severity === "error") return true;
  return sourceLocation?.file.startsWith("src/") && errorCode !== "2394";
}

// Address of a contract that the deployment proxy creates from `bytecode`, in hex without 0x.
function create2(bytecode) {
  const init = keccak256(Buffer.from(bytecode, "hex"));
  const preimage = `ff${CREATE2_PROXY}${"00".repeat(32)}${init}`;
  return keccak256(Buffer.from(preimage, "hex")).slice(24);
}

// Address of the first contract that the contract at `creator` creates.
function createFirst(creator) {
  return keccak256(Buffer.from(`d694${creator}01`, "hex")).slice(24);
}

// Immutables are addresses, in the order in which the source declares them.
function fillImmutables(deployed, addresses) {
  const references = deployed.immutableReferences ?? {};
  const ids = Object.keys(references).sort((a, b) => a - b);
  if (ids.length !== addresses.length) fail(`expected ${addresses.length} immutables: ${ids}`);
  let code = deployed.object;
  ids.forEach((id, i) => {
    for (const { start, length } of references[id]) {
      const word = addresses[i].padStart(length * 2, "0");
      code = code.slice(0, start * 2) + word + code.slice((start + length) * 2);
    }
  });
  return code;
}

function artifacts(compiled) {
  const router = create2(compiled.GameRouter.evm.bytecode.object);
  const wallet = create2(compiled.SessionWallet.evm.bytecode.object);
  const immutables = {
    SessionWallet: [wallet, createFirst(wallet)],
    SessionWalletFactory: [wallet],
    GameRouter: [createFirst(router)],
    Gold: [router],
  };
  const files = CONTRACTS.map((contractName) => {
    const { abi, evm } = compiled[contractName];
    const deployed = fillImmutables(evm.deployedBytecode, immutables[contractName]);
    const size = deployed.length / 2;
    console.log(`${contractName}: ${size} bytes deployed`);
    if (size > MAX_DEPLOYED_BYTES) fail(`${contractName} is above ${MAX_DEPLOYED_BYTES} bytes`);
    const artifact = {
      contractName,
      abi,
      bytecode: `0x${evm.bytecode.object}`,
      deployedBytecode: `0x${deployed}`,
    };
    return [`artifacts/${contractName}.json`, `${JSON.stringify(artifact, null, 2)}\n`];
  });
  for (const [contractName, { artifact }] of Object.entries(RUST_CONTRACTS)) {
    const bytecode = `0x${compiled[contractName].evm.bytecode.object}`;
    const json = JSON.stringify({ contractName, bytecode }, null, 2);
    files.push([artifact, `${artifact.endsWith(".hex") ? bytecode : json}\n`]);
  }
  const clear = descriptor(compiled.SessionWallet.abi, `0x${wallet}`);
  files.push(["erc7730/eip712-latchkey.json", `${JSON.stringify(clear, null, 2)}\n`]);
  return files;
}

function fail(message) {
  console.error(`build.mjs: ${message}`);
  process.exit(1);
}

const check = process.argv.includes("--check");
const built = artifacts(compile());
const stale = [];
for (const [path, text] of built) {
  const file = join(ROOT, path);
  if (check) {
    if (!existsSync(file) || readFileSync(file, "utf8") !== text) stale.push(path);
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
if (stale.length) fail(`out of date: ${stale.join(", ")}; run node build.mjs and commit`);
