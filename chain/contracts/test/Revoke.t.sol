// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, SessionGrant, SessionView} from "../src/ISessionWallet.sol";
import {Fixture} from "./support/Fixture.sol";

/// @dev Ending sessions, one or all, for good.
contract RevokeTest is Fixture {
    uint256 private constant MAX = 32;

    function keyAt(uint256 i) private pure returns (address) {
        return vm.addr(1000 + i);
    }

    function grantAt(uint256 i) private {
        SessionGrant memory g = terms();
        g.sessionKey = keyAt(i);
        grant(g);
    }

    function revoke(address who) private {
        vm.prank(account);
        wallet.revoke(who);
    }

    function works(address who) private returns (bool ok) {
        (ok,) = actAs(who, one());
    }

    function unknown(address who) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ISessionWallet.SessionUnknown.selector, who);
    }

    function test_onlyTheAccountItself() public {
        grant(terms());
        for (uint256 i; i < 2; ++i) {
            address stranger = [key, address(this)][i];
            vm.prank(stranger);
            (bool ok,) = account.call(abi.encodeCall(wallet.revoke, (key)));
            vm.assertFalse(ok, "revoke");
            vm.prank(stranger);
            (ok,) = account.call(abi.encodeCall(wallet.revokeAll, ()));
            vm.assertFalse(ok, "revokeAll");
        }
        vm.assertTrue(works(key), "still there");
    }

    function test_revokedKeyIsUnknown() public {
        grant(terms());
        vm.expectEmit(account);
        emit ISessionWallet.SessionRevoked(key);
        revoke(key);
        actRefused(one(), unknown(key));
        vm.assertEq(wallet.sessions().length, 0, "not listed");
    }

    function test_revokedKeyNeverComesBack() public {
        grant(terms());
        revoke(key);
        refused(terms(), abi.encodeWithSelector(ISessionWallet.KeyUsed.selector, key));
    }

    function test_unknownOrTwice() public {
        grant(terms());
        revoke(key);
        for (uint256 i; i < 2; ++i) {
            address who = [key, keyAt(5)][i];
            vm.prank(account);
            (bool ok, bytes memory answer) = account.call(abi.encodeCall(wallet.revoke, (who)));
            vm.assertFalse(ok, "refused");
            vm.assertEq(answer, unknown(who), "named");
        }
    }

    function test_expiredSessionCanBeRevoked() public {
        grant(terms());
        vm.warp(NOW + 1 days);
        revoke(key);
        vm.assertEq(wallet.sessions().length, 0, "gone");
    }

    /// @dev Any order of revocations leaves exactly the others, all of them working.
    function testFuzz_othersStay(uint256 seed) public {
        uint256 count = 6;
        for (uint256 i; i < count; ++i) {
            grantAt(i);
        }
        bool[] memory gone = new bool[](count);
        for (uint256 left = count; left > 0; --left) {
            uint256 pick = uint256(keccak256(abi.encode(seed, left))) % count;
            while (gone[pick]) {
                pick = (pick + 1) % count;
            }
            revoke(keyAt(pick));
            gone[pick] = true;
            SessionView[] memory views = wallet.sessions();
            vm.assertEq(views.length, left - 1, "one fewer");
            for (uint256 i; i < views.length; ++i) {
                uint256 index;
                while (keyAt(index) != views[i].key) {
                    ++index;
                }
                vm.assertFalse(gone[index], "a revoked key is listed");
            }
            vm.warp(block.timestamp + 1);
            for (uint256 i; i < count; ++i) {
                vm.assertTrue(works(keyAt(i)) != gone[i], "exactly the others work");
            }
        }
    }

    function test_revokeAll() public {
        for (uint256 i; i < 3; ++i) {
            grantAt(i);
        }
        vm.expectEmit(account);
        emit ISessionWallet.AllSessionsRevoked();
        vm.prank(account);
        wallet.revokeAll();
        vm.assertEq(wallet.sessions().length, 0, "none listed");
        for (uint256 i; i < 3; ++i) {
            vm.assertFalse(works(keyAt(i)), "none works");
        }
        grantAt(3);
        vm.assertEq(wallet.sessions().length, 1, "a new one does");
        vm.assertTrue(works(keyAt(3)), "a new one does");
    }

    /// @dev A grant that was agreed to but not submitted is void after `revokeAll`.
    function test_revokeAllVoidsOutstandingGrants() public {
        SessionGrant memory outstanding = terms();
        vm.prank(account);
        wallet.revokeAll();
        refused(outstanding, abi.encodeWithSelector(ISessionWallet.WrongGrantNonce.selector, 1, 0));
    }

    function test_epochsDiffer() public {
        grant(terms());
        bytes32 slot = 0xaae0d965c3e80fe0fa5a7c2cf3e7de827e0c25a4716f0a38cfad7ce757cd4900;
        uint256 before = uint160(uint256(vm.load(account, slot)));
        vm.prank(account);
        wallet.revokeAll();
        vm.assertTrue(before != uint160(uint256(vm.load(account, slot))), "another epoch");
    }

    function test_thirtyThirdSessionIsRefused() public {
        for (uint256 i; i < MAX; ++i) {
            grantAt(i);
        }
        SessionGrant memory g = terms();
        refused(g, abi.encodeWithSelector(ISessionWallet.TooManySessions.selector, MAX));
        revoke(keyAt(7));
        grant(g);
        vm.assertEq(wallet.sessions().length, MAX, "full again");
        revoke(key);
        revoke(keyAt(31));
        vm.assertEq(wallet.sessions().length, MAX - 2, "indices are right");
    }

    function test_fullListMakesRoomForExpiredOnes() public {
        for (uint256 i; i < MAX; ++i) {
            SessionGrant memory g = terms();
            g.sessionKey = keyAt(i);
            if (i == 11 || i == 20) {
                g.validUntil = uint40(NOW + 10);
                g.validUntilUtc = "2027-01-15 08:00:10 UTC";
            }
            grant(g);
        }
        vm.warp(NOW + 10);
        grantAt(MAX);
        grantAt(MAX + 1);
        vm.assertEq(wallet.sessions().length, MAX, "still full");
        vm.assertTrue(works(keyAt(MAX)), "new");
        vm.assertTrue(works(keyAt(MAX + 1)), "new");
        vm.assertFalse(works(keyAt(11)), "evicted");
        SessionGrant memory again = terms();
        again.sessionKey = keyAt(11);
        refused(again, abi.encodeWithSelector(ISessionWallet.KeyUsed.selector, keyAt(11)));
        again.sessionKey = keyAt(MAX + 2);
        refused(again, abi.encodeWithSelector(ISessionWallet.TooManySessions.selector, MAX));
        for (uint256 i; i < MAX + 2; ++i) {
            if (i != 11 && i != 20) revoke(keyAt(i));
        }
        vm.assertEq(wallet.sessions().length, 0, "the list stayed whole");
    }
}
