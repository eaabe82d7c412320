//! HTTP Basic authentication, RFC 7617: name and password in Base64.
//!
//! Both are sent as UTF-8, whatever `charset` a server announces. Nothing is encrypted; that is left to TLS.
//! The caller must check that the name is valid for Basic: it must not contain a colon.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Returns the value of the `Authorization` header.
///
/// A server splits at the first colon, so a colon in `user` would move the rest of the name into the
/// password. Control characters are safe because the value is Base64.
#[must_use]
pub fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

#[cfg(test)]
mod tests {
    use super::basic;

    #[test]
    fn the_examples_of_the_rfc_come_out() {
        for (user, password, expected) in [
            (
                "Aladdin",
                "open sesame",
                "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            ),
            ("test", "123\u{a3}", "Basic dGVzdDoxMjPCow=="),
        ] {
            assert_eq!(basic(user, password), expected);
        }
    }

    #[test]
    fn empty_parts_keep_the_colon() {
        assert_eq!(basic("", ""), "Basic Og==");
        assert_eq!(basic("user", ""), "Basic dXNlcjo=");
    }
}
