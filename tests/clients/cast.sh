#!/usr/bin/env bash
# Foundry's cast against a devnet: bash cast.sh HTTP_URL WS_URL. Ends with an error at the first wrong answer.
set -euo pipefail

http=$1 ws=$2
export ETH_RPC_URL=$http

# The first two and the sixth of the accounts that every development chain publishes.
alice=0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266
alice_key=0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80
bob=0x70997970C51812dc3A010C7d01b50e0d17dc79C8
bob_key=0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d
frank_key=0x8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba

# check WHAT EXPECTED GOT
check() {
    if [ "$2" != "$3" ]; then
        echo "$1: expected $2, got $3" >&2
        exit 1
    fi
    echo "$1: $3"
}

# contains WHAT PART WHOLE
contains() {
    if [[ "$3" != *"$2"* ]]; then
        echo "$1: no $2 in $3" >&2
        exit 1
    fi
    echo "$1: has $2"
}

check "chain id" 31337 "$(cast chain-id)"
check "chain id over a WebSocket" 31337 "$(cast chain-id --rpc-url "$ws")"
check "client" latchkey-devnet "$(cast client | cut -d/ -f1)"
check "balance" 10000000000000000000000 "$(cast balance $bob)"
check "number of the first block" 0 "$(cast block 0 --field number)"
contains "latest block" parentHash "$(cast block latest)"
check "nonce" 0 "$(cast nonce $alice)"

# Stores the first word of its data in slot 0, and logs it.
created=$(cast send --private-key $alice_key --json --create 0x600e8060095f395ff35f35805f555f525f3560205fa100)
contract=$(cast to-check-sum-address "$(jq -r .contractAddress <<<"$created")")
check "contract" "$(cast compute-address $alice --nonce 0 | awk '{print $NF}')" "$contract"
check "code" 0x5f35805f555f525f3560205fa100 "$(cast code "$contract")"

word=0x000000000000000000000000000000000000000000000000000000000000002a
sent=$(cast send --private-key $alice_key --json "$contract" $word)
check "status" 0x1 "$(jq -r .status <<<"$sent")"
hash=$(jq -r .transactionHash <<<"$sent")
check "receipt" "$(jq -r .gasUsed <<<"$sent")" "$(cast receipt "$hash" --json | jq -r .gasUsed)"
check "transaction" $word "$(cast tx "$hash" input)"
check "storage" $word "$(cast storage "$contract" 0)"
check "logs" $word "$(cast logs --from-block 0 --address "$contract" --json | jq -r '.[0].data')"
check "logs of another topic" 0 "$(cast logs --from-block 0 --address "$contract" --json "${word%a}b" | jq length)"
check "estimate" 21000 "$(cast estimate $bob --value 1)"
check "call" 0x "$(cast call "$contract" $word)"

sent=$(cast send --private-key $alice_key --json --value 1ether $bob)
check "value" 10001000000000000000000 "$(cast balance $bob)"
check "gas of a transfer" 0x5208 "$(jq -r .gasUsed <<<"$sent")"

# EIP-7702: Bob delegates to the contract and calls himself.
cast send --private-key $bob_key --auth "$contract" $bob $word >/dev/null
check "delegation" "0xef0100${contract:2}" "$(cast to-check-sum-address "0x$(cast code $bob | cut -c9-)" | sed 's/^0x/0xef0100/')"
check "storage of the delegated account" $word "$(cast storage $bob 0)"
cast send --private-key $bob_key --auth 0x0000000000000000000000000000000000000000 $alice >/dev/null
check "undelegation" 0x "$(cast code $bob)"

# EIP-7966: the receipt in one call; an error in time when the transaction is too cheap to be mined.
raw=$(cast mktx --private-key $frank_key --gas-limit 21000 --value 1 $alice)
check "synchronous sending" 0x1 "$(cast rpc eth_sendRawTransactionSync "$raw" | jq -r .status)"
cheap=$(cast mktx --private-key $frank_key --gas-limit 21000 --gas-price 2 --priority-gas-price 1 $alice)
if refused=$(cast rpc eth_sendRawTransactionSync "$cheap" 300 2>&1); then
    echo "a transaction at 2 wei was mined: $refused" >&2
    exit 1
fi
contains "synchronous sending in time" "error code 4" "$refused"
contains "its transaction" "$(cast keccak "$cheap")" "$refused"

if refused=$(cast publish "$raw" 2>&1); then
    echo "a transaction was taken twice: $refused" >&2
    exit 1
fi
contains "sending again" "nonce too low" "$refused"
