// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Gold} from "../src/Gold.sol";
import {Vm} from "./support/Vm.sol";

/// @dev What is this token's own; the rest is the library's. The test created it, so it is the router.
contract GoldTest {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    address private constant PERMIT2 = 0x000000000022D473030F116dDEE9F6B43aC78BA3;

    Gold private gold = new Gold();

    function refused(address sender, bytes memory data, bytes memory reason) private {
        vm.prank(sender);
        (bool ok, bytes memory answer) = address(gold).call(data);
        vm.assertFalse(ok, "refused");
        vm.assertEq(answer, reason, "named");
    }

    function test_names() public view {
        vm.assertEq(bytes(gold.name()), "Gold", "name");
        vm.assertEq(bytes(gold.symbol()), "GOLD", "symbol");
        vm.assertEq(gold.decimals(), 18, "decimals");
    }

    function testFuzz_onlyTheRouterMintsAndBurns(address sender, address holder, uint256 amount)
        public
    {
        vm.assume(sender != address(this));
        gold.mint(holder, amount);
        bytes memory reason = abi.encodeWithSelector(Gold.NotRouter.selector);
        refused(sender, abi.encodeCall(gold.mint, (sender, 1)), reason);
        refused(sender, abi.encodeCall(gold.burn, (holder, amount)), reason);
        vm.assertEq(gold.totalSupply(), amount, "as before");
    }

    function testFuzz_mintAndBurn(address holder, uint128 minted, uint128 more, uint256 burned)
        public
    {
        vm.assertEq(gold.mint(holder, minted), minted, "balance afterwards");
        uint256 owned = uint256(minted) + more;
        vm.assertEq(gold.mint(holder, more), owned, "balance afterwards");
        if (burned > owned) {
            refused(
                address(this),
                abi.encodeCall(gold.burn, (holder, burned)),
                abi.encodeWithSelector(Gold.NotEnoughGold.selector, owned, burned)
            );
        } else {
            vm.assertEq(gold.burn(holder, burned), owned - burned, "balance afterwards");
            owned -= burned;
        }
        vm.assertEq(gold.balanceOf(holder), owned, "balance");
        vm.assertEq(gold.totalSupply(), owned, "supply");
    }

    /// @dev Holders may trade it like any token; burning needs no approval, everything else does.
    function test_tradedAsAnyToken() public {
        address holder = vm.addr(1);
        gold.mint(holder, 5);
        vm.prank(holder);
        gold.transfer(vm.addr(2), 3);
        vm.assertEq(gold.balanceOf(vm.addr(2)), 3, "received");
        bytes memory data = abi.encodeCall(gold.transferFrom, (holder, vm.addr(2), 1));
        // InsufficientAllowance(), of the library: not even the router moves Gold without one.
        refused(address(this), data, hex"13be252b");
    }

    function test_nobodyHasAnAllowanceNobodyGave() public view {
        vm.assertEq(gold.allowance(address(7), PERMIT2), 0, "Permit2");
    }
}
