//! Where a run takes place: a chain embedded in this process, or one behind an endpoint.

use std::sync::Arc;

use latchkey::Endpoint;
use latchkey::devnet::{Devnet, DevnetBuilder, FaultProxy, Server};

use super::error::SetupError;
use super::{RunOptions, game_contracts};

/// A chain to embed, with the game's contracts in its first block.
pub fn embedded_chain() -> DevnetBuilder {
    game_contracts().into_iter().fold(Devnet::builder(), |builder, code| builder.create2(code.creation.clone()))
}

/// A chain that can be reached. Clones share the embedded one, which ends with the last of them.
#[derive(Clone)]
pub struct Place {
    pub(super) label: String,
    /// How the engine reaches it.
    pub(super) engine: Endpoint,
    /// How the owner reaches it: past whatever disturbs the engine.
    pub(super) owner: Endpoint,
    pub(super) embedded: Option<Arc<Embedded>>,
}

impl Place {
    /// Starts the embedded chain, or notes the endpoint; that is asked nothing yet.
    ///
    /// # Errors
    /// [`SetupError::BadUrl`] and [`SetupError::Devnet`].
    pub fn open(options: &RunOptions) -> Result<Self, SetupError> {
        if let Some(url) = &options.rpc {
            let endpoint = Endpoint::url(url).map_err(SetupError::from_endpoint)?;
            let label = endpoint.label().to_owned();
            return Ok(Self { label, engine: endpoint.clone(), owner: endpoint, embedded: None });
        }
        let builder = embedded_chain().block_time(options.block_time);
        let builder = options.state.iter().fold(builder, |builder, file| builder.state(file));
        let devnet = builder.spawn().map_err(|error| SetupError::Devnet { reason: error.to_string() })?;
        let direct = Endpoint::connection("embedded chain", devnet.connection());
        let lab = options.faults.then(|| Lab::start(&devnet)).flatten();
        let engine = lab.as_ref().and_then(|lab| Endpoint::url(&lab.proxy.ws_url()).ok());
        Ok(Self {
            label: "embedded chain".to_owned(),
            engine: engine.unwrap_or_else(|| direct.clone()),
            owner: direct,
            embedded: Some(Arc::new(Embedded { lab, devnet })),
        })
    }

    /// The place's name for people; carries no access key.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// How an owner reaches it.
    pub fn endpoint(&self) -> &Endpoint {
        &self.owner
    }

    /// Serves the embedded chain on a port of loopback for others; none on any other chain.
    ///
    /// # Errors
    /// [`SetupError::Devnet`] when the port is taken.
    pub fn serve(&self, port: u16) -> Result<Option<Server>, SetupError> {
        let Some(embedded) = &self.embedded else { return Ok(None) };
        let refused = |error: latchkey::devnet::DevnetError| SetupError::Devnet { reason: error.to_string() };
        embedded.devnet.serve(port).map(Some).map_err(refused)
    }

    /// Mines a block of the embedded chain at once; does nothing on any other.
    pub fn hurry(&self) {
        if let Some(embedded) = &self.embedded {
            embedded.devnet.mine();
        }
    }
}

/// The embedded chain, and what can disturb the way to it. The way is closed before the chain is.
pub(in crate::onchain) struct Embedded {
    pub(in crate::onchain) lab: Option<Lab>,
    pub(in crate::onchain) devnet: Devnet,
}

/// A proxy between the engine and the embedded chain.
pub(in crate::onchain) struct Lab {
    pub(in crate::onchain) proxy: FaultProxy,
    _server: Server,
}

impl Lab {
    /// None, with the reason logged, where the machine allows no ports: the game then goes without fault keys.
    fn start(devnet: &Devnet) -> Option<Self> {
        let started = devnet.serve(0).map_err(|error| error.to_string()).and_then(|server| {
            let proxy = FaultProxy::start(&server.http_url(), 0).map_err(|error| error.to_string())?;
            Ok(Self { proxy, _server: server })
        });
        started.inspect_err(|reason| tracing::warn!("no fault keys: {reason}")).ok()
    }
}
