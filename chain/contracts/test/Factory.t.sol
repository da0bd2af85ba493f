// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, SessionGrant} from "../src/ISessionWallet.sol";
import {SessionWalletFactory} from "../src/SessionWalletFactory.sol";
import {Signing} from "./support/Signing.sol";

/// @dev Clones: whose they are, where they are, and who may grant on them.
contract FactoryTest is Signing {
    address private human = vm.addr(OWNER_KEY);
    address private stranger = vm.addr(0xBAD);

    function cloneTerms() private view returns (SessionGrant memory g) {
        g = terms();
        g.account = factory.account(human);
        g.grantNonce = 0;
    }

    function test_createAndGrant() public {
        SessionGrant memory g = cloneTerms();
        vm.deal(human, 1 ether);
        vm.expectEmit(address(factory));
        emit SessionWalletFactory.AccountCreated(g.account, human);
        vm.prank(human);
        account = factory.createAndGrant{value: 0.25 ether}(g);
        wallet = ISessionWallet(account);
        vm.assertEq(account, g.account, "where it was said to be");
        vm.assertEq(wallet.owner(), human, "whose it was said to be");
        vm.assertEq(key.balance, 0.25 ether, "gas money");
        acts(one());
        reached(1);
        g.sessionKey = vm.addr(0x444);
        g.grantNonce = 1;
        vm.prank(human);
        factory.createAndGrant(g);
        vm.assertEq(wallet.sessions().length, 2, "the clone was there already");
    }

    function test_createAndGrantFor() public {
        SessionGrant memory g = cloneTerms();
        bytes memory signature = signed(OWNER_KEY, grantHash(g));
        vm.prank(stranger);
        account = factory.createAndGrantFor(human, g, signature);
        wallet = ISessionWallet(account);
        acts(one());
        reached(1);
    }

    function test_strangersReachOnlyTheirOwnClone() public {
        factory.create(human);
        SessionGrant memory g = cloneTerms();
        vm.prank(stranger);
        try factory.createAndGrant(g) {
            vm.assertTrue(false, "refused");
        } catch (bytes memory reason) {
            vm.assertEq(
                reason,
                abi.encodeWithSelector(ISessionWallet.WrongAccount.selector, g.account),
                "the stranger's clone was asked"
            );
        }
        bytes memory signature = signed(0xBAD, grantHash(g));
        try factory.createAndGrantFor(human, g, signature) {
            vm.assertTrue(false, "refused");
        } catch (bytes memory reason) {
            vm.assertEq(reason, plain(ISessionWallet.SignatureWrong.selector), "not the owner's");
        }
    }

    function test_createTwiceIsTheSame() public {
        vm.prank(stranger);
        address first = factory.create(human);
        vm.assertEq(factory.create(human), first, "the same");
        vm.assertTrue(factory.account(stranger) != first, "another owner, another account");
    }

    function test_ownersThatNobodyIs() public {
        address[2] memory owners = [address(0), address(implementation)];
        for (uint256 i; i < 2; ++i) {
            (bool ok, bytes memory answer) =
                address(factory).call(abi.encodeCall(factory.create, (owners[i])));
            vm.assertFalse(ok, "refused");
            vm.assertEq(
                answer,
                abi.encodeWithSelector(SessionWalletFactory.OwnerForbidden.selector, owners[i]),
                "named"
            );
        }
    }

    function test_ownerCallsDirectly() public {
        useClone();
        SessionGrant memory g = terms();
        vm.prank(account);
        (bool ok,) = account.call(abi.encodeCall(wallet.grant, (g)));
        vm.assertFalse(ok, "the clone is not its own owner");
        vm.prank(human);
        wallet.grant(g);
        acts(one());
        vm.prank(human);
        wallet.revoke(key);
        vm.prank(human);
        wallet.revokeAll();
        vm.assertEq(wallet.sessions().length, 0, "ended");
    }

    function test_neverGranted() public {
        useClone();
        address[2] memory forbidden = [address(factory), human];
        for (uint256 i; i < 2; ++i) {
            SessionGrant memory g = terms();
            g.methods[3].target = forbidden[i];
            bytes memory reason =
                abi.encodeWithSelector(ISessionWallet.TargetForbidden.selector, forbidden[i]);
            submitRefused(
                abi.encodeCall(wallet.grantWithSignature, (g, signed(OWNER_KEY, grantHash(g)))), reason
            );
        }
        SessionGrant memory own = terms();
        own.sessionKey = human;
        submitRefused(
            abi.encodeCall(wallet.grantWithSignature, (own, signed(OWNER_KEY, grantHash(own)))),
            abi.encodeWithSelector(ISessionWallet.KeyForbidden.selector, human)
        );
    }
}
