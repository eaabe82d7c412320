//! Writes response heads.
//!
//! All well-formed heads of the origin are written here, so they have the same format. There is no `Date`
//! header, so the bytes of the fixed response never change.

/// How a response delimits its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    Length(u64),
    Chunked,
    /// The end of the connection ends the body.
    UntilClose,
    /// A body is not allowed, as with 204.
    NoBody,
}

/// One response head.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head<'a> {
    pub(crate) status: u16,
    pub(crate) framing: Framing,
    /// The minor version: y in HTTP/1.y.
    pub(crate) minor_version: u8,
    pub(crate) content_type: &'a [u8],
    pub(crate) close: bool,
    pub(crate) extra: &'a [(&'a str, &'a [u8])],
}

impl Head<'_> {
    /// Creates a head with that status: text/plain, HTTP/1.1, keep-alive.
    pub(crate) fn new(status: u16, framing: Framing) -> Self {
        Self {
            status,
            framing,
            minor_version: 1,
            content_type: b"text/plain",
            close: false,
            extra: &[],
        }
    }

    /// Appends the head including the empty line that ends it.
    pub(crate) fn append_to(&self, out: &mut Vec<u8>) {
        self.append_status_line(out);
        append_header(out, "Server", b"vayu-origin");
        if self.framing != Framing::NoBody && !self.content_type.is_empty() {
            append_header(out, "Content-Type", self.content_type);
        }
        for (name, value) in self.extra {
            append_header(out, name, value);
        }
        match self.framing {
            Framing::Length(length) => append_length(out, length),
            Framing::Chunked => append_header(out, "Transfer-Encoding", b"chunked"),
            Framing::UntilClose | Framing::NoBody => {}
        }
        if self.close {
            append_header(out, "Connection", b"close");
        }
        out.extend_from_slice(b"\r\n");
    }

    fn append_status_line(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"HTTP/1.");
        append_decimal(out, u64::from(self.minor_version));
        out.push(b' ');
        append_decimal(out, u64::from(self.status));
        out.push(b' ');
        out.extend_from_slice(reason(self.status).as_bytes());
        out.extend_from_slice(b"\r\n");
    }
}

/// Appends one header line.
fn append_header(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

fn append_length(out: &mut Vec<u8>, length: u64) {
    out.extend_from_slice(b"Content-Length: ");
    append_decimal(out, length);
    out.extend_from_slice(b"\r\n");
}

/// Appends a number without allocating.
fn append_decimal(out: &mut Vec<u8>, mut number: u64) {
    let start = out.len();
    loop {
        out.push(b'0' + (number % 10) as u8);
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out[start..].reverse();
}

/// Returns the standard reason phrase (RFC 9110 and the registered extensions).
#[rustfmt::skip]
pub(crate) fn reason(status: u16) -> &'static str {
    match status {
        103 => "Early Hints",
        200 => "OK", 201 => "Created", 202 => "Accepted",
        203 => "Non-Authoritative Information", 204 => "No Content",
        205 => "Reset Content", 206 => "Partial Content", 207 => "Multi-Status",
        208 => "Already Reported", 226 => "IM Used",
        300 => "Multiple Choices", 301 => "Moved Permanently", 302 => "Found",
        303 => "See Other", 304 => "Not Modified", 305 => "Use Proxy",
        307 => "Temporary Redirect", 308 => "Permanent Redirect",
        400 => "Bad Request", 401 => "Unauthorized", 402 => "Payment Required",
        403 => "Forbidden", 404 => "Not Found", 405 => "Method Not Allowed",
        406 => "Not Acceptable", 407 => "Proxy Authentication Required",
        408 => "Request Timeout", 409 => "Conflict", 410 => "Gone",
        411 => "Length Required", 412 => "Precondition Failed",
        413 => "Content Too Large", 414 => "URI Too Long",
        415 => "Unsupported Media Type", 416 => "Range Not Satisfiable",
        417 => "Expectation Failed", 418 => "I'm a Teapot",
        421 => "Misdirected Request", 422 => "Unprocessable Content",
        423 => "Locked", 424 => "Failed Dependency", 425 => "Too Early",
        426 => "Upgrade Required", 428 => "Precondition Required",
        429 => "Too Many Requests", 431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error", 501 => "Not Implemented",
        502 => "Bad Gateway", 503 => "Service Unavailable",
        504 => "Gateway Timeout", 505 => "HTTP Version Not Supported",
        506 => "Variant Also Negotiates", 507 => "Insufficient Storage",
        508 => "Loop Detected", 510 => "Not Extended",
        511 => "Network Authentication Required",
        _ => "Unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(head: Head<'_>) -> String {
        let mut out = Vec::new();
        head.append_to(&mut out);
        String::from_utf8(out).expect("heads are ASCII")
    }

    #[test]
    fn a_plain_head() {
        let head = Head::new(200, Framing::Length(1050));
        let expected = "HTTP/1.1 200 OK\r\nServer: vayu-origin\r\nContent-Type: text/plain\r\n\
                        Content-Length: 1050\r\n\r\n";
        assert_eq!(written(head), expected);
    }

    #[test]
    fn a_head_without_a_body_has_no_length() {
        let head = Head {
            close: true,
            ..Head::new(204, Framing::NoBody)
        };
        let expected =
            "HTTP/1.1 204 No Content\r\nServer: vayu-origin\r\nConnection: close\r\n\r\n";
        assert_eq!(written(head), expected);
    }

    #[test]
    fn extra_headers_stand_before_the_framing() {
        let extra: [(&str, &[u8]); 1] = [("x-method", b"PUT")];
        let head = Head {
            extra: &extra,
            ..Head::new(200, Framing::Chunked)
        };
        assert!(written(head).ends_with("x-method: PUT\r\nTransfer-Encoding: chunked\r\n\r\n"));
    }

    #[test]
    fn decimals_are_written_in_full() {
        for number in [0, 9, 10, 4096, u64::MAX] {
            let mut out = Vec::new();
            append_decimal(&mut out, number);
            assert_eq!(out, number.to_string().into_bytes());
        }
    }
}
