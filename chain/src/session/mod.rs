//! What was authorised: the key that signs, the policy that bounds it, and the grant that says so on chain.

mod builder;
mod cap;
mod check;
mod digest;
mod grant;
mod key;
mod policy;
#[cfg(feature = "native")]
mod store;
mod stored;
mod token;
mod token_methods;
mod utc;
pub mod verdict;
mod words;

pub use builder::PolicyBuilder;
pub use cap::FrequencyCap;
pub use check::{MAX_TOKENS, PolicyError};
pub use digest::{digest, domain};
pub use grant::GrantTerms;
pub use key::SessionKey;
pub use policy::{AllowedMethod, Policy};
#[cfg(feature = "native")]
pub use store::{KeyStore, Passphrase, StoreError, StoredSession};
pub use stored::describe_session;
#[cfg(feature = "native")]
pub(crate) use stored::terms_digest;
pub use token::TokenCap;
pub use utc::format_utc;

pub(crate) use token_methods::is_counted;

use check::check;
