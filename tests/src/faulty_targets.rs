//! Targets that cause every class of failure the engine distinguishes, one URL per class.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use serde_json::{Value, json};

use crate::tcp_server::TcpServer;
use crate::{Certs, Nginx, Origin, RawServer, Tls, TlsFault};

/// A failure mode of a target.
pub struct Fault {
    /// Name of the failure mode.
    pub name: &'static str,
    /// URL that fails this way.
    pub url: String,
    /// Error class that counts it.
    pub class: &'static str,
    /// `type` of the error in API responses.
    pub wire_type: &'static str,
}

/// The servers behind the faults. They stop when the value is dropped.
pub struct FaultyTargets {
    origin: Origin,
    certs: Certs,
    alert: Nginx,
    expired: Nginx,
    silent: RawServer,
    two_lengths: TcpServer,
    too_long: TcpServer,
    unused: SocketAddr,
}

impl FaultyTargets {
    /// Starts all targets.
    ///
    /// # Panics
    /// Panics if one does not start.
    #[must_use]
    pub fn start() -> Self {
        let certs = Certs::make();
        let unused = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        Self {
            origin: Origin::start(),
            alert: Nginx::start_tls(&Tls::without_common_cipher(&certs.good)),
            expired: Nginx::start_tls(&Tls::new(&certs.expired)),
            silent: RawServer::start(TlsFault::Silence),
            two_lengths: answers(
                b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
            ),
            too_long: answers(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabcd"),
            unused: unused.expect("a free port"),
            certs,
        }
    }

    /// Returns the fields that a run body needs so that each fault shows its class. `timeout` has to be below
    /// two seconds.
    #[must_use]
    pub fn trusting(&self) -> Value {
        json!({"connectTimeout": 300, "connection": {"tls": {"ca": self.certs.ca.text}}})
    }

    /// Returns all faults.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let at = |address: SocketAddr| format!("http://{address}/");
        let origin = |path: &str| self.origin.url(path);
        let table = [
            (
                "refuse",
                at(self.unused),
                "connect_refused",
                "connection_failed",
            ),
            (
                "unknown host",
                "http://no-such-host.invalid/".into(),
                "resolve",
                "dns_failed",
            ),
            (
                "reset in head",
                origin("/reset/head"),
                "read_reset",
                "connection_reset",
            ),
            (
                "reset in body",
                origin("/reset/body"),
                "read_reset",
                "connection_reset",
            ),
            (
                "early close",
                origin("/early-close"),
                "closed_early",
                "connection_closed",
            ),
            (
                "no answer",
                origin("/no-answer"),
                "closed_early",
                "connection_closed",
            ),
            (
                "bad chunk",
                origin("/bad-chunk"),
                "protocol",
                "protocol_error",
            ),
            (
                "bad head",
                origin("/bad-head"),
                "protocol",
                "protocol_error",
            ),
            (
                "oversized head",
                origin("/big-head"),
                "protocol",
                "protocol_error",
            ),
            (
                "Content-Length twice",
                at(self.two_lengths.address()),
                "protocol",
                "protocol_error",
            ),
            (
                "Content-Length too long",
                at(self.too_long.address()),
                "closed_early",
                "connection_closed",
            ),
            (
                "never answers",
                origin("/never"),
                "first_byte_timeout",
                "timeout",
            ),
            (
                "slow body",
                origin("/slow-body?ms=2000"),
                "body_timeout",
                "timeout",
            ),
            ("TLS alert", self.alert.url("/"), "tls_alert", "ssl_error"),
            (
                "expired certificate",
                self.expired.url("/"),
                "tls_expired",
                "ssl_error",
            ),
            (
                "silent handshake",
                self.silent.url("/"),
                "tls_timeout",
                "timeout",
            ),
        ];
        table
            .into_iter()
            .map(|(name, url, class, wire_type)| Fault {
                name,
                url,
                class,
                wire_type,
            })
            .collect()
    }
}

/// Starts a server that sends `bytes` on every connection and closes it.
fn answers(bytes: &'static [u8]) -> TcpServer {
    TcpServer::start(move |mut stream: TcpStream| {
        let mut request = [0; 4096];
        // The engine may have given up on the request; then no response is needed.
        let _ = stream
            .read(&mut request)
            .and_then(|_| stream.write_all(bytes));
    })
}
