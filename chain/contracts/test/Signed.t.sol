// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, SessionGrant} from "../src/ISessionWallet.sol";
import {Signing} from "./support/Signing.sol";

/// @dev `grantWithSignature`, `revokeWithSignature`, `revokeAllWithSignature`: what the owner agreed
/// to by signature, submitted by anybody, in both forms of an account.
contract SignedTest is Signing {
    uint40 private constant DEADLINE = uint40(NOW + 60);

    function signedGrant(SessionGrant memory g, uint256 by) private view returns (bytes memory) {
        return abi.encodeCall(wallet.grantWithSignature, (g, signed(by, grantHash(g))));
    }

    function signedRevocation(uint256 by) private view returns (bytes memory) {
        bytes memory signature = signed(by, revocation(key, DEADLINE));
        return abi.encodeCall(wallet.revokeWithSignature, (key, DEADLINE, signature));
    }

    function signedEnd(uint256 by, uint64 nonce) private view returns (bytes memory) {
        bytes memory signature = signed(by, allRevocation(nonce, DEADLINE));
        return abi.encodeCall(wallet.revokeAllWithSignature, (nonce, DEADLINE, signature));
    }

    function wrong() private pure returns (bytes memory) {
        return plain(ISessionWallet.SignatureWrong.selector);
    }

    function lifecycle() private {
        SessionGrant memory g = terms();
        submitRefused(signedGrant(g, 0xBAD), wrong());
        bytes memory first = signedGrant(g, OWNER_KEY);
        submits(first);
        acts(one());
        submitRefused(first, abi.encodeWithSelector(ISessionWallet.WrongGrantNonce.selector, 1, 0));

        submitRefused(signedRevocation(0xBAD), wrong());
        bytes memory revoked = signedRevocation(OWNER_KEY);
        submits(revoked);
        bytes memory unknown = abi.encodeWithSelector(ISessionWallet.SessionUnknown.selector, key);
        actRefused(one(), unknown);
        submitRefused(revoked, unknown);

        key = vm.addr(0x222);
        g = terms();
        submits(signedGrant(g, OWNER_KEY));
        acts(one());
        submitRefused(signedEnd(0xBAD, 2), wrong());
        submitRefused(
            signedEnd(OWNER_KEY, 1),
            abi.encodeWithSelector(ISessionWallet.WrongGrantNonce.selector, 2, 1)
        );
        bytes memory ended = signedEnd(OWNER_KEY, 2);
        submits(ended);
        actRefused(one(), abi.encodeWithSelector(ISessionWallet.SessionUnknown.selector, key));
        submitRefused(ended, abi.encodeWithSelector(ISessionWallet.WrongGrantNonce.selector, 3, 2));
    }

    function test_delegatedAccount() public {
        lifecycle();
    }

    function test_clone() public {
        useClone();
        lifecycle();
    }

    function test_deadlines() public {
        grant(terms());
        bytes memory one_ = signedRevocation(OWNER_KEY);
        bytes memory all = signedEnd(OWNER_KEY, 1);
        bytes memory late =
            abi.encodeWithSelector(ISessionWallet.SignatureExpired.selector, DEADLINE);
        vm.warp(DEADLINE + 1);
        submitRefused(one_, late);
        submitRefused(all, late);
        vm.warp(DEADLINE);
        submits(one_);
        submits(all);
    }

    /// @dev Everything that was signed counts: any other grant needs another signature.
    function test_grantCannotBeChanged() public {
        SessionGrant memory g = terms();
        bytes memory signature = signed(OWNER_KEY, grantHash(g));
        g.app = "Other";
        submitRefused(abi.encodeCall(wallet.grantWithSignature, (g, signature)), wrong());
        g = terms();
        g.nativeTotal += 1;
        submitRefused(abi.encodeCall(wallet.grantWithSignature, (g, signature)), wrong());
        g = terms();
        g.methods[0].contractName = "Other";
        submitRefused(abi.encodeCall(wallet.grantWithSignature, (g, signature)), wrong());
        g = terms();
        vm.chainId(5);
        submitRefused(abi.encodeCall(wallet.grantWithSignature, (g, signature)), wrong());
    }

    function test_onlyTheCanonicalForm() public {
        SessionGrant memory g = terms();
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(OWNER_KEY, digest(grantHash(g)));
        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        bytes32 compact = bytes32(uint256(s) | uint256(v - 27) << 255);
        bytes[6] memory forms = [
            bytes(""),
            abi.encodePacked(r, compact),
            abi.encodePacked(r, s, v, uint8(0)),
            abi.encodePacked(r, s, v - 27),
            abi.encodePacked(r, bytes32(order - uint256(s)), v ^ 7),
            new bytes(65)
        ];
        for (uint256 i; i < 6; ++i) {
            submitRefused(abi.encodeCall(wallet.grantWithSignature, (g, forms[i])), wrong());
        }
    }

    function test_gasMoneyComesFromWhoeverSubmits() public {
        SessionGrant memory g = terms();
        bytes memory data = signedGrant(g, OWNER_KEY);
        vm.deal(address(this), 1 ether);
        uint256 before = account.balance;
        (bool ok,) = account.call{value: 0.5 ether}(data);
        vm.assertTrue(ok, "granted");
        vm.assertEq(key.balance, 0.5 ether, "to the key");
        vm.assertEq(account.balance, before, "not from the account");
    }

    function test_ownerThatIsAContract() public {
        Judge judge = new Judge();
        useCloneOf(address(judge));
        SessionGrant memory g = terms();
        bytes32 hash = digest(grantHash(g));
        bytes memory data = abi.encodeCall(wallet.grantWithSignature, (g, "anything"));
        submitRefused(data, wrong());
        judge.allow(hash);
        submits(data);
        acts(one());
    }

    /// @dev An owner without code is not asked, and nothing is deployed to ask it (ERC-6492).
    function test_ownerWithoutCodeIsNotAsked() public {
        useCloneOf(vm.addr(0xDEAD));
        SessionGrant memory g = terms();
        bytes memory wrapped = abi.encodePacked(
            abi.encode(address(this), "", signed(OWNER_KEY, grantHash(g))),
            bytes32(0x6492649264926492649264926492649264926492649264926492649264926492)
        );
        submitRefused(abi.encodeCall(wallet.grantWithSignature, (g, wrapped)), wrong());
    }

    function test_targetCannotSubmitMeanwhile() public {
        SessionGrant memory g = terms();
        g.methods = only(address(target), "back(bytes)");
        grant(g);
        bytes memory reentered = plain(ISessionWallet.Reentered.selector);
        bytes[3] memory calls =
            [signedRevocation(OWNER_KEY), signedEnd(OWNER_KEY, 1), relayed(SESSION_KEY, 1, DEADLINE, one())];
        for (uint256 i; i < 3; ++i) {
            actRefused(atomic(item(0, 0, abi.encode(calls[i]))), reentered);
        }
        g = terms();
        g.sessionKey = vm.addr(0x333);
        actRefused(atomic(item(0, 0, abi.encode(signedGrant(g, OWNER_KEY)))), reentered);
    }
}

/// @dev An owner with rules of its own (ERC-1271).
contract Judge {
    bytes32 private _allowed;

    function allow(bytes32 hash) external {
        _allowed = hash;
    }

    function isValidSignature(bytes32 hash, bytes calldata) external view returns (bytes4) {
        return hash == _allowed ? bytes4(0x1626ba7e) : bytes4(0xffffffff);
    }
}
