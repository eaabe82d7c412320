//! Request methods: known methods and custom tokens.
//!
//! This module defines which methods are accepted by default. Whether a request may use any token is decided
//! where the request is parsed (`customMethod`, `-X`).

use std::fmt;

use super::is_token_byte;
use crate::limits;

/// A request method. Cheap to copy: no variant allocates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// DELETE
    Delete,
    /// PATCH
    Patch,
    /// HEAD
    Head,
    /// OPTIONS
    Options,
    /// A method of [`KNOWN`] without its own variant.
    Known(&'static KnownMethod),
    /// Any other token.
    Custom(Token),
}

/// A method that is accepted by default.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct KnownMethod {
    name: &'static str,
    is_idempotent: bool,
}

/// The name of a method, as typed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token {
    bytes: [u8; limits::METHOD_BYTES],
    len: u8,
}

/// The methods with variants, in the order in which the API lists them.
const COMMON: [Method; 7] = [
    Method::Get,
    Method::Post,
    Method::Put,
    Method::Delete,
    Method::Patch,
    Method::Head,
    Method::Options,
];

const fn idempotent(name: &'static str) -> KnownMethod {
    KnownMethod {
        name,
        is_idempotent: true,
    }
}

const fn once(name: &'static str) -> KnownMethod {
    KnownMethod {
        name,
        is_idempotent: false,
    }
}

/// The rest of the IANA HTTP Method Registry, except `PRI` and `*`, which it reserves against use, followed
/// by common unregistered methods. Unregistered methods count as not idempotent, because nothing is known
/// about them.
static KNOWN: [KnownMethod; 38] = [
    idempotent("ACL"),
    idempotent("BASELINE-CONTROL"),
    idempotent("BIND"),
    idempotent("CHECKIN"),
    idempotent("CHECKOUT"),
    once("CONNECT"),
    idempotent("COPY"),
    idempotent("LABEL"),
    idempotent("LINK"),
    once("LOCK"),
    idempotent("MERGE"),
    idempotent("MKACTIVITY"),
    idempotent("MKCALENDAR"),
    idempotent("MKCOL"),
    idempotent("MKREDIRECTREF"),
    idempotent("MKWORKSPACE"),
    idempotent("MOVE"),
    idempotent("ORDERPATCH"),
    idempotent("PROPFIND"),
    idempotent("PROPPATCH"),
    idempotent("QUERY"),
    idempotent("REBIND"),
    idempotent("REPORT"),
    idempotent("SEARCH"),
    idempotent("TRACE"),
    idempotent("UNBIND"),
    idempotent("UNCHECKOUT"),
    idempotent("UNLINK"),
    idempotent("UNLOCK"),
    idempotent("UPDATE"),
    idempotent("UPDATEREDIRECTREF"),
    idempotent("VERSION-CONTROL"),
    // Vault, caches, UPnP.
    once("LIST"),
    once("PURGE"),
    once("M-SEARCH"),
    once("NOTIFY"),
    once("SUBSCRIBE"),
    once("UNSUBSCRIBE"),
];

impl Method {
    /// Returns the method's name on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
            Self::Patch => "PATCH",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Known(known) => known.name,
            Self::Custom(token) => token.as_str(),
        }
    }

    /// Parses the name of a known method, case-insensitively.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let known = KNOWN.iter().map(Self::Known);
        COMMON
            .into_iter()
            .chain(known)
            .find(|method| method.as_str().eq_ignore_ascii_case(text))
    }

    /// Parses any method: a known one case-insensitively, any other token as typed. Returns `None` if the
    /// text is not a token or is longer than [`limits::METHOD_BYTES`].
    #[must_use]
    pub fn any(text: &str) -> Option<Self> {
        Self::parse(text).or_else(|| Token::new(text).map(Self::Custom))
    }

    /// Returns whether the method is idempotent (RFC 9110, 9.2.2), according to the registry. Returns false
    /// for unregistered methods.
    #[must_use]
    pub fn is_idempotent(self) -> bool {
        match self {
            Self::Get | Self::Put | Self::Delete | Self::Head | Self::Options => true,
            Self::Post | Self::Patch | Self::Custom(_) => false,
            Self::Known(known) => known.is_idempotent,
        }
    }

    /// Returns whether a body has no meaning in requests with this method (RFC 9110, 9.3.1 and 9.3.2).
    #[must_use]
    pub fn is_bodiless(self) -> bool {
        matches!(self, Self::Get | Self::Head)
    }

    /// Returns whether a request without a body sends `Content-Length: 0`. Methods that define a meaning for
    /// a body do (RFC 9110, 8.6).
    #[must_use]
    pub fn announces_empty_body(self) -> bool {
        matches!(self, Self::Post | Self::Put | Self::Patch)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Token {
    fn new(text: &str) -> Option<Self> {
        if text.is_empty() || !text.bytes().all(is_token_byte) {
            return None;
        }
        let mut bytes = [0; limits::METHOD_BYTES];
        bytes
            .get_mut(..text.len())?
            .copy_from_slice(text.as_bytes());
        let len = u8::try_from(text.len()).ok()?;
        Some(Self { bytes, len })
    }

    fn as_str(&self) -> &str {
        // A token is ASCII.
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_methods_are_read_in_any_case_and_written_in_upper_case() {
        for (text, name, is_idempotent) in [
            ("delete", "DELETE", true),
            ("Post", "POST", false),
            ("PROPFIND", "PROPFIND", true),
            ("version-control", "VERSION-CONTROL", true),
            ("lock", "LOCK", false),
            ("query", "QUERY", true),
            ("m-search", "M-SEARCH", false),
        ] {
            let method = Method::parse(text).expect(text);
            assert_eq!(
                (method.as_str(), method.is_idempotent()),
                (name, is_idempotent)
            );
            assert_eq!(Method::any(text), Some(method), "{text}");
        }
        let names = COMMON.iter().map(Method::as_str);
        let names = names.chain(KNOWN.iter().map(|known| known.name));
        for name in names {
            let method = Method::parse(name).expect(name);
            assert_eq!(method.as_str(), name, "two of this name");
        }
    }

    #[test]
    fn any_other_token_is_a_method_as_it_is_typed() {
        let longest = "x".repeat(limits::METHOD_BYTES);
        for text in ["Frob", "a!#$%&'*+-.^_`|~9", "PRI", "*", &longest] {
            assert_eq!(Method::parse(text), None, "{text}");
            let method = Method::any(text).expect(text);
            assert_eq!((method.as_str(), method.is_idempotent()), (text, false));
        }
        for text in [
            "",
            "A B",
            "GET /",
            "A\r\n",
            "Ä",
            "a:b",
            &format!("{longest}x"),
        ] {
            assert_eq!(Method::any(text), None, "{text:?}");
        }
        assert_ne!(Method::any("FROB"), Method::any("frob"), "case matters");
    }
}
