//! Servers that violate TLS in ways that real servers do not: each accepts TCP connections on a free loopback
//! port and does one thing wrong in the handshake.
//!
//! It does not implement TLS: it reads one record of the client, the ClientHello. It serves one connection at
//! a time.

use std::collections::VecDeque;
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use socket2::SockRef;

use crate::tcp_server::TcpServer;

/// Read timeout for the ClientHello and for the client's close at the end.
const PATIENCE: Duration = Duration::from_secs(1);

/// Maximum number of silent connections that are kept open.
const MAX_SILENT: usize = 1_000;

/// Content type of a TLS handshake record (RFC 8446, 5.1).
const HANDSHAKE: u8 = 22;

/// What the server does wrong in the handshake.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TlsFault {
    /// Sends nothing. The last thousand connections stay open as long as the server runs.
    Silence,
    /// Closes the stream (FIN) after the ClientHello.
    Close,
    /// Resets the connection (RST) after the ClientHello.
    Reset,
    /// Sends bytes that are not a TLS record, then closes the stream.
    Garbage,
    /// Sends a complete plain HTTP response with status 400, then closes the stream.
    PlainHttp,
}

/// A server with a TLS fault. Dropping the value stops it.
#[derive(Debug)]
pub struct RawServer {
    accepting: TcpServer,
    seen: Arc<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    accepted: AtomicU64,
    hellos: AtomicU64,
}

impl RawServer {
    /// Starts a server with this fault.
    ///
    /// # Panics
    /// Panics if no port is free.
    #[must_use]
    pub fn start(fault: TlsFault) -> Self {
        let seen = Arc::new(Seen::default());
        let (seeing, mut silent) = (Arc::clone(&seen), VecDeque::new());
        let accepting = TcpServer::start(move |stream| {
            seeing.accepted.fetch_add(1, Ordering::SeqCst);
            if fault == TlsFault::Silence {
                silent.push_back(stream);
                if silent.len() > MAX_SILENT {
                    silent.pop_front();
                }
            } else {
                // A client that disconnects first is not an error of the server; the next client is served.
                let _ = disturb(stream, fault, &seeing);
            }
        });
        Self { accepting, seen }
    }

    /// Returns `127.0.0.1:PORT`.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.accepting.address()
    }

    /// Returns the `https` URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.address())
    }

    /// Returns the number of connections it has accepted.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.seen.accepted.load(Ordering::SeqCst)
    }

    /// Returns the number of accepted connections whose first record was a TLS handshake record.
    /// [`TlsFault::Silence`] reads nothing and counts none.
    #[must_use]
    pub fn hellos(&self) -> u64 {
        self.seen.hellos.load(Ordering::SeqCst)
    }
}

fn disturb(mut stream: TcpStream, fault: TlsFault, seen: &Seen) -> Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    read_hello(&mut stream)?;
    seen.hellos.fetch_add(1, Ordering::SeqCst);
    match fault {
        TlsFault::Reset => return SockRef::from(&stream).set_linger(Some(Duration::ZERO)),
        TlsFault::Garbage => stream.write_all(&[0xff; 64])?,
        TlsFault::PlainHttp => {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")?;
        }
        TlsFault::Close | TlsFault::Silence => {}
    }
    close(stream)
}

/// Reads the ClientHello to its last byte: closing a socket with unread bytes resets the connection, and the
/// client would see a different fault.
fn read_hello(stream: &mut TcpStream) -> Result<()> {
    let mut head = [0; 5];
    stream.read_exact(&mut head)?;
    if head[0] != HANDSHAKE {
        return Err(Error::new(ErrorKind::InvalidData, "not a TLS handshake"));
    }
    let mut record = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
    stream.read_exact(&mut record)
}

/// Shuts down the sending direction and reads what the client still sends, for example an alert, so that the
/// close does not become a reset.
fn close(mut stream: TcpStream) -> Result<()> {
    stream.shutdown(Shutdown::Write)?;
    std::io::copy(&mut stream, &mut std::io::sink()).map(|_| ())
}
