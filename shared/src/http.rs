//! The parts of HTTP the plan speaks of: methods (`method`), headers, where a URL
//! leads (`endpoint`), who it logs in (`login`), and heads of responses (`head_view`).
//!
//! This is vocabulary with its syntax rules. The bytes on the wire are built
//! by [`crate::request`] and read by the worker.

mod endpoint;
mod head_view;
mod login;
mod method;

pub use endpoint::Endpoint;
pub use head_view::HeadView;
pub use login::Login;
pub use method::Method;

/// One header line of a request, its syntax already checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The name, as the user wrote it.
    pub name: String,
    /// The value.
    pub value: String,
}

impl Header {
    /// Checks the syntax of RFC 9110, 5.1 and 5.5, so that no header can smuggle
    /// a second one.
    ///
    /// # Errors
    /// A sentence about what is wrong with the name or the value.
    pub fn new(name: &str, value: &str) -> Result<Self, String> {
        if name.is_empty() || !name.bytes().all(is_token_byte) {
            return Err(format!(
                "{name:?} is not a header name; use letters, digits and -"
            ));
        }
        if value.bytes().any(|b| (b < 0x20 && b != b'\t') || b == 0x7f) {
            return Err("has a control character (a line break?) in its value".into());
        }
        Ok(Self {
            name: name.to_owned(),
            value: value.trim().to_owned(),
        })
    }

    /// Whether the header is called `name`, whatever the case.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// What keeps header lines from going out in one request: the name of the header, and what is wrong
/// with it. A body is sent in chunks or in no other encoding, and a request has one Host and one
/// Transfer-Encoding (RFC 9112, 3.2 and 6.1).
#[must_use]
pub fn conflict_in(headers: &[Header]) -> Option<(&str, String)> {
    let is_unknown = |header: &&Header| {
        header.is("transfer-encoding") && !header.value.eq_ignore_ascii_case("chunked")
    };
    if let Some(Header { name, value }) = headers.iter().find(is_unknown) {
        let right = "it has to be \"chunked\", or left out for a Content-Length";
        return Some((name, format!("is \"{value}\"; {right}")));
    }
    let count = |name: &str| headers.iter().filter(|header| header.is(name)).count();
    let mut names = ["Host", "Transfer-Encoding"].into_iter();
    let name = names.find(|name| count(name) > 1)?;
    let count = count(name);
    Some((
        name,
        format!("is there {count} times; a request has one {name}"),
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
