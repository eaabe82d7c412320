//! One connection to the target, plain or encrypted.

use std::rc::Rc;

use vayu_shared::outcome::ErrorClass;

use super::tls::TlsStream;
use super::{Failure, ReadBuffer};
use crate::runtime::Socket;

/// A connection with the buffer it reads into.
pub struct Connection {
    stream: Stream,
    /// What was read and not yet dealt with.
    pub buffer: ReadBuffer,
    /// Responses that were read from it whole. After the first, the peer may
    /// have closed it in the meantime.
    pub responses: u64,
}

enum Stream {
    Plain(Socket),
    // Ten times the size of a socket.
    Tls(Box<TlsStream>),
}

impl Connection {
    /// A connection that speaks in the clear.
    pub fn plain(socket: Socket) -> Self {
        Self::new(Stream::Plain(socket))
    }

    /// A connection that speaks TLS.
    pub fn encrypted(stream: TlsStream) -> Self {
        Self::new(Stream::Tls(Box::new(stream)))
    }

    fn new(stream: Stream) -> Self {
        Self {
            stream,
            buffer: ReadBuffer::default(),
            responses: 0,
        }
    }

    /// Sends all of `bytes`.
    ///
    /// # Errors
    /// Of class [`ErrorClass::Write`], or of TLS; what was sent before it is unknown.
    pub async fn send(&mut self, bytes: &Rc<[u8]>) -> Result<(), Failure> {
        match &mut self.stream {
            Stream::Plain(socket) => {
                let sent = socket.send(Rc::clone(bytes)).await;
                sent.map_err(|error| Failure::of(ErrorClass::Write, &error))
            }
            Stream::Tls(stream) => stream.send(bytes).await,
        }
    }

    /// Reads what is there into the free part of the buffer; 0 bytes mean the
    /// peer will send no more.
    ///
    /// # Errors
    /// Of class [`ErrorClass::ReadReset`], or of TLS.
    pub async fn receive(&mut self) -> Result<usize, Failure> {
        match &mut self.stream {
            Stream::Plain(socket) => {
                let (received, buffer) = socket.receive(self.buffer.lend()).await;
                self.buffer = buffer;
                received.map_err(|error| Failure::of(ErrorClass::ReadReset, &error))
            }
            Stream::Tls(stream) => stream.receive(&mut self.buffer).await,
        }
    }
}

impl Drop for Connection {
    /// An operation that was given up still holds the descriptor; ending the
    /// connection first makes sure that it completes.
    fn drop(&mut self) {
        match &self.stream {
            Stream::Plain(socket) => socket.shut(),
            Stream::Tls(stream) => stream.shut(),
        }
    }
}
