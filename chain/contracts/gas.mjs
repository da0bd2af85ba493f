// Holds the gas of whole transactions against what is committed and against the goals.
//
//   node gas.mjs BEFORE    BEFORE is a copy of snapshots/GasTest.json from before `forge test`
//
// Prints every figure that changed, and how the figures stand to the goals; fails when one rose by
// more than 1 % or is gone.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const MAX_RISE = 0.01;
const ROOT = dirname(fileURLToPath(import.meta.url));

const read = (path) =>
  Object.fromEntries(Object.entries(JSON.parse(readFileSync(path))).map(([k, v]) => [k, Number(v)]));
const before = read(process.argv[2]);
const now = read(join(ROOT, "snapshots/GasTest.json"));

let failed = false;
const say = (bad, text) => {
  console.log(`${bad ? "FAIL" : "    "} ${text}`);
  failed ||= bad;
};

for (const name of new Set([...Object.keys(before), ...Object.keys(now)])) {
  const [was, is] = [before[name], now[name]];
  if (was === is) continue;
  if (was === undefined) say(false, `${name}: ${is}, new`);
  else if (is === undefined) say(true, `${name}: ${was}, no longer measured`);
  else {
    const rise = is / was - 1;
    say(rise > MAX_RISE, `${name}: ${was} to ${is} (${(100 * rise).toFixed(2)} %)`);
  }
}

const plain = now["attack, plain"];
const direct = now["attack, act"];
// Of each action after the second in a batch, what the router does not use itself.
const further =
  (now["8 attacks, act"] - now["2 attacks, act"]) / 6 -
  now["attack, the router's part of a further one"];
const goals = [
  ["direct over plain", direct - plain, 13_500],
  ["direct on a clone over plain", now["attack, act on a clone"] - plain, 16_200],
  ["direct with a token cap over plain", now["attack, act with a token cap"] - plain, 21_500],
  ["batch of 8, % of 8 plain", (100 * now["8 attacks, act"]) / (8 * plain), 41],
  ["wallet's own part of each further action", further, 700],
  ["relayed over direct", now["attack, relayed"] - direct, 5_500],
  ["grant, first", now["grant, first"], 213_000],
  ["grant, later", now["grant, later"], 195_000],
  ["revokeAll", now.revokeAll, 28_500],
  ["revokeAll of a clone", now["revokeAll of a clone"], 31_000],
];
for (const [name, is, goal] of goals) {
  const told = `${name}: ${Math.round(100 * is) / 100}, goal ${goal}`;
  say(false, is <= goal ? told : `${told}, missed`);
}
process.exit(failed ? 1 : 0);
