// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, Method, SessionGrant, TokenCap} from "../src/ISessionWallet.sol";
import {Fixture} from "./support/Fixture.sol";

/// @dev A token whose balances are whatever it was last told to claim.
contract Liar {
    string public constant symbol = "LIAR";
    uint8 public constant decimals = 2;

    uint256 private _claimed;
    uint256 private _width = 32;

    function claim(uint256 balance) external {
        _claimed = balance;
    }

    /// @dev From now on a balance is a byte short.
    function shorten() external {
        _width = 31;
    }

    function balanceOf(address) external view returns (uint256) {
        uint256 held = _claimed;
        uint256 width = _width;
        assembly ("memory-safe") {
            mstore(0, held)
            return(0, width)
        }
    }

    function transfer(address, uint256) external pure returns (bool) {
        return true;
    }
}

/// @dev One token of which no method is named: the batches that have a way of their own through the wallet.
contract ActOneTokenTest is Fixture {
    Liar private liar = new Liar();
    address private named = vm.addr(0x5E5511);

    uint256 private constant PER_TX = 1000;
    uint256 private constant TOTAL = 2500;

    function setUp() public override {
        super.setUp();
        SessionGrant memory g = terms();
        g.methods = new Method[](2);
        g.methods[0] = Method(address(liar), "Liar", "claim(uint256)");
        g.methods[1] = Method(address(liar), "Liar", "shorten()");
        g.tokens = new TokenCap[](1);
        g.tokens[0] = TokenCap(address(liar), "LIAR", 2, PER_TX, TOTAL, "25 LIAR");
        g.txLimit = 100;
        grant(g);
        // The same, but for a method that names an amount: its batches go the general way.
        Method[] memory methods = g.methods;
        g.methods = new Method[](3);
        (g.methods[0], g.methods[1]) = (methods[0], methods[1]);
        g.methods[2] = Method(address(liar), "Liar", "transfer(address,uint256)");
        g.sessionKey = named;
        g.grantNonce = wallet.grantNonce();
        grant(g);
        liar.claim(5000);
    }

    function claim(uint256 balance) private pure returns (bytes memory) {
        return item(0, 0, abi.encode(balance));
    }

    function shorten() private pure returns (bytes memory) {
        return item(0, 1, "");
    }

    function spent(uint256 amount) private view {
        vm.assertEq(wallet.session(key).tokens[0].spent, amount, "counted");
    }

    function perTx(uint256 asked) private view returns (bytes memory) {
        return abi.encodeWithSelector(ISessionWallet.TokenPerTx.selector, liar, PER_TX, asked);
    }

    function unreadable() private view returns (bytes memory) {
        return abi.encodeWithSelector(ISessionWallet.TokenUnreadable.selector, liar);
    }

    /// @dev Losses of each call add up; what came in between is not taken off.
    function test_lossesAreCountedAndIncomeIsNot() public {
        acts(atomic(bytes.concat(claim(4600), claim(9000), claim(8400))));
        spent(1000);
        actRefused(atomic(bytes.concat(claim(9000), claim(7999))), perTx(1001));
        spent(1000);
    }

    function test_totalIsHeld() public {
        acts(atomic(claim(4000)));
        acts(atomic(claim(3000)));
        bytes memory over =
            abi.encodeWithSelector(ISessionWallet.TokenTotal.selector, liar, TOTAL, TOTAL + 1);
        actRefused(atomic(claim(2499)), over);
        acts(atomic(claim(2500)));
        spent(TOTAL);
    }

    /// @dev Two losses whose sum does not fit a word, and a third that would bring it round again.
    function test_sumsDoNotWrap() public {
        uint256 most = type(uint256).max;
        bytes memory twice = bytes.concat(claim(most), claim(1), claim(most), claim(1));
        actRefused(atomic(twice), perTx(most));
        actRefused(atomic(bytes.concat(twice, claim(most), claim(1))), perTx(most));
        actRefused(atomic(bytes.concat(twice, claim(5))), perTx(most));
        spent(0);
    }

    function test_balancesThatCannotBeRead() public {
        actRefused(atomic(shorten()), unreadable());
        actRefused(atomic(bytes.concat(claim(5000), shorten(), claim(5000))), unreadable());
        liar.shorten();
        actRefused(atomic(claim(5000)), unreadable());
    }

    /// @dev A token that is gone answers a balance with nothing, and nothing is no balance.
    function test_tokenThatIsGone() public {
        vm.etch(address(liar), "");
        actRefused(atomic(claim(5000)), unreadable());
    }

    /// @dev Both ways through the wallet count alike and refuse alike.
    function testFuzz_theGeneralWayAgrees(uint256 seed) public {
        for (uint256 round; round < 8; ++round) {
            bytes memory items;
            uint256 calls = 1 + uint256(keccak256(abi.encode(seed, round))) % 5;
            for (uint256 i; i < calls; ++i) {
                uint256 word = uint256(keccak256(abi.encode(seed, round, i)));
                // Mostly small steps around what it holds; seldom anything that cannot be read.
                items = bytes.concat(items, word % 61 == 0 ? shorten() : claim(4500 + word % 600));
            }
            liar.claim(5000);
            (bool ok, bytes memory answer) = actAs(named, atomic(items));
            liar.claim(5000);
            (bool okOne, bytes memory answerOne) = actAs(key, atomic(items));
            vm.assertTrue(ok == okOne, "accepted alike");
            vm.assertEq(answerOne, answer, "answered alike");
            spent(wallet.session(named).tokens[0].spent);
        }
    }
}
