//! Saves a jar as JSON text, to keep it across restarts of the program.
//!
//! All unexpired cookies are saved, including session cookies, oldest first. Text that is read back is
//! trusted no more than a server: each cookie passes through the rules for Set-Cookie (RFC 6265).

use std::time::Duration;

use cookie_store::{Cookie, CookieExpiration};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{CookieJar, StoredCookie};
use crate::private_key;

/// The last millisecond of the year 9999, the latest date the cookie crate supports.
const LAST_MS: i64 = 253_402_300_799_999;

#[derive(Serialize, Deserialize)]
struct Saved {
    cookies: Vec<StoredCookie>,
}

impl CookieJar {
    /// Returns the jar as JSON: `{"cookies": […]}`, each as in [`CookieJar::list`], except those that contain
    /// a private key.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut cookies = self.list();
        cookies.retain(|cookie| {
            !private_key::detected_in(&cookie.value) && !private_key::detected_in(&cookie.name)
        });
        serde_json::json!({ "cookies": cookies }).to_string()
    }

    /// Parses the output of [`CookieJar::to_json`]. Drops cookies that have expired since, and cookies that
    /// no server could set, for example because the public suffix list is newer.
    ///
    /// # Errors
    /// Returns an error if the text is not such JSON.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let saved: Saved = serde_json::from_str(text).map_err(|error| {
            format!("the stored cookies are not valid JSON of this version: {error}")
        })?;
        let mut jar = Self::new();
        for (cookie, url) in saved.cookies.iter().filter_map(restored) {
            jar.insert(cookie, &url);
        }
        jar.drop_oldest();
        Ok(jar)
    }
}

/// Returns the cookie and a URL that may set it, or `None` if the cookie is invalid.
fn restored(saved: &StoredCookie) -> Option<(Cookie<'static>, Url)> {
    // As if the cookie's own host had set it over TLS.
    let url = Url::parse(&format!("https://{}/", saved.domain)).ok()?;
    let mut cookie = super::parse(&set_cookie(saved), &url)?;
    cookie.expires = expiration(saved.expires_ms)?;
    // They differ if, for example, a value contains an attribute or a domain contains a port.
    (StoredCookie::new(&cookie) == *saved).then_some((cookie, url))
}

/// Returns the Set-Cookie value that would create `saved`, except for its expiry.
fn set_cookie(saved: &StoredCookie) -> String {
    let StoredCookie {
        name, value, path, ..
    } = saved;
    let mut text = format!("{name}={value}; Path={path}");
    if !saved.host_only {
        text += &format!("; Domain={}", saved.domain);
    }
    if saved.secure {
        text += "; Secure";
    }
    if saved.http_only {
        text += "; HttpOnly";
    }
    if let Some(same_site) = &saved.same_site {
        text += &format!("; SameSite={same_site}");
    }
    text
}

/// Returns `None` if `expires_ms` is out of range.
fn expiration(expires_ms: Option<i64>) -> Option<CookieExpiration> {
    let Some(ms) = expires_ms else {
        return Some(CookieExpiration::SessionEnd);
    };
    let since_1970 = Duration::from_millis(u64::try_from(ms).ok()?);
    // The crate represents an age of zero as 1970, which is where `expires_ms` starts.
    match CookieExpiration::from(0) {
        CookieExpiration::AtUtc(start) if ms <= LAST_MS => {
            Some(CookieExpiration::AtUtc(start + since_1970))
        }
        _ => None,
    }
}
