"""Worker side of the side-by-side bench's line protocol (see ../alloy/src/lib.rs): eth-account over coincurve."""

import sys
from importlib.metadata import version
from platform import python_version
from time import perf_counter_ns

from eth_abi import encode
from eth_account import Account

KEY = bytes.fromhex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
GAME = "0x4242424242424242424242424242424242424242"
ATTACK = bytes.fromhex("64dd891a")  # attack(uint256)

account = Account.from_key(KEY)


def sign(at):
    account.unsafe_sign_hash((at + 1).to_bytes(32, "big"))


def raw(at):
    account.sign_transaction(
        {
            "type": 2,
            "chainId": 31337,
            "nonce": at,
            "gas": 300000,
            "maxFeePerGas": 2000000001,
            "maxPriorityFeePerGas": 1,
            "to": GAME,
            "value": 0,
            "data": ATTACK + encode(["uint256"], [at % 12]),
        }
    )


def main():
    installed = f"eth-account {version('eth-account')} with coincurve {version('coincurve')}"
    print(f"ready {installed} on Python {python_version()}", flush=True)
    for line in sys.stdin:
        operation, count = line.split()
        once = {"sign": sign, "raw": raw}.get(operation)
        begun = perf_counter_ns()
        for at in range(int(count) if once else 0):
            once(at)
        print(perf_counter_ns() - begun if once else 0, flush=True)


main()
