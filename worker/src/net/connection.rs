//! One connection to the target, plain or TLS.

use std::rc::Rc;

use vayu_shared::outcome::ErrorClass;
use vayu_shared::units::Nanos;

use super::Failure;
use super::idle_state::IdleState;
use super::tls::{TlsReader, TlsStream, TlsWriter};
use crate::runtime::{ReadBuffer, ReadHalf, Socket, WriteHalf};

/// A connection and its read buffer.
pub struct Connection {
    stream: Stream,
    /// Received bytes of the current exchange.
    pub buffer: ReadBuffer,
    /// Number of complete responses read from the connection. After the first, the peer may have closed it in
    /// the meantime.
    pub responses: u64,
    /// When the last response was read, on the monotonic clock.
    pub idle_since: Nanos,
}

/// A request that was not sent completely.
#[derive(Debug)]
pub struct Unsent {
    /// Of class [`ErrorClass::Write`], or of a TLS class.
    pub failure: Failure,
    /// Whether a part of the request may have been sent.
    pub has_begun: bool,
}

impl Unsent {
    /// Assumes that a part may have been sent, because the number of sent bytes is unknown.
    fn begun(sent: Result<(), Failure>) -> Result<(), Self> {
        sent.map_err(|failure| Self {
            failure,
            has_begun: true,
        })
    }
}

enum Stream {
    Plain(Socket),
    // Boxed: ten times the size of a socket.
    Tls(Box<TlsStream>),
}

/// The receiving half of a connection, with its buffer.
pub struct Receiver<'a> {
    stream: StreamReader<'a>,
    /// Received bytes of the current exchange.
    pub buffer: &'a mut ReadBuffer,
}

enum StreamReader<'a> {
    Plain(ReadHalf<'a>),
    Tls(TlsReader<'a>),
}

/// The sending half of a connection.
pub struct Sender<'a>(StreamWriter<'a>);

enum StreamWriter<'a> {
    Plain(WriteHalf<'a>),
    Tls(TlsWriter<'a>),
}

impl Connection {
    /// Creates a connection without encryption.
    pub fn plain(socket: Socket) -> Self {
        Self::new(Stream::Plain(socket))
    }

    /// Creates a connection with TLS.
    pub fn encrypted(stream: TlsStream) -> Self {
        Self::new(Stream::Tls(Box::new(stream)))
    }

    fn new(stream: Stream) -> Self {
        Self {
            stream,
            buffer: ReadBuffer::default(),
            responses: 0,
            idle_since: 0,
        }
    }

    /// Returns the socket, or `None` if TLS runs over it.
    pub fn into_plain(self) -> Option<Socket> {
        match self.stream {
            Stream::Plain(socket) => Some(socket),
            Stream::Tls(_) => None,
        }
    }

    /// Checks the connection between two exchanges without waiting. Costs one system call.
    pub fn look(&mut self) -> IdleState {
        match &mut self.stream {
            Stream::Plain(socket) => match socket.peek() {
                Ok(None) => IdleState::Usable,
                Ok(Some(0)) | Err(_) => IdleState::Closed,
                Ok(Some(unread)) => IdleState::Dirty(unread),
            },
            Stream::Tls(stream) => stream.look(),
        }
    }

    /// Returns the number of bytes that were taken from the socket and not read by the exchange.
    pub fn unread(&mut self) -> usize {
        match &mut self.stream {
            Stream::Plain(_) => 0,
            Stream::Tls(stream) => stream.unread(),
        }
    }

    /// Returns both halves, to send and receive at the same time.
    pub fn halves(&mut self) -> (Receiver<'_>, Sender<'_>) {
        let (reader, writer) = match &mut self.stream {
            Stream::Plain(socket) => {
                let (reader, writer) = socket.halves();
                (StreamReader::Plain(reader), StreamWriter::Plain(writer))
            }
            Stream::Tls(stream) => {
                let (reader, writer) = stream.halves();
                (StreamReader::Tls(reader), StreamWriter::Tls(writer))
            }
        };
        let receiver = Receiver {
            stream: reader,
            buffer: &mut self.buffer,
        };
        (receiver, Sender(writer))
    }
}

impl Receiver<'_> {
    /// Reads available bytes into the free part of the buffer. Returns 0 if the peer will send no more.
    ///
    /// # Errors
    /// Returns an error of class [`ErrorClass::ReadReset`], or of a TLS class.
    pub async fn receive(&mut self) -> Result<usize, Failure> {
        match &mut self.stream {
            StreamReader::Plain(socket) => {
                let (received, buffer) = socket.receive(self.buffer.lend()).await;
                *self.buffer = buffer;
                received.map_err(|error| Failure::of(ErrorClass::ReadReset, &error))
            }
            StreamReader::Tls(stream) => stream.receive(self.buffer).await,
        }
    }
}

impl Sender<'_> {
    /// Sends all of `bytes`.
    ///
    /// # Errors
    /// Returns [`Unsent`] if not all bytes were sent.
    pub async fn send(&mut self, bytes: &Rc<[u8]>) -> Result<(), Unsent> {
        match &mut self.0 {
            StreamWriter::Plain(socket) => {
                let sent = socket.send(Rc::clone(bytes)).await;
                sent.map_err(|(error, taken)| Unsent {
                    failure: Failure::of(ErrorClass::Write, &error),
                    has_begun: taken > 0,
                })
            }
            StreamWriter::Tls(stream) => Unsent::begun(stream.send(bytes).await),
        }
    }

    /// Sends all of `bytes` and returns the buffer.
    ///
    /// # Errors
    /// Returns an error under the same conditions as [`Self::send`].
    pub async fn send_once(&mut self, bytes: Vec<u8>) -> (Result<(), Unsent>, Vec<u8>) {
        match &mut self.0 {
            StreamWriter::Plain(socket) => {
                let (sent, bytes) = socket.send_all(bytes).await;
                let sent = sent.map_err(|error| Failure::of(ErrorClass::Write, &error));
                (Unsent::begun(sent), bytes)
            }
            StreamWriter::Tls(stream) => (Unsent::begun(stream.send(&bytes).await), bytes),
        }
    }
}
