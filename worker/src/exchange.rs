//! One HTTP/1.1 request with its response over one connection.
//!
//! Sends prepared bytes, finds the response's head and counts its body, as
//! RFC 9112 frames it. It knows one connection at a time: where that came
//! from, time limits and what is recorded are others' business.

pub(crate) mod body;
pub(crate) mod head;
pub(crate) mod head_memory;
mod outgoing;

use std::cell::Cell;
use std::rc::Rc;

use vayu_shared::limits;
use vayu_shared::outcome::{ErrorClass, Status};
use vayu_shared::plan::{Plan, PreparedRequest};
use vayu_shared::signing::RunToken;
use vayu_shared::template::Variables;
use vayu_shared::units::Nanos;

use crate::clock;
use crate::net::{Connection, Failure, Unsent};

use body::BodyReader;
use head::{Head, Parsed};
use head_memory::HeadMemory;
use outgoing::{Bytes, Outgoing};

pub use body::decoded_prefix;

/// Room for the framing of a short chunked body.
const FRAMING_BYTES: usize = 64 * 1024;

/// A shard's own copy of the bytes to send, so that no reference count is
/// shared between cores.
pub struct Request {
    bytes: Rc<[u8]>,
    /// Makes the bytes to send, where they are not the same every time.
    outgoing: Option<Outgoing>,
    is_head: bool,
    /// What its responses' heads looked like last.
    heads: HeadMemory,
    /// Bytes behind the response's head that stay in the connection's buffer.
    keeps: usize,
    /// The response is cut off when its body is longer than this.
    stops_at: Option<u64>,
    /// Whether it may be sent again when it is unknown if it was received.
    pub is_idempotent: bool,
}

impl Request {
    /// Copies what load sends from this shard: of a response its beginning is kept.
    /// Scripts read more of it.
    pub fn new(plan: &Plan, shard: usize, shards: usize, is_scripted: bool) -> Self {
        let keeps = if is_scripted {
            limits::SCRIPT_BODY_BYTES
        } else {
            limits::SAMPLE_BODY_BYTES
        };
        Self {
            outgoing: Outgoing::new(plan, shard, shards),
            keeps,
            ..Self::fixed(&plan.request)
        }
    }

    /// Another request in its place, signed as it would have been.
    pub fn instead(&self, prepared: &PreparedRequest, variables: &dyn Variables) -> Self {
        let other = Self {
            keeps: self.keeps,
            ..Self::fixed(prepared)
        };
        match &self.outgoing {
            Some(outgoing) => Self {
                bytes: outgoing.signed(&prepared.bytes, variables).into(),
                ..other
            },
            None => other,
        }
    }

    /// Learns from a response how the next requests are signed; `sent` is when its own
    /// was sent.
    pub fn saw(&self, sent: Nanos, response: &Response, received: &[u8]) {
        const UNAUTHORIZED: u16 = 401;
        let status = response.status.code();
        if status == UNAUTHORIZED
            && let Some(outgoing) = &self.outgoing
        {
            outgoing.saw(sent, status, &received[..response.head_len]);
        }
    }

    /// Signs with another token from now on.
    pub fn renew(&self, token: RunToken) {
        if let Some(outgoing) = &self.outgoing {
            outgoing.renew(token);
        }
    }

    fn fixed(prepared: &PreparedRequest) -> Self {
        Self {
            bytes: Rc::from(&*prepared.bytes),
            outgoing: None,
            is_head: prepared.is_head,
            heads: HeadMemory::default(),
            keeps: limits::SAMPLE_BODY_BYTES,
            stops_at: None,
            is_idempotent: prepared.is_idempotent,
        }
    }

    /// Copies what was prepared, for one exchange on its own: of a response
    /// everything is kept up to `body_limit` bytes of body, with as much again
    /// for chunk framing.
    pub fn single(prepared: &PreparedRequest, body_limit: u64) -> Self {
        let limit = usize::try_from(body_limit).unwrap_or(usize::MAX);
        Self {
            keeps: limit.saturating_mul(2).saturating_add(FRAMING_BYTES),
            stops_at: Some(body_limit),
            ..Self::fixed(prepared)
        }
    }
}

/// How far an exchange has come, told while it runs so that whoever gives it up
/// knows what it was waiting for.
#[derive(Debug, Default)]
pub struct Progress {
    sent: Cell<u64>,
    first_byte: Cell<Option<Nanos>>,
    received: Cell<u64>,
}

impl Progress {
    /// Before anything was sent.
    pub fn reset(&self) {
        self.sent.set(0);
        self.first_byte.set(None);
        self.received.set(0);
    }

    /// Bytes of the request, whether or not all of them went out.
    pub fn sent(&self) -> u64 {
        self.sent.get()
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
    /// Whether the body went on beyond the request's limit.
    pub truncated: bool,
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

/// Sends `request`, with the variables of who sends it, and reads its response.
///
/// # Errors
/// Any way in which a response can be missing; the connection is then over.
pub async fn exchange(
    connection: &mut Connection,
    request: &Request,
    variables: &dyn Variables,
    progress: &Progress,
) -> Result<Response, ExchangeFailure> {
    connection.buffer.clear();
    let sent = send(connection, request, variables, progress).await;
    sent.map_err(|unsent| ExchangeFailure {
        failure: unsent.failure,
        looks_stale: if unsent.has_begun {
            Staleness::Perhaps
        } else {
            Staleness::Unsent
        },
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

async fn send(
    connection: &mut Connection,
    request: &Request,
    variables: &dyn Variables,
    progress: &Progress,
) -> Result<(), Unsent> {
    let Some(outgoing) = &request.outgoing else {
        progress.sent.set(request.bytes.len() as u64);
        return connection.send(&request.bytes).await;
    };
    match outgoing.next(&request.bytes, variables) {
        Bytes::Shared(bytes) => {
            progress.sent.set(bytes.len() as u64);
            connection.send(&bytes).await
        }
        Bytes::Own(bytes) => {
            progress.sent.set(bytes.len() as u64);
            let (sent, bytes) = connection.send_once(bytes).await;
            outgoing.give_back(bytes);
            sent
        }
    }
}

async fn read_response(
    connection: &mut Connection,
    request: &Request,
    progress: &Progress,
) -> Result<Response, Failure> {
    let (head, mut now) = read_head(connection, request, progress).await?;
    let mut body = BodyReader::new(head.framing);
    let begun = &connection.buffer.filled()[head.len..];
    let mut excess = body.take(begun).map_err(protocol)?;
    // The beginning stays in the buffer for a sample; the rest passes through.
    let keep = head.len.saturating_add(request.keeps);
    let mut truncated = false;
    while !body.is_complete() {
        let filled = connection.buffer.filled().len();
        let is_too_long = |limit| body.payload_bytes() > limit || filled > keep;
        if request.stops_at.is_some_and(is_too_long) {
            truncated = true;
            break;
        }
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
        truncated,
        ended: now,
        keep_alive: head.keep_alive && body.leaves_connection_usable() && excess == 0 && !truncated,
    })
}

/// Reads up to the end of the final head; interim responses (1xx) are passed over.
async fn read_head(
    connection: &mut Connection,
    request: &Request,
    progress: &Progress,
) -> Result<(Head, Nanos), Failure> {
    // When what is in the buffer came: nothing has yet.
    let mut now = 0;
    loop {
        let received = connection.buffer.filled();
        match request
            .heads
            .parse(received, request.is_head)
            .map_err(protocol)?
        {
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
