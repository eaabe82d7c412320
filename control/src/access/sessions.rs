//! Sessions: what a browser has in place of a token, which it cannot send with a page or an
//! `EventSource`. They are kept in memory and end with the engine.

use std::time::{Duration, Instant};

use rustix::rand::{GetRandomFlags, getrandom};

use super::Client;
use super::tokens::{hash, same};

/// How long a session lasts.
pub const SESSION_SECONDS: u64 = 12 * 3600;
/// Most sessions of one token; the one begun first goes for another.
const MOST: usize = 32;

/// What a browser shows to be in a session.
pub struct SessionKey(String);

impl SessionKey {
    fn new() -> Self {
        let mut bytes = [0_u8; 32];
        let mut filled = 0;
        while filled < bytes.len() {
            // It fails only when a signal comes before the system has any randomness.
            filled += getrandom(&mut bytes[filled..], GetRandomFlags::empty()).unwrap_or(0);
        }
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// As text for a cookie.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

struct Session {
    key: [u8; 32],
    client: Client,
    ends: Instant,
}

/// See the module; in the order of their beginning.
#[derive(Default)]
pub struct Sessions(Vec<Session>);

impl Sessions {
    /// Begins one.
    pub fn begin(&mut self, client: Client, now: Instant) -> SessionKey {
        self.0.retain(|session| session.ends > now);
        let of_client = |session: &Session| session.client == client;
        if self.0.iter().filter(|session| of_client(session)).count() >= MOST {
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

    /// Who is in the session of this key.
    pub fn find(&self, key: &str, now: Instant) -> Option<Client> {
        let given = hash(key);
        let mut found = None;
        for session in &self.0 {
            if same(&given, &session.key) && session.ends > now {
                found = Some(&session.client);
            }
        }
        found.cloned()
    }

    /// Ends one.
    pub fn end(&mut self, key: &str) {
        let given = hash(key);
        self.0.retain(|session| !same(&given, &session.key));
    }

    /// Ends the sessions of all clients but these.
    pub fn retain(&mut self, keep: impl Fn(&Client) -> bool) {
        self.0.retain(|session| keep(&session.client));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Scope;

    #[test]
    fn a_session_ends_by_time_by_wish_or_for_others() {
        let client = |name: &str| Client::new(name, Scope::Read, name);
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
        for _ in 0..2 * MOST {
            let _ = sessions.begin(client("c"), begun);
        }
        assert_eq!(sessions.find(second.text(), begun), Some(client("b")));
        assert_eq!(sessions.0.len(), MOST + 1);
    }
}
