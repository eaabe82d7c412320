//! Browser sessions, in place of a token, which a browser cannot send with a page or an `EventSource`.
//! Sessions are kept in memory and end with the engine.

use std::time::{Duration, Instant};

use rustix::rand::{GetRandomFlags, getrandom};

use super::ApiClient;
use super::tokens::{hash, same};

/// Lifetime of a session in seconds.
pub const SESSION_SECONDS: u64 = 12 * 3600;
/// Maximum number of sessions per token. A new one replaces the oldest.
const MAX_SESSIONS_PER_TOKEN: usize = 32;

/// The secret key with which a browser identifies its session.
pub struct SessionKey(String);

impl SessionKey {
    fn new() -> Self {
        let mut bytes = [0_u8; 32];
        let mut filled = 0;
        while filled < bytes.len() {
            // `getrandom` fails only if a signal arrives before the system's entropy pool is initialized.
            filled += getrandom(&mut bytes[filled..], GetRandomFlags::empty()).unwrap_or(0);
        }
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Returns the key as text for a cookie.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

struct Session {
    key: [u8; 32],
    client: ApiClient,
    ends: Instant,
}

/// All sessions, ordered by start.
#[derive(Default)]
pub struct Sessions(Vec<Session>);

impl Sessions {
    /// Starts a session.
    pub fn begin(&mut self, client: ApiClient, now: Instant) -> SessionKey {
        self.0.retain(|session| session.ends > now);
        let of_client = |session: &Session| session.client == client;
        if self.0.iter().filter(|session| of_client(session)).count() >= MAX_SESSIONS_PER_TOKEN {
            let first = self.0.iter().position(of_client);
            first.map(|place| self.0.remove(place));
        }
        let key = SessionKey::new();
        self.0.push(Session {
            key: hash(key.text()),
            client,
            ends: now + Duration::from_secs(SESSION_SECONDS),
        });
        key
    }

    /// Returns the client of the session with this key.
    pub fn find(&self, key: &str, now: Instant) -> Option<ApiClient> {
        let given = hash(key);
        let mut found = None;
        for session in &self.0 {
            if same(&given, &session.key) && session.ends > now {
                found = Some(&session.client);
            }
        }
        found.cloned()
    }

    /// Ends a session.
    pub fn end(&mut self, key: &str) {
        let given = hash(key);
        self.0.retain(|session| !same(&given, &session.key));
    }

    /// Ends the sessions of all clients for which `keep` returns false.
    pub fn retain(&mut self, keep: impl Fn(&ApiClient) -> bool) {
        self.0.retain(|session| keep(&session.client));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::TokenScope;

    #[test]
    fn a_session_ends_by_time_by_wish_or_for_others() {
        let client = |name: &str| ApiClient::new(name, TokenScope::Read, name);
        let (mut sessions, begun) = (Sessions::default(), Instant::now());
        let first = sessions.begin(client("a"), begun);
        let second = sessions.begin(client("b"), begun);
        assert_ne!(first.text(), second.text());
        assert_eq!(sessions.find(first.text(), begun), Some(client("a")));
        assert_eq!(sessions.find("other", begun), None);
        let late = begun + Duration::from_secs(SESSION_SECONDS);
        assert_eq!(sessions.find(first.text(), late), None);
        sessions.end(first.text());
        assert_eq!(sessions.find(first.text(), begun), None);
        for _ in 0..2 * MAX_SESSIONS_PER_TOKEN {
            let _ = sessions.begin(client("c"), begun);
        }
        assert_eq!(sessions.find(second.text(), begun), Some(client("b")));
        assert_eq!(sessions.0.len(), MAX_SESSIONS_PER_TOKEN + 1);
    }
}
