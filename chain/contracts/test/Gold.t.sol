// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Gold} from "../src/Gold.sol";
import {Vm} from "./support/Vm.sol";

/// @dev What is this token's own; the rest is the library's.
contract GoldTest {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    address private constant PERMIT2 = 0x000000000022D473030F116dDEE9F6B43aC78BA3;

    Gold private gold = new Gold();

    function test_names() public view {
        vm.assertEq(bytes(gold.name()), "Gold", "name");
        vm.assertEq(bytes(gold.symbol()), "GOLD", "symbol");
        vm.assertEq(gold.decimals(), 18, "decimals");
    }

    function test_onlyTheCreatorMints() public {
        vm.assertEq(gold.mint(address(7), 5), 5, "balance afterwards");
        vm.assertEq(gold.mint(address(7), 6), 11, "balance afterwards");
        vm.prank(address(7));
        (bool ok, bytes memory answer) =
            address(gold).call(abi.encodeCall(gold.mint, (address(7), 1)));
        vm.assertFalse(ok, "refused");
        vm.assertEq(answer, abi.encodeWithSelector(Gold.NotMinter.selector), "named");
    }

    function test_nobodyHasAnAllowanceNobodyGave() public view {
        vm.assertEq(gold.allowance(address(7), PERMIT2), 0, "Permit2");
    }
}
