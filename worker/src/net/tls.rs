//! TLS over a socket of the ring: rustls does the cryptography, this module transfers the bytes.
//!
//! The connection type of rustls works on buffers, not on sockets, so it fits any runtime. A receiving and a
//! sending half share its session and borrow it between their socket operations. A cancelled read loses the
//! ciphertext buffer that was lent to the kernel, so the connection has to be closed, like a plain one.

use std::cell::RefCell;
use std::io::{BufRead, ErrorKind, Read, Write};
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, HandshakeKind};
use vayu_shared::outcome::ErrorClass;

use super::Failure;
use super::idle_state::IdleState;
use crate::runtime::{ReadBuffer, ReadHalf, Socket, WriteHalf};
use crate::single::TlsFacts;
use crate::tls_setup::TlsSetup;

/// Size of the bulk read buffer: room for several records of up to 16 KiB each.
const BULK_BYTES: usize = 64 * 1024;

/// TLS client of one shard: its own configuration and session store, so that shards share no mutable state.
pub struct TlsClient {
    config: Arc<ClientConfig>,
    server_name: ServerName<'static>,
}

/// A TLS connection.
pub struct TlsStream {
    socket: Socket,
    session: RefCell<ClientConnection>,
    incoming: Incoming,
    /// Ciphertext to send. Empty between operations; its memory is reused.
    outgoing: Vec<u8>,
}

/// Received ciphertext.
#[derive(Default)]
struct Incoming {
    buffer: ReadBuffer,
    /// Number of bytes already decrypted.
    consumed: usize,
}

/// The receiving half of a [`TlsStream`].
pub struct TlsReader<'a> {
    socket: ReadHalf<'a>,
    session: &'a RefCell<ClientConnection>,
    incoming: &'a mut Incoming,
}

/// The sending half of a [`TlsStream`].
pub struct TlsWriter<'a> {
    socket: WriteHalf<'a>,
    session: &'a RefCell<ClientConnection>,
    outgoing: &'a mut Vec<u8>,
}

impl TlsClient {
    /// Creates a client with its own session store.
    pub fn new(setup: &TlsSetup) -> Self {
        let mut config = setup.config.clone();
        config.resumption = if setup.resumption {
            // All connections of a run use the same server name, so one entry is enough.
            Resumption::in_memory_sessions(1)
        } else {
            Resumption::disabled()
        };
        Self {
            config: Arc::new(config),
            server_name: setup.server_name.clone(),
        }
    }

    /// Performs the handshake over a new socket.
    ///
    /// # Errors
    /// Returns a failure with the class of the error.
    pub async fn handshake(&self, socket: Socket) -> Result<TlsStream, Failure> {
        let session = ClientConnection::new(Arc::clone(&self.config), self.server_name.clone());
        let mut stream = TlsStream {
            socket,
            session: RefCell::new(session.map_err(|error| Failure::tls(&error))?),
            incoming: Incoming::default(),
            outgoing: Vec::new(),
        };
        stream.complete_handshake().await?;
        Ok(stream)
    }
}

impl TlsStream {
    /// Returns whether the handshake resumed an earlier session.
    pub fn is_resumed(&self) -> bool {
        self.session.borrow().handshake_kind() == Some(HandshakeKind::Resumed)
    }

    /// Returns the negotiated parameters of the session.
    pub fn facts(&self) -> TlsFacts {
        let session = self.session.borrow();
        let text = |value: Option<String>| value.unwrap_or_default();
        TlsFacts {
            version: text(session.protocol_version().map(|one| format!("{one:?}"))),
            cipher: text(
                session
                    .negotiated_cipher_suite()
                    .map(|one| format!("{:?}", one.suite())),
            ),
            alpn: session
                .alpn_protocol()
                .map(|name| String::from_utf8_lossy(name).into_owned()),
            certificate: session
                .peer_certificates()
                .and_then(<[_]>::first)
                .map(|certificate| certificate.to_vec()),
        }
    }

    /// Returns both halves, to send and receive at the same time.
    pub fn halves(&mut self) -> (TlsReader<'_>, TlsWriter<'_>) {
        let (reader, writer) = self.socket.halves();
        let reader = TlsReader {
            socket: reader,
            session: &self.session,
            incoming: &mut self.incoming,
        };
        let writer = TlsWriter {
            socket: writer,
            session: &self.session,
            outgoing: &mut self.outgoing,
        };
        (reader, writer)
    }

    /// Returns the number of decrypted bytes that were not read.
    pub fn unread(&mut self) -> usize {
        let session = self.session.get_mut();
        session.reader().fill_buf().map_or(0, <[u8]>::len)
    }

    /// Checks an idle connection without waiting. Processes records of TLS itself, such as session tickets
    /// and key updates; they leave the connection usable.
    pub fn look(&mut self) -> IdleState {
        loop {
            match self.take_records() {
                Ok(true) => {}
                Ok(false) => break,
                Err(()) => return IdleState::Closed,
            }
        }
        match self.unread() {
            0 => IdleState::Usable,
            unread => IdleState::Dirty(unread as u64),
        }
    }

    /// Decrypts what has arrived, without waiting. Returns `false` if nothing is left.
    fn take_records(&mut self) -> Result<bool, ()> {
        if self.incoming.is_consumed() {
            self.incoming.restart();
            match self.socket.receive_now(&mut self.incoming.buffer) {
                Ok(None) => return Ok(false),
                Ok(Some(0)) | Err(_) => return Err(()),
                Ok(Some(_)) => {}
            }
        }
        self.incoming
            .decrypt(self.session.get_mut(), ErrorClass::ReadReset)
            .map_err(drop)?;
        // A connection that the peer closed is unusable, whatever the peer sent before.
        match self.session.get_mut().reader().fill_buf() {
            Ok([]) => Err(()),
            Ok(_) => Ok(false),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(true),
            Err(_) => Err(()),
        }
    }

    async fn complete_handshake(&mut self) -> Result<(), Failure> {
        let (mut reader, mut writer) = self.halves();
        while reader.is_handshaking() {
            writer.flush(ErrorClass::TlsOther).await?;
            if reader.is_handshaking() {
                let received = reader.decrypt_more(ErrorClass::TlsOther).await;
                if let Err(failure) = received {
                    // Sends the alert about the certificate to the peer. The peer may already have closed the
                    // connection; the result is the same.
                    let _ = writer.flush(ErrorClass::TlsOther).await;
                    return Err(failure);
                }
                if received == Ok(0) {
                    let text = "the target closed the connection during the TLS handshake";
                    return Err(Failure::new(ErrorClass::TlsOther, text));
                }
            }
        }
        // The client sends the last message of the handshake.
        writer.flush(ErrorClass::TlsOther).await
    }
}

impl Incoming {
    fn is_consumed(&self) -> bool {
        self.consumed == self.buffer.filled().len()
    }

    /// Empties the buffer once everything was decrypted.
    fn restart(&mut self) {
        // A full buffer means that more data follows: a long body.
        self.buffer.make_room(BULK_BYTES);
        self.buffer.clear();
        self.consumed = 0;
    }

    /// Passes the received ciphertext to rustls. Returns the number of bytes it took.
    fn decrypt(
        &mut self,
        session: &mut ClientConnection,
        class: ErrorClass,
    ) -> Result<usize, Failure> {
        let mut rest = &self.buffer.filled()[self.consumed..];
        let taken = session.read_tls(&mut rest);
        let taken = taken.map_err(|error| Failure::of(class, &error))?;
        self.consumed += taken;
        let processed = session.process_new_packets();
        processed.map_err(|error| Failure::tls(&error))?;
        Ok(taken)
    }
}

impl TlsReader<'_> {
    /// Reads plaintext into the free part of `buffer`. Returns 0 if the peer sent `close_notify`.
    ///
    /// # Errors
    /// Returns a failure of a TLS class, of class [`ErrorClass::ReadReset`], or of class
    /// [`ErrorClass::ClosedEarly`] if the peer closed the connection without `close_notify`: a truncation
    /// cannot be detected then (RFC 8446, 6.1).
    pub async fn receive(&mut self, buffer: &mut ReadBuffer) -> Result<usize, Failure> {
        loop {
            let read = self.session.borrow_mut().reader().read(buffer.free_mut());
            match read {
                Ok(received) => {
                    buffer.advance(received);
                    return Ok(received);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => {
                    let text = "the target closed the connection without a TLS close_notify";
                    return Err(Failure::new(ErrorClass::ClosedEarly, text));
                }
            }
            // Messages that rustls wants to send, like a key update, are sent with the next request.
            self.decrypt_more(ErrorClass::ReadReset).await?;
        }
    }

    fn is_handshaking(&self) -> bool {
        self.session.borrow().is_handshaking()
    }

    /// Passes received ciphertext to rustls and reads from the socket if nothing is left. Returns 0 if the
    /// peer has closed the connection.
    async fn decrypt_more(&mut self, class: ErrorClass) -> Result<usize, Failure> {
        if self.incoming.is_consumed() {
            self.incoming.restart();
            let lent = self.incoming.buffer.lend();
            let (received, buffer) = self.socket.receive(lent).await;
            self.incoming.buffer = buffer;
            received.map_err(|error| Failure::of(class, &error))?;
        }
        self.incoming.decrypt(&mut self.session.borrow_mut(), class)
    }
}

impl TlsWriter<'_> {
    /// Encrypts and sends all of `bytes`.
    ///
    /// # Errors
    /// Returns a failure of class [`ErrorClass::Write`], or of a TLS class.
    pub async fn send(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let mut rest = bytes;
        while !rest.is_empty() {
            // rustls limits how much plaintext it buffers before ciphertext is written.
            let taken = self.session.borrow_mut().writer().write(rest);
            rest = &rest[taken.map_err(|error| Failure::of(ErrorClass::Write, &error))?..];
            self.flush(ErrorClass::Write).await?;
        }
        Ok(())
    }

    /// Sends the ciphertext that rustls has ready.
    async fn flush(&mut self, class: ErrorClass) -> Result<(), Failure> {
        while self.session.borrow().wants_write() {
            let mut outgoing = std::mem::take(self.outgoing);
            let written = self.session.borrow_mut().write_tls(&mut outgoing);
            written.map_err(|error| Failure::of(class, &error))?;
            let (sent, mut back) = self.socket.send_all(outgoing).await;
            back.clear();
            *self.outgoing = back;
            sent.map_err(|error| Failure::of(class, &error))?;
        }
        Ok(())
    }
}
