// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Method, SessionGrant, TokenCap} from "../src/ISessionWallet.sol";
import {GameRouter} from "../src/GameRouter.sol";
import {Signing} from "./support/Signing.sol";

/// @dev Plays as a batch does, with no wallet around the calls.
contract Meter {
    /// @dev What the router itself uses of the third to the eighth attack in one transaction, in
    /// gas for each. Making the call is not part of it: its cost is that of calling nobody.
    function routersPart(address router) external returns (uint256 used) {
        _cost(address(0xdead), 0);
        uint256 making = _cost(address(0xdead), 0);
        _cost(router, 0);
        _cost(router, 1);
        for (uint256 id = 2; id < 8; ++id) {
            used += _cost(router, id) - making;
        }
        used /= 6;
    }

    function _cost(address target, uint256 id) private returns (uint256 cost) {
        bytes memory data = abi.encodeCall(GameRouter.attack, (id));
        bool ok;
        assembly ("memory-safe") {
            let left := gas()
            ok := call(gas(), target, 0, add(data, 0x20), mload(data), 0, 0)
            cost := sub(left, gas())
        }
        require(ok);
    }
}

/// @dev What whole transactions cost, with storage warm from earlier play; the figures go to
/// `snapshots/GasTest.json`.
contract GasTest is Signing {
    GameRouter private router = new GameRouter();
    address private plainPlayer = vm.addr(0x9A1E);

    function setUp() public override {
        super.setUp();
        vm.deal(plainPlayer, 1 ether);
        vm.deal(key, 1 ether);
        // No account starts from nothing, and no monster falls while it is measured.
        for (uint256 id; id < 12; ++id) {
            vm.prank(plainPlayer);
            router.attack(id);
        }
    }

    function play() private view returns (SessionGrant memory g) {
        g = terms();
        g.methods = new Method[](3);
        g.methods[0] = Method(address(router), "GameRouter", "attack(uint256)");
        g.methods[1] = Method(address(router), "GameRouter", "useSkill(uint8,uint256)");
        g.methods[2] = Method(address(router), "GameRouter", "pickup(uint256)");
        g.nativePerTx = 0.01 ether;
        g.nativeTotal = 0.05 ether;
    }

    /// @dev With a cap on the game's token: 10 Gold a transaction, 100 in all.
    function capped() private view returns (SessionGrant memory g) {
        g = play();
        g.tokens = new TokenCap[](1);
        g.tokens[0] =
            TokenCap(router.gold(), "GOLD", 18, 10 ether, 100 ether, "100 GOLD");
    }

    function begin(SessionGrant memory g) private {
        vm.prank(wallet.owner());
        wallet.grant(g);
    }

    function attacks(uint256 count) private pure returns (bytes memory items) {
        for (uint256 id; id < count; ++id) {
            items = bytes.concat(items, item(0, 0, abi.encode(id)));
        }
    }

    function measure(string memory name, bytes memory batch) private {
        measure(name, play(), batch);
    }

    function measure(string memory name, SessionGrant memory g, bytes memory batch) private {
        begin(g);
        acts(atomic(attacks(1)));
        vm.warp(NOW + 1);
        acts(batch);
        vm.snapshotGasLastCall(name);
    }

    function test_plainAttack() public {
        vm.prank(plainPlayer);
        router.attack(0);
        vm.snapshotGasLastCall("attack, plain");
    }

    function test_act1() public {
        measure("attack, act", atomic(attacks(1)));
    }

    function test_act1Clone() public {
        useClone();
        measure("attack, act on a clone", atomic(attacks(1)));
    }

    function test_act1Capped() public {
        measure("attack, act with a token cap", capped(), atomic(attacks(1)));
    }

    function test_act8Capped() public {
        measure("8 attacks, act with a token cap", capped(), atomic(attacks(8)));
    }

    function test_relayed() public {
        begin(play());
        submits(relayed(SESSION_KEY, 1000, uint40(NOW + 60), atomic(attacks(1))));
        vm.warp(NOW + 1);
        submits(relayed(SESSION_KEY, 1001, uint40(NOW + 60), atomic(attacks(1))));
        vm.snapshotGasLastCall("attack, relayed");
    }

    function test_act2() public {
        measure("2 attacks, act", atomic(attacks(2)));
    }

    /// @dev With it, `gas.mjs` tells the wallet's own part of each further action in a batch.
    function test_routersPart() public {
        Meter meter = new Meter();
        meter.routersPart(address(router));
        uint256 part = meter.routersPart(address(router));
        vm.snapshotValue("attack, the router's part of a further one", part);
    }

    function test_act8() public {
        measure("8 attacks, act", atomic(attacks(8)));
    }

    function test_act8Isolate() public {
        measure("8 attacks, act in isolate mode", isolate(60_000, attacks(8)));
    }

    function test_smite() public {
        grant(play());
        acts(atomic(item(0, 1, 0.0005 ether, abi.encode(1, 2))));
        vm.warp(NOW + 4);
        acts(atomic(item(0, 1, 0.0005 ether, abi.encode(1, 2))));
        vm.snapshotGasLastCall("smite, act");
        vm.warp(NOW + 20);
        vm.prank(plainPlayer);
        router.useSkill{value: 0.0005 ether}(1, 2);
        vm.warp(NOW + 24);
        vm.prank(plainPlayer);
        router.useSkill{value: 0.0005 ether}(1, 5);
        vm.snapshotGasLastCall("smite, plain");
    }

    function test_grants() public {
        SessionGrant memory g = capped();
        grant(g);
        vm.snapshotGasLastCall("grant, first");
        g.sessionKey = vm.addr(0x77);
        g.grantNonce = 1;
        grant(g);
        vm.snapshotGasLastCall("grant, later");
        vm.prank(account);
        wallet.revoke(key);
        vm.snapshotGasLastCall("revoke");
        vm.prank(account);
        wallet.revokeAll();
        vm.snapshotGasLastCall("revokeAll");
    }

    function test_clones() public {
        address human = vm.addr(OWNER_KEY);
        SessionGrant memory g = capped();
        g.account = factory.account(human);
        g.grantNonce = 0;
        vm.prank(human);
        factory.createAndGrant(g);
        vm.snapshotGasLastCall("createAndGrant");
        useClone();
        vm.prank(human);
        wallet.revokeAll();
        vm.snapshotGasLastCall("revokeAll of a clone");
    }

    function test_signedGrant() public {
        SessionGrant memory g = capped();
        bytes memory signature = signed(OWNER_KEY, grantHash(g));
        submits(abi.encodeCall(wallet.grantWithSignature, (g, signature)));
        vm.snapshotGasLastCall("grant, first, by signature");
    }
}
