//! How one request is to be answered, and what its answer does to the
//! connection.
//!
//! Knows of the request what every answer needs (is it `HEAD`, may the
//! connection stay, does it count) and writes to the output buffer. It does
//! not send.

use crate::head::{Framing, Head};
use crate::method::Method;
use crate::request::Request;
use crate::state::Local;

/// What becomes of the connection once an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    Continue,
    /// Send what is written, then close in order.
    Close,
    /// Send what is written, then reset.
    Reset,
    /// Close in order if so many answers were given on the connection.
    CloseAtAnswer(u64),
}

/// The manner of answering one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reply<'a> {
    pub(crate) local: &'a Local,
    head_only: bool,
    close: bool,
    counted: bool,
}

impl<'a> Reply<'a> {
    pub(crate) fn new(request: &Request<'_, '_>, counted: bool, local: &'a Local) -> Self {
        let head_only = request.method == Method::Head;
        Self {
            local,
            head_only,
            close: !request.keep_alive,
            counted,
        }
    }

    /// An answer to bytes that are no request: never counted, always closing.
    pub(crate) fn to_refused(local: &'a Local) -> Self {
        Self {
            local,
            head_only: false,
            close: true,
            counted: false,
        }
    }

    /// The same, but the connection closes afterwards.
    pub(crate) fn closing(self) -> Self {
        Self {
            close: true,
            ..self
        }
    }

    /// Counts the answer and appends its head, telling if the connection closes.
    pub(crate) fn head(self, out: &mut Vec<u8>, head: Head<'_>) {
        self.count(head.status);
        Head {
            close: self.close,
            ..head
        }
        .append_to(out);
    }

    /// Appends body bytes, unless the request was `HEAD`.
    pub(crate) fn body(self, out: &mut Vec<u8>, bytes: &[u8]) {
        if self.has_body() {
            out.extend_from_slice(bytes);
        }
    }

    /// Whether body bytes are to be sent at all.
    pub(crate) fn has_body(self) -> bool {
        !self.head_only
    }

    /// Appends a whole answer; the head's framing is set to the body's length.
    pub(crate) fn whole(self, out: &mut Vec<u8>, head: Head<'_>, body: &[u8]) -> After {
        let framing = Framing::Length(body.len() as u64);
        self.head(out, Head { framing, ..head });
        self.body(out, body);
        self.after()
    }

    /// Appends a whole plain-text answer.
    pub(crate) fn text(self, out: &mut Vec<u8>, status: u16, body: &str) -> After {
        self.whole(out, Head::new(status, Framing::NoBody), body.as_bytes())
    }

    /// Appends the fixed answer.
    pub(crate) fn fixed(self, out: &mut Vec<u8>) -> After {
        self.count(200);
        out.extend_from_slice(self.local.shared.fixed.bytes(self.close, self.head_only));
        self.after()
    }

    /// What the request itself wants to become of the connection.
    pub(crate) fn after(self) -> After {
        if self.close {
            After::Close
        } else {
            After::Continue
        }
    }

    fn count(self, status: u16) {
        if self.counted {
            self.local.counters().answered(status);
        }
    }
}
