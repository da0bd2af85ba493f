// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, SessionGrant} from "../../src/ISessionWallet.sol";
import {SessionWalletFactory} from "../../src/SessionWalletFactory.sol";
import {Attack} from "./support/Attack.sol";
import {Signing} from "./support/Signing.sol";

/// @dev What is different for an account that is a clone with its owner in its code.
contract ClonesTest is Attack {
    address private human = vm.addr(OWNER_KEY);
    address private thief = vm.addr(0xBAD);
    SessionWalletFactory private factory;

    function setUp() public override {
        super.setUp();
        factory = SessionWalletFactory(implementation.factory());
        account = factory.account(human);
        wallet = ISessionWallet(account);
    }

    function fresh() private view returns (SessionGrant memory g) {
        g.account = account;
        g.sessionKey = key;
        g.app = "Test";
        g.methods = only(address(target), "first(uint256)");
        (g.txLimit, g.txPeriodSeconds, g.maxActionsPerTx) = (5, 1, 8);
        (g.validAfter, g.validUntil) = (uint40(NOW), uint40(NOW + 2 hours));
        g.validUntilUtc = "2027-01-15 10:00:00 UTC";
        g.grantBefore = uint40(NOW + 1 minutes);
    }

    /// @dev Whoever creates the clone first creates it for its owner.
    function test_F07_createdByAStranger() public {
        vm.prank(thief);
        vm.assertEq(factory.create(human), account, "where the owner expects it");
        vm.assertEq(wallet.owner(), human, "and the owner's");
        SessionGrant memory g = fresh();
        g.sessionKey = thief;
        (bool ok,) = tried(thief, account, abi.encodeCall(wallet.grant, (g)));
        vm.assertFalse(ok, "the stranger grants nothing");
        // Through the factory a stranger reaches a clone of their own, which this grant is not for.
        (ok,) = tried(thief, address(factory), abi.encodeCall(factory.createAndGrant, (g)));
        vm.assertFalse(ok, "not here");
        vm.prank(human);
        factory.createAndGrant(fresh());
        acts(one());
        reached(1);
    }

    function test_D03_ownerAndFactoryAsTargets() public {
        factory.create(human);
        SessionGrant memory g = fresh();
        vm.etch(human, address(target).code);
        address[3] memory targets = [human, address(factory), account];
        for (uint256 i; i < 3; ++i) {
            g.methods = only(targets[i], "play()");
            vm.prank(human);
            (bool ok, bytes memory answer) = account.call(abi.encodeCall(wallet.grant, (g)));
            vm.assertFalse(ok, "refused");
            vm.assertEq(
                answer,
                abi.encodeWithSelector(ISessionWallet.TargetForbidden.selector, targets[i]),
                "named"
            );
        }
    }

    function test_E08_ownerAsKey() public {
        factory.create(human);
        SessionGrant memory g = fresh();
        g.sessionKey = human;
        vm.prank(human);
        (bool ok, bytes memory answer) = account.call(abi.encodeCall(wallet.grant, (g)));
        vm.assertFalse(ok, "refused");
        vm.assertEq(
            answer, abi.encodeWithSelector(ISessionWallet.KeyForbidden.selector, human), "named"
        );
    }

    /// @dev One owner, two accounts: what was signed for one does not count for the other.
    function test_F02_oneOwnerTwoAccounts() public {
        factory.create(human);
        Signing.Domain memory domain = Signing.Domain(address(implementation), block.chainid);
        SessionGrant memory g = fresh();
        bytes memory signature =
            Signing.signature(OWNER_KEY, Signing.digest(domain, Signing.grantHash(g)));
        bytes memory data = abi.encodeCall(wallet.grantWithSignature, (g, signature));
        // The human's own address is delegated too, by Fixture.
        (bool ok,) = tried(thief, human, data);
        vm.assertFalse(ok, "signed for the clone");
        (ok,) = tried(thief, account, data);
        vm.assertTrue(ok, "which takes it");

        bytes32 hash = keccak256("permit");
        signature = Signing.signature(OWNER_KEY, hash);
        bytes4 no = 0xffffffff;
        vm.assertTrue(wallet.isValidSignature(hash, signature) == no, "plain, for the human alone");
        bytes32 type_ = keccak256("AccountMessage(address account,bytes32 hash)");
        bytes32 message = keccak256(abi.encode(type_, account, hash));
        signature = Signing.signature(OWNER_KEY, Signing.digest(domain, message));
        vm.assertTrue(
            wallet.isValidSignature(hash, signature) == bytes4(0x1626ba7e), "with the account in it"
        );
        vm.assertTrue(
            ISessionWallet(human).isValidSignature(hash, signature) == no, "and nowhere else"
        );
    }

    /// @dev A delegation to a clone, not to the wallet: the address is its own owner, not the clone's.
    function test_F08_delegatedToAClone() public {
        factory.create(human);
        address other = vm.addr(0xF4E8);
        vm.etch(other, abi.encodePacked(hex"ef0100", account));
        vm.assertEq(ISessionWallet(other).owner(), other, "nobody else's");
    }
}
