//! The encoded bytes of one request.

use std::ops::Deref;
use std::rc::Rc;

/// The encoded bytes of one request, shared or owned.
#[derive(Debug)]
pub enum SentBytes {
    /// Shared with other requests.
    Shared(Rc<[u8]>),
    /// Owned by the request. The buffer has to be returned for reuse.
    Own(Vec<u8>),
}

impl Deref for SentBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Shared(bytes) => bytes,
            Self::Own(bytes) => bytes,
        }
    }
}
