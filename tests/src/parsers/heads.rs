//! Heads of responses.

use vayu_worker::kernels::{Heads, head, head_length};

/// How many shorter inputs are tried of each head.
const CUTS: usize = 64;

/// A head ends where it ends: with more behind it, with nothing behind it, and read again by
/// who remembers the last one. None of its beginnings is a head, or refused.
pub fn response_head(bytes: &[u8]) {
    let Some(Some(length)) = head(bytes) else {
        return;
    };
    assert!(length <= bytes.len(), "{length} of {}", bytes.len());
    assert_eq!(
        head(&bytes[..length]),
        Some(Some(length)),
        "nothing behind it"
    );
    for cut in (0..length).step_by(length.div_ceil(CUTS)) {
        assert_eq!(head(&bytes[..cut]), Some(None), "cut at {cut} of {length}");
    }
    let heads = Heads::default();
    let fresh = head_length(bytes);
    assert_eq!(heads.length(bytes), fresh, "the first time");
    assert_eq!(heads.length(bytes), fresh, "the second time");
}
