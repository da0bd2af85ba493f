// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, SessionGrant, TokenCap, TokenView} from "../src/ISessionWallet.sol";
import {TokenWord} from "../src/session/TokenWord.sol";
import {Coin} from "./support/Coin.sol";
import {Signing} from "./support/Signing.sol";

/// @dev What a grant proves of its token caps.
contract GrantTokensTest is Signing {
    Coin private coin = new Coin();

    function capped(TokenCap memory c) private view returns (SessionGrant memory g) {
        g = terms();
        g.tokens = new TokenCap[](1);
        g.tokens[0] = c;
    }

    function cap() private view returns (TokenCap memory) {
        return TokenCap(address(coin), "COIN", 2, 1000, 2550, "25.5 COIN");
    }

    function refusedToken(TokenCap memory c, bytes4 reason) private {
        refused(capped(c), abi.encodeWithSelector(reason, c.token));
    }

    function test_capsAreStoredAndTold() public {
        SessionGrant memory g = capped(cap());
        vm.expectEmit(account);
        emit ISessionWallet.SessionGranted(key, grantHash(g), g.validAfter, g.validUntil);
        grant(g);
        TokenView[] memory views = wallet.session(key).tokens;
        vm.assertEq(views.length, 1, "one");
        vm.assertEq(views[0].token, address(coin), "token");
        vm.assertEq(views[0].perTx, 1000, "per transaction");
        vm.assertEq(views[0].total, 2550, "total");
        vm.assertEq(views[0].spent, 0, "nothing yet");
    }

    function test_textsOfTheTotal() public {
        uint256[7] memory totals =
            [uint256(0), 1, 10, 100, 2550, 10 ** 15, 100_000_000];
        string[7] memory texts = [
            "0 COIN",
            "0.01 COIN",
            "0.1 COIN",
            "1 COIN",
            "25.5 COIN",
            "10000000000000 COIN",
            "1000000 COIN"
        ];
        for (uint256 i; i < 7; ++i) {
            TokenCap memory c = cap();
            (c.total, c.totalText) = (totals[i], texts[i]);
            SessionGrant memory g = capped(c);
            g.sessionKey = vm.addr(500 + i);
            grant(g);
        }
    }

    function test_textsThatDiffer() public {
        string[16] memory texts = [
            "",
            "COIN",
            " COIN",
            "25.5COIN",
            "25.5 coin",
            "25.50 COIN",
            "025.5 COIN",
            "25,5 COIN",
            "25.5  COIN",
            "25.5 COIN ",
            "25. COIN",
            ".5 COIN",
            "25.501 COIN",
            "25.6 COIN",
            "-25.5 COIN",
            "115792089237316195423570985008687907853269984665640564039457584007913129639961.5 COIN"
        ];
        for (uint256 i; i < 16; ++i) {
            TokenCap memory c = cap();
            c.totalText = texts[i];
            refusedToken(c, ISessionWallet.TokenTextWrong.selector);
        }
    }

    function test_symbolAndDecimals() public {
        string[4] memory symbols = ["GOLD", "COI", "COINS", ""];
        for (uint256 i; i < 4; ++i) {
            TokenCap memory c = cap();
            c.symbol = symbols[i];
            refusedToken(c, ISessionWallet.TokenSymbolWrong.selector);
        }
        TokenCap memory other = cap();
        other.decimals = 18;
        refusedToken(other, ISessionWallet.TokenDecimalsWrong.selector);
    }

    function test_tokensThatSayNothing() public {
        TokenCap memory c = cap();
        c.token = address(target);
        refusedToken(c, ISessionWallet.TokenSymbolWrong.selector);
    }

    function test_tokensThatMayNotBe() public {
        address[6] memory tokens = [
            account,
            address(implementation),
            address(factory),
            address(4),
            vm.addr(3),
            0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108
        ];
        for (uint256 i; i < 6; ++i) {
            TokenCap memory c = cap();
            c.token = tokens[i];
            refusedToken(c, ISessionWallet.TokenForbidden.selector);
        }
    }

    function test_capsThatDoNotFit() public {
        TokenCap memory c = cap();
        c.perTx = 10 ** 39;
        refusedToken(c, ISessionWallet.TokenCapTooLarge.selector);
        c = cap();
        c.total = 10 ** 39;
        refusedToken(c, ISessionWallet.TokenCapTooLarge.selector);
        c = cap();
        c.perTx = 1 << 45;
        refusedToken(c, ISessionWallet.TokenCapTooLarge.selector);
    }

    /// What is stored is what was agreed to, or nothing is.
    function testFuzz_capsAreNeverRounded(uint256 perTx, uint256 total, uint256 a, uint256 b)
        public
        view
    {
        // Most numbers have no zeros at the end; these have some.
        perTx = (perTx >> (a % 256)) / 10 ** (b % 60) * 10 ** (b % 60);
        total = (total >> (b % 256)) / 10 ** (a % 60) * 10 ** (a % 60);
        (uint256 word, bool exact) = TokenWord.pack(address(this), perTx, total);
        uint256 unit = 1;
        while (unit < 10 ** 63 && perTx % (10 * unit) == 0 && total % (10 * unit) == 0) unit *= 10;
        bool fits = perTx / unit < 1 << 45 && total / unit < 1 << 45;
        vm.assertTrue(exact == fits, "fits");
        if (!exact) return;
        vm.assertEq(address(uint160(word)), address(this), "token");
        (uint256 perTxAgain, uint256 totalAgain) = TokenWord.caps(word);
        vm.assertEq(perTxAgain, perTx, "per transaction");
        vm.assertEq(totalAgain, total, "total");
    }

    function test_fourAtMostAndNoneTwice() public {
        SessionGrant memory g = terms();
        g.tokens = new TokenCap[](5);
        for (uint256 i; i < 5; ++i) {
            g.tokens[i] = cap();
            g.tokens[i].token = address(new Coin());
        }
        refused(g, abi.encodeWithSelector(ISessionWallet.TooManyTokens.selector, 4));
        TokenCap[] memory four = new TokenCap[](4);
        for (uint256 i; i < 4; ++i) {
            four[i] = g.tokens[i];
        }
        g.tokens = four;
        g.tokens[3] = g.tokens[1];
        refused(g, abi.encodeWithSelector(ISessionWallet.DuplicateToken.selector, g.tokens[1].token));
        g.tokens[3] = cap();
        grant(g);
        vm.assertEq(wallet.session(key).tokens[3].token, address(coin), "the fourth");
        acts(one());
    }

    /// @dev By name only what is read exactly, and only of a capped token.
    function test_methodsOfTokens() public {
        string[2] memory read = ["transfer(address,uint256)", "approve(address,uint256)"];
        string[3] memory others = [
            "transferFrom(address,address,uint256)",
            "increaseAllowance(address,uint256)",
            "burn(uint256)"
        ];
        for (uint256 i; i < 5; ++i) {
            SessionGrant memory g = capped(cap());
            string memory signature = i < 2 ? read[i] : others[i - 2];
            bytes4 selector = bytes4(keccak256(bytes(signature)));
            bytes memory reason =
                abi.encodeWithSelector(ISessionWallet.SelectorForbidden.selector, selector);
            g.methods = only(i < 2 ? address(target) : address(coin), signature);
            refused(g, reason);
        }
        for (uint256 i; i < 2; ++i) {
            SessionGrant memory g = capped(cap());
            g.sessionKey = vm.addr(600 + i);
            g.methods = only(address(coin), read[i]);
            grant(g);
        }
    }

    /// @dev Every text that the amount reads as is accepted, and none of another amount.
    function testFuzz_text(uint256 total, uint256 other) public {
        // As much as a cap may say beside the one per transaction.
        (total, other) = (total >> 211, other >> 211);
        vm.assume(total != other);
        SessionGrant memory g = capped(cap());
        g.tokens[0].total = total;
        g.tokens[0].totalText = text(total);
        uint256 nonce = g.grantNonce;
        g.tokens[0].totalText = text(other);
        refused(g, abi.encodeWithSelector(ISessionWallet.TokenTextWrong.selector, coin));
        g.tokens[0].totalText = text(total);
        grant(g);
        vm.assertEq(wallet.grantNonce(), nonce + 1, "granted");
    }

    function text(uint256 amount) private pure returns (string memory) {
        string memory fraction;
        uint256 cents = amount % 100;
        if (cents % 10 != 0) fraction = string.concat(".", digits(cents / 10), digits(cents % 10));
        else if (cents != 0) fraction = string.concat(".", digits(cents / 10));
        return string.concat(digits(amount / 100), fraction, " COIN");
    }

    function digits(uint256 value) private pure returns (string memory) {
        string memory last = string(abi.encodePacked(uint8(0x30 + value % 10)));
        return value < 10 ? last : string.concat(digits(value / 10), last);
    }
}
