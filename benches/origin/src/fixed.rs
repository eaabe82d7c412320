//! The prebuilt response to `GET /`, sent by the fast path.

use crate::head::{Framing, Head};

/// The fixed response in two variants: keep-alive and `Connection: close`.
#[derive(Debug)]
pub(crate) struct FixedResponse {
    staying: Prebuilt,
    closing: Prebuilt,
}

#[derive(Debug)]
struct Prebuilt {
    bytes: Vec<u8>,
    head_length: usize,
}

impl FixedResponse {
    /// Builds the response with a body of `body_size` bytes.
    pub(crate) fn new(body_size: usize) -> Self {
        Self {
            staying: Prebuilt::new(body_size, false),
            closing: Prebuilt::new(body_size, true),
        }
    }

    /// Returns the bytes to send: the whole response, or only its head for `HEAD`.
    pub(crate) fn bytes(&self, close: bool, head_only: bool) -> &[u8] {
        let prebuilt = if close { &self.closing } else { &self.staying };
        if head_only {
            &prebuilt.bytes[..prebuilt.head_length]
        } else {
            &prebuilt.bytes
        }
    }

    /// Returns the body.
    pub(crate) fn body(&self) -> &[u8] {
        &self.staying.bytes[self.staying.head_length..]
    }
}

impl Prebuilt {
    fn new(body_size: usize, close: bool) -> Self {
        let mut bytes = Vec::new();
        let head = Head {
            close,
            ..Head::new(200, Framing::Length(body_size as u64))
        };
        head.append_to(&mut bytes);
        let head_length = bytes.len();
        bytes.resize(head_length + body_size, b'x');
        Self { bytes, head_length }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_fit_together() {
        let answer = FixedResponse::new(3);
        let whole = answer.bytes(false, false);
        assert!(whole.ends_with(b"Content-Length: 3\r\n\r\nxxx"));
        assert_eq!(answer.bytes(false, true), &whole[..whole.len() - 3]);
        assert!(
            answer
                .bytes(true, true)
                .ends_with(b"Connection: close\r\n\r\n")
        );
        assert_eq!(answer.body(), b"xxx");
    }
}
