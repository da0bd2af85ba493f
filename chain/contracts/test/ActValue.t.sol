// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, SessionGrant} from "../src/ISessionWallet.sol";
import {Fixture} from "./support/Fixture.sol";

/// @dev The native caps of `act`: 1 ether in a transaction, 3 in the session.
contract ActValueTest is Fixture {
    function pays(uint80 value) private pure returns (bytes memory) {
        return item(0, 0, value, abi.encode(1));
    }

    function perTx(uint256 cap, uint256 asked) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ISessionWallet.NativePerTx.selector, cap, asked);
    }

    function test_valueReachesTheTargetAndIsCounted() public {
        grant(terms());
        acts(atomic(bytes.concat(pays(0.25 ether), item(0, 2, ""), pays(0.5 ether))));
        vm.assertEq(target.paid(), 0.75 ether, "paid");
        vm.assertEq(wallet.session(key).nativeSpent, 0.75 ether, "counted");
    }

    function test_capOfATransactionIsOnTheSum() public {
        grant(terms());
        acts(atomic(pays(1 ether)));
        actRefused(atomic(pays(1 ether + 1)), perTx(1 ether, 1 ether + 1));
        bytes memory split = bytes.concat(pays(0.5 ether), pays(0.5 ether), pays(1));
        actRefused(atomic(split), perTx(1 ether, 1 ether + 1));
        vm.assertEq(target.paid(), 1 ether, "only the first");
    }

    function test_capOfTheSession() public {
        grant(terms());
        for (uint256 i; i < 3; ++i) {
            acts(atomic(pays(1 ether)));
        }
        actRefused(
            atomic(pays(1)),
            abi.encodeWithSelector(ISessionWallet.NativeTotal.selector, 3 ether, 3 ether + 1)
        );
        acts(one());
    }

    function test_absentCapIsZero() public {
        SessionGrant memory g = terms();
        (g.nativePerTx, g.nativeTotal) = (0, 0);
        grant(g);
        actRefused(atomic(pays(1)), perTx(0, 1));
    }

    function test_largestCapsAndValues() public {
        SessionGrant memory g = terms();
        (g.nativePerTx, g.nativeTotal) = (type(uint80).max, type(uint88).max);
        grant(g);
        vm.deal(account, type(uint88).max);
        acts(atomic(pays(type(uint80).max)));
        vm.assertEq(wallet.session(key).nativeSpent, type(uint80).max, "counted whole");
        uint256 twice = 2 * uint256(type(uint80).max);
        actRefused(
            atomic(bytes.concat(pays(type(uint80).max), pays(type(uint80).max))),
            perTx(type(uint80).max, twice)
        );
    }

    function test_refundIsNotCredited() public {
        SessionGrant memory g = terms();
        g.methods = only(address(target), "refund()");
        grant(g);
        acts(atomic(item(0, 0, 1 ether, "")));
        vm.assertEq(account.balance, 100 ether, "the target gave it back");
        vm.assertEq(wallet.session(key).nativeSpent, 1 ether, "and it still counts");
    }

    function test_revertedBatchSpendsNothing() public {
        SessionGrant memory g = terms();
        g.methods[1].signature = "fail(uint256)";
        grant(g);
        (bool ok,) = actAs(key, atomic(bytes.concat(pays(1 ether), item(0, 1, abi.encode(1)))));
        vm.assertFalse(ok, "atomic");
        vm.assertEq(wallet.session(key).nativeSpent, 0, "nothing happened");
        vm.assertEq(account.balance, 100 ether, "nothing left");
    }

    function test_isolateCarriesNoValue() public {
        grant(terms());
        actRefused(isolate(100_000, pays(1)), plain(ISessionWallet.IsolateForbidden.selector));
    }
}
