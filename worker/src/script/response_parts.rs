//! A response as scripts read it: its head, and its body up to a limit. What a script
//! does not ask for is not read.

use std::borrow::Cow;
use std::cell::OnceCell;

use serde_json::Value;
use vayu_shared::content::charset;
use vayu_shared::content::coding::{self, Decoded};
use vayu_shared::http::HeadView;

/// How much of a body scripts see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BodyLimit {
    /// The first bytes of the body that are kept.
    pub bytes: u64,
    /// The name of the setting that says so.
    pub setting: &'static str,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseParts {
    /// Status line and header lines, to the empty line.
    head: Vec<u8>,
    /// The first bytes of its body as they came, without framing.
    body: Vec<u8>,
    /// The body without content coding, once a script has asked for it; none where it
    /// has no coding, or is not in the one it is said to be in.
    decoded: OnceCell<Option<Decoded>>,
    /// All bytes of the body as they came, without framing.
    arrived: u64,
    /// Whether the body goes on behind what is here.
    is_cut: bool,
    limit: BodyLimit,
}

impl ResponseParts {
    /// No response yet; of later ones, scripts see as much as `limit` says.
    #[must_use]
    pub fn with_limit(limit: BodyLimit) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// Another response in place of this one: its head, the first bytes of its body, and
    /// how many bytes the body had.
    pub fn set(&mut self, head: &[u8], body: &[u8], arrived: u64) {
        self.clear();
        self.head.extend_from_slice(head);
        let limit = usize::try_from(self.limit.bytes).unwrap_or(usize::MAX);
        self.body.extend_from_slice(&body[..body.len().min(limit)]);
        self.arrived = arrived;
        self.is_cut = arrived > self.body.len() as u64;
    }

    /// No response.
    pub fn clear(&mut self) {
        self.head.clear();
        self.body.clear();
        self.decoded = OnceCell::new();
        self.arrived = 0;
        self.is_cut = false;
    }

    /// A response whose body has no content coding any more.
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

    /// This response, of whose body `arrived` bytes came; where it `is_cut`, `limit` is why.
    #[must_use]
    pub fn received(self, arrived: u64, is_cut: bool, limit: BodyLimit) -> Self {
        Self {
            arrived,
            is_cut,
            limit,
            ..self
        }
    }

    /// The body without content coding, as far as it is here.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        self.decoded().map_or(&self.body, |decoded| &decoded.bytes)
    }

    /// [`Self::content`] as text.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        let (kind, content) = (self.content_type(), self.content());
        match self.is_cut() {
            true => charset::text_of_cut(&kind, content).into(),
            false => charset::text(&kind, content),
        }
    }

    /// [`Self::text`] as bytes, for a reader that checks them itself.
    #[must_use]
    pub fn text_bytes(&self) -> Cow<'_, [u8]> {
        charset::utf8_bytes(&self.content_type(), self.content())
    }

    /// All bytes of the body as they came.
    #[must_use]
    pub fn arrived(&self) -> u64 {
        self.arrived
    }

    /// Whether the body goes on behind [`Self::content`].
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.is_cut || self.decoded().is_some_and(|decoded| decoded.truncated)
    }

    /// Undone when a script first asks: what it does not read costs nothing.
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

    /// Why JSON of this body cannot be parsed: it is cut.
    #[must_use]
    pub fn cut_message(&self) -> Option<String> {
        let BodyLimit { bytes, setting } = self.limit;
        self.is_cut()
            .then(|| cut_message(self.arrived, bytes, setting))
    }

    /// Bytes of the head.
    #[must_use]
    pub fn head_bytes(&self) -> usize {
        self.head.len()
    }

    /// The head.
    #[must_use]
    pub fn head(&self) -> HeadView<'_> {
        HeadView::new(&self.head)
    }

    /// The last header of a name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        self.head().values(name).last()
    }

    /// The cookies it sets, as JSON: a list of the lines.
    #[must_use]
    pub fn cookies(&self) -> String {
        let lines = self.head().values("set-cookie");
        lines.map(Value::from).collect::<Value>().to_string()
    }
}

/// What scripts are told that parse a body which is cut after `limit` bytes.
#[must_use]
pub fn cut_message(arrived: u64, limit: u64, setting: &str) -> String {
    format!(
        "the response body is cut after {limit} bytes (`{setting}`; {arrived} bytes were received), so it cannot be parsed as JSON: \
         set `{setting}` to a larger value, or test pm.response.truncated first"
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
            assert_eq!((parts.arrived(), parts.is_cut()), (arrived, is_cut));
            let told = parts.cut_message().unwrap_or_default();
            assert_eq!(told.contains("`scriptBodyBytes`"), is_cut, "{told}");
            parts.clear();
            assert_eq!((parts.content(), parts.is_cut()), (&b""[..], false));
        }
    }
}
