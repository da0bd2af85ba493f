// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {
    ISessionWallet,
    Method,
    SessionGrant,
    SessionView,
    TokenCap
} from "../../src/ISessionWallet.sol";
import {SessionWallet} from "../../src/SessionWallet.sol";
import {Target} from "./Target.sol";
import {Vm} from "./Vm.sol";

/// @dev A delegated account, a key and a target, with a grant that every test changes to its needs.
abstract contract Fixture {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @dev 2027-01-15 08:00:00 UTC.
    uint256 internal constant NOW = 1_800_000_000;
    uint256 internal constant OWNER_KEY = 0xA11CE;

    SessionWallet internal implementation = new SessionWallet();
    Target internal target = new Target();
    address internal account = vm.addr(OWNER_KEY);
    ISessionWallet internal wallet = ISessionWallet(account);
    address internal key = vm.addr(0x5E5510);

    function setUp() public virtual {
        vm.warp(NOW);
        vm.deal(account, 100 ether);
        delegate(address(implementation));
    }

    /// @dev What a type-4 transaction leaves in the account.
    function delegate(address to) internal {
        vm.etch(account, abi.encodePacked(hex"ef0100", to));
    }

    /// @dev Two hours, four methods in two rules, five transactions a second.
    function terms() internal view returns (SessionGrant memory g) {
        g.account = account;
        g.sessionKey = key;
        g.app = "Test";
        g.methods = new Method[](4);
        g.methods[0] = Method(address(target), "Target", "first(uint256)");
        g.methods[1] = Method(address(target), "Target", "second(uint256)");
        g.methods[2] = Method(address(target), "Target", "third()");
        g.methods[3] = Method(address(target), "Target", "fourth()");
        g.nativePerTx = 1 ether;
        g.nativeTotal = 3 ether;
        g.txLimit = 5;
        g.txPeriodSeconds = 1;
        g.maxActionsPerTx = 8;
        g.validAfter = uint40(NOW);
        g.validUntil = uint40(NOW + 2 hours);
        g.validUntilUtc = "2027-01-15 10:00:00 UTC";
        g.grantNonce = wallet.grantNonce();
        g.grantBefore = uint40(NOW + 1 minutes);
    }

    function only(address to, string memory signature)
        internal
        pure
        returns (Method[] memory methods)
    {
        methods = new Method[](1);
        methods[0] = Method(to, "Target", signature);
    }

    function grant(SessionGrant memory g) internal {
        vm.prank(account);
        wallet.grant(g);
    }

    function refused(SessionGrant memory g, bytes memory reason) internal {
        vm.prank(account);
        (bool ok, bytes memory answer) = account.call(abi.encodeCall(wallet.grant, (g)));
        vm.assertFalse(ok, "the grant is refused");
        vm.assertEq(answer, reason, "the refusal names the rule");
    }

    /// @dev One item without value.
    function item(uint256 rule, uint256 selector, bytes memory args)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(uint8(rule << 4 | selector), uint16(args.length), args);
    }

    /// @dev One item with value, in wei.
    function item(uint256 rule, uint256 selector, uint80 value, bytes memory args)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(uint8(rule << 4 | 8 | selector), value, uint16(args.length), args);
    }

    function atomic(bytes memory items) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(0), items);
    }

    function isolate(uint24 callGas, bytes memory items) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(1), callGas, items);
    }

    function one() internal pure returns (bytes memory) {
        return atomic(item(0, 0, abi.encode(7)));
    }

    function actAs(address sender, bytes memory batch)
        internal
        returns (bool ok, bytes memory answer)
    {
        vm.prank(sender);
        return account.call(abi.encodePacked(wallet.actAsKey.selector, batch));
    }

    function acts(bytes memory batch) internal {
        (bool ok, bytes memory answer) = actAs(key, batch);
        if (ok) return;
        assembly {
            revert(add(answer, 32), mload(answer))
        }
    }

    function actRefused(bytes memory batch, bytes memory reason) internal {
        (bool ok, bytes memory answer) = actAs(key, batch);
        vm.assertFalse(ok, "the batch is refused");
        vm.assertEq(answer, reason, "the refusal names the rule");
    }

    function reached(uint256 calls) internal view {
        vm.assertEq(target.calls(), calls, "calls that reached the target");
    }

    function plain(bytes4 selector) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector);
    }
}
