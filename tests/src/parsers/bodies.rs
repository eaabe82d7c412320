//! Response bodies, as a hostile target may send them.

use vayu_worker::bench_api::body;

const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/// A response has the same body wherever its bytes are split. The first input byte is the position of the
/// split.
pub fn response_body(input: &[u8]) {
    let Some((&cut, bytes)) = input.split_first() else {
        return;
    };
    let whole = body(bytes, &[]);
    let cut = usize::from(cut);
    assert_eq!(whole, body(bytes, &[cut]), "cut at {cut}");
    assert_eq!(
        whole,
        body(bytes, &[cut, 2 * cut]),
        "cut at {cut} and {}",
        2 * cut
    );
}

/// Chunks decode to the same body in one piece and byte by byte, and an encoded body decodes to itself. The
/// input is used first as the bytes after the head, then as chunk size and payload.
pub fn chunks(input: &[u8]) {
    let received = [CHUNKED, input].concat();
    let every_byte: Vec<usize> = (1..input.len()).collect();
    assert_eq!(
        body(&received, &[]),
        body(&received, &every_byte),
        "byte by byte"
    );

    let Some((&size, payload)) = input.split_first() else {
        return;
    };
    let written = written(payload, usize::from(size).max(1));
    let whole = Some((payload.to_vec(), true));
    assert_eq!(body(&written, &[]), whole, "chunks of {size}");
    assert_eq!(
        body(&written, &[usize::from(size)]),
        whole,
        "chunks of {size}, cut there"
    );
}

/// Encodes `payload` in chunks of `size` bytes, every other one with an extension, and a trailer.
fn written(payload: &[u8], size: usize) -> Vec<u8> {
    let mut bytes = CHUNKED.to_vec();
    for (number, chunk) in payload.chunks(size).enumerate() {
        let extension = if number % 2 == 0 {
            ""
        } else {
            ";name=\"value\""
        };
        bytes.extend_from_slice(format!("{:X}{extension}\r\n", chunk.len()).as_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\nExpires: never\r\n\r\n");
    bytes
}
