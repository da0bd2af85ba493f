//! What was authorised: the key that signs, the policy that bounds it, and the grant that says so on chain.

mod builder;
mod cap;
mod check;
mod digest;
mod grant;
mod key;
mod policy;
mod token;
mod token_methods;
mod utc;
mod words;

pub use builder::PolicyBuilder;
pub use cap::FrequencyCap;
pub use check::PolicyError;
pub use digest::{digest, domain};
pub use grant::GrantTerms;
pub use key::SessionKey;
pub use policy::{AllowedMethod, Policy};
pub use token::TokenCap;
pub use utc::format_utc;

use check::check;
