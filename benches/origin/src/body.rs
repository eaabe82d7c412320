//! Request bodies: finds the end of a body and returns its bytes without framing.
//!
//! Works on the bytes received so far and is called again when more arrive. A body is never copied here: a
//! chunked body keeps its wire format and is read chunk by chunk. Trailers are skipped.

use httparse::Status;

use crate::request::RequestError;

/// Maximum request body size, in bytes.
pub(crate) const MAX_BODY_BYTES: usize = 16 << 20;

/// Maximum wire size of a chunked body including framing, in bytes.
const MAX_CHUNKED_WIRE_BYTES: usize = 2 * MAX_BODY_BYTES;

const MAX_TRAILERS: usize = 32;

/// How a request delimits its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    Length(u64),
    Chunked,
}

/// A complete request body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Body<'b> {
    wire: &'b [u8],
    chunked: bool,
    length: usize,
}

impl<'b> Body<'b> {
    /// Finds the body at the start of `bytes`. Returns `None` while it is incomplete.
    ///
    /// # Errors
    ///
    /// Returns an error if the framing is invalid or the body exceeds [`MAX_BODY_BYTES`].
    pub(crate) fn find(framing: Framing, bytes: &'b [u8]) -> Result<Option<Self>, RequestError> {
        match framing {
            Framing::Chunked => find_chunked(bytes),
            Framing::Length(length) if length > MAX_BODY_BYTES as u64 => {
                Err(RequestError::BodyTooLarge)
            }
            Framing::Length(length) => {
                let length = length as usize;
                let wire = bytes.get(..length);
                Ok(wire.map(|wire| Self {
                    wire,
                    chunked: false,
                    length,
                }))
            }
        }
    }

    /// Returns the length without framing, in bytes.
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// Returns the length on the wire, including framing and trailers, in bytes.
    pub(crate) fn wire_length(&self) -> usize {
        self.wire.len()
    }

    /// Appends the body without its framing.
    pub(crate) fn append_to(&self, out: &mut Vec<u8>) {
        if !self.chunked {
            return out.extend_from_slice(self.wire);
        }
        let mut rest = self.wire;
        while let Ok(Some(chunk)) = Chunk::read(rest) {
            if chunk.data.is_empty() {
                return;
            }
            out.extend_from_slice(chunk.data);
            rest = &rest[chunk.wire_length..];
        }
    }
}

/// One chunk. The last chunk of a body has no data.
struct Chunk<'b> {
    data: &'b [u8],
    wire_length: usize,
}

impl<'b> Chunk<'b> {
    /// Reads the chunk at the start of `bytes`. Returns `None` while it is incomplete.
    fn read(bytes: &'b [u8]) -> Result<Option<Self>, RequestError> {
        // httparse treats a missing size as zero.
        if bytes.first().is_some_and(|byte| !byte.is_ascii_hexdigit()) {
            return Err(RequestError::Malformed("chunk without a size"));
        }
        match httparse::parse_chunk_size(bytes) {
            Err(_) => Err(RequestError::Malformed("invalid chunk size")),
            Ok(Status::Partial) => Ok(None),
            Ok(Status::Complete((_, size))) if size > MAX_BODY_BYTES as u64 => {
                Err(RequestError::BodyTooLarge)
            }
            Ok(Status::Complete((start, size))) => Self::with_data(bytes, start, size as usize),
        }
    }

    fn with_data(bytes: &'b [u8], start: usize, size: usize) -> Result<Option<Self>, RequestError> {
        let end = start + size;
        if size == 0 {
            return Ok(Some(Self {
                data: &[],
                wire_length: end,
            }));
        }
        match bytes.get(end..end + 2) {
            Some(b"\r\n") => Ok(Some(Self {
                data: &bytes[start..end],
                wire_length: end + 2,
            })),
            Some(_) => Err(RequestError::Malformed("chunk longer than its size")),
            None => Ok(None),
        }
    }
}

fn find_chunked(bytes: &[u8]) -> Result<Option<Body<'_>>, RequestError> {
    let (mut at, mut length) = (0, 0);
    while let Some(chunk) = Chunk::read(&bytes[at..])? {
        at += chunk.wire_length;
        length += chunk.data.len();
        if length > MAX_BODY_BYTES {
            return Err(RequestError::BodyTooLarge);
        }
        if chunk.data.is_empty() {
            let end = trailers_length(&bytes[at..])?.map(|trailers| at + trailers);
            return Ok(end.map(|end| Body {
                wire: &bytes[..end],
                chunked: true,
                length,
            }));
        }
    }
    if bytes.len() > MAX_CHUNKED_WIRE_BYTES {
        return Err(RequestError::BodyTooLarge);
    }
    Ok(None)
}

/// Returns the length of the trailers including the empty line that ends them.
fn trailers_length(bytes: &[u8]) -> Result<Option<usize>, RequestError> {
    let mut slots = [httparse::EMPTY_HEADER; MAX_TRAILERS];
    match httparse::parse_headers(bytes, &mut slots) {
        Ok(Status::Complete((length, _))) => Ok(Some(length)),
        Ok(Status::Partial) => Ok(None),
        Err(_) => Err(RequestError::Malformed("invalid trailer")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(framing: Framing, bytes: &[u8]) -> Result<Option<(Vec<u8>, usize)>, RequestError> {
        let found = Body::find(framing, bytes)?;
        Ok(found.map(|body| {
            let mut out = Vec::new();
            body.append_to(&mut out);
            assert_eq!(out.len(), body.length());
            (out, body.wire_length())
        }))
    }

    #[test]
    fn chunked_bodies_decode() {
        let rows: &[(&[u8], &[u8])] = &[
            (b"0\r\n\r\n", b""),
            (b"5\r\nhello\r\n0\r\n\r\n", b"hello"),
            (b"5;ext=1\r\nhello\r\n1\r\n!\r\n0\r\n\r\n", b"hello!"),
            (b"A\r\n0123456789\r\n0\r\nx-sum: 1\r\n\r\n", b"0123456789"),
        ];
        for (wire, body) in rows {
            let expected = Some((body.to_vec(), wire.len()));
            assert_eq!(decoded(Framing::Chunked, wire), Ok(expected));
            for cut in 0..wire.len() {
                assert_eq!(
                    decoded(Framing::Chunked, &wire[..cut]),
                    Ok(None),
                    "cut at {cut}"
                );
            }
        }
    }

    #[test]
    fn broken_chunks_are_refused() {
        for wire in [
            &b"x\r\n"[..],
            b"\r\n",
            b"5\r\nhelloo\r\n",
            b"-1\r\n",
            b"0\r\n: x\r\n\r\n",
        ] {
            let refusal = decoded(Framing::Chunked, wire).expect_err("broken framing");
            assert!(matches!(refusal, RequestError::Malformed(_)), "{wire:?}");
        }
    }

    #[test]
    fn oversized_bodies_are_refused_before_they_arrive() {
        let over = MAX_BODY_BYTES as u64 + 1;
        assert_eq!(
            decoded(Framing::Length(over), b""),
            Err(RequestError::BodyTooLarge)
        );
        assert_eq!(
            decoded(Framing::Chunked, b"1000001\r\n"),
            Err(RequestError::BodyTooLarge)
        );
    }

    #[test]
    fn a_length_waits_for_all_its_bytes() {
        assert_eq!(decoded(Framing::Length(3), b"ab"), Ok(None));
        assert_eq!(
            decoded(Framing::Length(3), b"abcd"),
            Ok(Some((b"abc".to_vec(), 3)))
        );
        assert_eq!(decoded(Framing::Length(0), b""), Ok(Some((Vec::new(), 0))));
    }
}
