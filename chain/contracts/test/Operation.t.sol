// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, PackedUserOperation, SessionGrant} from "../src/ISessionWallet.sol";
import {Signing} from "./support/Signing.sol";

interface EntryPoint {
    function handleOps(PackedUserOperation[] calldata ops, address payable beneficiary) external;
    function getUserOpHash(PackedUserOperation calldata op) external view returns (bytes32);
    function getNonce(address sender, uint192 lane) external view returns (uint256);
    function balanceOf(address account) external view returns (uint256);
}

/// @dev Takes every operation and pays for it.
contract Sponsor {
    function validatePaymasterUserOp(PackedUserOperation calldata, bytes32, uint256)
        external
        pure
        returns (bytes memory, uint256)
    {
        return ("", 0);
    }
}

/// @dev `validateUserOp` and `executeSession` through EntryPoint 0.8 as it is deployed.
contract OperationTest is Signing {
    EntryPoint private constant ENTRY =
        EntryPoint(0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108);
    address private bundler = vm.addr(0xB0D1);
    Sponsor private sponsor = new Sponsor();

    uint256 private constant GAS = 200_000;
    /// @dev Validation, call and the rest, at 1 gwei.
    uint256 private constant MOST_FEE = (200_000 + 200_000 + 50_000) * 1 gwei;

    function setUp() public override {
        super.setUp();
        string memory path =
            "node_modules/@account-abstraction/contracts/artifacts/EntryPoint.json";
        bytes memory code = vm.getCode(path);
        address built;
        assembly {
            built := create(0, add(code, 32), mload(code))
        }
        vm.etch(address(ENTRY), built.code);
        vm.deal(bundler, 10 ether);
        vm.deal(address(this), 10 ether);
        (bool ok,) = address(ENTRY).call{value: 5 ether}(
            abi.encodeWithSignature("depositTo(address)", sponsor)
        );
        vm.assertTrue(ok, "the sponsor has a deposit");
        grant(terms());
    }

    function operation(bytes memory batch) private view returns (PackedUserOperation memory op) {
        op.sender = account;
        op.nonce = ENTRY.getNonce(account, 0);
        op.callData = abi.encodePacked(wallet.executeSession.selector, key, batch);
        op.accountGasLimits = bytes32(GAS << 128 | GAS);
        op.preVerificationGas = 50_000;
        op.gasFees = bytes32(uint256(1 gwei) << 128 | 1 gwei);
    }

    function sponsored(bytes memory batch) private view returns (PackedUserOperation memory op) {
        op = operation(batch);
        op.paymasterAndData = abi.encodePacked(sponsor, uint128(100_000), uint128(0));
    }

    function signedOp(PackedUserOperation memory op, uint256 by)
        private
        view
        returns (PackedUserOperation memory)
    {
        op.signature = rawSigned(by, ENTRY.getUserOpHash(op));
        return op;
    }

    function handle(PackedUserOperation memory op) private returns (bool ok, bytes memory answer) {
        PackedUserOperation[] memory ops = new PackedUserOperation[](1);
        ops[0] = op;
        vm.prank(bundler, bundler);
        return address(ENTRY).call(abi.encodeCall(ENTRY.handleOps, (ops, payable(bundler))));
    }

    function handles(PackedUserOperation memory op) private {
        (bool ok, bytes memory answer) = handle(op);
        if (ok) return;
        assembly {
            revert(add(answer, 32), mload(answer))
        }
    }

    function failsWith(PackedUserOperation memory op, bytes memory part) private {
        (bool ok, bytes memory answer) = handle(op);
        vm.assertFalse(ok, "refused");
        for (uint256 i; i + part.length <= answer.length; ++i) {
            bytes memory slice = new bytes(part.length);
            for (uint256 j; j < part.length; ++j) {
                slice[j] = answer[i + j];
            }
            if (keccak256(slice) == keccak256(part)) return;
        }
        vm.assertEq(answer, part, "the refusal names the rule");
    }

    function test_sponsoredOperationPlays() public {
        uint256 before = account.balance;
        handles(signedOp(sponsored(one()), SESSION_KEY));
        reached(1);
        vm.assertEq(account.balance, before, "the account pays nothing");
        vm.assertEq(wallet.session(key).nativeSpent, 0, "and its cap is whole");
    }

    /// @dev The most that it may cost is spent of the native cap, and nothing of it comes back.
    function test_unsponsoredOperationSpendsTheNativeCap() public {
        handles(signedOp(operation(one()), SESSION_KEY));
        reached(1);
        vm.assertEq(wallet.session(key).nativeSpent, MOST_FEE, "counted");
        // The deposit that is left pays for the next, which counts all the same.
        handles(signedOp(operation(one()), SESSION_KEY));
        vm.assertEq(wallet.session(key).nativeSpent, 2 * MOST_FEE, "counted");
    }

    function test_withoutANativeCapASponsorIsNeeded() public {
        key = vm.addr(0xCAFE);
        SessionGrant memory g = terms();
        (g.nativePerTx, g.nativeTotal) = (0, 0);
        grant(g);
        failsWith(
            signedOp(operation(one()), 0xCAFE),
            abi.encodeWithSelector(ISessionWallet.NativePerTx.selector, 0, MOST_FEE)
        );
        handles(signedOp(sponsored(one()), 0xCAFE));
        reached(1);
    }

    function test_feesEndAtTheCap() public {
        PackedUserOperation memory op = operation(one());
        op.gasFees = bytes32(uint256(3000 gwei) << 128 | 3000 gwei);
        failsWith(
            signedOp(op, SESSION_KEY),
            abi.encodeWithSelector(ISessionWallet.NativePerTx.selector, 1 ether, 3000 * MOST_FEE)
        );
    }

    function test_signatures() public {
        failsWith(signedOp(sponsored(one()), OWNER_KEY), "AA24");
        PackedUserOperation memory op = signedOp(sponsored(one()), SESSION_KEY);
        op.preVerificationGas += 1;
        failsWith(op, "AA24");
        key = vm.addr(0x999);
        failsWith(signedOp(sponsored(one()), 0x999), "AA24");
    }

    function test_onlySessionsRun() public {
        PackedUserOperation memory op = sponsored(one());
        op.callData = abi.encodeCall(wallet.revokeAll, ());
        failsWith(
            signedOp(op, SESSION_KEY), plain(ISessionWallet.OperationForbidden.selector)
        );
        op.callData = abi.encodePacked(wallet.executeSession.selector, key);
        failsWith(
            signedOp(op, SESSION_KEY), plain(ISessionWallet.OperationForbidden.selector)
        );
    }

    /// @dev The EntryPoint holds the window with the very seconds that the session has.
    function test_window() public {
        key = vm.addr(0xCAFE);
        SessionGrant memory g = terms();
        g.validAfter = uint40(NOW + 10);
        grant(g);
        vm.warp(NOW + 9);
        failsWith(signedOp(sponsored(one()), 0xCAFE), "AA22");
        vm.warp(NOW + 10);
        handles(signedOp(sponsored(one()), 0xCAFE));
        vm.warp(g.validUntil);
        failsWith(signedOp(sponsored(one()), 0xCAFE), "AA22");
        vm.warp(g.validUntil - 1);
        handles(signedOp(sponsored(one()), 0xCAFE));
        reached(2);
    }

    /// @dev All three ways draw on one clock; what the rate refuses is refused at execution.
    function test_oneClock() public {
        for (uint256 i; i < 3; ++i) {
            acts(one());
        }
        submits(relayed(SESSION_KEY, 0, uint40(NOW + 60), one()));
        handles(signedOp(sponsored(one()), SESSION_KEY));
        reached(5);
        handles(signedOp(sponsored(one()), SESSION_KEY));
        reached(5);
        actRefused(one(), abi.encodeWithSelector(ISessionWallet.RateLimited.selector, NOW + 1));
    }

    function test_onlyTheEntryPoint() public {
        bytes memory reason = plain(ISessionWallet.NotEntryPoint.selector);
        submitRefused(abi.encodePacked(wallet.executeSession.selector, key, one()), reason);
        PackedUserOperation memory op = signedOp(operation(one()), SESSION_KEY);
        bytes32 hash = ENTRY.getUserOpHash(op);
        submitRefused(abi.encodeCall(wallet.validateUserOp, (op, hash, 1 ether)), reason);
        vm.assertEq(wallet.entryPoint(), address(ENTRY), "told");
    }

    function test_worksOnAClone() public {
        useClone();
        SessionGrant memory g = terms();
        vm.prank(vm.addr(OWNER_KEY));
        wallet.grant(g);
        handles(signedOp(operation(one()), SESSION_KEY));
        reached(1);
    }
}
