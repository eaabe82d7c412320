//! Progress of an exchange, for the code that cancels it.

use std::cell::{Cell, RefCell};

use vayu_shared::outcome::ErrorClass;
use vayu_shared::units::Nanos;

use crate::sent_bytes::SentBytes;

/// Progress of an exchange. Updated while the exchange runs, so that the code that cancels it knows what the
/// exchange was waiting for.
#[derive(Debug, Default)]
pub struct Progress {
    pub(super) sent: Cell<u64>,
    pub(super) is_sent: Cell<bool>,
    /// Bytes sent last, if a script may ask for them.
    pub(super) sent_bytes: RefCell<Option<SentBytes>>,
    first_byte: Cell<Option<Nanos>>,
    received: Cell<u64>,
}

impl Progress {
    /// Resets to the state before anything was sent.
    pub fn reset(&self) {
        self.sent.set(0);
        self.is_sent.set(false);
        self.sent_bytes.take();
        self.first_byte.set(None);
        self.received.set(0);
    }

    /// Returns the length of the request in bytes, whether or not all of it was sent.
    pub fn sent(&self) -> u64 {
        self.sent.get()
    }

    /// Takes the bytes sent last. The caller has to return them to the request.
    pub fn take_sent(&self) -> Option<SentBytes> {
        self.sent_bytes.take()
    }

    /// Returns when the first byte of the response arrived.
    pub fn first_byte(&self) -> Option<Nanos> {
        self.first_byte.get()
    }

    /// Returns the number of bytes received so far.
    pub fn received(&self) -> u64 {
        self.received.get()
    }

    /// Returns the timeout class of an exchange that ran out of time: what it was waiting for.
    pub fn late_phase(&self) -> ErrorClass {
        match self.first_byte.get() {
            Some(_) => ErrorClass::BodyTimeout,
            None if self.is_sent.get() => ErrorClass::FirstByteTimeout,
            None => ErrorClass::WriteTimeout,
        }
    }

    pub(super) fn saw(&self, bytes: usize, at: Nanos) {
        self.received.set(self.received.get() + bytes as u64);
        if self.first_byte.get().is_none() {
            self.first_byte.set(Some(at));
        }
    }
}
