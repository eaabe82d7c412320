//! TLS over a socket of the ring: rustls does the cryptography, this moves the
//! bytes.
//!
//! rustls' own connection type works on buffers, not on sockets, so it fits any
//! runtime. A read that is given up loses the ciphertext it had lent to the
//! kernel: the connection has to be closed then, as a plain one has to.

use std::io::{Read, Write};
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, HandshakeKind};
use vayu_shared::outcome::ErrorClass;

use super::{Failure, ReadBuffer};
use crate::runtime::Socket;
use crate::single::TlsFacts;
use crate::tls_setup::TlsSetup;

/// Room for several records at once, of 16 KiB each at most.
const BULK_BYTES: usize = 64 * 1024;

/// One shard's side of TLS: a configuration and a session store of its own, so
/// that shards share nothing that changes.
pub struct TlsClient {
    config: Arc<ClientConfig>,
    server_name: ServerName<'static>,
}

/// An encrypted connection.
pub struct TlsStream {
    socket: Socket,
    session: ClientConnection,
    /// Ciphertext as it comes.
    incoming: ReadBuffer,
    /// How much of it was decrypted.
    consumed: usize,
    /// Ciphertext on its way out; empty between operations, its memory is kept.
    outgoing: Vec<u8>,
}

impl TlsClient {
    /// A client with its own session store.
    pub fn new(setup: &TlsSetup) -> Self {
        let mut config = setup.config.clone();
        config.resumption = if setup.resumption {
            // All connections of a run go to one name, so one entry is enough.
            Resumption::in_memory_sessions(1)
        } else {
            Resumption::disabled()
        };
        Self {
            config: Arc::new(config),
            server_name: setup.server_name.clone(),
        }
    }

    /// Makes the handshake over a fresh socket.
    ///
    /// # Errors
    /// With the class that says what to look at.
    pub async fn handshake(&self, socket: Socket) -> Result<TlsStream, Failure> {
        let session = ClientConnection::new(Arc::clone(&self.config), self.server_name.clone());
        let mut stream = TlsStream {
            socket,
            session: session.map_err(|error| Failure::tls(&error))?,
            incoming: ReadBuffer::default(),
            consumed: 0,
            outgoing: Vec::new(),
        };
        stream.complete_handshake().await?;
        Ok(stream)
    }
}

impl TlsStream {
    /// Whether the handshake was shortened by an earlier session.
    pub fn is_resumed(&self) -> bool {
        self.session.handshake_kind() == Some(HandshakeKind::Resumed)
    }

    /// What was agreed on in the handshake.
    pub fn facts(&self) -> TlsFacts {
        let session = &self.session;
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

    /// Encrypts and sends all of `bytes`.
    ///
    /// # Errors
    /// Of class [`ErrorClass::Write`], or of TLS.
    pub async fn send(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let mut rest = bytes;
        while !rest.is_empty() {
            // rustls takes only so much ahead of what was written.
            let taken = self.session.writer().write(rest);
            rest = &rest[taken.map_err(|error| Failure::of(ErrorClass::Write, &error))?..];
            self.flush(ErrorClass::Write).await?;
        }
        Ok(())
    }

    /// Reads plaintext into the free part of `buffer`; 0 bytes mean that the
    /// peer said it will send no more.
    ///
    /// # Errors
    /// Of TLS, or of class [`ErrorClass::ReadReset`] or
    /// [`ErrorClass::ClosedEarly`], the latter when the peer left without a word:
    /// then nobody can tell whether something was cut off (RFC 8446, 6.1).
    pub async fn receive(&mut self, buffer: &mut ReadBuffer) -> Result<usize, Failure> {
        loop {
            match self.session.reader().read(buffer.free_mut()) {
                Ok(received) => {
                    buffer.advance(received);
                    return Ok(received);
                }
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(_) => {
                    let text = "the target closed the connection without closing TLS";
                    return Err(Failure::new(ErrorClass::ClosedEarly, text));
                }
            }
            self.decrypt_more(ErrorClass::ReadReset).await?;
            if self.session.wants_write() {
                self.flush(ErrorClass::Write).await?;
            }
        }
    }

    async fn complete_handshake(&mut self) -> Result<(), Failure> {
        while self.session.is_handshaking() {
            self.flush(ErrorClass::TlsOther).await?;
            if self.session.is_handshaking() {
                let received = self.decrypt_more(ErrorClass::TlsOther).await;
                if let Err(failure) = received {
                    // What is wrong with its certificate is told to the peer; that it
                    // may not be there to hear it changes nothing.
                    let _ = self.flush(ErrorClass::TlsOther).await;
                    return Err(failure);
                }
                if received == Ok(0) {
                    let text = "the target closed the connection within the TLS handshake";
                    return Err(Failure::new(ErrorClass::TlsOther, text));
                }
            }
        }
        // The last message of the handshake is the client's.
        self.flush(ErrorClass::TlsOther).await
    }

    /// Gives rustls what has come, reading from the socket when nothing is left;
    /// 0 bytes mean that the peer has closed.
    async fn decrypt_more(&mut self, class: ErrorClass) -> Result<usize, Failure> {
        if self.consumed == self.incoming.filled().len() {
            // One that came full has more behind it: a long body.
            self.incoming.make_room(BULK_BYTES);
            self.incoming.clear();
            self.consumed = 0;
            let lent = self.incoming.lend();
            let (received, buffer) = self.socket.receive(lent).await;
            self.incoming = buffer;
            received.map_err(|error| Failure::of(class, &error))?;
        }
        let mut rest = &self.incoming.filled()[self.consumed..];
        let taken = self.session.read_tls(&mut rest);
        let taken = taken.map_err(|error| Failure::of(class, &error))?;
        self.consumed += taken;
        let processed = self.session.process_new_packets();
        processed.map_err(|error| Failure::tls(&error))?;
        Ok(taken)
    }

    /// Sends the ciphertext that rustls has ready.
    async fn flush(&mut self, class: ErrorClass) -> Result<(), Failure> {
        while self.session.wants_write() {
            let mut outgoing = std::mem::take(&mut self.outgoing);
            let written = self.session.write_tls(&mut outgoing);
            written.map_err(|error| Failure::of(class, &error))?;
            let (sent, mut back) = self.socket.send_all(outgoing).await;
            back.clear();
            self.outgoing = back;
            sent.map_err(|error| Failure::of(class, &error))?;
        }
        Ok(())
    }
}
