// Checks a run's JSON report: node check-report.mjs FILE [--confirmed-min N] [--p50-max-ms N]
import { readFileSync } from "node:fs";

const [file, ...options] = process.argv.slice(2);
const report = JSON.parse(readFileSync(file, "utf8"));
const wanted = {};
for (let i = 0; i < options.length; i += 2) wanted[options[i]] = Number(options[i + 1]);

const faults = [];
const check = (holds, what) => { if (!holds) faults.push(what); };
const { actions, transactions } = report;

check(actions.unresolved === 0, `unresolved actions: ${actions.unresolved}`);
check(transactions.rate_limited === 0, `rate-limited transactions: ${transactions.rate_limited}`);
check(transactions.reverted === 0, `reverted transactions: ${transactions.reverted}`);
check(report.state_matches_chain === true, `state differs from the chain's: ${JSON.stringify(report.state_differences)}`);
check(report.session_revoked === true, "the session was not revoked");
check(actions.confirmed > 0, "no action was confirmed");
check(
  actions.acted === actions.confirmed + actions.rejected + actions.expired + actions.unresolved,
  `actions do not add up: ${JSON.stringify(actions)}`,
);
if ("--confirmed-min" in wanted) {
  check(actions.confirmed >= wanted["--confirmed-min"], `only ${actions.confirmed} actions confirmed`);
}
if ("--p50-max-ms" in wanted) {
  check(report.act_to_confirmed_ms.p50 <= wanted["--p50-max-ms"], `p50 is ${report.act_to_confirmed_ms.p50} ms`);
}

console.log(JSON.stringify(report));
for (const fault of faults) console.error(`report: ${fault}`);
process.exit(faults.length === 0 ? 0 : 1);
