//! The head of the last response: one that comes again byte for byte needs no parsing.
//!
//! Most responses of a run differ in their bodies only, for as long as the second of
//! their `Date` lasts. What a head says depends on nothing but its bytes, so the memory
//! can be out of date, but never wrong.

use std::cell::RefCell;

use vayu_shared::connection::HeadLimits;
use vayu_shared::sample::ErrorDetail;

use super::head::{Head, Parsed, parse};

/// Heads that are longer are not kept: comparing them costs as much as parsing.
const MOST_BYTES: usize = 4 * 1024;

/// See the module. For one request only, as what answers a HEAD is framed otherwise.
#[derive(Default)]
pub struct HeadMemory(RefCell<Option<Known>>);

struct Known {
    /// To the empty line, which is part of it.
    bytes: Vec<u8>,
    head: Head,
}

impl HeadMemory {
    /// As [`parse`].
    ///
    /// # Errors
    /// As [`parse`].
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
            && head.len <= MOST_BYTES
        {
            keep(known, &received[..head.len], head);
        }
        Ok(parsed)
    }
}

/// In the memory of the one before, which is as long as a rule.
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
            let memory = HeadMemory::default();
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
