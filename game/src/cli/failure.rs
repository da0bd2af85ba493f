//! From an error to a message that says what to do next, and an exit code.

use std::fmt::Display;
use std::process::ExitCode;

use latchkey_game::onchain::setup::SetupError;

/// How the process ends when it does not end well; usage errors (2) are clap's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// A bug, or an error that nothing below covers.
    Unexpected = 1,
    /// The endpoint cannot be reached, or is another chain than expected.
    Endpoint = 3,
    /// The owner has no funds, or the chain refused what the owner sent.
    Owner = 4,
    /// The session was lost, or the client's state differs from the chain's.
    Run = 5,
    /// Port in use, no display, a file that cannot be read or written.
    Machine = 6,
    /// The run was ended by Ctrl-C; its summary and report are complete.
    Interrupted = 130,
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code as u8)
    }
}

/// An error whose exit code is known where it arises.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Failure {
    code: Code,
    message: String,
}

impl Failure {
    /// An error of this machine: the message names the thing and what to do about it.
    pub(crate) fn machine(message: impl Display) -> anyhow::Error {
        Self { code: Code::Machine, message: message.to_string() }.into()
    }

    /// An error of the owner's key or account.
    pub(crate) fn owner(message: impl Display) -> anyhow::Error {
        Self { code: Code::Owner, message: message.to_string() }.into()
    }

    /// Ctrl-C left something behind; the message says what.
    pub(crate) fn interrupted(message: impl Display) -> anyhow::Error {
        Self { code: Code::Interrupted, message: message.to_string() }.into()
    }

    /// A run that ended badly.
    pub(crate) fn run(message: impl Display) -> anyhow::Error {
        Self { code: Code::Run, message: message.to_string() }.into()
    }
}

/// Exit code of an error that reached the top.
pub(crate) fn code(error: &anyhow::Error) -> Code {
    if let Some(failure) = error.downcast_ref::<Failure>() {
        return failure.code;
    }
    match error.downcast_ref::<SetupError>() {
        Some(SetupError::Unreachable { .. } | SetupError::WrongChain { .. } | SetupError::BadUrl { .. }) => {
            Code::Endpoint
        }
        Some(SetupError::NoFunds { .. } | SetupError::Refused { .. }) => Code::Owner,
        Some(SetupError::Start { .. }) => Code::Run,
        Some(SetupError::Devnet { .. } | SetupError::Kept { .. }) => Code::Machine,
        None => Code::Unexpected,
    }
}
