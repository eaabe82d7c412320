//! A server whose test controls every byte: one thread per connection, which talks through a
//! [`Conversation`], in plain text or over TLS.
//!
//! It reproduces what real servers do between and around responses: closing idle connections, unsolicited
//! bytes, responses before the request is read.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use socket2::SockRef;

use crate::Identity;
use crate::tcp_server::TcpServer;

/// A short response that keeps the connection open.
pub const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Read and write timeout of a conversation, so that no thread outlives its test for long.
const PATIENCE: Duration = Duration::from_secs(20);

/// The server. It stops accepting connections when the value is dropped.
pub struct Peer {
    accepting: TcpServer,
    scheme: &'static str,
    seen: Arc<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    connections: AtomicU64,
    requests: AtomicU64,
}

/// One connection.
pub struct Conversation {
    stream: Box<dyn Stream>,
    socket: TcpStream,
    received: Vec<u8>,
    seen: Arc<Seen>,
}

trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

impl Peer {
    /// Starts a plain-text server. `serve` handles each connection.
    #[must_use]
    pub fn start(serve: impl Fn(&mut Conversation) -> Result<()> + Send + Sync + 'static) -> Self {
        Self::serving("http", serve, |socket| Ok(Box::new(socket)))
    }

    /// Starts a TLS server with this certificate and these ALPN protocols.
    ///
    /// # Panics
    /// Panics if the certificate cannot be parsed.
    #[must_use]
    pub fn start_tls(
        identity: &Identity,
        protocols: &[&str],
        serve: impl Fn(&mut Conversation) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        let certificate = CertificateDer::from_pem_slice(identity.certificate.text.as_bytes());
        let key = PrivateKeyDer::from_pem_slice(identity.key.text.as_bytes());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has the versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.expect("PEM")], key.expect("PEM"))
            .expect("a certificate with its key");
        config.alpn_protocols = protocols
            .iter()
            .map(|name| name.as_bytes().to_vec())
            .collect();
        let config = Arc::new(config);
        Self::serving("https", serve, move |socket| {
            let session = ServerConnection::new(Arc::clone(&config)).map_err(Error::other)?;
            Ok(Box::new(StreamOwned::new(session, socket)))
        })
    }

    fn serving(
        scheme: &'static str,
        serve: impl Fn(&mut Conversation) -> Result<()> + Send + Sync + 'static,
        open: impl Fn(TcpStream) -> Result<Box<dyn Stream>> + Send + Sync + 'static,
    ) -> Self {
        let seen = Arc::<Seen>::default();
        let (seeing, both) = (Arc::clone(&seen), Arc::new((serve, open)));
        let accepting = TcpServer::start(move |socket| {
            let (seen, both) = (Arc::clone(&seeing), Arc::clone(&both));
            std::thread::spawn(move || {
                let (serve, open) = &*both;
                // A client that disconnects early is not an error of the server.
                let _ = converse(socket, seen, serve, open);
            });
        });
        Self {
            accepting,
            scheme,
            seen,
        }
    }

    /// Returns `127.0.0.1:PORT`.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.accepting.address()
    }

    /// Returns the URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address())
    }

    /// Returns the number of connections accepted so far.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// Returns the number of requests read so far.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.seen.requests.load(Ordering::SeqCst)
    }
}

fn converse(
    socket: TcpStream,
    seen: Arc<Seen>,
    serve: &impl Fn(&mut Conversation) -> Result<()>,
    open: &impl Fn(TcpStream) -> Result<Box<dyn Stream>>,
) -> Result<()> {
    seen.connections.fetch_add(1, Ordering::SeqCst);
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_write_timeout(Some(PATIENCE))?;
    let mut conversation = Conversation {
        stream: open(socket.try_clone()?)?,
        socket,
        received: Vec::new(),
        seen,
    };
    serve(&mut conversation)
}

impl Conversation {
    /// Reads the next request completely and returns its head.
    ///
    /// # Errors
    /// Returns an error if the client has closed the connection, or if it sends nothing within
    /// [`Self::patience`].
    pub fn request(&mut self) -> Result<String> {
        let head = self.head()?;
        let length = head
            .lines()
            .find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length:")
                    .map(str::to_owned)
            })
            .and_then(|length| length.trim().parse().ok())
            .unwrap_or(0);
        while self.received.len() < length {
            self.read_more()?;
        }
        self.received.drain(..length);
        Ok(head)
    }

    /// Reads the head of the next request, and the part of its body that arrives with it.
    ///
    /// # Errors
    /// Returns an error under the same conditions as [`Self::request`].
    pub fn head(&mut self) -> Result<String> {
        loop {
            if let Some(end) = self
                .received
                .windows(4)
                .position(|four| four == b"\r\n\r\n")
            {
                let head: Vec<u8> = self.received.drain(..end + 4).collect();
                self.seen.requests.fetch_add(1, Ordering::SeqCst);
                return Ok(String::from_utf8_lossy(&head).into_owned());
            }
            self.read_more()?;
        }
    }

    /// Sends these bytes.
    ///
    /// # Errors
    /// Returns an error if the client has closed the connection.
    pub fn say(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.write_all(bytes)?;
        self.stream.flush()
    }

    /// Sets the read timeout of the connection.
    ///
    /// # Errors
    /// Returns the error of the system call.
    pub fn patience(&self, span: Duration) -> Result<()> {
        self.socket.set_read_timeout(Some(span))
    }

    /// Shuts down the sending direction only.
    ///
    /// # Errors
    /// Returns the error of the system call.
    pub fn end_sending(&self) -> Result<()> {
        self.socket.shutdown(Shutdown::Write)
    }

    /// Makes the connection end with a reset (RST) when the conversation ends.
    ///
    /// # Errors
    /// Returns the error of the system call.
    pub fn reset(&self) -> Result<()> {
        SockRef::from(&self.socket).set_linger(Some(Duration::ZERO))
    }

    fn read_more(&mut self) -> Result<()> {
        let mut bytes = [0; 64 * 1024];
        match self.stream.read(&mut bytes)? {
            0 => Err(Error::from(ErrorKind::UnexpectedEof)),
            count => {
                self.received.extend_from_slice(&bytes[..count]);
                Ok(())
            }
        }
    }
}
