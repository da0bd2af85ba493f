// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, SessionGrant} from "../src/ISessionWallet.sol";
import {Signing} from "./support/Signing.sol";
import {Target} from "./support/Target.sol";

/// @dev `execute`, `isValidSignature`, `owner`, `eip712Domain`: for the owner, never for a key.
contract OwnedTest is Signing {
    struct Call {
        address to;
        uint256 value;
        bytes data;
    }

    bytes32 private constant PLAIN = bytes32(bytes10(0x01000000000000000000));

    function calls() private view returns (bytes memory) {
        Call[] memory list = new Call[](2);
        list[0] = Call(address(target), 5, abi.encodeCall(Target.first, (1)));
        list[1] = Call(address(target), 0, abi.encodeCall(Target.third, ()));
        return abi.encode(list);
    }

    function executeAs(address who, bytes32 mode, bytes memory data)
        private
        returns (bool ok, bytes memory answer)
    {
        vm.prank(who);
        return account.call(abi.encodeCall(wallet.execute, (mode, data)));
    }

    function test_ownerExecutes() public {
        (bool ok,) = executeAs(account, PLAIN, calls());
        vm.assertTrue(ok, "delegated");
        useClone();
        (ok,) = executeAs(vm.addr(OWNER_KEY), PLAIN, calls());
        vm.assertTrue(ok, "clone");
        reached(4);
        vm.assertEq(target.paid(), 10, "paid");
    }

    function test_nobodyElseExecutes() public {
        grant(terms());
        address[2] memory others = [key, address(this)];
        for (uint256 i; i < 2; ++i) {
            (bool ok, bytes memory answer) = executeAs(others[i], PLAIN, calls());
            vm.assertFalse(ok, "refused");
            vm.assertEq(answer, plain(ISessionWallet.NotOwner.selector), "named");
        }
    }

    /// @dev Zero stands for the account (ERC-7821), so an owner may grant within a batch.
    function test_accountItself() public {
        Call[] memory list = new Call[](1);
        list[0] = Call(address(0), 0, abi.encodeCall(wallet.grant, (terms())));
        (bool ok,) = executeAs(account, PLAIN, abi.encode(list));
        vm.assertTrue(ok, "granted");
        acts(one());
    }

    function test_allOrNothing() public {
        Call[] memory list = new Call[](2);
        list[0] = Call(address(target), 0, abi.encodeCall(Target.first, (1)));
        list[1] = Call(address(target), 0, abi.encodeCall(Target.fail, (3)));
        (bool ok, bytes memory answer) = executeAs(account, PLAIN, abi.encode(list));
        vm.assertFalse(ok, "refused");
        vm.assertEq(answer, abi.encodeWithSelector(Target.Refused.selector, 3), "its own words");
        reached(0);
    }

    function test_otherModes() public {
        bytes10[3] memory modes = [
            bytes10(0x01000000000078210001),
            bytes10(0x01010000000000000000),
            bytes10(0x00000000000000000000)
        ];
        for (uint256 i; i < 3; ++i) {
            bytes32 mode = bytes32(modes[i]);
            vm.assertFalse(wallet.supportsExecutionMode(mode), "not claimed");
            (bool ok, bytes memory answer) = executeAs(account, mode, calls());
            vm.assertFalse(ok, "refused");
            vm.assertEq(
                answer, abi.encodeWithSelector(ISessionWallet.ModeUnsupported.selector, mode), "named"
            );
        }
        vm.assertTrue(wallet.supportsExecutionMode(PLAIN | bytes32(uint256(7))), "free bytes");
    }

    function valid(bytes32 hash, bytes memory signature) private view returns (bool) {
        return wallet.isValidSignature(hash, signature) == bytes4(0x1626ba7e);
    }

    function test_signaturesOfADelegatedAccount() public {
        grant(terms());
        bytes32 hash = keccak256("permit");
        vm.assertTrue(valid(hash, rawSigned(OWNER_KEY, hash)), "the digest itself");
        vm.assertFalse(valid(hash, rawSigned(SESSION_KEY, hash)), "never a session key's");
        vm.assertFalse(valid(hash, ""), "nor none");
    }

    /// @dev What an owner signed for one account says nothing about another.
    function test_signaturesOfAClone() public {
        useClone();
        bytes32 hash = keccak256("permit");
        bytes32 bound = keccak256(
            abi.encode(keccak256("AccountMessage(address account,bytes32 hash)"), account, hash)
        );
        vm.assertTrue(valid(hash, signed(OWNER_KEY, bound)), "for this account");
        vm.assertFalse(valid(hash, rawSigned(OWNER_KEY, hash)), "for none in particular");
        useCloneOf(vm.addr(2));
        vm.assertFalse(valid(hash, signed(OWNER_KEY, bound)), "another owner");
    }

    function test_whoAndWhere() public {
        vm.assertEq(wallet.owner(), account, "delegated: the account");
        vm.assertEq(implementation.owner(), address(implementation), "bare: nobody can call as it");
        useClone();
        vm.assertEq(wallet.owner(), vm.addr(OWNER_KEY), "clone: its owner");
        vm.assertEq(wallet.factory(), address(factory), "factory");
        (, string memory name, string memory version, uint256 chain, address contract_,,) =
            wallet.eip712Domain();
        vm.assertEq(bytes(name), "Latchkey", "name");
        vm.assertEq(bytes(version), "1", "version");
        vm.assertEq(chain, block.chainid, "chain");
        vm.assertEq(contract_, address(implementation), "the implementation");
    }
}
