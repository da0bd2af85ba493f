// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, Method, SessionGrant} from "../../src/ISessionWallet.sol";
import {Target} from "../support/Target.sol";
import {
    WeakBeyondEnd,
    WeakDirtyAddress,
    WeakDirtySelector,
    WeakDuplicates,
    WeakFixedPlace,
    WeakShortSelector,
    WeakTwoSteps
} from "../weak/WeakDecoding.sol";
import {Attack} from "./support/Attack.sol";

/// @dev A07 to A15 without A13: what a decoder takes a word for.
contract DecodingWordsTest is Attack {
    function test_A07_dirtyTarget() public {
        WeakDirtyAddress weak = new WeakDirtyAddress(address(target));
        bytes memory data = abi.encodeCall(weak.grantEverything, ());
        bytes32 self = bytes32(uint256(uint160(address(weak))));
        (bool ok,) = address(weak).call(abi.encodeCall(weak.run, (self, data)));
        vm.assertFalse(ok, "refused when clean");
        weak.run(self | bytes32(uint256(1 << 160)), data);

        // Ours: a target is an index. In a grant, an address with dirty upper bits does not decode.
        SessionGrant memory g = terms();
        g.methods = only(account, "grant()");
        g.sessionKey = vm.addr(2);
        refused(g, abi.encodeWithSelector(ISessionWallet.TargetForbidden.selector, account));
        bytes memory call_ = abi.encodeCall(wallet.grant, (g));
        uint256 dirtied;
        for (uint256 at_ = 36; at_ <= call_.length; at_ += 32) {
            uint256 word;
            assembly {
                word := mload(add(call_, at_))
            }
            if (word != uint160(account)) continue;
            ++dirtied;
            bytes memory bent = bytes.concat(call_);
            assembly {
                mstore(add(bent, at_), or(word, shl(160, 1)))
            }
            (ok,) = tried(account, account, bent);
            vm.assertFalse(ok, "dirty upper bits");
        }
        vm.assertEq(dirtied, 2, "the grant's account and the method's target");
    }

    function test_A08_dirtySelector() public {
        WeakDirtySelector weak = new WeakDirtySelector(address(target));
        weak.run(bytes32(Target.secret.selector) | bytes32(uint256(1)));
        vm.assertEq(bytes4(target.last()), Target.secret.selector, "the weak wallet let it through");

        // Ours: a selector is two bits. All sixteen rules times sixteen method bits, and only the
        // four granted ones call out.
        target = new Target();
        renew(2, address(target), "first(uint256)");
        for (uint256 method = 1; method < 256; ++method) {
            (bool ok,) =
                actAs(key, atomic(abi.encodePacked(uint8(method), uint16(32), abi.encode(1))));
            vm.assertFalse(ok, "one method, one encoding");
        }
        reached(0);
        acts(one());
        reached(1);
    }

    function test_A09_ruleOnADynamicParameter() public {
        WeakFixedPlace weak = new WeakFixedPlace(address(target));
        bytes4 method = bytes4(keccak256("secondary(bytes)"));
        bytes memory honest = abi.encodeWithSelector(method, bytes("evil"));
        (bool ok,) = address(weak).call(abi.encodeCall(weak.run, (honest)));
        vm.assertFalse(ok, "refused where it usually lies");
        weak.run(
            abi.encodePacked(method, uint256(0x60), uint256(1), bytes32(0), uint256(4), "evil")
        );
        vm.assertEq(target.calls(), 1, "moved out of the rule's sight");

        // Ours has no rules on parameters of a game's method: the whole call is granted or not.
        vm.assertEq(wallet.session(key).methods.length, 4, "methods, and nothing finer");
    }

    function test_A10_placeBeyondTheEnd() public {
        WeakBeyondEnd weak = new WeakBeyondEnd(address(target));
        // The rule is on a second word that the call does not have; the next field supplies it.
        bytes memory data = abi.encodeCall(Target.first, (1000));
        bytes memory attack = abi.encodePacked(
            WeakBeyondEnd.run.selector, uint256(0x40), uint256(0xc0), data.length, data, uint256(10)
        );
        (bool ok,) = address(weak).call(bytes.concat(attack, new bytes(128)));
        vm.assertTrue(ok, "the weak rule read its neighbour");

        // Ours: value and length that the bytes do not reach are not read as zero.
        bytes memory whole = atomic(item(0, 0, 1, abi.encode(7)));
        for (uint256 length = 1; length < whole.length; ++length) {
            bytes memory part = bytes.concat(whole);
            assembly {
                mstore(part, length)
            }
            malformed(part);
        }
    }

    function test_A11_lessThanASelector() public {
        WeakShortSelector weak = new WeakShortSelector(address(target));
        weak.run(hex"e0c0");
        vm.assertEq(target.last(), hex"e0c0", "two bytes went out as a transfer");

        // Ours: the selector is never part of the item, so a call has at least four bytes.
        acts(atomic(item(0, 2, "")));
        vm.assertEq(target.last().length, 4, "the stored selector");
        (bool ok,) = tried(key, account, hex"ee42b1");
        vm.assertFalse(ok, "three bytes of act's own selector");
    }

    function test_A12_emptyCallAndSelectorZero() public {
        WeakShortSelector weak = new WeakShortSelector(address(target));
        weak.run("");
        vm.assertEq(target.last().length, 0, "no bytes passed as selector zero");

        SessionGrant memory g = terms();
        g.sessionKey = vm.addr(2);
        // Its hash begins with four zero bytes.
        g.methods = only(address(target), "wycpnbqcyf()");
        refused(g, abi.encodeWithSelector(ISessionWallet.SelectorForbidden.selector, bytes4(0)));
        g.methods[0].signature = "";
        refused(g, abi.encodeWithSelector(ISessionWallet.SignatureInvalid.selector, 0));
    }

    function test_A14_methodTwice() public {
        WeakDuplicates weak = new WeakDuplicates(address(target));
        bytes4[] memory selectors = new bytes4[](2);
        uint256[] memory most = new uint256[](2);
        (selectors[0], selectors[1]) = (Target.first.selector, Target.first.selector);
        (most[0], most[1]) = (10, 1000);
        weak.grant(selectors, most);
        weak.run(Target.first.selector, 1000);
        vm.assertEq(target.calls(), 1, "the second entry widened the first");

        for (uint256 i = 1; i < 4; ++i) {
            SessionGrant memory g = terms();
            g.sessionKey = vm.addr(2);
            g.methods[i] = Method(address(target), "another label", "first(uint256)");
            refused(
                g,
                abi.encodeWithSelector(
                    ISessionWallet.DuplicateMethod.selector, target, Target.first.selector
                )
            );
        }
    }

    function test_A15_checkedThenChanged() public {
        WeakTwoSteps weak = new WeakTwoSteps(address(target));
        weak.prepare(abi.encodeCall(Target.first, (1)));
        weak.check();
        weak.prepare(abi.encodeCall(Target.secret, ()));
        weak.run();
        vm.assertEq(bytes4(target.last()), Target.secret.selector, "checked one, ran another");

        // Ours decides over calldata, which nobody can change, and runs it in the same call: an
        // action that revokes every right of the batch in between does not exist.
        renew(2, address(target), "back(bytes)");
        bytes memory items = bytes.concat(
            item(0, 0, abi.encode(abi.encodeCall(wallet.revoke, (key)))), item(0, 0, abi.encode(""))
        );
        actRefused(atomic(items), plain(ISessionWallet.NotOwner.selector));
    }
}
