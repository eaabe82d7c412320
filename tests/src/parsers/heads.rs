//! Response heads.

use vayu_worker::bench_api::{Heads, head, head_length};

/// Maximum number of prefixes checked per head.
const CUTS: usize = 64;

/// The end of a head does not depend on the bytes after it or on a memory of the previous head. No proper
/// prefix of a head is complete or rejected.
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
