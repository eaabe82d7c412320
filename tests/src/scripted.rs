//! A server that answers as a test defines and records its requests: for behaviour that neither nginx nor the
//! origin provides, like token servers and proxies.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;

use crate::tcp_server::TcpServer;

/// A received request.
#[derive(Clone, Debug, Default)]
pub struct ReceivedRequest {
    /// The request line: method, target and version.
    pub line: String,
    /// Header fields, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl ReceivedRequest {
    /// Returns the value of the first header `name` (lower case). Empty if absent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// Returns the body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// The server. Dropping the value stops it.
pub struct Scripted {
    accepting: TcpServer,
    asked: Arc<Mutex<Vec<ReceivedRequest>>>,
}

impl Scripted {
    /// Starts a server that answers each request with the bytes that `answer` returns, and then closes the
    /// connection.
    ///
    /// # Panics
    /// Panics if no port is free.
    #[must_use]
    pub fn start(answer: impl Fn(&ReceivedRequest) -> Vec<u8> + Send + 'static) -> Self {
        let asked = Arc::<Mutex<Vec<ReceivedRequest>>>::default();
        let kept = Arc::clone(&asked);
        let accepting = TcpServer::start(move |stream| {
            // A client that disconnects gets no response.
            let _ = serve(stream, &kept, &answer);
        });
        Self { accepting, asked }
    }

    /// Returns `127.0.0.1:PORT`.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.accepting.address()
    }

    /// Returns the URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// Returns the requests received so far.
    #[must_use]
    pub fn asked(&self) -> Vec<ReceivedRequest> {
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Encodes a response with this status, these header lines and this body.
#[must_use]
pub fn response(status: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len()).into_bytes();
    for line in headers {
        bytes.extend_from_slice(line.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"Connection: close\r\n\r\n");
    bytes.extend_from_slice(body);
    bytes
}

fn serve(
    mut stream: TcpStream,
    kept: &Mutex<Vec<ReceivedRequest>>,
    answer: &impl Fn(&ReceivedRequest) -> Vec<u8>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut asked = ReceivedRequest::default();
    reader.read_line(&mut asked.line)?;
    asked.line = asked.line.trim_end().to_owned();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        let value = value.trim().to_owned();
        asked.headers.push((name.to_ascii_lowercase(), value));
    }
    let length = asked.header("content-length").parse().unwrap_or(0);
    asked.body = vec![0; length];
    reader.read_exact(&mut asked.body)?;
    kept.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(asked.clone());
    stream.write_all(&answer(&asked))
}

/// Starts an OAuth 2.0 token server for the client `id` with the password `secret`. Its first token is
/// `first`, every refreshed one `renewed`. Tokens of the scope `short` expire after one second, all others
/// after one hour.
#[must_use]
pub fn token_server() -> Scripted {
    Scripted::start(|asked| {
        let form = asked.text();
        let token = if form.contains("grant_type=refresh_token") {
            "renewed"
        } else {
            "first"
        };
        let life = if form.contains("scope=short") {
            1
        } else {
            3_600
        };
        let body = json!({"access_token": token, "token_type": "Bearer", "expires_in": life, "refresh_token": "r1"});
        match asked.header("authorization") {
            "Basic aWQ6c2VjcmV0" => response("200 OK", &[], body.to_string().as_bytes()),
            _ => response("401 Unauthorized", &[], b"{\"error\":\"invalid_client\"}"),
        }
    })
}
