// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {
    ISessionWallet,
    Method,
    SessionGrant,
    SessionView,
    TokenCap
} from "../src/ISessionWallet.sol";
import {Fixture} from "./support/Fixture.sol";
import {Target} from "./support/Target.sol";

/// @dev What `grant` stores, tells and pays, and who may call it.
contract GrantTest is Fixture {
    function test_onlyTheAccountItself() public {
        SessionGrant memory g = terms();
        bytes memory notOwner = plain(ISessionWallet.NotOwner.selector);
        for (uint256 i; i < 3; ++i) {
            vm.prank([address(this), key, address(implementation)][i]);
            (bool ok, bytes memory answer) = account.call(abi.encodeCall(wallet.grant, (g)));
            vm.assertFalse(ok, "refused");
            vm.assertEq(answer, notOwner, "named");
        }
    }

    /// @dev The bare implementation has no owner: nobody can call it as itself.
    function test_implementationGrantsNothing() public {
        SessionGrant memory g = terms();
        g.account = address(implementation);
        (bool ok, bytes memory answer) =
            address(implementation).call(abi.encodeCall(wallet.grant, (g)));
        vm.assertFalse(ok, "refused");
        vm.assertEq(answer, plain(ISessionWallet.NotOwner.selector), "named");
    }

    function test_gasMoneyGoesToTheKey() public {
        vm.deal(account, 2 ether);
        SessionGrant memory g = terms();
        vm.prank(account);
        wallet.grant{value: 0.5 ether}(g);
        vm.assertEq(key.balance, 0.5 ether, "forwarded");
        vm.assertEq(account.balance, 1.5 ether, "from the account");
    }

    /// @dev The hash is computed here from the types alone, so that a client's EIP-712 agrees.
    function test_eventTellsTheStructHash() public {
        SessionGrant memory g = terms();
        vm.expectEmit(account);
        emit ISessionWallet.SessionGranted(key, structHash(g), g.validAfter, g.validUntil);
        grant(g);
    }

    function test_nonceGrowsByOne() public {
        SessionGrant memory g = terms();
        for (uint64 i; i < 3; ++i) {
            vm.assertEq(wallet.grantNonce(), i, "before");
            (g.grantNonce, g.sessionKey) = (i, vm.addr(100 + i));
            grant(g);
        }
        vm.assertEq(wallet.grantNonce(), 3, "after");
    }

    /// @dev Storage that an earlier delegate filled in an earlier block is out of reach for the
    /// first grant, even if it wrote the header too.
    function test_firstGrantBeginsAFreshEpoch() public {
        grant(terms());
        bytes32 slot = 0xaae0d965c3e80fe0fa5a7c2cf3e7de827e0c25a4716f0a38cfad7ce757cd4900;
        // The planted header: the epoch of sessions prepared before, but no grant yet.
        bytes32 header = vm.load(account, slot);
        vm.store(account, slot, bytes32(uint256(uint160(uint256(header)))));
        vm.assertTrue(actable(key), "the planted session would be live");
        vm.prevrandao(bytes32(uint256(1)));
        SessionGrant memory g = terms();
        g.sessionKey = vm.addr(55);
        grant(g);
        vm.assertFalse(actable(key), "unreachable now");
        vm.assertEq(wallet.sessions().length, 1, "and not listed");
    }

    function test_textsOfTheEnd() public {
        uint256[5] memory ends = [
            NOW + 1,
            1_804_118_399, // the second before March 2027
            1_804_118_400,
            1_806_710_399,
            NOW + 400 days
        ];
        string[5] memory texts = [
            "2027-01-15 08:00:01 UTC",
            "2027-03-03 23:59:59 UTC",
            "2027-03-04 00:00:00 UTC",
            "2027-04-02 23:59:59 UTC",
            "2028-02-19 08:00:00 UTC"
        ];
        for (uint256 i; i < 5; ++i) {
            SessionGrant memory g = terms();
            g.sessionKey = vm.addr(200 + i);
            (g.validUntil, g.validUntilUtc) = (uint40(ends[i]), texts[i]);
            grant(g);
        }
    }

    function test_twentyFourMethodsInEightRules() public {
        SessionGrant memory g = terms();
        g.methods = methods(24);
        grant(g);
        SessionView memory v = wallet.session(key);
        vm.assertEq(v.methods.length, 24, "all stored");
        vm.assertEq(v.methods[23].ruleIndex, 7, "last rule");
        vm.assertEq(v.methods[23].selectorIndex, 2, "last selector");
        acts(atomic(item(7, 0, "")));
    }

    /// @dev Methods of one target fill its rule even when other targets stand between them.
    function test_methodsAreGroupedByTarget() public {
        Target other = new Target();
        SessionGrant memory g = terms();
        g.methods[1] = Method(address(other), "Other", "second(uint256)");
        grant(g);
        SessionView memory v = wallet.session(key);
        vm.assertEq(v.methods[0].target, address(target), "rule 0");
        vm.assertEq(v.methods[2].target, address(target), "rule 0, third selector");
        vm.assertEq(v.methods[2].selectorIndex, 2, "rule 0, third selector");
        vm.assertEq(v.methods[3].target, address(other), "rule 1");
        vm.assertEq(v.methods.length, 4, "four in two rules");
    }

    function actable(address who) private returns (bool ok) {
        (ok,) = actAs(who, one());
    }

    function methods(uint256 count) private view returns (Method[] memory list) {
        list = new Method[](count);
        for (uint256 i; i < count; ++i) {
            string memory text = string.concat("m", string(abi.encodePacked(uint8(65 + i))), "()");
            list[i] = Method(address(target), "Target", text);
        }
    }

    function structHash(SessionGrant memory g) private pure returns (bytes32) {
        string memory method = "Method(address target,string contractName,string signature)";
        string memory cap =
            "TokenCap(address token,string symbol,uint8 decimals,uint256 perTx,uint256 total,string totalText)";
        string memory session =
            "SessionGrant(address account,address sessionKey,string app,Method[] methods,TokenCap[] tokens,uint256 nativePerTx,uint256 nativeTotal,uint16 txLimit,uint24 txPeriodSeconds,uint8 maxActionsPerTx,uint40 validAfter,uint40 validUntil,string validUntilUtc,uint64 grantNonce,uint40 grantBefore)";
        bytes memory hashes;
        for (uint256 i; i < g.methods.length; ++i) {
            Method memory m = g.methods[i];
            bytes32 name = keccak256(bytes(m.contractName));
            bytes32 signature = keccak256(bytes(m.signature));
            bytes memory words = abi.encode(keccak256(bytes(method)), m.target, name, signature);
            hashes = bytes.concat(hashes, keccak256(words));
        }
        bytes memory words_ = abi.encode(
            keccak256(bytes(string.concat(session, method, cap))),
            g.account,
            g.sessionKey,
            keccak256(bytes(g.app)),
            keccak256(hashes),
            keccak256("")
        );
        words_ = bytes.concat(
            words_,
            abi.encode(
                g.nativePerTx, g.nativeTotal, g.txLimit, g.txPeriodSeconds, g.maxActionsPerTx
            )
        );
        bytes32 utc = keccak256(bytes(g.validUntilUtc));
        return keccak256(
            bytes.concat(
                words_, abi.encode(g.validAfter, g.validUntil, utc, g.grantNonce, g.grantBefore)
            )
        );
    }
}
