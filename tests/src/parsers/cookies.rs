//! Cookies as servers set them.

use url::Url;
use vayu_control::design::CookieJar;

/// A host that no input may set cookies for.
const STRANGER: &str = "unrelated.example";

/// The first input line is a host with a path; every other line is a `Set-Cookie` value. Stored cookies are
/// legal header values, survive serialization unchanged, and are never sent to another host.
pub fn cookies(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut lines = text.split('\n');
    let place = lines.next().unwrap_or_default();
    let Ok(url) = Url::parse(&format!("https://{place}")) else {
        return;
    };
    let mut jar = CookieJar::new();
    jar.store(&url, &lines.collect::<Vec<_>>());

    for (name, value) in jar.pairs(&url) {
        let is_legal = |c: char| !c.is_ascii_control() || c == '\t';
        assert!(
            name.chars().chain(value.chars()).all(is_legal),
            "{name:?}={value:?}"
        );
    }
    if !url.host_str().is_some_and(|host| host.ends_with(STRANGER)) {
        let stranger = Url::parse(&format!("https://{STRANGER}/")).expect("a URL");
        assert_eq!(jar.pairs(&stranger), [], "set by {url}");
    }
    let kept = jar.list();
    let restored = CookieJar::from_json(&jar.to_json()).expect("a jar that was written");
    for cookie in restored.list() {
        assert!(kept.contains(&cookie), "{cookie:?} was not in the jar");
    }
}
