// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, Method, SessionGrant, TokenCap} from "../../src/ISessionWallet.sol";
import {Accomplice, OddCoin} from "../weak/OddCoin.sol";
import {
    WeakApproveFree,
    WeakBucket,
    WeakLasting,
    WeakNamedOnly,
    WeakNativeOnly,
    WeakNetBalance,
    WeakOrder,
    WeakSum,
    WeakToken,
    WeakTransferFrom
} from "../weak/WeakTokens.sol";
import {Attack} from "./support/Attack.sol";
import {Arena, Coin} from "./support/Arena.sol";
import {Texts} from "./support/Texts.sol";

/// @dev Section B as far as it is about tokens: ten coins a transaction, twenty a session.
contract TokenCapsTest is Attack {
    uint256 private constant PER_TX = 10 ether;
    uint256 private constant TOTAL = 20 ether;

    Arena private arena = new Arena();
    Coin private coin = arena.COIN();
    OddCoin private odd = new OddCoin();
    Accomplice private first = new Accomplice(odd);
    Accomplice private second = new Accomplice(odd);
    address private thief = vm.addr(0xBAD);

    /// @dev Rule 0: three of the arena; 1: another of it; 2: coin; 3: odd; 4, 5: the accomplices.
    function setUp() public override {
        super.setUp();
        vm.prank(address(arena));
        coin.mint(account, 1000 ether);
        odd.mint(account, 1000 ether);
        first.join(second);
        SessionGrant memory g = terms();
        key = vm.addr(2);
        g.sessionKey = key;
        g.methods = new Method[](10);
        g.methods[0] = Method(address(arena), "Arena", "burnt(uint256)");
        g.methods[1] = Method(address(arena), "Arena", "loot(uint256)");
        g.methods[2] = Method(address(arena), "Arena", "pulled(uint256)");
        g.methods[3] = Method(address(arena), "Arena", "back(bytes)");
        g.methods[4] = Method(address(coin), "Coin", "transfer(address,uint256)");
        g.methods[5] = Method(address(coin), "Coin", "approve(address,uint256)");
        g.methods[6] = Method(address(odd), "OddCoin", "transfer(address,uint256)");
        g.methods[7] = Method(address(odd), "OddCoin", "approve(address,uint256)");
        g.methods[8] = Method(address(first), "Accomplice", "play()");
        g.methods[9] = Method(address(second), "Accomplice", "pull(address)");
        g.tokens = new TokenCap[](2);
        g.tokens[0] = TokenCap(address(coin), "COIN", 18, PER_TX, TOTAL, Texts.whole(20, "COIN"));
        g.tokens[1] = TokenCap(address(odd), "ODD", 18, PER_TX, TOTAL, Texts.whole(20, "ODD"));
        (g.txLimit, g.maxActionsPerTx) = (100, 12);
        grant(g);
    }

    function burn(uint256 amount) private pure returns (bytes memory) {
        return item(0, 0, abi.encode(amount));
    }

    function loot(uint256 amount) private pure returns (bytes memory) {
        return item(0, 1, abi.encode(amount));
    }

    function pull(uint256 amount) private pure returns (bytes memory) {
        return item(0, 2, abi.encode(amount));
    }

    function transfer(address to, uint256 amount) private pure returns (bytes memory) {
        return item(2, 0, abi.encode(to, amount));
    }

    function approve(address to, uint256 amount) private pure returns (bytes memory) {
        return item(2, 1, abi.encode(to, amount));
    }

    function perTx(address token, uint256 asked) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ISessionWallet.TokenPerTx.selector, token, PER_TX, asked);
    }

    function total(address token, uint256 asked) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ISessionWallet.TokenTotal.selector, token, TOTAL, asked);
    }

    /// @dev A call of a weak wallet.
    function call_(address to, uint256 value, bytes memory data)
        private
        pure
        returns (WeakToken.Call memory)
    {
        return WeakToken.Call(to, value, data);
    }

    function rich(WeakToken weak) private {
        odd.mint(address(weak), 1000 ether);
        vm.deal(address(weak), 10 ether);
    }

    function test_B04_approveIsNotCounted() public {
        WeakApproveFree weak = new WeakApproveFree(odd);
        rich(weak);
        weak.run(call_(address(odd), 0, abi.encodeCall(odd.approve, (thief, 1000 ether))));
        vm.prank(thief);
        odd.transferFrom(address(weak), thief, 1000 ether);
        vm.assertEq(odd.balanceOf(thief), 1000 ether, "everything");

        actRefused(atomic(approve(address(arena), 11 ether)), perTx(address(coin), 11 ether));
        actRefused(
            atomic(approve(thief, 1)),
            abi.encodeWithSelector(ISessionWallet.SpenderForbidden.selector, thief)
        );
        actRefused(
            atomic(approve(address(odd), 1)),
            abi.encodeWithSelector(ISessionWallet.SpenderForbidden.selector, odd)
        );
        acts(atomic(approve(address(arena), 10 ether)));
        vm.assertEq(wallet.session(key).tokens[0].spent, 10 ether, "approved is spent");
    }

    /// @dev None of the other ways in which tokens let go of coins can be granted.
    function test_B04_otherMethodsOfTokens() public {
        string[14] memory methods = [
            "increaseAllowance(address,uint256)",
            "increaseApproval(address,uint256)",
            "transferFrom(address,address,uint256)",
            "push(address,uint256)",
            "pull(address,uint256)",
            "move(address,address,uint256)",
            "approveAndCall(address,uint256,bytes)",
            "transferAndCall(address,uint256,bytes)",
            "setApprovalForAll(address,bool)",
            "safeTransferFrom(address,address,uint256)",
            "burn(uint256)",
            "send(address,uint256,bytes)",
            "authorizeOperator(address)",
            "approve(address,address,uint160,uint48)"
        ];
        SessionGrant memory g = terms();
        g.sessionKey = vm.addr(3);
        g.tokens = new TokenCap[](1);
        g.tokens[0] = TokenCap(address(coin), "COIN", 18, 1, 1e18, "1 COIN");
        for (uint256 i; i < methods.length; ++i) {
            g.methods = only(address(coin), methods[i]);
            bytes4 selector = bytes4(keccak256(bytes(methods[i])));
            refused(g, abi.encodeWithSelector(ISessionWallet.SelectorForbidden.selector, selector));
        }
        // Nor the two that can, of a token without a cap.
        g.methods = only(address(odd), "transfer(address,uint256)");
        refused(
            g,
            abi.encodeWithSelector(ISessionWallet.SelectorForbidden.selector, odd.transfer.selector)
        );
    }

    function test_B05_approvalOutlivesTheSession() public {
        WeakLasting weak = new WeakLasting(odd);
        rich(weak);
        weak.run(call_(address(odd), 0, abi.encodeCall(odd.approve, (thief, 10 ether))));
        vm.warp(NOW + 1 days);
        vm.prank(thief);
        odd.transferFrom(address(weak), thief, 10 ether);
        vm.assertEq(odd.balanceOf(thief), 10 ether, "long after the end");
        vm.warp(NOW);

        acts(atomic(approve(address(arena), 10 ether)));
        vm.assertEq(coin.allowance(account, address(arena)), 0, "gone with its batch");
        vm.prank(thief);
        (bool ok,) = address(arena).call(abi.encodeCall(arena.grab, (account, 1)));
        vm.assertFalse(ok, "nothing to pull");
        // Within its batch it is good, and counts once.
        acts(atomic(bytes.concat(approve(address(arena), 10 ether), pull(10 ether))));
        vm.assertEq(coin.balanceOf(account), 990 ether, "pulled");
        vm.assertEq(wallet.session(key).tokens[0].spent, 20 ether, "approved or pulled, not both");
    }

    function test_B06_pulledWhileApprovalsAreTakenBack() public {
        WeakOrder weak = new WeakOrder(odd);
        rich(weak);
        WeakToken.Call[] memory calls = new WeakToken.Call[](2);
        calls[0] = call_(address(odd), 0, abi.encodeCall(odd.approve, (address(first), 1)));
        calls[1] = call_(address(odd), 0, abi.encodeCall(odd.approve, (address(second), 500 ether)));
        address[] memory spenders = new address[](2);
        (spenders[0], spenders[1]) = (address(first), address(second));
        weak.run(calls, spenders);
        vm.assertEq(odd.balanceOf(address(second)), 500 ether, "behind the measuring");
        vm.assertEq(weak.spent(), 0, "and not counted");

        bytes memory items = bytes.concat(
            item(3, 1, abi.encode(first, 1)), item(3, 1, abi.encode(second, 500 ether))
        );
        actRefused(atomic(items), perTx(address(odd), 500 ether + 1));
        // As much as the cap allows is pulled the same way, and counted.
        items = bytes.concat(
            item(3, 1, abi.encode(first, 1)), item(3, 1, abi.encode(second, PER_TX - 1))
        );
        uint256 before = odd.balanceOf(account);
        acts(atomic(items));
        vm.assertEq(before - odd.balanceOf(account), PER_TX - 1, "pulled at the end");
        vm.assertEq(wallet.session(key).tokens[1].spent, PER_TX, "and counted");
    }

    function test_B07_allowanceFromEarlier() public {
        WeakNamedOnly weak = new WeakNamedOnly(odd);
        rich(weak);
        bytes memory data = abi.encodeCall(second.pull, (address(weak)));
        vm.prank(address(weak));
        odd.approve(address(second), 500 ether);
        weak.run(call_(address(second), 0, data));
        vm.assertEq(odd.balanceOf(address(second)), 500 ether, "no word of it in the calldata");
        vm.assertEq(weak.spent(), 0, "so it was not counted");

        vm.prank(account);
        coin.approve(address(arena), type(uint256).max);
        actRefused(atomic(pull(11 ether)), perTx(address(coin), 11 ether));
        actRefused(
            atomic(bytes.concat(pull(6 ether), pull(5 ether))), perTx(address(coin), 11 ether)
        );
        actRefused(isolate(200_000, pull(11 ether)), perTx(address(coin), 11 ether));
        acts(atomic(pull(10 ether)));
        acts(isolate(200_000, bytes.concat(pull(5 ether), pull(5 ether))));
        actRefused(atomic(pull(1)), total(address(coin), 20 ether + 1));
        vm.assertEq(coin.balanceOf(account), 980 ether, "to the last unit");
    }

    function test_B08_transferFromOneself() public {
        WeakTransferFrom weak = new WeakTransferFrom(odd);
        rich(weak);
        bytes memory data = abi.encodeCall(odd.transferFrom, (address(weak), thief, 1000 ether));
        weak.run(call_(address(odd), 0, data));
        vm.assertEq(odd.balanceOf(thief), 1000 ether, "its own coins, without an allowance");

        // Ours: not even of a capped token. See B04 for the refusal at the grant.
        (bool ok,) = actAs(key, atomic(item(3, 2, abi.encode(account, thief, 1))));
        vm.assertFalse(ok, "there is no such rule");
    }

    function test_B09_sumsThatWrap() public {
        WeakSum weak = new WeakSum(odd);
        rich(weak);
        weak.run(call_(address(odd), 0, abi.encodeCall(odd.transfer, (thief, 10 ether))));
        weak.run(
            call_(
                address(odd),
                0,
                abi.encodeCall(odd.approve, (thief, type(uint256).max - 10 ether + 1))
            )
        );
        vm.assertEq(weak.spent(), 0, "wrapped");

        uint256[4] memory amounts = [
            type(uint256).max,
            uint256(1) << 128,
            type(uint128).max,
            type(uint256).max - 10 ether + 1
        ];
        for (uint256 i; i < 4; ++i) {
            actRefused(
                atomic(approve(address(arena), amounts[i])), perTx(address(coin), amounts[i])
            );
            actRefused(atomic(transfer(thief, amounts[i])), perTx(address(coin), amounts[i]));
        }
        bytes memory twice = bytes.concat(
            approve(address(arena), type(uint128).max), approve(address(arena), type(uint128).max)
        );
        actRefused(atomic(twice), perTx(address(coin), 2 * uint256(type(uint128).max)));
    }

    function test_B11_valueTurnsTheCounterAside() public {
        WeakBucket weak = new WeakBucket(odd);
        rich(weak);
        weak.run(call_(address(odd), 1, abi.encodeCall(odd.transfer, (thief, 1000 ether))));
        vm.assertEq(odd.balanceOf(thief), 1000 ether, "for one wei");

        actRefused(
            atomic(item(3, 0, 1, abi.encode(thief, 11 ether))), perTx(address(odd), 11 ether)
        );
        acts(atomic(item(3, 0, 1, abi.encode(thief, 10 ether))));
        vm.assertEq(wallet.session(key).tokens[1].spent, 10 ether, "the coins");
        vm.assertEq(wallet.session(key).nativeSpent, 1, "and the wei");
    }

    function test_B12_nativeCapAlone() public {
        WeakNativeOnly weak = new WeakNativeOnly(odd);
        rich(weak);
        weak.run(call_(address(odd), 0, abi.encodeCall(odd.transfer, (thief, 1000 ether))));
        vm.assertEq(odd.balanceOf(thief), 1000 ether, "its calldata did not matter");

        // Ours: without a cap on the token there is no way to name its methods. See B04.
        SessionGrant memory g = terms();
        g.sessionKey = vm.addr(3);
        g.methods = only(address(odd), "transfer(address,uint256)");
        refused(
            g,
            abi.encodeWithSelector(ISessionWallet.SelectorForbidden.selector, odd.transfer.selector)
        );
    }

    function test_B14_coinsOnTheSum() public {
        bytes memory items;
        for (uint256 i; i < 8; ++i) {
            items = bytes.concat(items, i % 2 == 0 ? burn(1.3 ether) : transfer(thief, 1.3 ether));
        }
        actRefused(atomic(items), perTx(address(coin), 10.4 ether));
        vm.assertEq(coin.balanceOf(account), 1000 ether, "nothing of it happened");
    }

    function test_B15_lootPaysForNothing() public {
        WeakNetBalance weak = new WeakNetBalance(odd);
        rich(weak);
        WeakToken.Call[] memory calls = new WeakToken.Call[](2);
        calls[0] = call_(address(odd), 0, abi.encodeCall(odd.mint, (address(weak), 900 ether)));
        calls[1] = call_(address(odd), 0, abi.encodeCall(odd.transfer, (thief, 900 ether)));
        weak.run(calls);
        vm.assertEq(odd.balanceOf(thief), 900 ether, "lent, taken, and not counted");

        // Whatever comes in, before or after, in the batch or not.
        actRefused(
            atomic(bytes.concat(loot(90 ether), burn(11 ether))), perTx(address(coin), 11 ether)
        );
        actRefused(
            atomic(bytes.concat(burn(11 ether), loot(90 ether))), perTx(address(coin), 11 ether)
        );
        acts(atomic(bytes.concat(burn(10 ether), loot(10 ether))));
        acts(isolate(200_000, bytes.concat(loot(10 ether), burn(10 ether))));
        vm.assertEq(coin.balanceOf(account), 1000 ether, "as rich as before");
        actRefused(atomic(burn(1)), total(address(coin), 20 ether + 1));
    }

    /// @dev A call that fails takes nothing and counts nothing; one that starves is refused whole.
    function test_B16_failedCallsOfTokens() public {
        acts(isolate(200_000, bytes.concat(burn(2000 ether), burn(1 ether))));
        vm.assertEq(wallet.session(key).tokens[0].spent, 1 ether, "the one that went through");
        (bool ok,) = actAs(key, atomic(bytes.concat(burn(2000 ether), burn(1 ether))));
        vm.assertFalse(ok, "atomic");
        vm.assertEq(wallet.session(key).tokens[0].spent, 1 ether, "as before");
        actRefused(
            isolate(200_000, transfer(thief, 1)), plain(ISessionWallet.IsolateForbidden.selector)
        );
        actRefused(
            isolate(200_000, approve(address(arena), 1)),
            plain(ISessionWallet.IsolateForbidden.selector)
        );
    }

    function test_A05_A07_tokenCallsHaveOneForm() public {
        bytes memory bad = abi.encodeWithSelector(ISessionWallet.TokenCallMalformed.selector, 0);
        bytes memory good = abi.encode(thief, 1 ether);
        actRefused(atomic(item(2, 0, bytes.concat(good, bytes32(0)))), bad);
        actRefused(atomic(item(2, 0, bytes.concat(good, hex"00"))), bad);
        actRefused(atomic(item(2, 0, abi.encode(thief))), bad);
        actRefused(atomic(item(2, 0, "")), bad);
        for (uint256 bit = 160; bit < 256; bit += 5) {
            uint256 dirty = uint160(thief) | uint256(1) << bit;
            actRefused(atomic(item(2, 0, abi.encode(dirty, 1 ether))), bad);
            dirty = uint160(address(arena)) | uint256(1) << bit;
            actRefused(atomic(item(2, 1, abi.encode(dirty, 1 ether))), bad);
        }
        // A10: a transfer whose amount lies beyond the end is no transfer of zero.
        bytes memory cut = atomic(item(2, 0, good));
        assembly {
            mstore(cut, sub(mload(cut), 32))
        }
        malformed(cut);
        acts(atomic(item(2, 0, good)));
        vm.assertEq(coin.balanceOf(thief), 1 ether, "the one form");
    }
}
