// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, SessionGrant} from "../src/ISessionWallet.sol";
import {Fixture} from "./support/Fixture.sol";
import {Target} from "./support/Target.sol";

/// @dev What happens when calls of a batch fail, starve or come back.
contract ActCallsTest is Fixture {
    function setUp() public override {
        super.setUp();
        SessionGrant memory g = terms();
        g.methods[1].signature = "fail(uint256)";
        g.methods[2].signature = "waste()";
        g.methods[3].signature = "back(bytes)";
        grant(g);
    }

    function stale() private pure returns (bytes memory) {
        return item(0, 1, abi.encode(9));
    }

    function back(bytes memory data) private pure returns (bytes memory) {
        return item(1, 0, abi.encode(data));
    }

    function test_atomicPassesTheRevertOn() public {
        bytes memory items = bytes.concat(item(0, 0, abi.encode(1)), stale());
        actRefused(atomic(items), abi.encodeWithSelector(Target.Refused.selector, 9));
        reached(0);
    }

    function test_isolateKeepsTheOthers() public {
        bytes memory items =
            bytes.concat(item(0, 0, abi.encode(1)), stale(), item(0, 0, abi.encode(2)));
        vm.expectEmit(account);
        emit ISessionWallet.CallFailed(1, Target.fail.selector);
        acts(isolate(200_000, items));
        reached(2);
    }

    function test_isolateLimitsEachCallsGas() public {
        bytes memory items = bytes.concat(item(0, 2, ""), item(0, 0, abi.encode(2)));
        uint256 before = gasleft();
        acts(isolate(150_000, items));
        vm.assertTrue(before - gasleft() < 600_000, "the wasteful call had its share only");
        reached(1);
    }

    /// @dev Whoever sends a batch cannot make a call fail by giving the transaction little gas:
    /// the target has all of its gas, or the whole batch is refused.
    function test_starvedBatchIsRefusedWhole() public {
        starve(address(target));
    }

    function test_starvedBatchIsRefusedWhole_delegatedTarget() public {
        address delegated = vm.addr(0xD);
        vm.etch(delegated, abi.encodePacked(hex"ef0100", address(target)));
        starve(delegated);
    }

    function starve(address at_) private {
        SessionGrant memory g = terms();
        g.sessionKey = vm.addr(79);
        g.methods = only(at_, "gasGiven()");
        grant(g);
        bytes memory data = abi.encodePacked(wallet.actAsKey.selector, isolate(100_000, item(0, 0, "")));
        uint256 calls;
        for (uint256 gasLimit = 100_000; gasLimit < 160_000; gasLimit += 250) {
            vm.warp(block.timestamp + 1);
            vm.prank(g.sessionKey);
            (bool ok,) = account.call{gas: gasLimit}(data);
            if (!ok) continue;
            ++calls;
            vm.assertTrue(Target(payable(at_)).given() > 99_000, "all of its gas");
        }
        vm.assertTrue(calls > 10 && calls < 230, "little gas is refused, enough is enough");
    }

    function test_insufficientGasIsNamed() public {
        vm.prank(key);
        (bool ok, bytes memory answer) = account.call{gas: 150_000}(
            abi.encodePacked(wallet.actAsKey.selector, isolate(200_000, item(0, 0, abi.encode(1))))
        );
        vm.assertFalse(ok, "refused");
        vm.assertEq(answer, plain(ISessionWallet.InsufficientGas.selector), "named");
    }

    function test_targetCannotAct() public {
        bytes memory data = abi.encodePacked(wallet.actAsKey.selector, one());
        actRefused(atomic(back(data)), plain(ISessionWallet.Reentered.selector));
    }

    /// @dev Even if the target itself holds a session.
    function test_targetWithSessionCannotActMeanwhile() public {
        Target other = new Target();
        SessionGrant memory g = terms();
        g.sessionKey = vm.addr(77);
        g.methods = only(address(other), "back(bytes)");
        grant(g);
        bytes memory data = abi.encodePacked(wallet.actAsKey.selector, one());
        vm.prank(vm.addr(77));
        (bool ok, bytes memory answer) = account.call(
            abi.encodePacked(wallet.actAsKey.selector, atomic(item(0, 0, abi.encode(data))))
        );
        vm.assertFalse(ok, "refused");
        vm.assertEq(answer, plain(ISessionWallet.Reentered.selector), "named");
    }

    function test_targetCannotGrantOrRevoke() public {
        bytes memory notOwner = plain(ISessionWallet.NotOwner.selector);
        actRefused(atomic(back(abi.encodeCall(wallet.revoke, (key)))), notOwner);
        actRefused(atomic(back(abi.encodeCall(wallet.revokeAll, ()))), notOwner);
        actRefused(atomic(back(abi.encodeCall(wallet.grant, (terms())))), notOwner);
    }

    function test_lockIsOpenAgainAfterEachBatch() public {
        acts(one());
        acts(one());
        reached(2);
    }

    /// @dev Seen from inside a call, the batch is already paid for.
    function test_stateIsWrittenBeforeTheCalls() public {
        Reader reader = new Reader();
        SessionGrant memory g = terms();
        key = vm.addr(78);
        g.sessionKey = key;
        g.methods = only(address(reader), "look(address)");
        grant(g);
        acts(atomic(item(0, 0, 1 ether, abi.encode(key))));
        vm.assertEq(reader.spent(), 1 ether, "value was counted");
        vm.assertEq(reader.remaining(), 4, "so was the transaction");
    }
}

contract Reader {
    uint256 public spent;
    uint256 public remaining;

    function look(address key) external payable {
        spent = ISessionWallet(msg.sender).session(key).nativeSpent;
        remaining = ISessionWallet(msg.sender).session(key).remaining;
    }
}
