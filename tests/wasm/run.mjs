// Loads the module into Node and plays: node run.mjs MODULE.wasm
import { readFileSync } from "node:fs";
import { webcrypto } from "node:crypto";

// Web Crypto gives no more at once.
const MOST_RANDOM = 65_536;

let memory;
const bytes = (at, length) => new Uint8Array(memory.buffer, at, length);
const env = {
  random: (to, length) => {
    for (let done = 0; done < length; done += MOST_RANDOM) {
      webcrypto.getRandomValues(bytes(to + done, Math.min(MOST_RANDOM, length - done)));
    }
  },
  say: (text, length) => console.log(new TextDecoder().decode(bytes(text, length))),
};
const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), { env });
memory = instance.exports.memory;
process.exit(instance.exports.run());
