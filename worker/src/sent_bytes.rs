//! The bytes of one request as they go out.

use std::ops::Deref;
use std::rc::Rc;

/// See the module.
#[derive(Debug)]
pub enum SentBytes {
    /// Those of other requests, too.
    Shared(Rc<[u8]>),
    /// Its own, to be given back to where they came from.
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
