# shellcheck shell=bash
# The steps of .ci/run, one function each.

install_tools() {
    if command -v apt-get >/dev/null; then
        local sudo=() missing=() package
        [ "$(id -u)" -eq 0 ] || sudo=(sudo -n)
        for package in build-essential xvfb imagemagick mesa-vulkan-drivers libx11-6 libx11-xcb1 libxcursor1 \
            libxi6 libxrandr2 libxkbcommon-x11-0 valgrind xdotool tesseract-ocr; do
            dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
        done
        command -v npm >/dev/null || missing+=(nodejs npm)
        command -v jq >/dev/null || missing+=(jq)
        if [ "${#missing[@]}" -gt 0 ]; then
            echo "installing ${missing[*]}"
            "${sudo[@]}" apt-get update -qq
            DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
        fi
    fi
    need npm
    npm ci --prefix .ci --no-audit --no-fund
    npm ci --prefix chain/contracts --no-audit --no-fund
    npm ci --prefix chain/tests/vectors --no-audit --no-fund
    npm ci --prefix tests/clients --no-audit --no-fund
}

format() {
    cargo fmt --all --check
}

lint() {
    cargo clippy --workspace --all-targets --locked -- -D warnings
}

documentation() {
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked
}

contract_artifacts() {
    need node
    node chain/contracts/build.mjs --check
}

eip712_vectors() {
    need node
    node chain/tests/vectors/build.mjs --check
}

contract_tests() {
    need forge node
    cd chain/contracts
    # forge writes its figures over the committed ones.
    cp snapshots/GasTest.json "$scratch/gas.json"
    forge test
    node gas.mjs "$scratch/gas.json"
}

tests() {
    cargo test --workspace
}

# The same test binaries once more: only the chain is another one.
tests_on_anvil() {
    need anvil
    LATCHKEY_ENDPOINT=anvil cargo test --workspace --test it -- engine:: faults:: refusals:: parity:: rivals::
}

binary() {
    cargo build --locked --package latchkey-game --bin latchkey
    "$latchkey" --version
}

end_to_end_devnet() {
    need node
    "$latchkey" play --headless --seconds 60 --report "$scratch/devnet.json"
    node .ci/check-report.mjs "$scratch/devnet.json" --confirmed-min 200 --p50-max-ms 700
}

end_to_end_anvil() {
    need node anvil
    # anvil takes a free port and says which; the key is the one that every development chain publishes.
    anvil --port 0 --block-time 1 >"$scratch/anvil.log" 2>&1 &
    local anvil=$! url="" tries=0
    # Expanded now: the variable is gone when the step's shell ends.
    # shellcheck disable=SC2064
    trap "kill $anvil 2>/dev/null || true" EXIT
    until url=$(grep -oE 'Listening on .*' "$scratch/anvil.log" | awk '{print "http://" $3}') && [ -n "$url" ]; do
        tries=$((tries + 1))
        if [ "$tries" -gt 150 ]; then
            cat "$scratch/anvil.log"
            return 1
        fi
        sleep 0.2
    done
    export LATCHKEY_OWNER=ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80
    # Twice: the first run deploys the contracts, the second finds them.
    local run
    for run in first second; do
        "$latchkey" play --headless --seconds 20 --rpc "$url" --chain-id 31337 \
            --private-key-env LATCHKEY_OWNER --report "$scratch/anvil-$run.json"
        node .ci/check-report.mjs "$scratch/anvil-$run.json" --confirmed-min 40
    done
}

window() {
    need Xvfb import identify compare
    bash .ci/window "$latchkey" "$scratch/window"
}

window_keys() {
    need Xvfb xdotool tesseract import identify convert jq
    bash .ci/window-keys "$latchkey" "$scratch/keys"
}

# Nothing else switches the feature on; a build server has no keychain to ask.
keychain() {
    cargo check --locked --package latchkey --features keyring
}

public_api() {
    cargo fmt --manifest-path tests/public-api/Cargo.toml --check
    .ci/public-api
}

bare_library() {
    cargo check --locked --package latchkey --no-default-features --features devnet
}

browser_core() {
    need node
    cargo fmt --manifest-path tests/wasm/Cargo.toml --check
    bash .ci/wasm
}

examples() {
    # Built by the tests. Each ends by itself.
    local example
    for example in minimal bevy_minimal agent subscription dca; do
        echo "$example"
        timeout 120 "$CARGO_TARGET_DIR/debug/examples/$example" | tail -n 2
    done
}

instructions() {
    need valgrind node
    if [ "$(uname -sm)" != "Linux x86_64" ]; then
        echo "the baseline was counted on x86-64 Linux"
        exit "$SKIP"
    fi
    benches/instructions/count
}
