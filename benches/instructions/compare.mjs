// Compares counted instructions with the committed baseline, or writes it.
//
// usage: cargo bench -- --output-format=json | node compare.mjs [--write]

import { readFileSync, writeFileSync } from "node:fs";

const TOLERANCE = 0.02;
const baseline = new URL("baseline.json", import.meta.url);

const counted = {};
for (const line of readFileSync(0, "utf8").split("\n")) {
    if (!line.startsWith("{")) continue;
    const { function_name, id, profiles } = JSON.parse(line);
    counted[id ? `${function_name}/${id}` : function_name] = profiles[0].data.total.metrics.Ir.values.new;
}
if (Object.keys(counted).length === 0) {
    console.error("nothing was counted; run the bench with --output-format=json, and read its errors");
    process.exit(1);
}
if (process.argv.includes("--write")) {
    writeFileSync(baseline, JSON.stringify(counted, null, 2) + "\n");
    process.exit(0);
}

const expected = JSON.parse(readFileSync(baseline, "utf8"));
let faults = 0;
for (const name of new Set([...Object.keys(expected), ...Object.keys(counted)])) {
    const [before, now] = [expected[name], counted[name]];
    const change = now / before - 1;
    const holds = Math.abs(change) <= TOLERANCE;
    if (!holds) faults += 1;
    const shown = Number.isNaN(change) ? "not in both" : `${(change * 100).toFixed(2)} %`;
    console.log(`${holds ? "ok    " : "CHANGE"} ${name.padEnd(32)} ${String(before).padStart(9)} ${String(now).padStart(9)}  ${shown}`);
}
if (faults > 0) {
    console.error(`${faults} counts differ by more than ${TOLERANCE * 100} %. A gain is a change too: look at why,`);
    console.error("then write the new baseline with benches/instructions/count --write and commit it.");
    process.exit(1);
}
