//! User and password in a URL (`http://user:password@host/`). They are never sent as part of the URL but as
//! HTTP Basic authentication.

use percent_encoding::percent_decode_str;

use super::endpoint::authority_of;

/// User and password, percent-decoded.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The user name.
    pub user: String,
    /// The password. Empty if there is none.
    pub password: String,
}

impl Login {
    /// Splits user and password from a URL. Returns the URL without them, and them. Returns `None` if there
    /// are none. The URL need not be valid.
    #[must_use]
    pub fn split(url: &str) -> Option<(String, Self)> {
        let authority = authority_of(url)?;
        // A password may contain an unencoded @; a host cannot.
        let at = url[authority.clone()].rfind('@')? + authority.start;
        let (user, password) = match url[authority.start..at].split_once(':') {
            Some((user, password)) => (user, password),
            None => (&url[authority.start..at], ""),
        };
        let login = Self {
            user: decoded(user),
            password: decoded(password),
        };
        // Without a host, the URL standard would parse the first path segment as the host.
        let rest = if at + 1 == authority.end {
            ""
        } else {
            &url[at + 1..]
        };
        Some((format!("{}{rest}", &url[..authority.start]), login))
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_password_leave_the_url() {
        for (url, without, user, password) in [
            ("http://u:p@a/x", "http://a/x", "u", "p"),
            ("https://u@a:8443/", "https://a:8443/", "u", ""),
            ("http://:p@a", "http://a", "", "p"),
            ("http://@a/", "http://a/", "", ""),
            ("http://u:p@/x", "http://", "u", "p"),
            ("http://u%40x:p%3aq%25@a/", "http://a/", "u@x", "p:q%"),
            ("http://u:p:q@r@a?m=x@y", "http://a?m=x@y", "u", "p:q@r"),
            (
                "http://{{u}}:{{p}}@{{host}}/",
                "http://{{host}}/",
                "{{u}}",
                "{{p}}",
            ),
            ("http://u:p@[::1]:9/", "http://[::1]:9/", "u", "p"),
        ] {
            let (left, login) = Login::split(url).expect(url);
            assert_eq!(left, without);
            assert_eq!(
                (login.user.as_str(), login.password.as_str()),
                (user, password)
            );
        }
        for url in [
            "http://a/x@y",
            "http://a?u:p@b",
            "http://a#@b",
            "u@a",
            "",
            "//",
        ] {
            assert!(Login::split(url).is_none(), "{url}");
        }
    }
}
