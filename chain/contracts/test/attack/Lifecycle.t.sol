// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, Method, SessionGrant, SessionView} from "../../src/ISessionWallet.sol";
import {EarlyToken, WeakEarly, WeakList, WeakReenable, WeakWindow0} from "../weak/WeakRights.sol";
import {Attack} from "./support/Attack.sol";

/// @dev Section E: beginning and ending sessions.
contract LifecycleTest is Attack {
    function keyAt(uint256 i) private pure returns (address) {
        return vm.addr(1000 + i);
    }

    function grantAt(uint256 i) private {
        SessionGrant memory g = terms();
        g.sessionKey = keyAt(i);
        grant(g);
    }

    function revokeAll() private {
        vm.prank(account);
        wallet.revokeAll();
    }

    function test_E01_revokedComesBack() public {
        WeakReenable weak = new WeakReenable(account);
        (uint8 v, bytes32 r, bytes32 s) = cheats.sign(OWNER_KEY, keccak256(abi.encode(weak, key)));
        weak.grant(key, v, r, s);
        vm.prank(account);
        weak.revoke(key);
        weak.grant(key, v, r, s);
        vm.assertTrue(weak.sessions(key), "the old signature brought it back");

        SessionGrant memory old = terms();
        revoke(key);
        refused(old, abi.encodeWithSelector(ISessionWallet.KeyUsed.selector, key));
        revokeAll();
        refused(old, abi.encodeWithSelector(ISessionWallet.WrongGrantNonce.selector, 2, 1));
        vm.assertFalse(works(key), "revoked wins");
    }

    /// @dev Every choice of sessions to end, out of four, leaves exactly the others.
    function test_E03_leftovers() public {
        WeakList weak = new WeakList();
        for (uint256 i; i < 4; ++i) {
            weak.grant(keyAt(i));
        }
        weak.revokeAll();
        vm.assertTrue(weak.sessions(keyAt(3)), "those that moved survived");

        revoke(key);
        for (uint256 choice; choice < 16; ++choice) {
            for (uint256 i; i < 4; ++i) {
                grantAt(4 * choice + i);
            }
            for (uint256 i; i < 4; ++i) {
                if (choice >> i & 1 == 1) revoke(keyAt(4 * choice + i));
            }
            uint256 live;
            for (uint256 i; i < 4; ++i) {
                bool ended = choice >> i & 1 == 1;
                vm.assertTrue(works(keyAt(4 * choice + i)) != ended, "exactly the others");
                if (!ended) ++live;
            }
            vm.assertEq(wallet.sessions().length, live, "and they are listed");
            revokeAll();
            for (uint256 i; i < 4; ++i) {
                vm.assertFalse(works(keyAt(4 * choice + i)), "none");
            }
        }
    }

    function test_E04_grantAsksAStranger() public {
        WeakEarly weak = new WeakEarly();
        EarlyToken token = new EarlyToken();
        weak.grant(address(token), address(token));
        vm.assertTrue(token.acted(), "acted before it was granted");

        // Ours: no session is a contract, and gas money goes to a key without code.
        SessionGrant memory g = terms();
        g.sessionKey = address(token);
        refused(g, abi.encodeWithSelector(ISessionWallet.KeyForbidden.selector, token));
    }

    /// @dev What stands in a block before the revocation still counts; what stands behind it does
    /// not, in the very same block.
    function test_E05_revocationInTheSameBlock() public {
        acts(one());
        acts(atomic(item(0, 0, 1 ether, abi.encode(1))));
        revoke(key);
        actRefused(one(), abi.encodeWithSelector(ISessionWallet.SessionUnknown.selector, key));
        vm.assertEq(target.paid(), 1 ether, "no more than what came before");
    }

    /// @dev A full account: 32 sessions of 24 methods. Ending and listing stay affordable.
    function test_E06_fullLists() public {
        revoke(key);
        SessionGrant memory g = terms();
        g.methods = new Method[](24);
        for (uint256 i; i < 24; ++i) {
            bytes memory name = abi.encodePacked("m", uint8(65 + i), "()");
            g.methods[i] = Method(address(target), "Target", string(name));
        }
        for (uint256 i; i < 32; ++i) {
            (g.sessionKey, g.grantNonce) = (keyAt(i), wallet.grantNonce());
            grant(g);
        }
        (g.sessionKey, g.grantNonce) = (keyAt(32), wallet.grantNonce());
        refused(g, abi.encodeWithSelector(ISessionWallet.TooManySessions.selector, 32));
        uint256 before = gasleft();
        SessionView[] memory all = wallet.sessions();
        vm.assertTrue(before - gasleft() < 5_000_000, "listing is bounded");
        vm.assertEq(all.length, 32, "all of them");
        before = gasleft();
        revoke(keyAt(0));
        vm.assertTrue(before - gasleft() < 100_000, "ending one costs the same as ever");
        before = gasleft();
        revokeAll();
        vm.assertTrue(before - gasleft() < 100_000, "and ending all too");
        vm.assertEq(wallet.sessions().length, 0, "none left");

        (g.methods, g.grantNonce) = (new Method[](25), wallet.grantNonce());
        refused(g, abi.encodeWithSelector(ISessionWallet.TooManyRules.selector, 8));
    }

    function test_E07_windows() public {
        WeakWindow0 weak = new WeakWindow0();
        weak.grant(address(this), block.timestamp + 1 hours, 0);
        vm.warp(NOW + 10 * 365 days);
        weak.act();
        vm.warp(NOW);

        uint40[2][6] memory windows = [
            [uint40(NOW), uint40(NOW)],
            [uint40(NOW + 2), uint40(NOW + 1)],
            [uint40(0), uint40(NOW)],
            [uint40(0), uint40(0)],
            [uint40(NOW), uint40(0)],
            [uint40(0), type(uint40).max]
        ];
        SessionGrant memory g = terms();
        g.sessionKey = vm.addr(2);
        for (uint256 i; i < windows.length; ++i) {
            (g.validAfter, g.validUntil) = (windows[i][0], windows[i][1]);
            refused(
                g,
                abi.encodeWithSelector(
                    ISessionWallet.WindowInvalid.selector, g.validAfter, g.validUntil
                )
            );
        }
        (g.validAfter, g.validUntil) = (uint40(NOW + 1 hours), uint40(NOW + 2 hours));
        key = g.sessionKey;
        grant(g);
        actRefused(one(), abi.encodeWithSelector(ISessionWallet.NotYetValid.selector, g.validAfter));
        vm.warp(g.validAfter - 1);
        vm.assertFalse(works(key), "a second early");
        vm.warp(g.validUntil);
        vm.assertFalse(works(key), "at its end");
        vm.warp(g.validAfter);
        vm.assertTrue(works(key), "in between");
    }

    function test_E08_keys() public {
        SessionGrant memory g = terms();
        address[6] memory bad = [
            address(0),
            account,
            address(target),
            address(implementation),
            address(1),
            address(0xffff)
        ];
        for (uint256 i; i < bad.length; ++i) {
            g.sessionKey = bad[i];
            refused(g, abi.encodeWithSelector(ISessionWallet.KeyForbidden.selector, bad[i]));
        }
        // One key for two accounts: each counts for itself, and nobody can take a key away by
        // granting it first.
        address other = vm.addr(0xB0B);
        vm.etch(other, account.code);
        vm.deal(other, 100 ether);
        g = terms();
        (g.account, g.grantNonce) = (other, 0);
        vm.prank(other);
        ISessionWallet(other).grant(g);
        acts(atomic(item(0, 0, 1 ether, abi.encode(1))));
        vm.assertEq(wallet.session(key).nativeSpent, 1 ether, "here");
        vm.assertEq(ISessionWallet(other).session(key).nativeSpent, 0, "not there");
        vm.prank(other);
        ISessionWallet(other).revoke(key);
        vm.assertTrue(works(key), "ended there, not here");
    }

    function test_E10_grantSubmittedLate() public {
        SessionGrant memory g = terms();
        g.sessionKey = vm.addr(2);
        vm.warp(g.grantBefore + 1);
        refused(g, abi.encodeWithSelector(ISessionWallet.GrantLate.selector, g.grantBefore));
        g.grantBefore = 0;
        refused(g, abi.encodeWithSelector(ISessionWallet.GrantLate.selector, 0));
    }
}
