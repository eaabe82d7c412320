//! Parses a response head: status, body framing, and connection persistence (RFC 9112, 6.3 and 9.3).
//!
//! Accepts what RFC 9112 requires a client to accept and what curl accepts in addition: folded lines,
//! whitespace before a colon or within the status line, repeated equal content lengths. A line that is not a
//! header field is skipped. Every rejection has a specific reason.

use std::mem::MaybeUninit;

use httparse::{Error, Header, ParserConfig, Response};
use vayu_shared::connection::HeadLimits;
use vayu_shared::outcome::Status;
use vayu_shared::sample::ErrorDetail;

use super::body::Framing;
use super::foreign;

/// Number of header lines that are parsed without a heap allocation.
const FEW_LINES: usize = 128;

/// Result of parsing the start of a buffer.
#[derive(Debug)]
pub enum Parsed {
    /// The head is not complete yet.
    Incomplete,
    /// A 1xx response of this length. Another head follows.
    Interim(usize),
    /// The head of the final response.
    Final(Head),
}

/// The parts of a head that the engine uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Length in bytes.
    pub len: usize,
    /// Status code.
    pub status: Status,
    /// Body framing.
    pub framing: Framing,
    /// Whether the peer keeps the connection open.
    pub keep_alive: bool,
}

/// Returns the parser configuration for responses.
#[must_use]
pub fn syntax() -> ParserConfig {
    let mut config = ParserConfig::default();
    config
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_multiple_spaces_in_response_status_delimiters(true)
        .ignore_invalid_headers_in_responses(true);
    config
}

/// Parses the bytes received so far. `is_head` is true if the request method was HEAD.
///
/// # Errors
/// Returns the reason why the bytes cannot become a valid response head.
pub fn parse(bytes: &[u8], is_head: bool, limits: HeadLimits) -> Result<Parsed, ErrorDetail> {
    if bytes.is_empty() {
        return Ok(Parsed::Incomplete);
    }
    let mut few = [const { MaybeUninit::uninit() }; FEW_LINES];
    let few = &mut few[..FEW_LINES.min(limits.lines)];
    match parse_into(bytes, is_head, few) {
        Err(Error::TooManyHeaders) if limits.lines > FEW_LINES => {
            let mut many = vec![MaybeUninit::uninit(); limits.lines];
            parse_into(bytes, is_head, &mut many)
        }
        parsed => parsed,
    }
    .map_err(|error| explain(error, bytes, limits))?
    .map_err(ErrorDetail::Text)
}

/// Parses into `headers`. The outer error is a syntax error, the inner one a semantic error.
fn parse_into<'b>(
    bytes: &'b [u8],
    is_head: bool,
    headers: &mut [MaybeUninit<Header<'b>>],
) -> Result<Result<Parsed, &'static str>, Error> {
    let mut response = Response::new(&mut []);
    let parsed = syntax().parse_response_with_uninit_headers(&mut response, bytes, headers)?;
    let httparse::Status::Complete(len) = parsed else {
        return Ok(Ok(Parsed::Incomplete));
    };
    Ok(meaning(&response, len, is_head))
}

fn meaning(response: &Response<'_, '_>, len: usize, is_head: bool) -> Result<Parsed, &'static str> {
    let code = response.code.unwrap_or_default();
    let status = Status::new(code).ok_or("the status code is not in the range 100–999")?;
    match code {
        101 => Err("the target sent 101 Switching Protocols without an Upgrade request"),
        100..200 => Ok(Parsed::Interim(len)),
        _ => final_head(
            len,
            status,
            response.version == Some(1),
            response.headers,
            is_head,
        ),
    }
}

/// Returns the error for a head of more than `limit` bytes.
pub fn too_long(limit: usize) -> ErrorDetail {
    let text =
        format!("the response head exceeds {limit} bytes; increase connection.maxHeaderBytes");
    ErrorDetail::Library(text.into())
}

fn final_head(
    len: usize,
    status: Status,
    is_http_1_1: bool,
    headers: &[Header<'_>],
    is_head: bool,
) -> Result<Parsed, &'static str> {
    let fields = ConnectionFields::collect(headers)?;
    let bodiless = is_head || matches!(status.code(), 204 | 304);
    let framing = match fields {
        _ if bodiless => Framing::Length(0),
        ConnectionFields {
            transfer_encoding: Some(TransferEncoding::Chunked),
            ..
        } => Framing::Chunked,
        ConnectionFields {
            transfer_encoding: Some(TransferEncoding::Other),
            ..
        } => Framing::UntilClose,
        ConnectionFields {
            content_length: Some(length),
            ..
        } => Framing::Length(length),
        _ => Framing::UntilClose,
    };
    let ambiguous = fields.transfer_encoding.is_some() && fields.content_length.is_some();
    let keep_alive = if is_http_1_1 {
        !fields.close
    } else {
        fields.keep_alive
    };
    Ok(Parsed::Final(Head {
        len,
        status,
        framing,
        keep_alive: keep_alive && !ambiguous,
    }))
}

#[derive(Clone, Copy)]
enum TransferEncoding {
    Chunked,
    Other,
}

/// The header fields that determine body framing and connection persistence.
#[derive(Default)]
struct ConnectionFields {
    content_length: Option<u64>,
    transfer_encoding: Option<TransferEncoding>,
    close: bool,
    keep_alive: bool,
}

impl ConnectionFields {
    fn collect(headers: &[Header<'_>]) -> Result<Self, &'static str> {
        let mut fields = Self::default();
        for header in headers {
            // The length of the name rules out almost every other header.
            match header.name.len() {
                10 if header.name.eq_ignore_ascii_case("connection") => {
                    fields.connection(header.value);
                }
                14 if header.name.eq_ignore_ascii_case("content-length") => {
                    fields.length(header.value)?;
                }
                17 if header.name.eq_ignore_ascii_case("transfer-encoding") => {
                    fields.encoding(header.value);
                }
                _ => {}
            }
        }
        Ok(fields)
    }

    fn connection(&mut self, value: &[u8]) {
        for option in value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii) {
            self.close |= option.eq_ignore_ascii_case(b"close");
            self.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
        }
    }

    /// Parses `Content-Length`. A list of equal lengths counts as one value, and so does a repeated field
    /// (RFC 9112, 6.3).
    fn length(&mut self, value: &[u8]) -> Result<(), &'static str> {
        for length in value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii) {
            let length = decimal(length).ok_or("Content-Length is not a number")?;
            if self.content_length.is_some_and(|other| other != length) {
                return Err("the response has conflicting Content-Length values");
            }
            self.content_length = Some(length);
        }
        Ok(())
    }

    fn encoding(&mut self, value: &[u8]) {
        let last = value
            .rsplit(|&byte| byte == b',')
            .next()
            .unwrap_or_default()
            .trim_ascii();
        let chunked = last.eq_ignore_ascii_case(b"chunked");
        let encoding = if chunked {
            TransferEncoding::Chunked
        } else {
            TransferEncoding::Other
        };
        self.transfer_encoding = Some(encoding);
    }
}

fn decimal(digits: &[u8]) -> Option<u64> {
    // `parse` alone would accept a sign.
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn explain(error: Error, bytes: &[u8], limits: HeadLimits) -> ErrorDetail {
    ErrorDetail::Text(match error {
        Error::TooManyHeaders => {
            let text = format!(
                "the response exceeds {} header lines; increase connection.maxHeaderLines",
                limits.lines
            );
            return ErrorDetail::Library(text.into());
        }
        Error::HeaderName => "a response header has an illegal name",
        Error::HeaderValue => "a response header has an illegal value",
        Error::NewLine => "a line of the response head ends in CR without LF",
        Error::Status => "the status line has no three-digit status code",
        Error::Version | Error::Token => foreign::name(bytes),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str, is_head: bool) -> Head {
        match parse(text.as_bytes(), is_head, HeadLimits::default()) {
            Ok(Parsed::Final(head)) => head,
            other => panic!("{text:?} became {other:?}"),
        }
    }

    #[test]
    fn framing_and_persistence_follow_the_head() {
        use Framing::{Chunked, Length, UntilClose};
        let table = [
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
                false,
                Length(5),
                true,
            ),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n",
                true,
                Length(0),
                true,
            ),
            ("HTTP/1.1 204 No Content\r\n\r\n", false, Length(0), true),
            (
                "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
                false,
                Length(0),
                true,
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n",
                false,
                Chunked,
                true,
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
                false,
                UntilClose,
                true,
            ),
            (
                "HTTP/1.1 200 OK\r\nConnection: x, CLOSE\r\n\r\n",
                false,
                UntilClose,
                false,
            ),
            (
                "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n",
                false,
                Length(1),
                false,
            ),
            (
                "HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: Keep-Alive\r\n\r\n",
                false,
                Length(1),
                true,
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n",
                false,
                Chunked,
                false,
            ),
            (
                "HTTP/1.1 200\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n",
                false,
                Length(3),
                true,
            ),
        ];
        for (text, is_head, framing, keep_alive) in table {
            let head = head(text, is_head);
            assert_eq!(
                (head.framing, head.keep_alive),
                (framing, keep_alive),
                "{text:?}"
            );
            assert_eq!(head.len, text.len());
        }
    }

    #[test]
    fn a_head_split_anywhere_is_incomplete_until_it_is_whole() {
        let text = b"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 5\r\n\r\n";
        for cut in 0..text.len() {
            let parsed = parse(&text[..cut], false, HeadLimits::default());
            assert!(
                matches!(parsed, Ok(Parsed::Incomplete)),
                "cut at {cut}: {parsed:?}"
            );
        }
    }

    #[test]
    fn interim_responses_are_passed_over() {
        let text = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n";
        let parsed = parse(text, false, HeadLimits::default());
        assert!(matches!(parsed, Ok(Parsed::Interim(37))));
    }

    #[test]
    fn what_is_not_http_is_said_to_be_so() {
        let table = [
            "SSH-2.0-OpenSSH\r\n",
            "HTTP/2.0 200 OK\r\n\r\n",
            "HTTP/1.1 2x0 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5,\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        ];
        for text in table {
            assert!(
                parse(text.as_bytes(), false, HeadLimits::default()).is_err(),
                "{text:?} was accepted"
            );
        }
    }
}
