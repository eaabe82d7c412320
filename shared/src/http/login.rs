//! User and password in a URL (`http://user:password@host/`), which are never sent
//! as a part of it: they become basic authentication.

use percent_encoding::percent_decode_str;

use super::endpoint::authority_of;

/// User and password, without percent-encoding.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The user.
    pub user: String,
    /// The password; empty for none.
    pub password: String,
}

impl Login {
    /// Takes user and password out of a URL: the URL without them, and them. `None`
    /// when it holds none. The URL need not be legal.
    #[must_use]
    pub fn split(url: &str) -> Option<(String, Self)> {
        let authority = authority_of(url)?;
        // A password may hold an @ that nobody encoded; a host cannot.
        let at = url[authority.clone()].rfind('@')? + authority.start;
        let (user, password) = match url[authority.start..at].split_once(':') {
            Some((user, password)) => (user, password),
            None => (&url[authority.start..at], ""),
        };
        let login = Self {
            user: decoded(user),
            password: decoded(password),
        };
        // Without a host, the standard would take the first part of the path for it.
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
