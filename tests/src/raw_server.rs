//! Servers that break TLS in ways a real one does not: each accepts TCP connections
//! on a free port of the loopback and does one wrong thing in the handshake.
//!
//! It speaks no TLS: of what a client sends it reads one record, the ClientHello.
//! One connection is served after the other.

use std::collections::VecDeque;
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use socket2::SockRef;

use crate::accepting::Accepting;

/// How long a client may take to send its ClientHello, and to close at the end.
const PATIENCE: Duration = Duration::from_secs(1);

/// Silent connections that are kept open.
const MOST_SILENT: usize = 1_000;

/// The first byte of a TLS record of the handshake (RFC 8446, 5.1).
const HANDSHAKE: u8 = 22;

/// What happens in the handshake.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TlsFault {
    /// Nothing; the last thousand connections stay open for as long as the server lives.
    Silence,
    /// The end of the stream (FIN) after the ClientHello.
    Close,
    /// A reset (RST) after the ClientHello.
    Reset,
    /// Bytes that are no TLS record, then the end of the stream.
    Garbage,
    /// A whole plain HTTP response with status 400, then the end of the stream.
    PlainHttp,
}

/// See the module. The server ends with its value.
#[derive(Debug)]
pub struct RawServer {
    accepting: Accepting,
    seen: Arc<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    accepted: AtomicU64,
    hellos: AtomicU64,
}

impl RawServer {
    /// A server with this fault.
    ///
    /// # Panics
    /// When no port is free.
    #[must_use]
    pub fn start(fault: TlsFault) -> Self {
        let seen = Arc::new(Seen::default());
        let (seeing, mut silent) = (Arc::clone(&seen), VecDeque::new());
        let accepting = Accepting::start(move |stream| {
            seeing.accepted.fetch_add(1, Ordering::SeqCst);
            if fault == TlsFault::Silence {
                silent.push_back(stream);
                if silent.len() > MOST_SILENT {
                    silent.pop_front();
                }
            } else {
                // A client that gives up first is its own affair; the next one is served.
                let _ = disturb(stream, fault, &seeing);
            }
        });
        Self { accepting, seen }
    }

    /// `127.0.0.1:PORT`.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.accepting.address()
    }

    /// The `https` URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.address())
    }

    /// Connections it has accepted.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.seen.accepted.load(Ordering::SeqCst)
    }

    /// Connections of these whose first record was one of a TLS handshake;
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

/// Reads the ClientHello to its last byte: a socket that is closed with bytes
/// unread resets the connection, and the client would see another fault.
fn read_hello(stream: &mut TcpStream) -> Result<()> {
    let mut head = [0; 5];
    stream.read_exact(&mut head)?;
    if head[0] != HANDSHAKE {
        return Err(Error::new(ErrorKind::InvalidData, "not a TLS handshake"));
    }
    let mut record = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
    stream.read_exact(&mut record)
}

/// Ends the stream and takes what the client still sends, an alert perhaps, for the
/// same reason.
fn close(mut stream: TcpStream) -> Result<()> {
    stream.shutdown(Shutdown::Write)?;
    std::io::copy(&mut stream, &mut std::io::sink()).map(|_| ())
}
