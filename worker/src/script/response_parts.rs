//! A response as scripts read it: its head, and its body up to a limit. Parts that a script does not read are
//! not decoded.

use std::borrow::Cow;
use std::cell::OnceCell;

use serde_json::Value;
use vayu_shared::content::charset;
use vayu_shared::content::coding::{self, Decoded};
use vayu_shared::http::HeadView;

/// Limit on the part of a body that scripts see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BodyLimit {
    /// Maximum bytes of the body that are kept.
    pub bytes: u64,
    /// Name of the setting that sets the limit.
    pub setting: &'static str,
}

/// A response as scripts read it. See the module documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseParts {
    /// Status line and header lines, up to the empty line.
    head: Vec<u8>,
    /// First bytes of the body as received, without transfer framing.
    body: Vec<u8>,
    /// The body without content coding, set when a script first reads it. `None` if the body has no content
    /// coding or does not match the declared one.
    decoded: OnceCell<Option<Decoded>>,
    /// Total bytes of the body as received, without transfer framing.
    arrived: u64,
    /// Whether the body continues beyond `body`.
    is_cut: bool,
    limit: BodyLimit,
}

impl ResponseParts {
    /// Creates a value without a response. Of later responses, scripts see as much as `limit` allows.
    #[must_use]
    pub fn with_limit(limit: BodyLimit) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// Sets the response: its head, the first bytes of its body, and the total bytes of its body.
    pub fn set(&mut self, head: &[u8], body: &[u8], arrived: u64) {
        self.clear();
        self.head.extend_from_slice(head);
        let limit = usize::try_from(self.limit.bytes).unwrap_or(usize::MAX);
        self.body.extend_from_slice(&body[..body.len().min(limit)]);
        self.arrived = arrived;
        self.is_cut = arrived > self.body.len() as u64;
    }

    /// Removes the response.
    pub fn clear(&mut self) {
        self.head.clear();
        self.body.clear();
        self.decoded = OnceCell::new();
        self.arrived = 0;
        self.is_cut = false;
    }

    /// Creates a response whose body has no content coding any more.
    #[must_use]
    pub fn decoded_already(head: Vec<u8>, body: Vec<u8>) -> Self {
        Self {
            head,
            arrived: body.len() as u64,
            body,
            decoded: OnceCell::from(None),
            ..Self::default()
        }
    }

    /// Returns this response with `arrived` as the received bytes of its body. If it `is_cut`, `limit` is the
    /// reason.
    #[must_use]
    pub fn received(self, arrived: u64, is_cut: bool, limit: BodyLimit) -> Self {
        Self {
            arrived,
            is_cut,
            limit,
            ..self
        }
    }

    /// Returns the body without content coding, as far as it is kept.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        self.decoded().map_or(&self.body, |decoded| &decoded.bytes)
    }

    /// Returns [`Self::content`] as text.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        let (kind, content) = (self.content_type(), self.content());
        match self.is_truncated() {
            true => charset::truncated_text(&kind, content).into(),
            false => charset::text(&kind, content),
        }
    }

    /// Returns [`Self::text`] as bytes, for a reader that validates them itself.
    #[must_use]
    pub fn text_bytes(&self) -> Cow<'_, [u8]> {
        charset::utf8_bytes(&self.content_type(), self.content())
    }

    /// Returns the total bytes of the body as received.
    #[must_use]
    pub fn arrived(&self) -> u64 {
        self.arrived
    }

    /// Returns whether the body continues beyond [`Self::content`].
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.is_cut || self.decoded().is_some_and(|decoded| decoded.truncated)
    }

    /// Decodes the body when a script first reads it: what it does not read costs nothing.
    fn decoded(&self) -> Option<&Decoded> {
        let decode = || {
            if self.body.is_empty() {
                return None;
            }
            let codings: Vec<Cow<'_, str>> = self.head().values("content-encoding").collect();
            if codings.is_empty() {
                return None;
            }
            let limit = usize::try_from(self.limit.bytes).unwrap_or(usize::MAX);
            coding::decode(&codings.join(", "), &self.body, limit).ok()
        };
        self.decoded.get_or_init(decode).as_ref()
    }

    fn content_type(&self) -> Cow<'_, str> {
        self.header("content-type").unwrap_or_default()
    }

    /// Returns why JSON of this body cannot be parsed, if the body is truncated.
    #[must_use]
    pub fn truncation_message(&self) -> Option<String> {
        let BodyLimit { bytes, setting } = self.limit;
        self.is_truncated()
            .then(|| truncation_message(self.arrived, bytes, setting))
    }

    /// Returns the size of the head in bytes.
    #[must_use]
    pub fn head_bytes(&self) -> usize {
        self.head.len()
    }

    /// Returns the head.
    #[must_use]
    pub fn head(&self) -> HeadView<'_> {
        HeadView::new(&self.head)
    }

    /// Returns the last header with this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        self.head().values(name).last()
    }

    /// Returns the cookies that the response sets, as a JSON list of `Set-Cookie` values.
    #[must_use]
    pub fn cookies(&self) -> String {
        let lines = self.head().values("set-cookie");
        lines.map(Value::from).collect::<Value>().to_string()
    }
}

/// Returns the error message for a script that parses a body truncated after `limit` bytes.
#[must_use]
pub fn truncation_message(arrived: u64, limit: u64, setting: &str) -> String {
    format!(
        "the response body is truncated after {limit} bytes (`{setting}`; {arrived} bytes were received), so it cannot be parsed as JSON: \
         set `{setting}` to a larger value, or check pm.response.truncated first"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_shown_up_to_its_limit() {
        let head = b"HTTP/1.1 200 OK\r\n\r\n";
        for (limit, kept, arrived, shown, is_cut) in [
            (4, "abcd", 4, "abcd", false),
            (4, "abcd", 9, "abcd", true),
            (4, "abcdef", 6, "abcd", true),
            (9, "abcd", 4, "abcd", false),
            (0, "abcd", 4, "", true),
            (0, "", 0, "", false),
        ] {
            let setting = "scriptBodyBytes";
            let mut parts = ResponseParts::with_limit(BodyLimit {
                bytes: limit,
                setting,
            });
            parts.set(head, b"the one before", 14);
            parts.set(head, kept.as_bytes(), arrived);
            assert_eq!(parts.content(), shown.as_bytes(), "{limit} of {kept}");
            assert_eq!((parts.arrived(), parts.is_truncated()), (arrived, is_cut));
            let told = parts.truncation_message().unwrap_or_default();
            assert_eq!(told.contains("`scriptBodyBytes`"), is_cut, "{told}");
            parts.clear();
            assert_eq!((parts.content(), parts.is_truncated()), (&b""[..], false));
        }
    }
}
