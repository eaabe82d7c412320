//! HTTP types of the plan: methods (`method`), headers, connection endpoints of URLs (`endpoint`),
//! credentials in URLs (`login`), and response heads (`head_view`).
//!
//! Contains types and their syntax rules. The bytes on the wire are built by [`crate::request`] and parsed by
//! the worker.

mod endpoint;
mod head_view;
mod login;
mod method;

pub use endpoint::Endpoint;
pub use head_view::HeadView;
pub use login::Login;
pub use method::Method;

/// One validated header line of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The name as written by the user.
    pub name: String,
    /// The value.
    pub value: String,
}

impl Header {
    /// Validates the syntax of RFC 9110, 5.1 and 5.5, so that a header cannot smuggle in a second one.
    ///
    /// # Errors
    /// Returns a message if the name or the value is invalid.
    pub fn new(name: &str, value: &str) -> Result<Self, String> {
        if name.is_empty() || !name.bytes().all(is_token_byte) {
            return Err(format!(
                "{name:?} is not a valid header name; use letters, digits and -"
            ));
        }
        if value.bytes().any(|b| (b < 0x20 && b != b'\t') || b == 0x7f) {
            return Err(
                "contains a control character (such as a line break) in its value; remove it"
                    .into(),
            );
        }
        Ok(Self {
            name: name.to_owned(),
            value: value.trim().to_owned(),
        })
    }

    /// Returns whether the header has this name, case-insensitively.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// Returns a conflict that prevents these headers from being sent in one request: the header name and the
/// problem. The only transfer coding supported is chunked, and a request has one Host and at most one
/// Transfer-Encoding (RFC 9112, 3.2 and 6.1).
#[must_use]
pub fn conflict_in(headers: &[Header]) -> Option<(&str, String)> {
    let is_unknown = |header: &&Header| {
        header.is("transfer-encoding") && !header.value.eq_ignore_ascii_case("chunked")
    };
    if let Some(Header { name, value }) = headers.iter().find(is_unknown) {
        let right = "use \"chunked\", or remove the header to send a Content-Length";
        return Some((name, format!("is \"{value}\"; {right}")));
    }
    let count = |name: &str| headers.iter().filter(|header| header.is(name)).count();
    let mut names = ["Host", "Transfer-Encoding"].into_iter();
    let name = names.find(|name| count(name) > 1)?;
    let count = count(name);
    Some((
        name,
        format!("occurs {count} times; a request has one {name}"),
    ))
}

pub(crate) fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_cannot_smuggle() {
        assert!(Header::new("X-Ok", " value ").is_ok_and(|header| header.value == "value"));
        for (name, value) in [
            ("", "v"),
            ("a b", "v"),
            ("a:", "v"),
            ("a", "v\r\nb: c"),
            ("a", "\0"),
        ] {
            assert!(Header::new(name, value).is_err(), "{name:?}: {value:?}");
        }
    }
}
