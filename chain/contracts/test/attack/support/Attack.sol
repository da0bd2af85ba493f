// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ISessionWallet, SessionGrant} from "../../../src/ISessionWallet.sol";
import {Fixture} from "../../support/Fixture.sol";
import {Cheats} from "./Cheats.sol";

/// @dev An account with one session, and what an attacker asks of it. Each test is named after a
/// case of README.md beside it; where a wallet could be written wrongly, the attack first succeeds
/// against a weak one of test/weak, so that a refusal by ours is not one for another reason.
abstract contract Attack is Fixture {
    Cheats internal constant cheats = Cheats(address(vm));

    uint256 internal constant SESSION_KEY = 0x5E5510;

    function setUp() public virtual override {
        super.setUp();
        grant(terms());
    }

    /// @dev Grants the same terms with other methods to a new key, which then acts.
    function renew(uint256 privateKey, address to, string memory signature) internal {
        SessionGrant memory g = terms();
        key = vm.addr(privateKey);
        g.sessionKey = key;
        g.methods = only(to, signature);
        grant(g);
    }

    /// @dev Calldata of the session key's own entry.
    function direct(bytes memory batch) internal view returns (bytes memory) {
        return abi.encodePacked(wallet.actAsKey.selector, batch);
    }

    function malformed(bytes memory batch) internal {
        actRefused(batch, plain(ISessionWallet.MalformedBatch.selector));
    }

    function revoke(address who) internal {
        vm.prank(account);
        wallet.revoke(who);
    }

    function works(address who) internal returns (bool ok) {
        (ok,) = actAs(who, one());
    }

    /// @dev Calls `to` as `sender` and says whether it went through.
    function tried(address sender, address to, bytes memory data)
        internal
        returns (bool ok, bytes memory answer)
    {
        vm.prank(sender);
        return to.call(data);
    }
}
