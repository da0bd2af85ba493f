//! What was authorised: the key that signs, the policy that bounds it, and the grant that says so on chain.

mod cap;
mod grant;
mod key;
mod policy;
mod utc;

pub use cap::FrequencyCap;
pub use grant::GrantTerms;
pub use key::{KeyError, SessionKey, Signer};
pub use policy::{AllowedMethod, Policy, PolicyBuilder, PolicyError};
pub use utc::format_utc;
