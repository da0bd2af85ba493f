//! A session after a session: the same limits, another key.

use alloy::primitives::Address;

use super::{AccountForm, Grant, Owner, OwnerError};
use crate::session::Policy;

impl Owner {
    /// Grants to `new_key` what the session of `old_key` may do, for as long again from now: the answer to
    /// [`Outcome::RenewalDue`](crate::Outcome::RenewalDue).
    ///
    /// The old session goes on beside it until its run is shut down and it is revoked or over. A key is granted once,
    /// so that the new one must be another. The chain keeps no signatures of methods, hence the `policy`: it must be the
    /// one that the old session was granted, since a renewal asks for nothing more.
    ///
    /// # Errors
    ///
    /// [`OwnerError::NoSession`] and [`OwnerError::PolicyDiffers`] before anything is signed; else as
    /// [`grant`](Self::grant).
    pub fn renew(
        &self,
        form: AccountForm,
        policy: &Policy,
        old_key: Address,
        new_key: Address,
    ) -> Result<Grant, OwnerError> {
        let sessions = self.sessions_in(form)?;
        let none = OwnerError::NoSession { account: self.account(form), key: old_key };
        let session = sessions.iter().find(|session| session.key == old_key).ok_or(none)?;
        let differences = policy.differences(session);
        if !differences.is_empty() {
            return Err(OwnerError::PolicyDiffers { key: old_key, differences });
        }
        match form {
            AccountForm::Delegated => self.grant(policy, new_key),
            AccountForm::Clone => self.grant_clone(policy, new_key),
        }
    }
}
