//! TLS over a socket of the ring: rustls does the cryptography, this moves the
//! bytes.
//!
//! rustls' own connection type works on buffers, not on sockets, so it fits any
//! runtime. Its session is shared by a receiving and a sending half, which borrow
//! it between their operations on the socket. A read that is given up loses the
//! ciphertext it had lent to the kernel: the connection has to be closed then, as
//! a plain one has to.

use std::cell::RefCell;
use std::io::{BufRead, ErrorKind, Read, Write};
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, HandshakeKind};
use vayu_shared::outcome::ErrorClass;

use super::Failure;
use super::connection::IdleState;
use crate::runtime::{ReadBuffer, ReadHalf, Socket, WriteHalf};
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
    session: RefCell<ClientConnection>,
    incoming: Incoming,
    /// Ciphertext on its way out; empty between operations, its memory is kept.
    outgoing: Vec<u8>,
}

/// Ciphertext as it comes.
#[derive(Default)]
struct Incoming {
    buffer: ReadBuffer,
    /// How much of it was decrypted.
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
            session: RefCell::new(session.map_err(|error| Failure::tls(&error))?),
            incoming: Incoming::default(),
            outgoing: Vec::new(),
        };
        stream.complete_handshake().await?;
        Ok(stream)
    }
}

impl TlsStream {
    /// Whether the handshake was shortened by an earlier session.
    pub fn is_resumed(&self) -> bool {
        self.session.borrow().handshake_kind() == Some(HandshakeKind::Resumed)
    }

    /// What was agreed on in the handshake.
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

    /// Both halves, to send and receive at the same time.
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

    /// Decrypted bytes that were not read.
    pub fn unread(&mut self) -> usize {
        let session = self.session.get_mut();
        session.reader().fill_buf().map_or(0, <[u8]>::len)
    }

    /// Looks at an idle connection without waiting. Records of TLS itself, such as
    /// session tickets and key updates, are processed and leave it usable.
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

    /// Decrypts what has come, without waiting; `false` when nothing is left.
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
        // What the peer closes is over, whatever else it has sent before.
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
                    // The peer hears what is wrong with its certificate; that it
                    // may have left changes nothing.
                    let _ = writer.flush(ErrorClass::TlsOther).await;
                    return Err(failure);
                }
                if received == Ok(0) {
                    let text = "the target closed the connection within the TLS handshake";
                    return Err(Failure::new(ErrorClass::TlsOther, text));
                }
            }
        }
        // The last message of the handshake is the client's.
        writer.flush(ErrorClass::TlsOther).await
    }
}

impl Incoming {
    fn is_consumed(&self) -> bool {
        self.consumed == self.buffer.filled().len()
    }

    /// Makes room once everything was decrypted.
    fn restart(&mut self) {
        // A buffer that came full has more behind it: a long body.
        self.buffer.make_room(BULK_BYTES);
        self.buffer.clear();
        self.consumed = 0;
    }

    /// Gives rustls what has come; returns how many bytes it took.
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
    /// Reads plaintext into the free part of `buffer`; 0 bytes mean that the
    /// peer said it will send no more.
    ///
    /// # Errors
    /// Of TLS, or of class [`ErrorClass::ReadReset`] or
    /// [`ErrorClass::ClosedEarly`], the latter when the peer left without a word:
    /// then nobody can tell whether something was cut off (RFC 8446, 6.1).
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
                    let text = "the target closed the connection without closing TLS";
                    return Err(Failure::new(ErrorClass::ClosedEarly, text));
                }
            }
            // What rustls wants to answer, like a key update, goes out with the next request.
            self.decrypt_more(ErrorClass::ReadReset).await?;
        }
    }

    fn is_handshaking(&self) -> bool {
        self.session.borrow().is_handshaking()
    }

    /// Gives rustls what has come, reading from the socket when nothing is left;
    /// 0 bytes mean that the peer has closed.
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
    /// Of class [`ErrorClass::Write`], or of TLS.
    pub async fn send(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let mut rest = bytes;
        while !rest.is_empty() {
            // rustls takes only so much ahead of what was written.
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
