//! One HTTP/1.1 request with its response over one connection.
//!
//! Sends prepared bytes, finds the response's head and counts its body, as
//! RFC 9112 frames it. It knows one connection at a time: where that came
//! from, time limits and what is recorded are others' business.

mod body;
mod head;

use std::cell::Cell;
use std::rc::Rc;

use vayu_shared::limits;
use vayu_shared::outcome::{ErrorClass, Status};
use vayu_shared::plan::PreparedRequest;
use vayu_shared::units::Nanos;

use crate::clock;
use crate::net::{Connection, Failure};

use body::BodyReader;
use head::{Head, Parsed};

pub use body::decoded_prefix;

/// A shard's own copy of the bytes to send, so that no reference count is
/// shared between cores.
pub struct Request {
    bytes: Rc<[u8]>,
    is_head: bool,
    /// Whether it may be sent again when it is unknown if it was received.
    pub is_idempotent: bool,
}

impl Request {
    /// Copies what was prepared.
    pub fn new(prepared: &PreparedRequest) -> Self {
        Self {
            bytes: Rc::from(&*prepared.bytes),
            is_head: prepared.is_head,
            is_idempotent: prepared.is_idempotent,
        }
    }

    /// How many bytes one sending takes.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }
}

/// How far an exchange has come, told while it runs so that whoever gives it up
/// knows what it was waiting for.
#[derive(Debug, Default)]
pub struct Progress {
    first_byte: Cell<Option<Nanos>>,
    received: Cell<u64>,
}

impl Progress {
    /// Before anything was sent.
    pub fn reset(&self) {
        self.first_byte.set(None);
        self.received.set(0);
    }

    /// When the first byte of the response came.
    pub fn first_byte(&self) -> Option<Nanos> {
        self.first_byte.get()
    }

    /// Bytes received so far.
    pub fn received(&self) -> u64 {
        self.received.get()
    }

    fn saw(&self, bytes: usize, at: Nanos) {
        self.received.set(self.received.get() + bytes as u64);
        if self.first_byte.get().is_none() {
            self.first_byte.set(Some(at));
        }
    }
}

/// A response, read to its end. Its head and the beginning of its body are
/// still in the connection's buffer.
#[derive(Clone, Copy, Debug)]
pub struct Response {
    /// The status.
    pub status: Status,
    /// Where the head ends in the buffer.
    pub head_len: usize,
    /// Whether the body in the buffer has chunk framing in it.
    pub chunked: bool,
    /// Bytes of body, framing not counted.
    pub body_bytes: u64,
    /// When the last byte was read.
    pub ended: Nanos,
    /// Whether the connection may be used again.
    pub keep_alive: bool,
}

/// Why there is no response.
#[derive(Clone, Debug)]
pub struct ExchangeFailure {
    /// Class and particulars.
    pub failure: Failure,
    /// Whether a kept-alive connection that the peer had closed would fail like this.
    pub looks_stale: Staleness,
}

/// What a failure tells about the request on a kept-alive connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Staleness {
    /// The response had begun.
    No,
    /// The peer may have received the request, or not.
    Perhaps,
    /// The request was not even taken by the socket.
    Unsent,
}

/// Sends `request` and reads its response.
///
/// # Errors
/// Any way in which a response can be missing; the connection is then over.
pub async fn exchange(
    connection: &mut Connection,
    request: &Request,
    progress: &Progress,
) -> Result<Response, ExchangeFailure> {
    connection.buffer.clear();
    let sent = connection.send(&request.bytes).await;
    sent.map_err(|failure| ExchangeFailure {
        failure,
        looks_stale: Staleness::Unsent,
    })?;
    let read = read_response(connection, request, progress).await;
    read.map_err(|failure| {
        let begun = progress.received() > 0;
        let looks_stale = if begun {
            Staleness::No
        } else {
            Staleness::Perhaps
        };
        ExchangeFailure {
            failure,
            looks_stale,
        }
    })
}

async fn read_response(
    connection: &mut Connection,
    request: &Request,
    progress: &Progress,
) -> Result<Response, Failure> {
    let (head, mut now) = read_head(connection, request.is_head, progress).await?;
    let mut body = BodyReader::new(head.framing);
    let begun = &connection.buffer.filled()[head.len..];
    let mut excess = body.take(begun).map_err(protocol)?;
    // The beginning stays in the buffer for a sample; the rest passes through.
    let keep = head.len + limits::SAMPLE_BODY_BYTES;
    while !body.is_complete() {
        connection.buffer.make_room_for_body(keep);
        let (received, at) = receive(connection, progress).await?;
        if received == 0 {
            body.end_of_stream()
                .map_err(|text| Failure::new(ErrorClass::ClosedEarly, text))?;
            now = at;
            break;
        }
        let filled = connection.buffer.filled();
        excess = body
            .take(&filled[filled.len() - received..])
            .map_err(protocol)?;
        now = at;
    }
    Ok(Response {
        status: head.status,
        head_len: head.len,
        chunked: head.framing.is_chunked(),
        body_bytes: body.payload_bytes(),
        ended: now,
        keep_alive: head.keep_alive && body.leaves_connection_usable() && excess == 0,
    })
}

/// Reads up to the end of the final head; interim responses (1xx) are passed over.
async fn read_head(
    connection: &mut Connection,
    is_head: bool,
    progress: &Progress,
) -> Result<(Head, Nanos), Failure> {
    let mut now = clock::now();
    loop {
        match head::parse(connection.buffer.filled(), is_head).map_err(protocol)? {
            Parsed::Final(head) => return Ok((head, now)),
            Parsed::Interim(len) => {
                connection.buffer.discard_front(len);
                continue;
            }
            Parsed::Incomplete => {}
        }
        if !connection.buffer.make_room(limits::RESPONSE_HEAD_BYTES) {
            return Err(protocol("the response head is larger than 256 KiB"));
        }
        let (received, at) = receive(connection, progress).await?;
        if received == 0 {
            let text = if progress.received() == 0 {
                "the target closed the connection without an answer"
            } else {
                "the target closed the connection within the response head"
            };
            return Err(Failure::new(ErrorClass::ClosedEarly, text));
        }
        now = at;
    }
}

async fn receive(
    connection: &mut Connection,
    progress: &Progress,
) -> Result<(usize, Nanos), Failure> {
    let received = connection.receive().await?;
    let now = clock::now();
    if received > 0 {
        progress.saw(received, now);
    }
    Ok((received, now))
}

fn protocol(text: &'static str) -> Failure {
    Failure::new(ErrorClass::Protocol, text)
}
