//! A cookie jar: stores Set-Cookie values, provides the cookies of a request, and can be saved.
//!
//! `cookie_store` does the matching and storing. This module adds the order of cookies, limits, the public
//! suffix list as of the build (`psl`) and the name prefixes. Requests have no site here: SameSite is stored
//! and shown but not enforced. References: RFC 6265; its successor 6265bis for prefixes and control
//! characters.

use std::collections::HashMap;

use cookie_store::{Cookie, CookieDomain, CookieExpiration, CookieStore, RawCookie, StoreAction};
use psl::Psl;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

mod saved;

/// Maximum number of cookies in a jar. The oldest are evicted.
pub const MAX_COOKIES: usize = 3_000;
/// Maximum number of cookies of one domain. The oldest are evicted.
pub const MAX_COOKIES_PER_DOMAIN: usize = 50;
/// Maximum length of a Set-Cookie value in bytes. Longer ones are ignored.
pub const MAX_SET_COOKIE_BYTES: usize = 8 * 1024;

/// Identity of a cookie: domain, path and name.
type Key = (String, String, String);

/// The cookies of one client.
#[derive(Clone, Debug, Default)]
pub struct CookieJar {
    store: CookieStore,
    /// Creation order of each cookie, as a sequence number.
    born: HashMap<Key, u64>,
    next: u64,
}

/// A cookie as shown and saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StoredCookie {
    /// Name.
    pub name: String,
    /// Value as received, including quotes.
    pub value: String,
    /// Domain in lower case, without a leading dot.
    pub domain: String,
    /// Path prefix that a request has to match.
    pub path: String,
    /// Expiry in milliseconds since 1970. Absent for a session cookie.
    pub expires_ms: Option<i64>,
    /// Whether it is sent only over TLS or to this machine.
    pub secure: bool,
    /// Whether it is hidden from scripts in browsers.
    pub http_only: bool,
    /// `Strict`, `Lax` or `None`, if given by the server.
    pub same_site: Option<String>,
    /// Whether it is sent only to `domain` itself, not to its subdomains.
    pub host_only: bool,
}

impl CookieJar {
    /// Creates an empty jar.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the names and values to send with a request to `url`: longer paths first, then older cookies
    /// first.
    #[must_use]
    pub fn pairs(&self, url: &Url) -> Vec<(String, String)> {
        let cookies = self.in_order(url).into_iter();
        cookies
            .map(|cookie| (cookie.name().to_owned(), cookie.value().to_owned()))
            .collect()
    }

    /// Stores the Set-Cookie values of a response from `url`, in their order. Ignores values that are
    /// malformed or that this host may not set.
    pub fn store(&mut self, url: &Url, set_cookie: &[&str]) {
        self.drop_expired();
        for text in set_cookie {
            if let Some(cookie) = parse(text, url) {
                self.insert(cookie, url);
            }
        }
        self.drop_expired();
        self.drop_oldest();
    }

    /// Returns the unexpired cookies, oldest first.
    #[must_use]
    pub fn list(&self) -> Vec<StoredCookie> {
        let mut cookies: Vec<_> = self.store.iter_unexpired().collect();
        cookies.sort_by_cached_key(|cookie| self.born(cookie));
        cookies.into_iter().map(StoredCookie::new).collect()
    }

    /// Returns the cookies to send with a request to `url`.
    #[must_use]
    pub fn matching(&self, url: &Url) -> Vec<StoredCookie> {
        let cookies = self.in_order(url).into_iter();
        cookies.map(StoredCookie::new).collect()
    }

    fn in_order(&self, url: &Url) -> Vec<&Cookie<'static>> {
        let mut cookies = self.store.matches(url);
        cookies.sort_by_cached_key(|cookie| {
            let length = cookie.path.len();
            (std::cmp::Reverse(length), self.born(cookie))
        });
        cookies
    }

    /// Removes all cookies, or those of exactly `domain`. Returns how many were removed.
    pub fn clear(&mut self, domain: Option<&str>) -> usize {
        self.drop_expired();
        let domain = domain.map(|domain| domain.trim_start_matches('.').to_ascii_lowercase());
        let goes = |key: &&Key| domain.as_ref().is_none_or(|domain| key.0 == *domain);
        let keys: Vec<Key> = self.born.keys().filter(goes).cloned().collect();
        for key in &keys {
            self.remove(key);
        }
        keys.len()
    }

    /// Stores a cookie that [`parse`] accepted.
    fn insert(&mut self, cookie: Cookie<'static>, url: &Url) {
        let key = key(&cookie);
        match self.store.insert(cookie, url) {
            Ok(StoreAction::ExpiredExisting) => self.remove(&key),
            // A cookie that replaces another keeps its creation order (RFC 6265, 5.3, step 11).
            Ok(StoreAction::Inserted | StoreAction::UpdatedExisting) => {
                self.born.entry(key).or_insert(self.next);
                self.next += 1;
            }
            Err(_) => {}
        }
    }

    fn born(&self, cookie: &Cookie<'_>) -> u64 {
        self.born.get(&key(cookie)).copied().unwrap_or(self.next)
    }

    fn remove(&mut self, key: &Key) {
        self.store.remove(&key.0, &key.1, &key.2);
        self.born.remove(key);
    }

    fn drop_expired(&mut self) {
        let all = self.store.iter_any();
        let expired: Vec<Key> = all.filter(|cookie| cookie.is_expired()).map(key).collect();
        for key in &expired {
            self.remove(key);
        }
    }

    fn drop_oldest(&mut self) {
        let born = self.born.iter().map(|(key, born)| (*born, key.clone()));
        let mut by_age: Vec<(u64, Key)> = born.collect();
        by_age.sort_unstable_by_key(|(born, _)| std::cmp::Reverse(*born));
        let mut of_domain: HashMap<String, usize> = HashMap::new();
        let mut kept = 0;
        for (_, key) in by_age {
            let count = of_domain.entry(key.0.clone()).or_default();
            if *count >= MAX_COOKIES_PER_DOMAIN || kept >= MAX_COOKIES {
                self.remove(&key);
            } else {
                *count += 1;
                kept += 1;
            }
        }
    }
}

impl StoredCookie {
    fn new(cookie: &Cookie<'_>) -> Self {
        let expires_ms = match &cookie.expires {
            CookieExpiration::AtUtc(at) => {
                let ms = at.unix_timestamp_nanos().div_euclid(1_000_000);
                Some(i64::try_from(ms).unwrap_or(i64::MAX))
            }
            CookieExpiration::SessionEnd => None,
        };
        Self {
            name: cookie.name().to_owned(),
            value: cookie.value().to_owned(),
            domain: String::from(&cookie.domain),
            path: String::from(&cookie.path),
            expires_ms,
            secure: cookie.secure().unwrap_or(false),
            http_only: cookie.http_only().unwrap_or(false),
            same_site: cookie.same_site().map(|same_site| same_site.to_string()),
            host_only: matches!(cookie.domain, CookieDomain::HostOnly(_)),
        }
    }
}

fn key(cookie: &Cookie<'_>) -> Key {
    let (domain, path) = (&cookie.domain, &cookie.path);
    (domain.into(), path.into(), cookie.name().to_owned())
}

/// Parses a Set-Cookie value from `url`. Returns `None` if it has to be ignored.
fn parse(text: &str, url: &Url) -> Option<Cookie<'static>> {
    // A control character could end the header line in which it is sent later.
    if text.len() > MAX_SET_COOKIE_BYTES || text.chars().any(|c| c.is_ascii_control() && c != '\t')
    {
        return None;
    }
    let raw = RawCookie::parse(text.to_owned()).ok()?;
    let mut cookie = Cookie::try_from_raw_cookie(&raw, url).ok()?;
    if let CookieDomain::Suffix(domain) = &cookie.domain
        && is_public_suffix(domain)
    {
        // The host of that exact name may keep its own cookies (5.3, step 5).
        if url.host_str() != Some(domain) {
            return None;
        }
        cookie.domain = CookieDomain::host_only(url).ok()?;
    }
    has_legal_prefix(&cookie, url).then_some(cookie)
}

/// Returns whether cookies for `domain` would be shared by unrelated hosts. A single label is a public suffix
/// even if it is not listed.
fn is_public_suffix(domain: &str) -> bool {
    let is_ip = matches!(Host::parse(domain), Ok(Host::Ipv4(_) | Host::Ipv6(_)));
    if is_ip || domain.starts_with('[') {
        return false;
    }
    // The list contains internationalized names in Unicode.
    let unicode = url::quirks::domain_to_unicode(domain);
    let name = unicode.trim_end_matches('.').as_bytes();
    let suffix = psl::List.suffix(name);
    suffix.is_some_and(|suffix| suffix.as_bytes() == name)
}

/// Returns whether the cookie meets the requirements of its name prefix (6265bis, 4.1.3).
fn has_legal_prefix(cookie: &Cookie<'_>, url: &Url) -> bool {
    let name = cookie.name().to_ascii_lowercase();
    let is_secure = || cookie.secure() == Some(true) && is_trustworthy(url);
    if name.starts_with("__host-") {
        let is_host_only = matches!(cookie.domain, CookieDomain::HostOnly(_));
        is_secure() && is_host_only && cookie.domain().is_none() && cookie.path() == Some("/")
    } else {
        !name.starts_with("__secure-") || is_secure()
    }
}

/// Returns whether `url` is reached over TLS or does not leave this machine.
fn is_trustworthy(url: &Url) -> bool {
    url.scheme() == "https"
        || match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        }
}

#[cfg(test)]
mod tests;
