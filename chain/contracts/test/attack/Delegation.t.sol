// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, SessionGrant} from "../../src/ISessionWallet.sol";
import {WeakInitializer, WeakPlanted, WeakSlotZero} from "../weak/WeakRights.sol";
import {Attack} from "./support/Attack.sol";
import {Scribbler} from "./support/Scribbler.sol";

/// @dev F07 to F13: an account that delegates here, elsewhere, and here again.
contract DelegationTest is Attack {
    bytes32 private constant HEADER =
        0xaae0d965c3e80fe0fa5a7c2cf3e7de827e0c25a4716f0a38cfad7ce757cd4900;

    Scribbler private scribbler = new Scribbler();

    function as_(address code) private returns (Scribbler) {
        delegate(code);
        return Scribbler(account);
    }

    /// @dev The slot of a session, as a hostile delegate would compute it.
    function sessionSlot(uint256 epoch, address who) private pure returns (uint256) {
        return uint256(keccak256(abi.encodePacked(uint160(epoch), uint256(uint160(who)))));
    }

    /// @dev A session of one method at the widest, and its rule.
    function plant(uint256 epoch, address who) private {
        uint256 s = sessionSlot(epoch, who);
        uint256 word = uint256(type(uint32).max) << 160 | uint256(100) << 192 | uint256(1) << 208
            | uint256(255) << 232 | uint256(1) << 240;
        uint256 rule =
            uint256(uint160(address(target))) | uint256(uint32(target.first.selector)) << 160;
        Scribbler hostile = as_(address(scribbler));
        hostile.write(s, word);
        hostile.write(s + 2, rule);
        delegate(address(implementation));
    }

    function test_F07_firstComerOwns() public {
        address thief = vm.addr(0xBAD);
        address fresh = vm.addr(0xF4E5);
        vm.etch(fresh, address(new WeakInitializer()).code);
        vm.prank(thief);
        WeakInitializer(fresh).initialize(thief);
        vm.assertEq(WeakInitializer(fresh).owner(), thief, "the first comer owns the weak one");

        // Ours: whatever a stranger calls on a fresh account, nothing is written.
        vm.etch(fresh, account.code);
        SessionGrant memory g = terms();
        (g.account, g.sessionKey, g.grantNonce) = (fresh, thief, 0);
        bytes[5] memory calls = [
            abi.encodeCall(wallet.grant, (g)),
            abi.encodeCall(wallet.revoke, (thief)),
            abi.encodeCall(wallet.revokeAll, ()),
            direct(one()),
            abi.encodeWithSignature("initialize(address)", thief)
        ];
        for (uint256 i; i < calls.length; ++i) {
            (bool ok,) = tried(thief, fresh, calls[i]);
            vm.assertFalse(ok, "refused");
        }
        vm.assertEq(vm.load(fresh, HEADER), bytes32(0), "untouched");
    }

    /// @dev Anybody may carry the delegation, with or without a first call: there is nothing to take.
    function test_F07_strangerCarriesTheDelegation() public {
        uint256 ownerKey = 0xF4E6;
        address fresh = vm.addr(ownerKey);
        SessionGrant memory g = terms();
        (g.account, g.grantNonce) = (fresh, 0);
        vm.signAndAttachDelegation(address(implementation), ownerKey);
        (bool ok,) = tried(vm.addr(0xBAD), fresh, abi.encodeCall(wallet.grant, (g)));
        vm.assertFalse(ok, "not the owner");
        vm.prank(fresh);
        ISessionWallet(fresh).grant(g);
        vm.assertEq(ISessionWallet(fresh).sessions().length, 1, "the owner's grant is the first");
    }

    function test_F08_awayAndBack() public {
        revoke(key);
        address live = vm.addr(2);
        renew(2, address(target), "first(uint256)");
        delegate(address(scribbler));
        vm.assertFalse(works(live), "elsewhere nothing acts");
        delegate(address(implementation));
        vm.warp(block.timestamp + 1);
        vm.assertTrue(works(live), "as it was left");
        key = vm.addr(SESSION_KEY);
        vm.assertFalse(works(key), "and a revoked key stays revoked");
        SessionGrant memory g = terms();
        refused(g, abi.encodeWithSelector(ISessionWallet.KeyUsed.selector, key));
    }

    function test_F09_plantedBeforeTheFirstGrant() public {
        address thief = vm.addr(0xBAD);
        WeakPlanted weak = new WeakPlanted();
        as_(address(scribbler)).write(uint256(keccak256(abi.encode(thief, 0))), 1);
        delegate(address(weak));
        (bool ok,) = tried(thief, account, abi.encodeCall(weak.act, ()));
        vm.assertTrue(ok, "the weak wallet finds the planted session");

        // Ours, on an account that never granted: the epoch of the first grant is not known before.
        account = vm.addr(0xF4E7);
        wallet = ISessionWallet(account);
        uint256[4] memory epochs = [0, 1, uint256(uint160(account)), type(uint160).max];
        for (uint256 i; i < epochs.length; ++i) {
            plant(epochs[i], thief);
        }
        for (uint256 i; i < epochs.length; ++i) {
            // Even the header, as far as it leaves the account without a grant.
            as_(address(scribbler)).write(uint256(HEADER), epochs[i]);
            delegate(address(implementation));
            vm.assertTrue(works(thief), "the planted session is right in form");
        }
        vm.prevrandao(bytes32(uint256(7)));
        grant(terms());
        vm.assertFalse(works(thief), "out of reach");
        vm.assertEq(wallet.sessions().length, 1, "only the granted one is there");
        vm.warp(block.timestamp + 1);
        vm.assertTrue(works(key), "and it works");
    }

    /// @dev Storage is the delegate's to write, so a hostile one may also leave a header of its own.
    /// No code can tell that from its own past; ending everything on return does away with it.
    function test_F09_plantedHeaderEndsWithRevokeAll() public {
        address thief = vm.addr(0xBAD);
        plant(1, thief);
        as_(address(scribbler)).write(uint256(HEADER), 1 | uint256(1) << 160);
        delegate(address(implementation));
        vm.assertTrue(works(thief), "what README.md says of delegates that are not trusted");
        vm.prevrandao(bytes32(uint256(7)));
        vm.prank(account);
        wallet.revokeAll();
        vm.warp(block.timestamp + 1);
        vm.assertFalse(works(thief), "one call ends it");
        // Nor does the delegate's next visit bring it back, unless it writes the header again.
        plant(1, thief);
        vm.assertFalse(works(thief), "the slots alone are worth nothing");
    }

    function test_F10_slotsOfOthers() public {
        address thief = vm.addr(0xBAD);
        WeakSlotZero weak = new WeakSlotZero();
        as_(address(scribbler)).write(0, uint160(thief));
        delegate(address(weak));
        (bool ok,) = tried(thief, account, abi.encodeCall(weak.act, ()));
        vm.assertTrue(ok, "another delegate's slot zero made an owner");

        // Ours neither reads nor writes where others do.
        uint256[4] memory common = [
            uint256(0),
            1,
            uint256(keccak256("eip1967.proxy.implementation")) - 1,
            0xf0c57e16840df040f15088dc2f81fe391c3923bec73e23a9662efc9c229c6a00
        ];
        Scribbler foreign = as_(address(scribbler));
        for (uint256 i; i < common.length; ++i) {
            foreign.write(common[i], type(uint256).max - i);
        }
        delegate(address(implementation));
        acts(one());
        renew(2, address(target), "first(uint256)");
        acts(one());
        revoke(key);
        for (uint256 i; i < common.length; ++i) {
            uint256 word = uint256(vm.load(account, bytes32(common[i])));
            vm.assertEq(word, type(uint256).max - i, "as the other left it");
        }
    }

    /// @dev A call to an account without code succeeds and does nothing, which only a client can
    /// tell: it looks at the account's code.
    function test_F13_delegationRemoved() public {
        vm.etch(account, "");
        (bool ok,) = actAs(key, one());
        vm.assertTrue(ok, "as on every chain");
        reached(0);
        vm.assertEq(account.code.length, 0, "what the client looks at");
        delegate(address(implementation));
        vm.assertEq(account.code, abi.encodePacked(hex"ef0100", implementation), "and then sees");
        acts(one());
        reached(1);
    }

    /// @dev An account with code takes what one without takes.
    function test_F12_receives() public {
        vm.deal(address(this), 1 ether);
        (bool ok,) = account.call{value: 1, gas: 9_000}("");
        vm.assertTrue(ok, "with the little that a transfer gives");
        (ok,) = account.call{value: 1}("");
        vm.assertTrue(ok, "and with all");
    }
}
