// Makes eip712.json: messages, and what viem hashes and signs for them.
//
//   node build.mjs           writes the vectors
//   node build.mjs --check   fails if the committed vectors differ
//
// The types stand here once more, written from the design and not from the bindings: what Rust and
// Solidity agree on is compared with what a wallet in a browser would show and sign.

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bytesToHex, hashStruct, hashTypedData, keccak256, toBytes } from "viem";
import { privateKeyToAccount } from "viem/accounts";

const FILE = join(dirname(fileURLToPath(import.meta.url)), "eip712.json");

// The published key of a development account.
const KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

// Random messages of each type, besides the ones written out.
const RANDOM = 12;

const fields = (text) =>
  text.split(", ").map((field) => {
    const [type, name] = field.split(" ");
    return { name, type };
  });

const types = {
  Method: fields("address target, string contractName, string signature"),
  TokenCap: fields(
    "address token, string symbol, uint8 decimals, uint256 perTx, uint256 total, string totalText",
  ),
  SessionGrant: fields(
    "address account, address sessionKey, string app, Method[] methods, TokenCap[] tokens, " +
      "uint256 nativePerTx, uint256 nativeTotal, uint16 txLimit, uint24 txPeriodSeconds, " +
      "uint8 maxActionsPerTx, uint40 validAfter, uint40 validUntil, string validUntilUtc, " +
      "uint64 grantNonce, uint40 grantBefore",
  ),
  SessionBatch: fields(
    "address account, address sessionKey, uint40 sequence, uint40 deadline, bytes batch",
  ),
  SessionRevocation: fields("address account, address sessionKey, uint40 deadline"),
  AllSessionsRevocation: fields("address account, uint64 grantNonce, uint40 deadline"),
};

// Bytes that follow from a label, so that the file is the same each time.
let counter = 0;
const bytes = (count) => {
  let found = [];
  while (found.length < count) found.push(...toBytes(keccak256(toBytes(`vector ${counter++}`))));
  return bytesToHex(Uint8Array.from(found.slice(0, count)));
};
const number = (below) => Number(BigInt(bytes(6)) % BigInt(below));

// A random value of a type; numbers are decimal text, which JSON keeps exactly.
function random(type) {
  if (type.endsWith("[]")) {
    return Array.from({ length: number(5) }, () => random(type.slice(0, -2)));
  }
  if (types[type]) return Object.fromEntries(types[type].map(({ name, type }) => [name, random(type)]));
  if (type === "address") return bytes(20);
  if (type === "bytes") return bytes(number(200));
  if (type === "string") return ["", "attack(uint256)", "100 GOLD", "Ünïcödé ☃", "x".repeat(100)][number(5)];
  const bits = Number(type.slice("uint".length));
  return (BigInt(bytes(bits / 8)) >> BigInt(number(bits))).toString();
}

const address = (byte) => `0x${byte.repeat(20)}`;

const game = {
  account: address("a1"),
  sessionKey: address("b2"),
  app: "Latchkey",
  methods: ["attack(uint256)", "useSkill(uint8,uint256)", "pickup(uint256)"].map((signature) => ({
    target: address("c3"),
    contractName: "GameRouter",
    signature,
  })),
  tokens: [
    {
      token: address("d4"),
      symbol: "GOLD",
      decimals: "18",
      perTx: "10000000000000000000",
      total: "100000000000000000000",
      totalText: "100 GOLD",
    },
  ],
  nativePerTx: "10000000000000000",
  nativeTotal: "50000000000000000",
  txLimit: "5",
  txPeriodSeconds: "1",
  maxActionsPerTx: "8",
  validAfter: "1800000000",
  validUntil: "1800007200",
  validUntilUtc: "2027-01-15 10:00:00 UTC",
  grantNonce: "0",
  grantBefore: "1800000300",
};
const nothing = { ...game, app: "", methods: [], tokens: [], validUntilUtc: "" };
const batch = {
  account: address("a1"),
  sessionKey: address("b2"),
  sequence: "1",
  deadline: "1800000060",
  batch: `0x00000020${"00".repeat(31)}07`,
};
const messages = [
  ["SessionGrant", game],
  ["SessionGrant", nothing],
  ["SessionBatch", batch],
  ["SessionBatch", { ...batch, batch: "0x" }],
];
for (const type of ["SessionGrant", "SessionBatch", "SessionRevocation", "AllSessionsRevocation"]) {
  for (let at = 0; at < RANDOM; ++at) messages.push([type, random(type)]);
}

const account = privateKeyToAccount(KEY);
const vectors = [];
for (const [primaryType, message] of messages) {
  const chainId = [1, 31_337, 4_294_967_297][vectors.length % 3];
  const domain = { name: "Latchkey", version: "1", chainId, verifyingContract: address("e5") };
  const data = { domain, types, primaryType, message };
  vectors.push({
    primaryType,
    chainId,
    verifyingContract: domain.verifyingContract,
    message,
    structHash: hashStruct({ data: message, primaryType, types }),
    digest: hashTypedData(data),
    signature: await account.signTypedData(data),
  });
}
const text = `${JSON.stringify({ key: KEY, signer: account.address, vectors }, null, 1)}\n`;

if (process.argv.includes("--check")) {
  if (readFileSync(FILE, "utf8") !== text) {
    console.error("build.mjs: eip712.json is out of date; run node build.mjs and commit");
    process.exit(1);
  }
} else {
  writeFileSync(FILE, text);
  console.log(`${vectors.length} vectors`);
}
