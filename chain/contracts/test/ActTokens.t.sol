// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, Method, SessionGrant, TokenCap} from "../src/ISessionWallet.sol";
import {Coin, Shop} from "./support/Coin.sol";
import {Fixture} from "./support/Fixture.sol";

/// @dev Token caps of `actAsKey`: 10 coins a transaction, 25 in all, in hundredths.
contract ActTokensTest is Fixture {
    Coin private coin = new Coin();
    Shop private shop = new Shop();
    address private thief = vm.addr(0xBAD);

    uint256 private constant TRANSFER = 0;
    uint256 private constant APPROVE = 1;
    uint256 private constant SPEND = 2;

    function setUp() public override {
        super.setUp();
        coin.mint(account, 1_000_000);
        SessionGrant memory g = terms();
        g.methods = new Method[](6);
        g.methods[0] = Method(address(coin), "Coin", "transfer(address,uint256)");
        g.methods[1] = Method(address(coin), "Coin", "approve(address,uint256)");
        g.methods[2] = Method(address(coin), "Coin", "spend(uint256)");
        g.methods[3] = Method(address(coin), "Coin", "earn(uint256)");
        g.methods[4] = Method(address(shop), "Shop", "buy(address,uint256)");
        g.methods[5] = Method(address(shop), "Shop", "fail()");
        g.tokens = new TokenCap[](1);
        g.tokens[0] = TokenCap(address(coin), "COIN", 2, 1000, 2500, "25 COIN");
        g.txLimit = 100;
        grant(g);
    }

    function transfer(uint256 amount) private view returns (bytes memory) {
        return item(0, TRANSFER, abi.encode(thief, amount));
    }

    function approve(address spender, uint256 amount) private pure returns (bytes memory) {
        return item(0, APPROVE, abi.encode(spender, amount));
    }

    function spend(uint256 amount) private pure returns (bytes memory) {
        return item(0, SPEND, abi.encode(amount));
    }

    function earn(uint256 amount) private pure returns (bytes memory) {
        return item(1, 0, abi.encode(amount));
    }

    function buy(uint256 amount) private view returns (bytes memory) {
        return item(2, 0, abi.encode(coin, amount));
    }

    function spent(uint256 amount) private view {
        vm.assertEq(wallet.session(key).tokens[0].spent, amount, "counted");
    }

    function perTx(uint256 asked) private view returns (bytes memory) {
        return abi.encodeWithSelector(ISessionWallet.TokenPerTx.selector, coin, 1000, asked);
    }

    function test_transfersAreCounted() public {
        acts(atomic(bytes.concat(transfer(400), transfer(600))));
        vm.assertEq(coin.balanceOf(thief), 1000, "arrived");
        spent(1000);
        actRefused(atomic(bytes.concat(transfer(400), transfer(601))), perTx(1001));
        actRefused(atomic(transfer(type(uint256).max)), perTx(type(uint256).max));
        spent(1000);
    }

    function test_totalIsHeld() public {
        acts(atomic(transfer(1000)));
        acts(atomic(spend(1000)));
        bytes memory over =
            abi.encodeWithSelector(ISessionWallet.TokenTotal.selector, coin, 2500, 2501);
        actRefused(atomic(transfer(501)), over);
        actRefused(atomic(spend(501)), over);
        acts(atomic(spend(500)));
        spent(2500);
    }

    function test_anyMethodThatTakesIsCounted() public {
        acts(atomic(spend(1000)));
        spent(1000);
        actRefused(atomic(spend(1001)), perTx(1001));
        actRefused(atomic(bytes.concat(spend(600), spend(600))), perTx(1200));
    }

    /// @dev What one call earns pays for nothing that another takes.
    function test_incomeIsNotCredited() public {
        actRefused(atomic(bytes.concat(spend(600), earn(600), spend(600))), perTx(1200));
        acts(atomic(bytes.concat(earn(5000), spend(1000))));
        spent(1000);
    }

    function test_approvalsCountAndDoNotStay() public {
        acts(atomic(bytes.concat(approve(address(shop), 700), buy(300))));
        vm.assertEq(coin.allowance(account, address(shop)), 0, "taken back");
        spent(700);
        actRefused(atomic(approve(address(shop), 1001)), perTx(1001));
        bytes memory twice =
            bytes.concat(approve(address(shop), 700), buy(700), approve(address(shop), 301));
        actRefused(atomic(twice), perTx(1001));
    }

    function test_standingAllowanceIsCounted() public {
        vm.prank(account);
        coin.approve(address(shop), type(uint256).max);
        acts(atomic(buy(1000)));
        spent(1000);
        actRefused(atomic(buy(1001)), perTx(1001));
    }

    function test_spendersAreTargets() public {
        address[4] memory spenders = [thief, address(coin), account, address(0)];
        for (uint256 i; i < 4; ++i) {
            bytes memory reason =
                abi.encodeWithSelector(ISessionWallet.SpenderForbidden.selector, spenders[i]);
            actRefused(atomic(approve(spenders[i], 1)), reason);
        }
    }

    function test_tokenThatKeepsApprovals() public {
        coin.setKeepsApprovals();
        actRefused(
            atomic(approve(address(shop), 1)),
            abi.encodeWithSelector(ISessionWallet.ApprovalNotReset.selector, coin, shop)
        );
    }

    function test_tokenWithoutBalances() public {
        coin.setMute();
        actRefused(
            atomic(earn(1)), abi.encodeWithSelector(ISessionWallet.TokenUnreadable.selector, coin)
        );
    }

    function test_argumentsAreTwoCleanWords() public {
        bytes memory reason =
            abi.encodeWithSelector(ISessionWallet.TokenCallMalformed.selector, 1);
        bytes[4] memory args = [
            abi.encode(thief, 1, 0),
            abi.encodePacked(abi.encode(thief), bytes31(0)),
            abi.encode(uint256(uint160(thief)) | 1 << 160, 1),
            abi.encode(type(uint256).max, 1)
        ];
        for (uint256 i; i < 4; ++i) {
            actRefused(atomic(bytes.concat(spend(1), item(0, TRANSFER, args[i]))), reason);
            actRefused(atomic(bytes.concat(spend(1), item(0, APPROVE, args[i]))), reason);
        }
    }

    /// @dev A call that fails moved nothing; one that does not is measured.
    function test_isolateIsMeasuredToo() public {
        acts(isolate(100_000, bytes.concat(spend(600), item(2, 1, ""), spend(400))));
        spent(1000);
        actRefused(isolate(100_000, bytes.concat(spend(600), item(2, 1, ""), spend(401))), perTx(1001));
        bytes memory forbidden = plain(ISessionWallet.IsolateForbidden.selector);
        actRefused(isolate(100_000, transfer(1)), forbidden);
        actRefused(isolate(100_000, approve(address(shop), 1)), forbidden);
    }

    /// @dev Whatever a batch does, no more leaves than is counted, and no more is counted than the
    /// caps allow.
    function testFuzz_neverMoreThanTheCaps(uint256 seed) public {
        uint256 gone;
        for (uint256 round; round < 6; ++round) {
            bytes memory items;
            uint256 earned;
            for (uint256 i; i < 4; ++i) {
                seed = uint256(keccak256(abi.encode(seed)));
                uint256 amount = (seed >> 8) % 500;
                if (seed % 5 == 0) items = bytes.concat(items, transfer(amount));
                else if (seed % 5 == 1) items = bytes.concat(items, spend(amount));
                else if (seed % 5 == 2) (items, earned) = (bytes.concat(items, earn(amount)), earned + amount);
                else if (seed % 5 == 3) items = bytes.concat(items, approve(address(shop), amount));
                else items = bytes.concat(items, buy(amount));
            }
            uint256 before = coin.balanceOf(account);
            (bool ok,) = actAs(key, atomic(items));
            if (!ok) continue;
            uint256 loss = before + earned - coin.balanceOf(account);
            vm.assertTrue(loss <= 1000, "per transaction");
            gone += loss;
            vm.assertTrue(gone <= wallet.session(key).tokens[0].spent, "counted");
            vm.assertEq(coin.allowance(account, address(shop)), 0, "no approval stays");
        }
        vm.assertTrue(gone <= 2500, "in all");
    }
}
