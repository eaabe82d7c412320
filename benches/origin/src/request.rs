//! Parses one request, head and body, from the bytes received so far.
//!
//! Parsing is pure and restarts whenever bytes arrive, so a request may be split anywhere. It is strict where
//! leniency would hide a client bug: conflicting lengths and a missing `Host` in HTTP/1.1 are rejected. It
//! does not know the routes.

use std::mem::MaybeUninit;

use httparse::{Error, Header, Status};

use crate::body::{Body, Framing};
use crate::method::Method;
use crate::route::parse_decimal;

/// Maximum number of request headers.
pub(crate) const MAX_HEADERS: usize = 100;

/// Maximum request head size, in bytes.
const MAX_HEAD_BYTES: usize = 64 << 10;

/// Storage for the headers of one request, on the caller's stack.
pub(crate) type HeaderSlots<'b> = [MaybeUninit<Header<'b>>; MAX_HEADERS];

/// A fully received request: head and body.
#[derive(Debug)]
pub(crate) struct Request<'h, 'b> {
    pub(crate) method: Method,
    /// The method as sent, including extension methods.
    pub(crate) method_name: &'b str,
    /// The request target as sent.
    pub(crate) target: &'b str,
    pub(crate) headers: &'h [Header<'b>],
    pub(crate) body: Body<'b>,
    pub(crate) keep_alive: bool,
    /// Size of the request in the input, in bytes.
    pub(crate) wire_length: usize,
}

/// Why a request is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestError {
    Malformed(&'static str),
    HeadTooLarge,
    BodyTooLarge,
}

impl RequestError {
    /// Returns the response status.
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::Malformed(_) => 400,
            Self::BodyTooLarge => 413,
            Self::HeadTooLarge => 431,
        }
    }

    /// Returns the reason, for the response body.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Malformed(reason) => reason,
            Self::BodyTooLarge => "request body over 16 MiB",
            Self::HeadTooLarge => "request head over 64 KiB or 100 headers",
        }
    }
}

impl<'b> Request<'_, 'b> {
    /// Returns path and query of the target. The authority of an absolute target is dropped.
    pub(crate) fn path_and_query(&self) -> (&'b str, &'b str) {
        let target = match self.target.strip_prefix("http://") {
            Some(rest) => rest.find('/').map_or("/", |at| &rest[at..]),
            None => self.target,
        };
        target.split_once('?').unwrap_or((target, ""))
    }

    /// Returns the value of the first header with that name.
    pub(crate) fn header(&self, name: &str) -> Option<&'b [u8]> {
        let found = self
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name));
        found.map(|header| header.value)
    }
}

/// Parses the request at the start of `bytes`. Returns `None` while it is incomplete.
///
/// # Errors
///
/// Returns an error if the request violates the protocol or a limit. The connection cannot be used any
/// further.
pub(crate) fn parse<'h, 'b>(
    bytes: &'b [u8],
    slots: &'h mut HeaderSlots<'b>,
) -> Result<Option<Request<'h, 'b>>, RequestError> {
    let mut head = httparse::Request::new(&mut []);
    let head_length = match head.parse_with_uninit_headers(bytes, slots) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) if bytes.len() <= MAX_HEAD_BYTES => return Ok(None),
        Ok(Status::Partial) | Err(Error::TooManyHeaders) => return Err(RequestError::HeadTooLarge),
        Err(_) => return Err(RequestError::Malformed("not an HTTP/1.1 request head")),
    };
    let (Some(method_name), Some(target)) = (head.method, head.path) else {
        return Err(RequestError::Malformed("incomplete request line"));
    };
    let headers: &'h [Header<'b>] = head.headers;
    let meaning = HeaderInfo::of(headers, head.version == Some(1))?;
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

/// Connection and body framing according to the headers.
struct HeaderInfo {
    framing: Framing,
    keep_alive: bool,
}

impl HeaderInfo {
    fn of(headers: &[Header<'_>], is_http_1_1: bool) -> Result<Self, RequestError> {
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
            return Err(RequestError::Malformed(
                "exactly one Host header is required",
            ));
        }
        let framing = match (length, chunked) {
            (Some(_), true) => {
                return Err(RequestError::Malformed(
                    "Content-Length together with Transfer-Encoding: chunked is not allowed",
                ));
            }
            (_, true) => Framing::Chunked,
            (length, false) => Framing::Length(length.unwrap_or(0)),
        };
        // HTTP/1.0 connections always close: the protocol allows it, and no client of the origin needs more.
        Ok(Self {
            framing,
            keep_alive: is_http_1_1 && !close,
        })
    }
}

fn same_length(earlier: Option<u64>, value: &[u8]) -> Result<u64, RequestError> {
    let length = std::str::from_utf8(value).ok().and_then(parse_decimal);
    match (earlier, length) {
        (_, None) => Err(RequestError::Malformed("invalid Content-Length")),
        (Some(earlier), Some(length)) if earlier != length => {
            Err(RequestError::Malformed("conflicting Content-Length values"))
        }
        (_, Some(length)) => Ok(length),
    }
}

fn is_first_chunked(seen: bool, value: &[u8]) -> Result<bool, RequestError> {
    if seen || !value.eq_ignore_ascii_case(b"chunked") {
        return Err(RequestError::Malformed(
            "unsupported Transfer-Encoding; only chunked is supported",
        ));
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
