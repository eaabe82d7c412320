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

/// A request that was not sent whole.
pub struct Unsent {
    /// Of class [`ErrorClass::Write`], or of TLS.
    pub failure: Failure,
    /// Whether a part of it may have gone out.
    pub has_begun: bool,
}

impl Unsent {
    /// Where nobody counted, a part may have gone out.
    fn begun(sent: Result<(), Failure>) -> Result<(), Self> {
        sent.map_err(|failure| Self {
            failure,
            has_begun: true,
        })
    }
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

    /// The bare socket, unless it speaks TLS.
    pub fn into_plain(self) -> Option<Socket> {
        match self.stream {
            Stream::Plain(socket) => Some(socket),
            Stream::Tls(_) => None,
        }
    }

    /// Sends all of `bytes`.
    ///
    /// # Errors
    /// See [`Unsent`].
    pub async fn send(&mut self, bytes: &Rc<[u8]>) -> Result<(), Unsent> {
        match &mut self.stream {
            Stream::Plain(socket) => {
                let sent = socket.send(Rc::clone(bytes)).await;
                sent.map_err(|(error, taken)| Unsent {
                    failure: Failure::of(ErrorClass::Write, &error),
                    has_begun: taken > 0,
                })
            }
            Stream::Tls(stream) => Unsent::begun(stream.send(bytes).await),
        }
    }

    /// Sends all of a buffer that comes back.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn send_once(&mut self, bytes: Vec<u8>) -> (Result<(), Unsent>, Vec<u8>) {
        match &mut self.stream {
            Stream::Plain(socket) => {
                let (sent, bytes) = socket.send_all(bytes).await;
                let sent = sent.map_err(|error| Failure::of(ErrorClass::Write, &error));
                (Unsent::begun(sent), bytes)
            }
            Stream::Tls(stream) => (Unsent::begun(stream.send(&bytes).await), bytes),
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
