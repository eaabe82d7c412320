//! How to respond to one request, and the effect of the response on the connection.
//!
//! Holds what every response needs to know about its request (whether it is `HEAD`, whether the connection
//! stays open, whether it is counted) and writes to the output buffer. It does not send.

use crate::head::{Framing, Head};
use crate::method::Method;
use crate::request::Request;
use crate::state::Local;

/// What happens to the connection after a response is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    Continue,
    /// Send the output, then close gracefully.
    Close,
    /// Send the output, then reset.
    Reset,
    /// Close gracefully after this many responses on the connection.
    CloseAfterResponses(u64),
}

/// Response parameters of one request.
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

    /// Creates a reply to an invalid request: never counted, always closing.
    pub(crate) fn to_refused(local: &'a Local) -> Self {
        Self {
            local,
            head_only: false,
            close: true,
            counted: false,
        }
    }

    /// Returns the same reply, but the connection closes afterwards.
    pub(crate) fn closing(self) -> Self {
        Self {
            close: true,
            ..self
        }
    }

    /// Counts the response and appends its head. Sets `Connection: close` if the connection closes.
    pub(crate) fn head(self, out: &mut Vec<u8>, head: Head<'_>) {
        self.count(head.status);
        Head {
            close: self.close,
            ..head
        }
        .append_to(out);
    }

    /// Appends body bytes unless the request is `HEAD`.
    pub(crate) fn body(self, out: &mut Vec<u8>, bytes: &[u8]) {
        if self.has_body() {
            out.extend_from_slice(bytes);
        }
    }

    /// Returns whether body bytes are sent.
    pub(crate) fn has_body(self) -> bool {
        !self.head_only
    }

    /// Appends a complete response. Sets the head's framing to the body length.
    pub(crate) fn whole(self, out: &mut Vec<u8>, head: Head<'_>, body: &[u8]) -> After {
        let framing = Framing::Length(body.len() as u64);
        self.head(out, Head { framing, ..head });
        self.body(out, body);
        self.after()
    }

    /// Appends a complete text/plain response.
    pub(crate) fn text(self, out: &mut Vec<u8>, status: u16, body: &str) -> After {
        self.whole(out, Head::new(status, Framing::NoBody), body.as_bytes())
    }

    /// Appends the fixed response.
    pub(crate) fn fixed(self, out: &mut Vec<u8>) -> After {
        self.count(200);
        out.extend_from_slice(self.local.shared.fixed.bytes(self.close, self.head_only));
        self.after()
    }

    /// Returns what the request itself requires for the connection.
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
