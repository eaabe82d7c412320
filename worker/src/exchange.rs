//! One HTTP/1.1 request and its response over one connection.
//!
//! Sends prepared bytes, finds the end of the response head and counts the body bytes, as framed by RFC 9112.
//! It handles one connection at a time and does not open connections, enforce time limits or record results.

pub(crate) mod body;
mod foreign;
pub(crate) mod head;
pub(crate) mod head_cache;
mod outgoing;
mod progress;
mod request;

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use vayu_shared::outcome::{ErrorClass, Status};
use vayu_shared::sample::ErrorDetail;
use vayu_shared::template::Variables;
use vayu_shared::units::Nanos;

use crate::clock;
use crate::net::{Connection, Failure, Receiver, Sender, Unsent};
use crate::runtime::ReadBuffer;
use crate::sent_bytes::SentBytes;

use body::BodyReader;
use head::{Head, Parsed};

pub use progress::Progress;
pub use request::Request;

/// Size limit in bytes up to which a request is sent before its response is awaited. A longer request may not
/// fit the socket's send buffer (Linux: at least 4 KiB), so its response is awaited while it is being sent.
const SENT_AT_ONCE_BYTES: usize = 4 * 1024;

/// A completely read response. Its head, directly followed by the first bytes of its body without framing, is
/// still in the connection's buffer.
#[derive(Clone, Copy, Debug)]
pub struct Response {
    /// Status code.
    pub status: Status,
    /// Length of the head in the buffer.
    pub head_len: usize,
    /// Body bytes without framing.
    pub body_bytes: u64,
    /// When the last byte was read.
    pub ended: Nanos,
    /// Unsolicited bytes that followed the response.
    pub excess: u64,
    /// Whether the connection can be reused.
    pub keep_alive: bool,
}

/// Why there is no response.
#[derive(Clone, Debug)]
pub struct ExchangeFailure {
    /// Error class and details.
    pub failure: Failure,
    /// Whether the failure is consistent with a kept-alive connection that the peer had closed.
    pub looks_stale: Staleness,
}

/// Whether a failed request may have hit a stale kept-alive connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Staleness {
    /// Not stale: the response had begun.
    No,
    /// Possibly stale: the peer may or may not have received the request.
    Perhaps,
    /// Possibly stale: the socket did not even accept the request.
    Unsent,
}

impl ExchangeFailure {
    fn unsent(unsent: Unsent, progress: &Progress) -> Self {
        let looks_stale = match (progress.received(), unsent.has_begun) {
            (0, false) => Staleness::Unsent,
            (0, true) => Staleness::Perhaps,
            _ => Staleness::No,
        };
        Self {
            failure: unsent.failure,
            looks_stale,
        }
    }

    fn unanswered(failure: Failure, progress: &Progress) -> Self {
        let looks_stale = match progress.received() {
            0 => Staleness::Perhaps,
            _ => Staleness::No,
        };
        Self {
            failure,
            looks_stale,
        }
    }
}

/// Sends `request`, rendered with the sender's `variables`, and reads its response.
///
/// # Errors
/// Returns an error if no complete response is read. The connection must not be used again then.
pub async fn exchange(
    connection: &mut Connection,
    request: &Request,
    variables: &dyn Variables,
    progress: &Progress,
) -> Result<Response, ExchangeFailure> {
    connection.buffer.clear();
    let is_fresh = connection.responses == 0;
    let bytes = request.next_bytes(variables);
    let length = bytes.len();
    progress.sent.set(length as u64);
    let (mut receiver, mut sender) = connection.halves();
    let mut response = if length <= SENT_AT_ONCE_BYTES {
        let sent = send(&mut sender, request, bytes, progress).await;
        read_after(&mut receiver, request, sent, is_fresh, progress).await?
    } else {
        send_and_read(&mut receiver, &mut sender, request, bytes, progress).await?
    };
    response.excess += connection.unread() as u64;
    response.keep_alive &= response.excess == 0 && !request.closes;
    Ok(response)
}

/// Reads the response to a request that was sent at once.
async fn read_after(
    receiver: &mut Receiver<'_>,
    request: &Request,
    sent: Result<(), Unsent>,
    is_fresh: bool,
    progress: &Progress,
) -> Result<Response, ExchangeFailure> {
    match sent {
        Ok(()) => {
            let read = read_response(receiver, request, progress).await;
            read.map_err(|failure| ExchangeFailure::unanswered(failure, progress))
        }
        // A target without room for a new connection answers and closes it before it reads the request. On a
        // kept-alive connection, bytes in the socket arrived before this request.
        Err(unsent) if is_fresh => match read_response(receiver, request, progress).await {
            Ok(response) => Ok(response.on_broken_connection()),
            Err(_) => Err(ExchangeFailure::unsent(unsent, progress)),
        },
        Err(unsent) => Err(ExchangeFailure::unsent(unsent, progress)),
    }
}

/// Sends a long request and reads its response at the same time: a target may answer early (RFC 9112, 9.5),
/// and that response counts regardless of what happens to the rest of the request.
async fn send_and_read(
    receiver: &mut Receiver<'_>,
    sender: &mut Sender<'_>,
    request: &Request,
    bytes: SentBytes,
    progress: &Progress,
) -> Result<Response, ExchangeFailure> {
    let mut sending = pin!(send(sender, request, bytes, progress));
    let mut reading = pin!(read_response(receiver, request, progress));
    let mut sent = None;
    let read = poll_fn(|context| {
        if sent.is_none()
            && let Poll::Ready(result) = sending.as_mut().poll(context)
        {
            sent = Some(result);
        }
        reading.as_mut().poll(context)
    })
    .await;
    match (read, sent) {
        (Ok(response), Some(Ok(()))) => Ok(response),
        (Ok(response), _) => Ok(response.on_broken_connection()),
        (Err(_), Some(Err(unsent))) => Err(ExchangeFailure::unsent(unsent, progress)),
        (Err(failure), Some(Ok(()))) => Err(ExchangeFailure::unanswered(failure, progress)),
        (Err(failure), None) => Err(ExchangeFailure::unanswered(
            while_sending(failure),
            progress,
        )),
    }
}

/// Replaces the message of an early close: the request was still being sent.
fn while_sending(failure: Failure) -> Failure {
    match failure.class {
        ErrorClass::ClosedEarly => Failure::new(
            ErrorClass::ClosedEarly,
            "the target closed the connection while the request was being sent",
        ),
        _ => failure,
    }
}

impl Response {
    /// Marks the connection as not reusable: the rest of the request was not sent.
    fn on_broken_connection(self) -> Self {
        Self {
            keep_alive: false,
            ..self
        }
    }
}

async fn send(
    sender: &mut Sender<'_>,
    request: &Request,
    bytes: SentBytes,
    progress: &Progress,
) -> Result<(), Unsent> {
    let (sent, bytes) = match bytes {
        SentBytes::Shared(bytes) => (sender.send(&bytes).await, SentBytes::Shared(bytes)),
        SentBytes::Own(bytes) => {
            let (sent, bytes) = sender.send_once(bytes).await;
            (sent, SentBytes::Own(bytes))
        }
    };
    request.after_sending(bytes, progress);
    progress.is_sent.set(sent.is_ok());
    sent
}

async fn read_response(
    receiver: &mut Receiver<'_>,
    request: &Request,
    progress: &Progress,
) -> Result<Response, Failure> {
    let (head, mut now) = read_head(receiver, request, progress).await?;
    let mut body = BodyReader::new(head.framing);
    // The beginning of the body stays in the buffer; the rest is discarded.
    let keep = head.len.saturating_add(request.keeps);
    let mut excess = keep_body(receiver.buffer, &mut body, head.len, keep)?;
    let mut truncated = false;
    while !body.is_complete() {
        let is_too_long = |limit| body.payload_bytes() > limit;
        if request.stops_at.is_some_and(is_too_long) {
            truncated = true;
            break;
        }
        receiver.buffer.make_room_for_body(keep);
        let kept = receiver.buffer.filled().len();
        let (received, at) = receive(receiver, progress).await?;
        if received == 0 {
            body.end_of_stream()
                .map_err(|text| Failure::new(ErrorClass::ClosedEarly, text))?;
            now = at;
            break;
        }
        excess = keep_body(receiver.buffer, &mut body, kept, keep)?;
        now = at;
    }
    Ok(Response {
        status: head.status,
        head_len: head.len,
        body_bytes: body.payload_bytes(),
        ended: now,
        excess: excess as u64,
        keep_alive: head.keep_alive && body.leaves_connection_usable() && !truncated,
    })
}

/// Parses the body bytes in the buffer from `start` on and keeps their payload, up to `keep` bytes in the
/// buffer. Returns the number of bytes after the end of the body.
fn keep_body(
    buffer: &mut ReadBuffer,
    body: &mut BodyReader,
    start: usize,
    keep: usize,
) -> Result<usize, Failure> {
    let piece = buffer.filled_from_mut(start);
    let taken = body.take(piece, keep - start).map_err(protocol)?;
    buffer.truncate(start + taken.kept);
    Ok(taken.excess)
}

/// Reads up to the end of the final head. Skips interim responses (1xx).
async fn read_head(
    receiver: &mut Receiver<'_>,
    request: &Request,
    progress: &Progress,
) -> Result<(Head, Nanos), Failure> {
    // When the bytes in the buffer arrived. None have arrived yet.
    let mut now = 0;
    loop {
        let received = receiver.buffer.filled();
        match request
            .heads
            .parse(received, request.is_head, request.head_limits)
            .map_err(refused)?
        {
            Parsed::Final(head) => return Ok((head, now)),
            Parsed::Interim(len) => {
                receiver.buffer.discard_front(len);
                continue;
            }
            Parsed::Incomplete => {}
        }
        if !receiver.buffer.make_room(request.head_limits.bytes) {
            return Err(refused(head::too_long(request.head_limits.bytes)));
        }
        let (received, at) = receive(receiver, progress).await?;
        if received == 0 {
            let text = if progress.received() == 0 {
                "the target closed the connection without sending a response"
            } else {
                "the target closed the connection before the end of the response head"
            };
            return Err(Failure::new(ErrorClass::ClosedEarly, text));
        }
        now = at;
    }
}

async fn receive(
    receiver: &mut Receiver<'_>,
    progress: &Progress,
) -> Result<(usize, Nanos), Failure> {
    let received = receiver.receive().await?;
    let now = clock::now();
    if received > 0 {
        progress.saw(received, now);
    }
    Ok((received, now))
}

fn refused(detail: ErrorDetail) -> Failure {
    Failure {
        class: ErrorClass::Protocol,
        detail,
    }
}

fn protocol(text: &'static str) -> Failure {
    Failure::new(ErrorClass::Protocol, text)
}
