//! How far an exchange has come, for whoever gives it up.

use std::cell::{Cell, RefCell};

use vayu_shared::outcome::ErrorClass;
use vayu_shared::units::Nanos;

use crate::sent_bytes::SentBytes;

/// How far an exchange has come, told while it runs so that whoever gives it up
/// knows what it was waiting for.
#[derive(Debug, Default)]
pub struct Progress {
    pub(super) sent: Cell<u64>,
    pub(super) is_sent: Cell<bool>,
    /// What was sent last, where a script may ask for it.
    pub(super) sent_bytes: RefCell<Option<SentBytes>>,
    first_byte: Cell<Option<Nanos>>,
    received: Cell<u64>,
}

impl Progress {
    /// Before anything was sent.
    pub fn reset(&self) {
        self.sent.set(0);
        self.is_sent.set(false);
        self.sent_bytes.take();
        self.first_byte.set(None);
        self.received.set(0);
    }

    /// Bytes of the request, whether or not all of them went out.
    pub fn sent(&self) -> u64 {
        self.sent.get()
    }

    /// Takes what was sent last out; it is to be given back to the request.
    pub fn take_sent(&self) -> Option<SentBytes> {
        self.sent_bytes.take()
    }

    /// When the first byte of the response came.
    pub fn first_byte(&self) -> Option<Nanos> {
        self.first_byte.get()
    }

    /// Bytes received so far.
    pub fn received(&self) -> u64 {
        self.received.get()
    }

    /// What an exchange that ran out of time was waiting for.
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
