// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Method, SessionGrant} from "../src/ISessionWallet.sol";
import {GameRouter} from "../src/GameRouter.sol";
import {Fixture} from "./support/Fixture.sol";

/// @dev What whole transactions cost, with storage warm from earlier play; the figures go to
/// `snapshots/GasTest.json`.
contract GasTest is Fixture {
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

    function attacks(uint256 count) private pure returns (bytes memory items) {
        for (uint256 id; id < count; ++id) {
            items = bytes.concat(items, item(0, 0, abi.encode(id)));
        }
    }

    function measure(string memory name, bytes memory batch) private {
        grant(play());
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

    function test_act2() public {
        measure("2 attacks, act", atomic(attacks(2)));
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
        SessionGrant memory g = play();
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
}
