//! Cache of the last response head: an identical head needs no parsing.
//!
//! For as long as the second in their `Date` lasts, most responses of a run differ only in their bodies. The
//! result of parsing depends only on the bytes of the head, so the cache can miss but never returns a wrong
//! result.

use std::cell::RefCell;

use vayu_shared::connection::HeadLimits;
use vayu_shared::sample::ErrorDetail;

use super::head::{Head, Parsed, parse};

/// Maximum length of a cached head in bytes. Comparing longer heads costs as much as parsing them.
const MAX_BYTES: usize = 4 * 1024;

/// The cache. Serves one request only, because the response to a HEAD request is framed differently.
#[derive(Default)]
pub struct HeadCache(RefCell<Option<Known>>);

struct Known {
    /// The head including the terminating empty line.
    bytes: Vec<u8>,
    head: Head,
}

impl HeadCache {
    /// Like [`parse`], with the cache.
    ///
    /// # Errors
    /// Returns an error under the same conditions as [`parse`].
    pub fn parse(
        &self,
        received: &[u8],
        is_head: bool,
        limits: HeadLimits,
    ) -> Result<Parsed, ErrorDetail> {
        let known = &mut *self.0.borrow_mut();
        if let Some(known) = known
            && received.starts_with(&known.bytes)
        {
            return Ok(Parsed::Final(known.head));
        }
        let parsed = parse(received, is_head, limits)?;
        if let Parsed::Final(head) = parsed
            && head.len <= MAX_BYTES
        {
            keep(known, &received[..head.len], head);
        }
        Ok(parsed)
    }
}

/// Caches a head. Reuses the memory of the previous one, which usually has the same length.
fn keep(known: &mut Option<Known>, bytes: &[u8], head: Head) {
    match known {
        Some(known) => {
            known.bytes.clear();
            known.bytes.extend_from_slice(bytes);
            known.head = head;
        }
        None => {
            *known = Some(Known {
                bytes: bytes.to_vec(),
                head,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_parsing_says_whatever_came_before() {
        let heads = [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n",
            "",
        ];
        for is_head in [false, true] {
            let memory = HeadCache::default();
            for (one, other) in heads.iter().flat_map(|one| heads.map(|other| (one, other))) {
                for text in [*one, other] {
                    let limits = HeadLimits::default();
                    let remembered = memory.parse(text.as_bytes(), is_head, limits);
                    let parsed = parse(text.as_bytes(), is_head, limits);
                    assert_eq!(format!("{remembered:?}"), format!("{parsed:?}"), "{text:?}");
                }
            }
        }
    }
}
