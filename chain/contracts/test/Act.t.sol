// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, SessionGrant} from "../src/ISessionWallet.sol";
import {Fixture} from "./support/Fixture.sol";
import {Target} from "./support/Target.sol";

/// @dev What a session key may do with `act`, and what names the refusal when it may not.
contract ActTest is Fixture {
    function setUp() public override {
        super.setUp();
        grant(terms());
    }

    function test_callsExactlyTheStoredSelectorAndTheArguments() public {
        acts(atomic(item(0, 1, abi.encode(42))));
        vm.assertEq(target.last(), abi.encodeCall(Target.second, (42)), "bytes of the call");
        vm.assertEq(target.caller(), account, "the account is the player");
    }

    function test_fourthMethodIsInASecondRule() public {
        acts(atomic(bytes.concat(item(0, 2, ""), item(1, 0, ""))));
        vm.assertEq(target.last(), abi.encodeCall(Target.fourth, ()), "bytes of the last call");
        reached(2);
    }

    function test_eightActionsAreAllowed_nineAreNot() public {
        bytes memory items;
        for (uint256 i; i < 8; ++i) {
            items = bytes.concat(items, item(0, 0, abi.encode(i)));
        }
        acts(atomic(items));
        reached(8);
        bytes memory nine = atomic(bytes.concat(items, item(0, 0, abi.encode(8))));
        actRefused(nine, abi.encodeWithSelector(ISessionWallet.TooManyActions.selector, 8));
        reached(8);
    }

    function test_strangerIsUnknown() public {
        address stranger = vm.addr(99);
        (bool ok, bytes memory answer) = actAs(stranger, one());
        vm.assertFalse(ok, "refused");
        vm.assertEq(
            answer,
            abi.encodeWithSelector(ISessionWallet.SessionUnknown.selector, stranger),
            "named"
        );
    }

    function test_ownerHasNoSessionOfTheirOwn() public {
        (bool ok,) = actAs(account, one());
        vm.assertFalse(ok, "the owner cannot be a session key");
    }

    function test_window() public {
        vm.warp(NOW + 2 hours - 1);
        acts(one());
        vm.warp(NOW + 2 hours);
        actRefused(
            one(), abi.encodeWithSelector(ISessionWallet.Expired.selector, uint40(NOW + 2 hours))
        );
        vm.warp(NOW - 1);
        actRefused(one(), abi.encodeWithSelector(ISessionWallet.NotYetValid.selector, uint40(NOW)));
    }

    function test_ruleAndSelectorIndex() public {
        actRefused(
            atomic(item(2, 0, "")), abi.encodeWithSelector(ISessionWallet.RuleIndex.selector, 2)
        );
        actRefused(
            atomic(item(15, 0, "")), abi.encodeWithSelector(ISessionWallet.RuleIndex.selector, 15)
        );
        actRefused(
            atomic(item(1, 1, "")), abi.encodeWithSelector(ISessionWallet.SelectorIndex.selector, 1)
        );
        actRefused(
            atomic(item(0, 3, "")), abi.encodeWithSelector(ISessionWallet.SelectorIndex.selector, 3)
        );
    }

    function test_everythingIsCheckedBeforeTheFirstCall() public {
        bytes memory items = bytes.concat(item(0, 0, abi.encode(1)), item(9, 0, ""));
        actRefused(atomic(items), abi.encodeWithSelector(ISessionWallet.RuleIndex.selector, 9));
        reached(0);
    }

    function test_noValueIsTakenFromTheKey() public {
        vm.deal(key, 1 ether);
        vm.prank(key);
        (bool ok,) = account.call{value: 1}(abi.encodePacked(wallet.actAsKey.selector, one()));
        vm.assertFalse(ok, "act is not payable");
    }

    function test_sixKeysOnOneAccountDoNotShareAClock() public {
        for (uint256 i; i < 5; ++i) {
            acts(one());
        }
        SessionGrant memory g = terms();
        address first = key;
        key = vm.addr(77);
        g.sessionKey = key;
        grant(g);
        acts(one());
        key = first;
        actRefused(one(), abi.encodeWithSelector(ISessionWallet.RateLimited.selector, NOW + 1));
    }

    function test_worksUnderARealDelegation() public {
        uint256 ownerKey = 0xB0B;
        account = vm.addr(ownerKey);
        wallet = ISessionWallet(account);
        vm.signAndAttachDelegation(address(implementation), ownerKey);
        // The authorization travels with the first call.
        vm.assertEq(wallet.grantNonce(), 0, "fresh account");
        grant(terms());
        acts(one());
        reached(1);
    }
}
