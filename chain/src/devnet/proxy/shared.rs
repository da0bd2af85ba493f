//! What the handle and all connections share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use alloy::transports::http::reqwest::{Client, Url};
use tokio::sync::{Semaphore, broadcast, watch};

use super::{
    book::Book,
    message::{self, Message},
    rule::{Fault, NOTIFICATION},
};
use crate::devnet::limits::MAX_CONNECTIONS;

/// Orders that a WebSocket may be behind; one that falls further behind is closed.
const MAX_ORDERS: usize = 16;

/// What every open WebSocket is told to do.
#[derive(Clone, Debug)]
pub(super) enum Order {
    /// Break off without a word.
    Close,
    /// Send this text to the client.
    Tell(String),
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) target: Url,
    pub(super) client: Client,
    link: watch::Sender<u64>,
    pub(super) orders: broadcast::Sender<Order>,
    pub(super) places: Arc<Semaphore>,
    book: Mutex<Book>,
}

impl Shared {
    pub(super) fn new(target: Url) -> Self {
        Self {
            target,
            client: Client::new(),
            link: watch::channel(0).0,
            orders: broadcast::channel(MAX_ORDERS).0,
            places: Arc::new(Semaphore::new(MAX_CONNECTIONS as usize)),
            book: Mutex::default(),
        }
    }

    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        // Rules and counts are whole after each step, whoever panicked.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a message and says what happens to it.
    pub(super) fn decide(&self, message: &Message) -> Option<Fault> {
        let mut book = self.book();
        let mut fates = message.parts.iter().map(|part| book.decide(&part.method, &part.params));
        // Every part is counted, whatever the first one meets.
        fates.by_ref().fold(None, Option::or).filter(|fault| {
            let told = matches!(fault, Fault::Answer(_) | Fault::Error(..) | Fault::Rewrite(_));
            !(told && message.batch)
        })
    }

    /// Counts what the endpoint refuses in this answer.
    pub(super) fn answered(&self, text: &[u8]) {
        for words in message::refusals(text) {
            self.book().refused(&words);
        }
    }

    /// Cuts or restores the link. Counted, so that an outage is noticed however short it was.
    pub(super) fn set_link(&self, up: bool) {
        self.link.send_if_modified(|changes| {
            let change = up != is_up(*changes);
            *changes += u64::from(change);
            change
        });
    }

    /// A future that ends at the next outage, or `None` during one.
    pub(super) fn until_cut(&self) -> Option<impl Future<Output = ()> + use<>> {
        let mut link = self.link.subscribe();
        let begun = *link.borrow_and_update();
        is_up(begun).then_some(async move {
            // A proxy that is gone cuts as well.
            let _ = link.wait_for(|changes| *changes != begun).await;
        })
    }

    pub(super) fn is_pushed(message: &Message) -> bool {
        message.parts.iter().any(|part| part.method == NOTIFICATION)
    }
}

/// Every second change restores the link.
fn is_up(changes: u64) -> bool {
    changes.is_multiple_of(2)
}
