// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, Method, SessionGrant} from "../../src/ISessionWallet.sol";
import {Target} from "../support/Target.sol";
import {
    BundledGame,
    Multicall,
    Planter,
    WeakDelegatecall,
    WeakForwarder,
    WeakSelfCall,
    WeakWildcard
} from "../weak/WeakRights.sol";
import {Attack} from "./support/Attack.sol";

/// @dev Section D: from what a session may do to what it may not.
contract EscalationTest is Attack {
    address private thief = vm.addr(0xBAD);

    function forbidden(address to) private {
        SessionGrant memory g = terms();
        g.sessionKey = vm.addr(2);
        g.methods[3] = Method(to, "harmless", "play()");
        refused(g, abi.encodeWithSelector(ISessionWallet.TargetForbidden.selector, to));
    }

    function test_D01_accountAsTarget() public {
        WeakSelfCall weak = new WeakSelfCall(key);
        bytes memory grantThief = abi.encodeCall(weak.grant, (thief));
        (bool ok,) =
            tried(key, address(weak), abi.encodeCall(weak.act, (address(weak), grantThief)));
        vm.assertTrue(ok && weak.sessions(thief), "D02: the session granted another");

        forbidden(account);
        forbidden(address(implementation));
        forbidden(address(0));
    }

    /// @dev No way in from the key or a stranger to what the owner may do.
    function test_D02_sessionGrantsItself() public {
        SessionGrant memory g = terms();
        g.sessionKey = thief;
        bytes[4] memory calls = [
            abi.encodeCall(wallet.grant, (g)),
            abi.encodeCall(wallet.revoke, (key)),
            abi.encodeCall(wallet.revokeAll, ()),
            abi.encodeCall(wallet.execute, (bytes32(bytes10(0x01000000000000000000)), ""))
        ];
        renew(2, address(target), "back(bytes)");
        for (uint256 i; i < calls.length; ++i) {
            (bool ok, bytes memory answer) = tried(key, account, calls[i]);
            vm.assertFalse(ok, "by the key");
            vm.assertEq(answer, plain(ISessionWallet.NotOwner.selector), "named");
            (ok,) = actAs(key, atomic(item(0, 0, abi.encode(calls[i]))));
            vm.assertFalse(ok, "by a target");
        }
        vm.assertEq(wallet.sessions().length, 2, "as before");
    }

    function test_D03_entryPointsAndPrecompiles() public {
        address[4] memory entryPoints = [
            0x5FF137D4b0FDCD49DcA30c7CF57E578a026d2789,
            0x0000000071727De22E5E9d8BAf0edAc6f37da032,
            0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108,
            0x433709009B8330FDa32311DF1C2AFA402eD8D009
        ];
        for (uint256 i; i < 4; ++i) {
            // With code, as on a chain that has it.
            vm.etch(entryPoints[i], address(target).code);
            forbidden(entryPoints[i]);
        }
        for (uint160 i = 1; i < 0x12; ++i) {
            forbidden(address(i));
        }
        forbidden(address(0x100));
        forbidden(address(0xffff));
    }

    /// @dev Walks the deployed code as the machine does, so that data of PUSH is not taken for code.
    function test_D04_noDelegatecallInTheCode() public {
        WeakDelegatecall weak = new WeakDelegatecall(key);
        Planter planter = new Planter();
        bytes memory plant = abi.encodeCall(planter.plant, (thief));
        (bool ok,) = tried(key, address(weak), abi.encodeCall(weak.act, (address(planter), plant)));
        vm.assertTrue(ok && weak.sessions(thief), "foreign code wrote the account's storage");
        vm.assertTrue(has(address(weak).code, 0xf4), "the walk finds it in the weak wallet");

        bytes memory code = address(implementation).code;
        vm.assertFalse(has(code, 0xf4), "DELEGATECALL");
        vm.assertFalse(has(code, 0xf2), "CALLCODE");
        vm.assertFalse(has(code, 0xff), "SELFDESTRUCT");
    }

    function has(bytes memory code, uint8 opcode) private pure returns (bool) {
        for (uint256 i; i < code.length; ++i) {
            uint8 op = uint8(code[i]);
            if (op == opcode) return true;
            if (op >= 0x60 && op <= 0x7f) i += op - 0x5f;
        }
        return false;
    }

    function test_D05_forwarderAsTarget() public {
        BundledGame game = new BundledGame();
        WeakForwarder weak = new WeakForwarder(key, address(game));
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(game.play, ());
        calls[1] = abi.encodeCall(game.give, (thief));
        bytes memory bundle = abi.encodeCall(game.multicall, (calls));
        (bool ok,) = tried(key, address(weak), abi.encodeCall(weak.act, (bundle)));
        vm.assertTrue(ok && game.gold(thief) == 1, "the target was allowed, so everything was");

        // Ours: the same game, but by method. What is not granted by name cannot be said.
        renew(2, address(game), "play()");
        acts(atomic(item(0, 0, "")));
        (ok,) = actAs(key, atomic(item(0, 1, abi.encode(calls))));
        vm.assertFalse(ok, "multicall was not granted");
        vm.assertEq(game.gold(account), 1, "played");
        vm.assertEq(game.gold(thief), 1, "and given nothing");
    }

    /// @dev A forwarder that the owner does grant calls in its own name, which has no rights here.
    function test_D05_multicallInTheList() public {
        Multicall multicall = new Multicall();
        renew(2, address(multicall), "aggregate((address,bytes)[])");
        Multicall.Call[] memory calls = new Multicall.Call[](1);
        SessionGrant memory g = terms();
        g.sessionKey = thief;
        bytes[4] memory wanted = [
            abi.encodeCall(wallet.grant, (g)),
            abi.encodeCall(wallet.revokeAll, ()),
            direct(one()),
            abi.encodeCall(wallet.revoke, (key))
        ];
        for (uint256 i; i < wanted.length; ++i) {
            calls[0] = Multicall.Call(account, wanted[i]);
            (bool ok,) = actAs(key, atomic(item(0, 0, abi.encode(calls))));
            vm.assertFalse(ok, "nothing of the account's");
        }
        calls[0] = Multicall.Call(address(target), abi.encodeCall(Target.secret, ()));
        acts(atomic(item(0, 0, abi.encode(calls))));
        vm.assertEq(target.caller(), address(multicall), "it is not the account that called");
    }

    function test_D06_wildcards() public {
        WeakWildcard weak = new WeakWildcard();
        weak.grant(key, address(0));
        bytes memory data = abi.encodeCall(Target.secret, ());
        (bool ok,) = tried(key, address(weak), abi.encodeCall(weak.act, (address(target), data)));
        vm.assertTrue(ok, "zero was everything");

        forbidden(address(0));
        string[5] memory all = ["*", "*(*)", "()", "fallback", "any(...)"];
        SessionGrant memory g = terms();
        g.sessionKey = vm.addr(2);
        for (uint256 i; i < all.length; ++i) {
            g.methods[2].signature = all[i];
            refused(g, abi.encodeWithSelector(ISessionWallet.SignatureInvalid.selector, 2));
        }
    }

    function test_D09_callbacksReenterEveryEntry() public {
        // The weak one is WeakReentered, in B21. Ours: what a target calls back is locked out,
        // and in isolate mode its failure stays its own.
        renew(2, address(target), "back(bytes)");
        bytes memory reenter = item(0, 0, abi.encode(direct(one())));
        actRefused(atomic(reenter), plain(ISessionWallet.Reentered.selector));
        vm.expectEmit(account);
        emit ISessionWallet.CallFailed(0, Target.back.selector);
        acts(isolate(200_000, reenter));
        reached(0);
        // Receiving stays open: a game may pay its player and send tokens.
        renew(3, address(target), "refund()");
        acts(atomic(item(0, 0, 1 ether, "")));
        vm.assertEq(account.balance, 100 ether, "paid back within the batch");
    }
}
