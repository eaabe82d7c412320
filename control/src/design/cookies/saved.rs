//! A jar as JSON text, for keeping it between sessions of the program.
//!
//! Every cookie that is not expired is saved, those of the session included,
//! the oldest first. Text that is read back is trusted no further than a
//! server is: each cookie passes through the rules for Set-Cookie (RFC 6265).

use std::time::Duration;

use cookie_store::{Cookie, CookieExpiration};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{CookieJar, StoredCookie};
use crate::private_key;

/// The last millisecond of the year 9999, where the calendar of the cookies ends.
const LAST_MS: i64 = 253_402_300_799_999;

#[derive(Serialize, Deserialize)]
struct Saved {
    cookies: Vec<StoredCookie>,
}

impl CookieJar {
    /// The jar as JSON: `{"cookies": […]}`, each as in [`CookieJar::list`], but for those with a
    /// private key.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut cookies = self.list();
        cookies.retain(|cookie| {
            !private_key::is_in(&cookie.value) && !private_key::is_in(&cookie.name)
        });
        serde_json::json!({ "cookies": cookies }).to_string()
    }

    /// Reads what [`CookieJar::to_json`] wrote, without what has expired since
    /// and what no server could set, be it that the public suffix list is newer.
    ///
    /// # Errors
    /// The text is not such JSON.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let saved: Saved = serde_json::from_str(text)
            .map_err(|error| format!("the cookies are not as they were saved: {error}"))?;
        let mut jar = Self::new();
        for (cookie, url) in saved.cookies.iter().filter_map(restored) {
            jar.insert(cookie, &url);
        }
        jar.drop_oldest();
        Ok(jar)
    }
}

/// The cookie and a URL that may set it; none when it is not legal.
fn restored(saved: &StoredCookie) -> Option<(Cookie<'static>, Url)> {
    // As if its own host had set it over TLS.
    let url = Url::parse(&format!("https://{}/", saved.domain)).ok()?;
    let mut cookie = super::parse(&set_cookie(saved), &url)?;
    cookie.expires = expiration(saved.expires_ms)?;
    // Differs when a value holds an attribute, say, or a domain a port.
    (StoredCookie::new(&cookie) == *saved).then_some((cookie, url))
}

/// The Set-Cookie that would make `saved`, but for the time it expires.
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

/// None when `expires_ms` is out of range.
fn expiration(expires_ms: Option<i64>) -> Option<CookieExpiration> {
    let Some(ms) = expires_ms else {
        return Some(CookieExpiration::SessionEnd);
    };
    let since_1970 = Duration::from_millis(u64::try_from(ms).ok()?);
    // An age of zero is how the crate spells 1970, the start of our count.
    match CookieExpiration::from(0) {
        CookieExpiration::AtUtc(start) if ms <= LAST_MS => {
            Some(CookieExpiration::AtUtc(start + since_1970))
        }
        _ => None,
    }
}
