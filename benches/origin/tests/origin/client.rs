//! A minimal HTTP client: writes raw bytes and reads one response at a time.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use vayu_origin::Origin;

pub struct Client {
    stream: TcpStream,
    received: Vec<u8>,
}

/// One response. A chunked body keeps its framing.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .into_iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }
}

impl Client {
    pub fn connect(origin: &Origin) -> Self {
        let stream = TcpStream::connect(origin.addr()).expect("the origin accepts");
        let patience = Some(Duration::from_secs(5));
        stream.set_read_timeout(patience).expect("a valid timeout");
        stream.set_nodelay(true).expect("an open socket");
        Self {
            stream,
            received: Vec::new(),
        }
    }

    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream
            .write_all(bytes.as_ref())
            .expect("the origin reads");
    }

    /// Sends a request without a body and reads its response.
    pub fn request(&mut self, method: &str, target: &str) -> Answer {
        self.send(format!(
            "{method} {target} HTTP/1.1\r\nHost: origin\r\n\r\n"
        ));
        self.answer(method == "HEAD")
    }

    pub fn get(&mut self, target: &str) -> Answer {
        self.request("GET", target)
    }

    /// Sends a `GET` and reads until the end of the connection.
    pub fn get_raw(&mut self, target: &str) -> (Vec<u8>, io::Result<()>) {
        self.send(format!("GET {target} HTTP/1.1\r\nHost: origin\r\n\r\n"));
        self.rest()
    }

    /// Reads the next response, framed according to its headers.
    pub fn answer(&mut self, head_only: bool) -> Answer {
        let head = self.until(b"\r\n\r\n");
        let head = String::from_utf8(head).expect("heads are ASCII");
        let status = head[9..12].parse().expect("a status code");
        let mut answer = Answer {
            status,
            head,
            body: Vec::new(),
        };
        if head_only || matches!(status, 103 | 204 | 304) {
            return answer;
        }
        answer.body = match answer.header("content-length") {
            Some(length) => self.exactly(length.parse().expect("a length")),
            None if answer.header("transfer-encoding").is_some() => self.chunked(),
            None => self.rest().0,
        };
        answer
    }

    /// Returns whether the origin has closed gracefully with nothing left to read.
    pub fn is_closed(&mut self) -> bool {
        let (rest, end) = self.rest();
        rest.is_empty() && end.is_ok()
    }

    /// Returns whether data arrives within `patience`.
    pub fn hears_within(&mut self, patience: Duration) -> bool {
        self.stream
            .set_read_timeout(Some(patience))
            .expect("a valid timeout");
        let heard = self.fill();
        self.stream
            .set_read_timeout(Some(Duration::from_secs(5)))
            .expect("a valid timeout");
        !matches!(heard, Err(error) if error.kind() == ErrorKind::WouldBlock)
    }

    pub fn shutdown_write(&mut self) {
        self.stream
            .shutdown(std::net::Shutdown::Write)
            .expect("an open socket");
    }

    /// Reads to the end. The result distinguishes a graceful close from a reset.
    pub fn rest(&mut self) -> (Vec<u8>, io::Result<()>) {
        let end = self.stream.read_to_end(&mut self.received).map(drop);
        (std::mem::take(&mut self.received), end)
    }

    fn chunked(&mut self) -> Vec<u8> {
        let mut body = self.until(b"0\r\n");
        while !body.ends_with(b"\r\n0\r\n") && body != b"0\r\n" {
            body.extend(self.until(b"0\r\n"));
        }
        loop {
            let line = self.until(b"\r\n");
            body.extend(&line);
            if line == b"\r\n" {
                return body;
            }
        }
    }

    fn until(&mut self, end: &[u8]) -> Vec<u8> {
        loop {
            let found = self
                .received
                .windows(end.len())
                .position(|window| window == end);
            if let Some(at) = found {
                return self.received.drain(..at + end.len()).collect();
            }
            assert_ne!(
                self.fill().expect("more bytes"),
                0,
                "the connection ended early"
            );
        }
    }

    fn exactly(&mut self, length: usize) -> Vec<u8> {
        while self.received.len() < length {
            assert_ne!(
                self.fill().expect("more bytes"),
                0,
                "the connection ended early"
            );
        }
        self.received.drain(..length).collect()
    }

    fn fill(&mut self) -> io::Result<usize> {
        let mut block = [0; 64 << 10];
        let count = self.stream.read(&mut block)?;
        self.received.extend_from_slice(&block[..count]);
        Ok(count)
    }
}
