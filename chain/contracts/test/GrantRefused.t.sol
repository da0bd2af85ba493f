// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, Method, SessionGrant, TokenCap} from "../src/ISessionWallet.sol";
import {Fixture} from "./support/Fixture.sol";
import {Target} from "./support/Target.sol";

/// @dev Every grant that is refused, and the name of the refusal.
contract GrantRefusedTest is Fixture {
    function test_otherAccount() public {
        SessionGrant memory g = terms();
        g.account = address(implementation);
        refused(g, abi.encodeWithSelector(ISessionWallet.WrongAccount.selector, g.account));
    }

    function test_wrongNonce() public {
        SessionGrant memory g = terms();
        g.grantNonce = 1;
        refused(g, abi.encodeWithSelector(ISessionWallet.WrongGrantNonce.selector, 0, 1));
        g.grantNonce = 0;
        grant(g);
        g.sessionKey = vm.addr(2);
        refused(g, abi.encodeWithSelector(ISessionWallet.WrongGrantNonce.selector, 1, 0));
    }

    function test_late() public {
        SessionGrant memory g = terms();
        vm.warp(g.grantBefore + 1);
        refused(g, abi.encodeWithSelector(ISessionWallet.GrantLate.selector, g.grantBefore));
        vm.warp(g.grantBefore);
        grant(g);
    }

    function test_noDeadlineIsLate() public {
        SessionGrant memory g = terms();
        g.grantBefore = 0;
        refused(g, abi.encodeWithSelector(ISessionWallet.GrantLate.selector, 0));
    }

    function test_keys() public {
        address[6] memory keys = [
            address(0),
            address(9),
            address(0x100),
            account,
            address(implementation),
            address(target)
        ];
        for (uint256 i; i < keys.length; ++i) {
            SessionGrant memory g = terms();
            g.sessionKey = keys[i];
            refused(g, abi.encodeWithSelector(ISessionWallet.KeyForbidden.selector, keys[i]));
        }
    }

    function test_keyThatIsItselfDelegated() public {
        vm.etch(key, abi.encodePacked(hex"ef0100", address(implementation)));
        refused(terms(), abi.encodeWithSelector(ISessionWallet.KeyForbidden.selector, key));
    }

    function test_liveKeyAgain() public {
        grant(terms());
        refused(terms(), abi.encodeWithSelector(ISessionWallet.KeyUsed.selector, key));
    }

    function test_expiredKeyAgain() public {
        grant(terms());
        vm.warp(NOW + 3 hours);
        SessionGrant memory g = terms();
        g.validUntil = uint40(NOW + 4 hours);
        g.validUntilUtc = "2027-01-15 12:00:00 UTC";
        g.grantBefore = uint40(NOW + 4 hours);
        refused(g, abi.encodeWithSelector(ISessionWallet.KeyUsed.selector, key));
    }

    function window(uint256 start, uint256 end) private {
        SessionGrant memory g = terms();
        (g.validAfter, g.validUntil) = (uint40(start), uint40(end));
        refused(
            g,
            abi.encodeWithSelector(
                ISessionWallet.WindowInvalid.selector, g.validAfter, g.validUntil
            )
        );
    }

    function test_windows() public {
        window(NOW + 10, NOW + 10);
        window(NOW + 11, NOW + 10);
        window(NOW - 10, NOW);
        window(NOW, 0);
        window(NOW, type(uint40).max);
    }

    function test_longerThan400Days() public {
        SessionGrant memory g = terms();
        g.validUntil = uint40(NOW + 400 days + 1);
        refused(g, abi.encodeWithSelector(ISessionWallet.WindowTooLong.selector, NOW + 400 days));
    }

    function test_textOfTheEnd() public {
        string[6] memory texts = [
            "",
            "2027-01-15 10:00:01 UTC",
            "2027-01-15T10:00:00 UTC",
            "2027-01-15 10:00:00 UTC ",
            "2027-01-15 10:00:00 utc",
            "2027-1-15 10:00:00 UTC"
        ];
        for (uint256 i; i < texts.length; ++i) {
            SessionGrant memory g = terms();
            g.validUntilUtc = texts[i];
            refused(g, plain(ISessionWallet.DateTextWrong.selector));
        }
    }

    function test_zeros() public {
        SessionGrant memory g = terms();
        g.txLimit = 0;
        refused(g, plain(ISessionWallet.FrequencyInvalid.selector));
        g = terms();
        g.txPeriodSeconds = 0;
        refused(g, plain(ISessionWallet.FrequencyInvalid.selector));
        g = terms();
        g.maxActionsPerTx = 0;
        refused(g, plain(ISessionWallet.NoActions.selector));
        g = terms();
        g.methods = new Method[](0);
        refused(g, plain(ISessionWallet.NoMethods.selector));
    }

    function test_capsThatDoNotFit() public {
        SessionGrant memory g = terms();
        g.nativePerTx = uint256(type(uint80).max) + 1;
        refused(g, plain(ISessionWallet.NativeCapTooLarge.selector));
        g = terms();
        g.nativeTotal = uint256(type(uint88).max) + 1;
        refused(g, plain(ISessionWallet.NativeCapTooLarge.selector));
    }

    function test_targets() public {
        address[7] memory targets = [
            account,
            address(implementation),
            address(4),
            0x5FF137D4b0FDCD49DcA30c7CF57E578a026d2789,
            0x0000000071727De22E5E9d8BAf0edAc6f37da032,
            0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108,
            0x433709009B8330FDa32311DF1C2AFA402eD8D009
        ];
        for (uint256 i; i < targets.length; ++i) {
            SessionGrant memory g = terms();
            g.methods[3].target = targets[i];
            refused(g, abi.encodeWithSelector(ISessionWallet.TargetForbidden.selector, targets[i]));
        }
        SessionGrant memory codeless = terms();
        codeless.methods[3].target = vm.addr(3);
        refused(
            codeless, abi.encodeWithSelector(ISessionWallet.TargetWithoutCode.selector, vm.addr(3))
        );
    }

    function test_duplicates() public {
        SessionGrant memory g = terms();
        g.methods[3].signature = "first(uint256)";
        refused(
            g,
            abi.encodeWithSelector(
                ISessionWallet.DuplicateMethod.selector, target, Target.first.selector
            )
        );
    }

    function test_duplicateOfAFullRule() public {
        SessionGrant memory g = terms();
        g.methods = new Method[](5);
        for (uint256 i; i < 4; ++i) {
            g.methods[i] = terms().methods[i];
        }
        g.methods[4] = g.methods[1];
        refused(
            g,
            abi.encodeWithSelector(
                ISessionWallet.DuplicateMethod.selector, target, Target.second.selector
            )
        );
    }

    function test_nineRules() public {
        bytes memory tooMany = abi.encodeWithSelector(ISessionWallet.TooManyRules.selector, 8);
        SessionGrant memory g = terms();
        g.methods = new Method[](9);
        for (uint256 i; i < 9; ++i) {
            g.methods[i] = Method(address(new Target()), "Target", "first(uint256)");
        }
        refused(g, tooMany);
        g.methods = new Method[](25);
        refused(g, tooMany);
    }

    function test_methodsThatMoveTokens() public {
        string[4] memory signatures = [
            "transfer(address,uint256)",
            "approve(address,uint256)",
            "setApprovalForAll(address,bool)",
            "safeTransferFrom(address,address,uint256)"
        ];
        for (uint256 i; i < signatures.length; ++i) {
            SessionGrant memory g = terms();
            g.methods[0].signature = signatures[i];
            bytes4 selector = bytes4(keccak256(bytes(signatures[i])));
            refused(g, abi.encodeWithSelector(ISessionWallet.SelectorForbidden.selector, selector));
        }
    }

    /// @dev A text that hashes to a selector but does not read as a method.
    function test_signaturesThatAreNone() public {
        string[8] memory signatures = [
            "",
            "first",
            "()",
            "(uint256)",
            "first(uint256",
            "first (uint256)",
            "shows your score, spends nothing()",
            unicode"fir\u0455t(uint256)"
        ];
        for (uint256 i; i < signatures.length; ++i) {
            SessionGrant memory g = terms();
            g.methods[2].signature = signatures[i];
            refused(g, abi.encodeWithSelector(ISessionWallet.SignatureInvalid.selector, 2));
        }
    }

    function test_refusalLeavesNothing() public {
        SessionGrant memory g = terms();
        g.methods[3].target = account;
        refused(g, abi.encodeWithSelector(ISessionWallet.TargetForbidden.selector, account));
        vm.assertEq(wallet.grantNonce(), 0, "nonce");
        vm.assertEq(wallet.sessions().length, 0, "list");
        (bool ok,) = actAs(key, one());
        vm.assertFalse(ok, "no session");
    }
}
