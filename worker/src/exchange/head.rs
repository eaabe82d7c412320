//! Reads a response head: status, framing of the body, and whether the
//! connection stays (RFC 9112, 6.3 and 9.3).

use vayu_shared::limits;
use vayu_shared::outcome::Status;

use super::body::Framing;

/// What the start of a buffer holds.
#[derive(Debug)]
pub enum Parsed {
    /// Not a whole head yet.
    Incomplete,
    /// A 1xx response of this length; another head follows.
    Interim(usize),
    /// The head of the response.
    Final(Head),
}

/// What matters of a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its length in bytes.
    pub len: usize,
    /// The status.
    pub status: Status,
    /// How the body ends.
    pub framing: Framing,
    /// Whether the peer keeps the connection open.
    pub keep_alive: bool,
}

/// Parses what was received so far; `is_head` when it answers a HEAD.
///
/// # Errors
/// A sentence when it cannot become a response.
pub fn parse(bytes: &[u8], is_head: bool) -> Result<Parsed, &'static str> {
    if bytes.is_empty() {
        return Ok(Parsed::Incomplete);
    }
    let mut headers = [const { std::mem::MaybeUninit::uninit() }; limits::RESPONSE_HEADERS];
    let mut response = httparse::Response::new(&mut []);
    let parsed = httparse::ParserConfig::default().parse_response_with_uninit_headers(
        &mut response,
        bytes,
        &mut headers,
    );
    let len = match parsed {
        Ok(httparse::Status::Complete(len)) => len,
        Ok(httparse::Status::Partial) => return Ok(Parsed::Incomplete),
        Err(error) => return Err(explain(error)),
    };
    let code = response.code.unwrap_or_default();
    let status = Status::new(code).ok_or("the status is not a number of three digits")?;
    match code {
        101 => Err("the target switched protocols without being asked"),
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

fn final_head(
    len: usize,
    status: Status,
    is_http_1_1: bool,
    headers: &[httparse::Header<'_>],
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

/// The headers that decide about body and connection.
#[derive(Default)]
struct ConnectionFields {
    content_length: Option<u64>,
    transfer_encoding: Option<TransferEncoding>,
    close: bool,
    keep_alive: bool,
}

impl ConnectionFields {
    fn collect(headers: &[httparse::Header<'_>]) -> Result<Self, &'static str> {
        let mut fields = Self::default();
        for header in headers {
            // The lengths of the names sort almost every header out.
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

    fn length(&mut self, value: &[u8]) -> Result<(), &'static str> {
        let length = value.trim_ascii();
        let digits = !length.is_empty() && length.iter().all(u8::is_ascii_digit);
        let length = std::str::from_utf8(length)
            .ok()
            .and_then(|text| text.parse().ok());
        let length = length
            .filter(|_| digits)
            .ok_or("Content-Length is not a number")?;
        if self.content_length.is_some_and(|other| other != length) {
            return Err("two Content-Length headers contradict each other");
        }
        self.content_length = Some(length);
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

fn explain(error: httparse::Error) -> &'static str {
    match error {
        httparse::Error::HeaderName => "a response header has an illegal name",
        httparse::Error::HeaderValue => "a response header has an illegal value",
        httparse::Error::NewLine => "a line of the response head ends wrongly",
        httparse::Error::Status => "the status line is malformed",
        httparse::Error::TooManyHeaders => "the response has more than 128 headers",
        httparse::Error::Version => "the response is not HTTP/1.0 or HTTP/1.1",
        httparse::Error::Token => "the response does not begin with a status line",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str, is_head: bool) -> Head {
        match parse(text.as_bytes(), is_head) {
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
            let parsed = parse(&text[..cut], false);
            assert!(
                matches!(parsed, Ok(Parsed::Incomplete)),
                "cut at {cut}: {parsed:?}"
            );
        }
    }

    #[test]
    fn interim_responses_are_passed_over() {
        let text = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n";
        assert!(matches!(parse(text, false), Ok(Parsed::Interim(37))));
    }

    #[test]
    fn what_is_not_http_is_said_to_be_so() {
        let table = [
            "SSH-2.0-OpenSSH\r\n",
            "HTTP/2.0 200 OK\r\n\r\n",
            "HTTP/1.1 2x0 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
            "HTTP/1.1 200 OK\r\nbad name: x\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        ];
        for text in table {
            assert!(
                parse(text.as_bytes(), false).is_err(),
                "{text:?} was accepted"
            );
        }
    }
}
