// The ERC-7730 descriptor: how a clear-signing wallet shows the messages that an owner signs.
// `build.mjs` writes it to eip712-latchkey.json, because the address follows from the bytecode and
// the types from the ABI.

// Chains on which the wallet stands. Its address is the same on every chain; a chain is added here
// when the contract is deployed there.
const CHAINS = [31_337];

const field = (path, label, format = "raw", params) => ({ path, label, format, ...(params && { params }) });
const address = (path, label, ...types) => field(path, label, "addressName", { types });
const date = (path, label) => field(path, label, "date", { encoding: "timestamp" });
const tokens = (path, label) => field(path, label, "tokenAmount", { tokenPath: "tokens.[].token" });

// Labels of at most twenty characters, which small screens show whole.
const GRANT = {
  intent: "Start a game session",
  fields: [
    field("app", "App (unverified)"),
    address("account", "Account", "wallet", "contract"),
    address("sessionKey", "Session key", "eoa"),
    address("methods.[].target", "May call", "contract"),
    field("methods.[].contractName", "Name (unverified)"),
    field("methods.[].signature", "Method"),
    address("tokens.[].token", "May spend token", "token"),
    tokens("tokens.[].perTx", "Each transaction"),
    tokens("tokens.[].total", "In total"),
    field("tokens.[].totalText", "In total, in words"),
    field("nativePerTx", "Coin each time", "amount"),
    field("nativeTotal", "Coin in total", "amount"),
    field("txLimit", "Transactions at most"),
    field("txPeriodSeconds", "In a period of", "duration"),
    field("maxActionsPerTx", "Actions in each"),
    date("validAfter", "Starts"),
    date("validUntil", "Ends"),
    field("validUntilUtc", "Ends, in words"),
    date("grantBefore", "Submit before"),
  ],
  excluded: ["methods.[]", "tokens.[]", "tokens.[].symbol", "tokens.[].decimals", "grantNonce"],
};

const REVOCATION = {
  intent: "End a game session",
  fields: [
    address("account", "Account", "wallet", "contract"),
    address("sessionKey", "Session key", "eoa"),
    date("deadline", "Submit before"),
  ],
  excluded: [],
};

const ALL_REVOCATION = {
  intent: "End every game session",
  fields: [address("account", "Account", "wallet", "contract"), date("deadline", "Submit before")],
  excluded: ["grantNonce"],
};

// Messages that no function takes as a struct, as `chain/src/contracts/abi/typed.rs` binds them.
const MESSAGES = {
  SessionRevocation: { account: "address", sessionKey: "address", deadline: "uint40" },
  AllSessionsRevocation: { account: "address", grantNonce: "uint64", deadline: "uint40" },
};

const DOMAIN = { name: "string", version: "string", chainId: "uint256", verifyingContract: "address" };

const members = (fields) => Object.entries(fields).map(([name, type]) => ({ name, type }));

// A struct of the ABI and every struct inside it, as EIP-712 types.
function types({ internalType, components }) {
  const name = (type) => type.replace(/^struct (\w+\.)?/, "");
  const type = (c) => (c.components ? name(c.internalType) : c.type);
  const inner = components.filter((c) => c.components).map(types);
  const own = components.map((c) => ({ name: c.name, type: type(c) }));
  return Object.assign({ [name(internalType).replace("[]", "")]: own }, ...inner);
}

// `abi` and `wallet` are the session wallet's own.
export function descriptor(abi, wallet) {
  const grant = abi.find(({ name, type }) => type === "function" && name === "grant").inputs[0];
  const schema = (primaryType, own) => ({ primaryType, types: { EIP712Domain: members(DOMAIN), ...own } });
  const messages = Object.entries(MESSAGES).map(([name, fields]) => schema(name, { [name]: members(fields) }));
  return {
    $schema: "https://eips.ethereum.org/assets/eip-7730/erc7730-v1.schema.json",
    context: {
      eip712: {
        domain: { name: "Latchkey", version: "1", verifyingContract: wallet },
        deployments: CHAINS.map((chainId) => ({ chainId, address: wallet })),
        schemas: [schema("SessionGrant", types(grant)), ...messages],
      },
    },
    metadata: { owner: "Latchkey" },
    display: {
      formats: { SessionGrant: GRANT, SessionRevocation: REVOCATION, AllSessionsRevocation: ALL_REVOCATION },
    },
  };
}
