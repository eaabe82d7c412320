//! Reads one request, head and body, from the bytes received so far.
//!
//! Parsing is pure and starts over whenever bytes arrive, so a request may be
//! split anywhere. It is strict where leniency would hide a client's fault:
//! contradicting lengths and a missing `Host` are refused. It does not know
//! the routes.

use std::mem::MaybeUninit;

use httparse::{Error, Header, Status};

use crate::body::{Body, Framing};
use crate::method::Method;
use crate::route::parse_decimal;

/// The most headers a request may have.
pub(crate) const MAX_HEADERS: usize = 100;

/// The longest request head understood, in bytes.
const MAX_HEAD_BYTES: usize = 64 << 10;

/// Room for the headers of one request, on the caller's stack.
pub(crate) type HeaderSlots<'b> = [MaybeUninit<Header<'b>>; MAX_HEADERS];

/// A request whose head and body have fully arrived.
#[derive(Debug)]
pub(crate) struct Request<'h, 'b> {
    pub(crate) method: Method,
    /// The method as it was sent, also when it is an extension.
    pub(crate) method_name: &'b str,
    /// The request target as it was sent.
    pub(crate) target: &'b str,
    pub(crate) headers: &'h [Header<'b>],
    pub(crate) body: Body<'b>,
    pub(crate) keep_alive: bool,
    /// How many bytes it took in the input.
    pub(crate) wire_length: usize,
}

/// Why a request cannot be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Malformed(&'static str),
    HeadTooLarge,
    BodyTooLarge,
}

impl Refusal {
    /// The status it is answered with.
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::Malformed(_) => 400,
            Self::BodyTooLarge => 413,
            Self::HeadTooLarge => 431,
        }
    }

    /// What was wrong, for the body of the answer.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Malformed(reason) => reason,
            Self::BodyTooLarge => "request body over 16 MiB",
            Self::HeadTooLarge => "request head over 64 KiB or 100 headers",
        }
    }
}

impl<'b> Request<'_, 'b> {
    /// The target's path and query; an absolute target loses its authority.
    pub(crate) fn path_and_query(&self) -> (&'b str, &'b str) {
        let target = match self.target.strip_prefix("http://") {
            Some(rest) => rest.find('/').map_or("/", |at| &rest[at..]),
            None => self.target,
        };
        target.split_once('?').unwrap_or((target, ""))
    }

    /// The value of the first header of that name.
    pub(crate) fn header(&self, name: &str) -> Option<&'b [u8]> {
        let found = self
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name));
        found.map(|header| header.value)
    }
}

/// Parses the request at the start of `bytes`. `None` while it is incomplete.
///
/// # Errors
///
/// When the request breaks the protocol or a limit; the connection cannot be
/// used any further.
pub(crate) fn parse<'h, 'b>(
    bytes: &'b [u8],
    slots: &'h mut HeaderSlots<'b>,
) -> Result<Option<Request<'h, 'b>>, Refusal> {
    let mut head = httparse::Request::new(&mut []);
    let head_length = match head.parse_with_uninit_headers(bytes, slots) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) if bytes.len() <= MAX_HEAD_BYTES => return Ok(None),
        Ok(Status::Partial) | Err(Error::TooManyHeaders) => return Err(Refusal::HeadTooLarge),
        Err(_) => return Err(Refusal::Malformed("not an HTTP/1.1 request head")),
    };
    let (Some(method_name), Some(target)) = (head.method, head.path) else {
        return Err(Refusal::Malformed("incomplete request line"));
    };
    let headers: &'h [Header<'b>] = head.headers;
    let meaning = Meaning::of(headers, head.version == Some(1))?;
    let Some(body) = Body::find(meaning.framing, &bytes[head_length..])? else {
        return Ok(None);
    };
    Ok(Some(Request {
        method: Method::parse(method_name),
        method_name,
        target,
        headers,
        keep_alive: meaning.keep_alive,
        wire_length: head_length + body.wire_length(),
        body,
    }))
}

/// What the headers say about the connection and the body.
struct Meaning {
    framing: Framing,
    keep_alive: bool,
}

impl Meaning {
    fn of(headers: &[Header<'_>], is_http_1_1: bool) -> Result<Self, Refusal> {
        let (mut hosts, mut length, mut chunked, mut close) = (0, None, false, false);
        for header in headers {
            if header.name.eq_ignore_ascii_case("host") {
                hosts += 1;
            } else if header.name.eq_ignore_ascii_case("connection") {
                close |= has_token(header.value, "close");
            } else if header.name.eq_ignore_ascii_case("content-length") {
                length = Some(same_length(length, header.value)?);
            } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
                chunked = is_first_chunked(chunked, header.value)?;
            }
        }
        if hosts > 1 || (is_http_1_1 && hosts == 0) {
            return Err(Refusal::Malformed("exactly one Host is needed"));
        }
        let framing = match (length, chunked) {
            (Some(_), true) => return Err(Refusal::Malformed("Content-Length with chunked")),
            (_, true) => Framing::Chunked,
            (length, false) => Framing::Length(length.unwrap_or(0)),
        };
        // HTTP/1.0 connections are always closed: allowed, and nobody needs more.
        Ok(Self {
            framing,
            keep_alive: is_http_1_1 && !close,
        })
    }
}

fn same_length(earlier: Option<u64>, value: &[u8]) -> Result<u64, Refusal> {
    let length = std::str::from_utf8(value).ok().and_then(parse_decimal);
    match (earlier, length) {
        (_, None) => Err(Refusal::Malformed("invalid Content-Length")),
        (Some(earlier), Some(length)) if earlier != length => {
            Err(Refusal::Malformed("contradicting Content-Length"))
        }
        (_, Some(length)) => Ok(length),
    }
}

fn is_first_chunked(seen: bool, value: &[u8]) -> Result<bool, Refusal> {
    if seen || !value.eq_ignore_ascii_case(b"chunked") {
        return Err(Refusal::Malformed("Transfer-Encoding other than chunked"));
    }
    Ok(true)
}

fn has_token(value: &[u8], token: &str) -> bool {
    value
        .split(|byte| *byte == b',')
        .any(|part| part.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
}

#[cfg(test)]
mod tests;
