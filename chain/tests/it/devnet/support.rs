//! Signing, hand-written contracts and short ways to ask.

use alloy::{
    consensus::{SignableTransaction, TxEip1559, TxEip7702, TxEnvelope},
    eips::{eip2718::Encodable2718, eip7702::SignedAuthorization},
    primitives::{Address, B256, Bytes, Signature, TxKind, U256},
    rpc::types::{Authorization, TransactionReceipt},
    signers::{SignerSync, local::PrivateKeySigner},
};
use latchkey::devnet::{CHAIN_ID, Devnet, RpcError, dev_accounts};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Stores the first word of call data in slot 0 and logs it, as topic and as data.
pub(super) const STORE_AND_LOG: &[u8] =
    &[0x5f, 0x35, 0x80, 0x5f, 0x55, 0x5f, 0x52, 0x5f, 0x35, 0x60, 0x20, 0x5f, 0xa1, 0x00];

/// Reverts with its call data.
pub(super) const REVERT: &[u8] = &[0x36, 0x5f, 0x5f, 0x37, 0x36, 0x5f, 0xfd];

/// Fee cap that outbids every base fee of these tests, in wei per gas.
pub(super) const FEE: u128 = 20_000_000_000;

/// Tip, in wei per gas.
pub(super) const TIP: u128 = 1_000_000_000;

/// Init code that deploys `runtime`.
pub(super) fn init_code(runtime: &[u8]) -> Bytes {
    let length = u8::try_from(runtime.len()).expect("test contracts are short");
    let mut code = vec![0x60, length, 0x80, 0x60, 0x09, 0x5f, 0x39, 0x5f, 0xf3];
    code.extend_from_slice(runtime);
    code.into()
}

/// A devnet that mines on demand, from a fixed time.
pub(super) fn on_demand() -> Devnet {
    Devnet::builder().on_demand().genesis_time(1_700_000_000).spawn().expect("a devnet")
}

/// The n-th development account.
pub(super) fn account(index: usize) -> PrivateKeySigner {
    dev_accounts()[index].clone()
}

/// A plain transaction; change what matters.
pub(super) fn transaction(nonce: u64, to: impl Into<TxKind>) -> TxEip1559 {
    TxEip1559 {
        chain_id: CHAIN_ID,
        nonce,
        gas_limit: 200_000,
        max_fee_per_gas: FEE,
        max_priority_fee_per_gas: TIP,
        to: to.into(),
        ..TxEip1559::default()
    }
}

/// A set-code transaction that does nothing else.
pub(super) fn set_code(nonce: u64, to: Address, authorization: SignedAuthorization) -> TxEip7702 {
    TxEip7702 {
        chain_id: CHAIN_ID,
        nonce,
        gas_limit: 200_000,
        max_fee_per_gas: FEE,
        max_priority_fee_per_gas: TIP,
        to,
        authorization_list: vec![authorization],
        ..TxEip7702::default()
    }
}

/// Signs a delegation to `delegate`.
pub(super) fn authorize(signer: &PrivateKeySigner, delegate: Address, nonce: u64) -> SignedAuthorization {
    let authorization = Authorization { chain_id: U256::from(CHAIN_ID), address: delegate, nonce };
    let signature = signer.sign_hash_sync(&authorization.signature_hash()).expect("signs");
    authorization.into_signed(signature)
}

/// Signed and encoded.
pub(super) fn sign<T>(signer: &PrivateKeySigner, tx: T) -> Bytes
where
    T: SignableTransaction<Signature>,
    alloy::consensus::Signed<T>: Into<TxEnvelope>,
{
    let signature = signer.sign_hash_sync(&tx.signature_hash()).expect("signs");
    let envelope: TxEnvelope = tx.into_signed(signature).into();
    envelope.encoded_2718().into()
}

/// Asks and reads the answer as `T`.
pub(super) fn ask<T: DeserializeOwned>(devnet: &Devnet, method: &str, params: Value) -> T {
    let answer = devnet.request(method, params).unwrap_or_else(|error| panic!("{method}: {error}"));
    serde_json::from_value(answer).unwrap_or_else(|error| panic!("{method}: {error}"))
}

/// Sends and says what the pool said.
pub(super) fn send(devnet: &Devnet, raw: &Bytes) -> Result<B256, RpcError> {
    let answer = devnet.request("eth_sendRawTransaction", json!([raw]))?;
    Ok(serde_json::from_value(answer).expect("a hash"))
}

/// Sends, mines one block and reads the receipt.
pub(super) fn mined(devnet: &Devnet, raw: &Bytes) -> TransactionReceipt {
    let hash = send(devnet, raw).expect("the pool takes it");
    devnet.mine();
    receipt(devnet, hash).expect("it is mined")
}

/// The receipt, if the transaction is mined.
pub(super) fn receipt(devnet: &Devnet, hash: B256) -> Option<TransactionReceipt> {
    ask(devnet, "eth_getTransactionReceipt", json!([hash]))
}

/// Deploys a runtime from account 0 and returns its address.
pub(super) fn deploy(devnet: &Devnet, runtime: &[u8]) -> Address {
    let owner = account(0);
    let nonce = devnet.with_chain(|chain| chain.nonce(owner.address()));
    let mut tx = transaction(nonce, TxKind::Create);
    tx.input = init_code(runtime);
    mined(devnet, &sign(&owner, tx)).contract_address.expect("a contract")
}
