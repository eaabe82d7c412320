//! Identifies the protocol of a peer that does not answer in HTTP/1.

/// Content type and major version of the first record of a TLS peer: an alert or a handshake message of
/// version 3.x (RFC 8446, 5.1).
const TLS_RECORDS: [[u8; 2]; 2] = [[0x15, 0x03], [0x16, 0x03]];
/// Types of the first frame of an HTTP/2 peer (RFC 9113, 3.4 and 6.8): SETTINGS, or GOAWAY if it did not
/// understand the request.
const HTTP_2_FRAMES: [u8; 2] = [0x04, 0x07];

/// Returns an error message that names the protocol of `bytes`, which are not an HTTP/1 response.
pub fn name(bytes: &[u8]) -> &'static str {
    if TLS_RECORDS.iter().any(|record| bytes.starts_with(record)) {
        return "the target answered with TLS, not HTTP; use an https:// URL";
    }
    // Three bytes of length, the type, the flags, and the stream identifier: 0 is the connection.
    if let [0, 0, _, kind, ..] = bytes
        && HTTP_2_FRAMES.contains(kind)
    {
        return "the target answered with HTTP/2 frames; this port supports only HTTP/2, and the engine sends HTTP/1.1";
    }
    if bytes.starts_with(b"HTTP/") {
        return "the response is not HTTP/1.0 or HTTP/1.1";
    }
    "the response does not begin with a status line"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_of_other_protocols_are_named() {
        let table: [(&[u8], &str); 6] = [
            (b"\x15\x03\x01\x00\x02\x02\x46", "TLS"),
            (b"\x16\x03\x03\x00\x7a", "TLS"),
            (b"\x00\x00\x12\x04\x00\x00\x00\x00\x00", "HTTP/2"),
            (b"\x00\x00\x08\x07\x00\x00\x00\x00\x00", "HTTP/2"),
            (b"HTTP/3 200\r\n", "not HTTP/1.0 or HTTP/1.1"),
            (b"SSH-2.0-OpenSSH\r\n", "status line"),
        ];
        for (bytes, expected) in table {
            assert!(name(bytes).contains(expected), "{bytes:?}: {}", name(bytes));
        }
    }
}
